"""Submissions: however an answer is lost, one build at most, and the caller knows which, or that none can."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from scripted import EPOCH, Clock, lost, reply, run

from copr._policy import Policy, persist
from copr.v3 import CoprNoResultException, CoprRequestException, CoprSubmissionUnknown
from copr.v3.calls import package, project, submit, webhook


class Service:
    """A small Copr in memory, whose answers can be lost; it commits builds `late` seconds later."""

    def __init__(self, clock, lose=None, late=0.0):
        self.clock = clock
        self.lose = list(lose or [])
        self.late = late
        self.builds = []
        self.projects = {}
        self.packages = {}
        self.submissions = 0

    def __call__(self, call):
        path = call.path
        if call.method == "POST":
            self.submissions += 1
            loss = self.lose.pop(0) if self.lose else None
            if loss == "before":
                raise lost(unsent=True)
            answer = None
            if loss != "during":
                answer = self.carry_out(call)
            if loss is None:
                return answer
            if loss == "502":
                return reply(502, clock=self.clock)
            raise lost(timeout=loss == "timeout")
        query = dict(parse_qsl(urlsplit(call.target()).query))
        if path == "/build/list":
            visible = [build for build in self.builds if build["committed"] <= self.clock.time]
            shown = sorted(visible, key=lambda build: -build["id"])
            offset, limit = int(query["offset"]), int(query["limit"])
            return self.answer({"items": [b["record"] for b in shown][offset : offset + limit], "meta": {}})
        if path == "/auth-check":
            return self.answer({"name": "alice", "id": 1})
        if path.startswith("/build/source-build-config/"):
            build = next(b for b in self.builds if str(b["id"]) == path.rsplit("/", 1)[1])
            return self.answer(
                {"source_type": "x", "source_dict": build["source"], "timeout": build["timeout"]}
            )
        known = {"/project": self.projects, "/package": self.packages}[path]
        found = known.get(query.get("packagename") or query["projectname"])
        return self.answer(found) if found else reply(404, {"error": "Nothing."}, clock=self.clock)

    def answer(self, body):
        return reply(200, body, clock=self.clock)

    def carry_out(self, call):
        document = call.json or {}
        if call.path.startswith("/project/"):
            record = {
                "name": document["name"],
                "description": document.get("description") or "",
                "chroot_repos": dict.fromkeys(document.get("chroots") or [], "x"),
            }
            self.projects[document["name"]] = record
            return self.answer(record)
        if call.path.startswith("/package/add"):
            source = {name: value for name, value in document.items() if name != "package_name"}
            record = {
                "name": document["package_name"],
                "source_type": call.path.rsplit("/", 1)[1],
                "source_dict": source,
            }
            self.packages[document["package_name"]] = record
            return self.answer(record)
        if call.path.startswith("/webhook"):
            return self.answer({"webhook_secret": "x"})
        sources = [{"url": url} for url in document.get("pkgs") or []] or [self.source_of(call, document)]
        made = [self.build(source, document) for source in sources]
        return self.answer({"items": made, "meta": {}} if "pkgs" in document else made[0])

    def source_of(self, call, document):
        if call.files:
            return {"pkg": call.files[0].filename}
        if call.path == "/package/build":
            return self.packages[document["package_name"]]["source_dict"]
        return {**document, "type": document.get("scm_type")}

    def build(self, source, document, submitter="alice", age=0.0):
        number = len(self.builds) + 1
        record = {
            "id": number,
            "submitter": submitter,
            "submitted_on": int(EPOCH + self.clock.time - age),
            "project_dirname": document.get("project_dirname") or document["projectname"],
            "is_background": bool(document.get("background")),
            "chroots": document.get("chroots") or [],
            "state": "pending",
        }
        self.builds.append(
            {
                "id": number,
                "record": record,
                "source": source,
                "timeout": document.get("timeout") or 18000,
                "committed": self.clock.time + self.late,
            }
        )
        return record


@pytest.fixture
def clock():
    return Clock()


def carry(plan, service, clock):
    return run(persist(plan, Policy()), service, clock)


SUBMISSIONS = {
    "file": lambda: submit.create_from_file("alice", "p", "a.src.rpm"),
    "rpm": lambda: submit.create_from_rpm_upload("alice", "p", "a.rpm"),
    "url": lambda: submit.create_from_url("alice", "p", "http://x/a.src.rpm"),
    "urls": lambda: submit.create_from_urls("alice", "p", ["http://x/a.src.rpm", "http://x/b.src.rpm"]),
    "scm": lambda: submit.create_from_scm("alice", "p", "http://x/a.git", committish="main"),
    "pypi": lambda: submit.create_from_pypi("alice", "p", "munch"),
    "gem": lambda: submit.create_from_rubygems("alice", "p", "rake"),
    "custom": lambda: submit.create_from_custom("alice", "p", "#!/bin/sh\n"),
    "distgit": lambda: submit.create_from_distgit("alice", "p", "hello", committish="f43"),
    "package": lambda: package.build("alice", "p", "hello"),
    "options": lambda: submit.create_from_file(
        "alice", "p", "a.src.rpm", {"chroots": ["c"], "background": True, "timeout": 60}, "p:custom:x"
    ),
}


@pytest.mark.parametrize("kind", SUBMISSIONS)
@pytest.mark.parametrize("way", ["before", "after", "timeout", "502"])
def test_a_lost_answer_makes_one_build_and_the_caller_has_it(kind, way, clock):
    service = Service(clock, [way])
    service.packages["hello"] = {"source_dict": {"clone_url": "http://x"}, "source_type": "scm"}
    result = carry(SUBMISSIONS[kind](), service, clock)
    numbers = [build.id for build in result] if kind == "urls" else [result.id]
    assert numbers == [build["id"] for build in service.builds]
    assert service.submissions == (2 if way == "before" else 1)


@pytest.mark.parametrize("kind", SUBMISSIONS)
def test_a_submission_that_may_have_arrived_and_did_not_is_unknown_and_not_sent_again(kind, clock):
    service = Service(clock, ["during"])
    service.packages["hello"] = {"source_dict": {"clone_url": "http://x"}, "source_type": "scm"}
    with pytest.raises(CoprSubmissionUnknown) as caught:
        carry(SUBMISSIONS[kind](), service, clock)
    assert service.builds == []
    assert service.submissions == 1
    assert caught.value.candidates == ()
    assert isinstance(caught.value.__cause__, Exception)


def test_a_service_that_commits_after_we_looked_is_asked_again(clock):
    service = Service(clock, ["after"], late=5)
    assert carry(SUBMISSIONS["file"](), service, clock).id == 1
    assert len(service.builds) == 1


def test_another_job_with_the_same_submission_at_the_same_moment_makes_it_unknown(clock):
    service = Service(clock, ["after"])
    call = SUBMISSIONS["file"]()
    service.build({"pkg": "a.src.rpm"}, call.json)
    with pytest.raises(CoprSubmissionUnknown) as caught:
        carry(call, service, clock)
    assert sorted(build.id for build in caught.value.candidates) == [1, 2]
    assert service.submissions == 1


@pytest.mark.parametrize(
    "other",
    [
        {"age": 60},
        {"submitter": "bob"},
        {"document": {"background": True}},
        {"document": {"project_dirname": "p:custom:y"}},
        {"source": {"pkg": "b.src.rpm"}},
    ],
    ids=["older", "bob's", "in the background", "elsewhere", "of another file"],
)
def test_a_build_that_is_not_ours_is_not_taken_for_it(other, clock):
    service = Service(clock, ["after"])
    call = SUBMISSIONS["file"]()
    service.build(
        other.get("source", {"pkg": "a.src.rpm"}),
        {**call.json, **other.get("document", {})},
        submitter=other.get("submitter", "alice"),
        age=other.get("age", 0),
    )
    assert carry(call, service, clock).id == 2


def test_ours_is_found_among_hundreds(clock):
    service = Service(clock, ["after"])
    call = SUBMISSIONS["file"]()

    def submit_then_crowd(asked):
        try:
            return service(asked)
        finally:
            if asked.method == "POST":
                for _ in range(250):
                    service.build({"pkg": "other.src.rpm"}, call.json)

    assert run(persist(call, Policy()), submit_then_crowd, clock).id == 1


def test_a_search_that_fails_too_is_unknown_and_says_so(clock):
    def dead(call):
        raise lost()

    with pytest.raises(CoprSubmissionUnknown, match="Looking for what it made failed too"):
        run(persist(SUBMISSIONS["file"](), Policy(attempts=1)), dead, clock)


def test_a_search_that_is_answered_with_something_else_is_unknown_and_says_so(clock):
    def strange(call):
        if call.method == "POST":
            raise lost()
        return reply(200, {"items": [{"id": 5}], "meta": {}}, clock=clock)

    with pytest.raises(CoprSubmissionUnknown, match="failed too: An answer is not what the API sends"):
        run(persist(SUBMISSIONS["file"](), Policy(attempts=1)), strange, clock)


def test_a_refusal_is_the_services_word(clock):
    with pytest.raises(CoprRequestException, match="Bad request parameters"):
        run(SUBMISSIONS["file"](), lambda call: reply(400, {"error": "Bad request parameters: x"}), clock)
    with pytest.raises(CoprNoResultException, match="does not exist"):
        run(SUBMISSIONS["file"](), lambda call: reply(404, {"error": "Project does not exist."}), clock)


@pytest.mark.parametrize("way", ["before", "after", "timeout", "502"])
@pytest.mark.parametrize(
    "plan",
    [
        lambda: project.add("alice", "p", ["c"], description="d"),
        lambda: project.fork("bob", "q", "alice", "p"),
        lambda: package.add("alice", "p", "hello", "scm", {"clone_url": "http://x"}),
    ],
    ids=["project", "fork", "package"],
)
def test_a_thing_with_a_name_is_found_by_it(plan, way, clock):
    service = Service(clock, [way])
    assert carry(plan(), service, clock).name in ("p", "hello")
    assert service.submissions == (2 if way == "before" else 1)


def test_a_project_that_is_not_as_asked_for_is_not_taken_for_the_new_one(clock):
    service = Service(clock, ["during"])
    service.projects["p"] = {"name": "p", "description": "another", "chroot_repos": {"c": "x"}}
    with pytest.raises(CoprSubmissionUnknown):
        carry(project.add("alice", "p", ["c"], description="d"), service, clock)


def test_a_secret_that_was_lost_is_unknown(clock):
    service = Service(clock, ["after"])
    with pytest.raises(CoprSubmissionUnknown, match="look at the project"):
        carry(webhook.generate("alice", "p"), service, clock)
    assert service.submissions == 1


def test_the_error_is_json_safe_and_names_the_call(clock):
    service = Service(clock, ["during"])
    with pytest.raises(CoprSubmissionUnknown) as caught:
        carry(SUBMISSIONS["file"](), service, clock)
    assert caught.value.method == "POST"
    assert json.dumps(str(caught.value))
