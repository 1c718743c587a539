"""A submission with a lost response makes one build at most; the caller gets it, or CoprSubmissionUnknown.

The service is a local Copr that is reached over a socket. Only the client's pauses take no time: they move
the service's clock. `tests/pair/test_lost_answers.py` has every way to submit, and every way to lose a
response.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import losses
import pytest
from losses import CHROOTS, LOSSES, PACKAGES, PROJECT, SUBMISSIONS, Sender, builds, silence
from scripted import EPOCH, Clock, lost, reply, run

from copr._policy import Policy, persist
from copr.v3 import (
    Client,
    CoprConnectionException,
    CoprNoResultException,
    CoprRequestException,
    CoprSubmissionUnknown,
)
from copr.v3.calls import package, project, submit, webhook
from copr.v3.calls._search import is_of_dist_git

began, service, files = losses.began, losses.service, losses.files


def raising(error):
    """Return a function that raises this error when it is called."""

    def fail():
        raise error

    return fail


@pytest.mark.parametrize("way", LOSSES)
@pytest.mark.parametrize("kind", ["file", "urls", "scm"])
def test_a_lost_response_makes_one_build_and_the_caller_has_it(kind, way, service, files):
    send = Sender(service)
    fault = LOSSES[way](service.faults)
    result = send.run(SUBMISSIONS[kind](files))
    assert fault.hits == send.submissions == 1
    ids = sorted(build.id for build in result) if kind == "urls" else [result.id]
    assert ids == builds(service)
    assert len(ids) == (2 if kind == "urls" else 1)


@pytest.mark.parametrize("kind", ["file", "url", "scm"])
def test_a_response_that_never_comes_makes_one_build_and_the_caller_has_it(kind, service, files):
    send = Sender(service, Policy(read=0.3))
    silence(service.faults)
    assert [send.run(SUBMISSIONS[kind](files)).id] == builds(service)
    assert send.submissions == 1


@pytest.mark.parametrize("kind", ["file", "urls", "package, custom"])
def test_a_submission_that_surely_did_not_arrive_is_sent_again(kind, service, files):
    send = Sender(service)
    send.before_the_first = raising(lost(unsent=True))
    result = send.run(SUBMISSIONS[kind](files))
    assert send.submissions == 2
    assert (sorted(build.id for build in result) if kind == "urls" else [result.id]) == builds(service)


@pytest.mark.parametrize("kind", ["file", "urls", "scm"])
def test_a_submission_that_may_have_arrived_and_did_not_is_unknown_and_not_sent_again(kind, service, files):
    send = Sender(service)
    service.faults.status(502, "before", method="POST", count=1)
    with pytest.raises(CoprSubmissionUnknown) as caught:
        send.run(SUBMISSIONS[kind](files))
    assert builds(service) == []
    assert send.submissions == 1
    assert caught.value.candidates == ()
    assert isinstance(caught.value.__cause__, Exception)


@pytest.mark.parametrize("kind", ["file", "scm", "package, custom"])
def test_a_service_that_carries_it_out_after_the_first_search_is_asked_again(kind, service, files):
    send = Sender(service)
    send.before_the_first = raising(lost())

    def carry_out(pause):
        if pause == 3:
            Sender(service).run(SUBMISSIONS[kind](files))

    send.in_pause = carry_out
    assert [send.run(SUBMISSIONS[kind](files)).id] == builds(service)
    assert send.submissions == 1


@pytest.mark.parametrize("carried_out", ["after", "before"])
def test_without_patience_the_result_is_searched_once_and_at_once(carried_out, service, files):
    send = Sender(service, Policy.none())
    service.faults.status(503, carried_out, method="POST", count=1)
    if carried_out == "after":
        assert [send.run(SUBMISSIONS["file"](files)).id] == builds(service)
    else:
        with pytest.raises(CoprSubmissionUnknown, match="No result of it was found"):
            send.run(SUBMISSIONS["file"](files))
    assert send.pauses == send.submissions == 1
    assert Policy.none().searches == (0,)


def test_a_policy_without_a_search_is_refused():
    with pytest.raises(ValueError, match=r"\(0,\) searches once"):
        Policy(searches=())


@pytest.mark.parametrize("kind", SUBMISSIONS)
def test_another_job_with_the_same_submission_at_the_same_moment_makes_it_unknown(kind, service, files):
    send = Sender(service)

    def rival():
        Sender(service).run(SUBMISSIONS[kind](files))
        service.faults.reset("after", method="POST", count=1)

    send.before_the_first = rival
    with pytest.raises(CoprSubmissionUnknown) as caught:
        send.run(SUBMISSIONS[kind](files))
    assert sorted(build.id for build in caught.value.candidates) == builds(service)
    assert len(builds(service)) == (4 if kind == "urls" else 2)
    assert send.submissions == 1


#: Kinds with builds that have the same record, or differ only in fields that the search does not compare.
ALIKE = [
    {"url", "urls", "without a chroot"},
    {"rubygems", "package, rubygems"},
    {"custom", "custom, options", "package, custom"},
]


@pytest.fixture(scope="module")
def crowded(began, files):
    """The ids of the builds after a submission of each kind, and the state of the service."""
    copr, state = began
    copr.restore(state)
    made = {}
    for kind in SUBMISSIONS:
        result = Sender(copr).run(SUBMISSIONS[kind](files))
        made[kind] = {build.id for build in result} if kind == "urls" else {result.id}
    return made, copr.snapshot()


@pytest.mark.parametrize("kind", SUBMISSIONS)
def test_a_build_of_another_source_is_never_a_candidate(kind, service, crowded, files, monkeypatch):
    made, state = crowded
    service.restore(state)
    service.clock.advance(minutes=-1)  # so that all of them are new enough
    monkeypatch.setattr("copr._policy.SETTLING", (1,))
    send = Sender(service)
    send.before_the_first = raising(lost())
    try:
        result = send.run(SUBMISSIONS[kind](files))
        found = {build.id for build in result} if kind == "urls" else {result.id}
    except CoprSubmissionUnknown as unknown:
        found = {build.id for build in unknown.candidates}
    alike = next((kinds for kinds in ALIKE if kind in kinds), {kind})
    assert made[kind] <= found
    assert found <= set().union(*(made[each] for each in alike))


@pytest.mark.parametrize(
    "other",
    [
        {"age": 60},
        {"by": "bob"},
        {"options": {"background": True}},
        {"directory": "tools:custom:y"},
        {"file": "other-1-1.src.rpm"},
    ],
    ids=["older", "bob's", "in the background", "elsewhere", "of another file"],
)
def test_a_build_that_is_not_ours_is_not_taken_for_it(other, service, files):
    (files / "other-1-1.src.rpm").write_bytes((files / "hello-1-1.src.rpm").read_bytes())
    theirs = submit.create_from_file(
        *PROJECT, files / other.get("file", "hello-1-1.src.rpm"), other.get("options"), other.get("directory")
    )
    first = Sender(service, config=service.bob if "by" in other else None).run(theirs)
    service.clock.advance(seconds=other.get("age", 0))
    service.faults.reset("after", method="POST", count=1)
    ours = Sender(service).run(SUBMISSIONS["file"](files))
    assert [first.id, ours.id] == builds(service)


@pytest.mark.parametrize(
    "other",
    [{"chroots": CHROOTS[1:2]}, {"chroots": CHROOTS[:2]}, {"timeout": 61}, {"background": False}],
    ids=["in another chroot", "in more chroots", "with another timeout", "not in the background"],
)
def test_a_build_with_other_options_is_not_taken_for_ours(other, service, files):
    options = {"chroots": CHROOTS[:1], "background": True, "timeout": 60, **other}
    theirs = submit.create_from_file(*PROJECT, files / "hello-1-1.src.rpm", options, "tools:custom:x")
    first = Sender(service).run(theirs)
    service.faults.reset("after", method="POST", count=1)
    ours = Sender(service).run(SUBMISSIONS["options"](files))
    assert [first.id, ours.id] == builds(service)


def test_a_build_in_a_project_of_the_same_name_is_not_taken_for_ours(service, files):
    bob = Client(service.bob).project_proxy
    bob.add("bob", PROJECT[1], CHROOTS)
    Client(service.config).project_proxy.request_permissions("bob", PROJECT[1], {"builder": True})
    bob.set_permissions("bob", PROJECT[1], {"alice": {"builder": "approved"}})
    first = Sender(service).run(submit.create_from_file("bob", PROJECT[1], files / "hello-1-1.src.rpm"))
    service.faults.reset("after", method="POST", count=1)
    ours = Sender(service).run(SUBMISSIONS["file"](files))
    assert first.id < ours.id
    assert [ours.id] == builds(service)


@pytest.mark.parametrize("kind", ["file", "urls"])
def test_a_build_that_was_found_has_the_response_that_it_was_found_in(kind, service, files):
    service.faults.reset("after", method="POST", count=1)
    found = Sender(service).run(SUBMISSIONS[kind](files))
    assert found.__response__.url.startswith(f"{service.url}/api_3/build/list")


def test_ours_is_found_behind_a_newer_build_with_another_timeout(service, files):
    send = Sender(service)
    options = {"chroots": CHROOTS[:1], "background": True, "timeout": 61}
    newer = submit.create_from_file(*PROJECT, files / "hello-1-1.src.rpm", options, "tools:custom:x")
    service.faults.reset("after", method="POST", count=1)
    send.in_pause = lambda pause: pause == 1 and Sender(service).run(newer)
    assert send.run(SUBMISSIONS["options"](files)).id == min(builds(service))
    assert len(builds(service)) == 2


@pytest.mark.parametrize("suffix", ["", ".git"])
def test_a_url_of_a_dist_git_names_the_package_with_or_without_a_suffix(suffix):
    url = f"https://dist.example.org/rpms/hello{suffix}"
    config = SimpleNamespace(source_type="distgit", source_dict={"clone_url": url, "committish": "f44"})
    assert is_of_dist_git("hello", "rpms", "f44")(config)
    assert not is_of_dist_git("ello", "rpms", "f44")(config)


def test_without_the_time_of_the_service_no_build_is_taken_for_ours(files):
    def send(call):
        if call.method == "POST":
            raise lost()
        return reply(200, {"items": [{"id": 5, "submitted_on": EPOCH}], "meta": {}})

    with pytest.raises(CoprSubmissionUnknown, match="No result of it was found") as caught:
        run(persist(SUBMISSIONS["file"](files), Policy()), send)
    assert caught.value.candidates == ()


def test_ours_is_found_among_hundreds(service, files, monkeypatch):
    monkeypatch.setattr("copr._policy.SETTLING", (1,))
    send = Sender(service)
    service.faults.reset("after", path="/build/create/upload", count=1)
    crowd = [f"https://example.com/other{number}-1-1.src.rpm" for number in range(250)]

    def submit_crowd(pause):
        if pause == 1:
            Client(service.config).build_proxy.create_from_urls(*PROJECT, crowd)

    send.in_pause = submit_crowd
    assert send.run(SUBMISSIONS["file"](files)).id == min(builds(service))
    assert len(builds(service)) == 251


def test_a_search_that_fails_too_is_unknown_and_says_so(service, files):
    send = Sender(service)
    service.faults.reset("after", method="POST", count=1)
    service.faults.status(503, method="GET")
    with pytest.raises(CoprSubmissionUnknown, match="The search for its result failed too"):
        send.run(SUBMISSIONS["file"](files))
    service.faults.clear()
    assert len(builds(service)) == 1


def test_a_search_that_is_answered_with_something_else_is_unknown_and_says_so(files):
    clock = Clock()

    def strange(call):
        if call.method == "POST":
            raise lost()
        return reply(200, {"items": [{"id": 5}], "meta": {}}, clock=clock)

    with pytest.raises(CoprSubmissionUnknown, match="failed too: A response is not what the API sends"):
        run(persist(SUBMISSIONS["file"](files), Policy(attempts=1)), strange, clock)


def test_the_service_is_searched_four_times_within_fifteen_seconds(files):
    clock, searches = Clock(), []

    def send(call):
        if call.method == "POST":
            raise lost()
        searches.append(clock.time)
        return reply(200, {"items": [], "meta": {}}, clock=clock)

    begun = clock.time
    with pytest.raises(CoprSubmissionUnknown, match="No result of it was found"):
        run(persist(SUBMISSIONS["file"](files), Policy()), send, clock)
    assert [seconds - begun for seconds in searches] == [1, 3, 7, 15]


def test_a_submission_that_failed_for_good_is_not_searched_for(files):
    failure = lost()
    failure.hopeless = True

    def send(call):
        assert call.method == "POST"
        raise failure

    with pytest.raises(CoprConnectionException) as caught:
        run(persist(SUBMISSIONS["file"](files), Policy()), send)
    assert caught.value is failure


def test_a_refusal_is_the_services_word(service, files):
    with pytest.raises(CoprRequestException, match="Bad request parameters"):
        Sender(service).run(submit.create_from_pypi(*PROJECT, "munch", spec_template="none"))
    with pytest.raises(CoprNoResultException, match="does not exist"):
        Sender(service).run(submit.create_from_url("alice", "nothing", "https://example.com/a.src.rpm"))
    assert builds(service) == []


THINGS = {
    "project": lambda: project.add("alice", "new", CHROOTS[:2], description="d"),
    "fork": lambda: project.fork(*PROJECT, "alice", "new"),
    **{
        f"package, {kind}": lambda kind=kind, source=source: package.add(*PROJECT, "new", kind, source)
        for kind, source in PACKAGES.items()
    },
}


@pytest.mark.parametrize("kind", THINGS)
@pytest.mark.parametrize("way", ["reset after", "502 after"])
def test_a_thing_with_a_name_is_found_by_it(kind, way, service):
    send = Sender(service)
    fault = LOSSES[way](service.faults)
    assert send.run(THINGS[kind]()).name == "new"
    assert fault.hits == send.submissions == 1


@pytest.mark.parametrize("kind", THINGS)
def test_a_thing_that_surely_was_not_asked_for_is_asked_for_again(kind, service):
    send = Sender(service)
    send.before_the_first = raising(lost(unsent=True))
    assert send.run(THINGS[kind]()).name == "new"
    assert send.submissions == 2


def test_a_project_that_is_not_as_asked_for_is_not_taken_for_the_new_one(service):
    Client(service.config).project_proxy.add("alice", "new", CHROOTS[:2], description="another")
    send = Sender(service)
    send.before_the_first = raising(lost())
    with pytest.raises(CoprSubmissionUnknown):
        send.run(THINGS["project"]())


def test_a_secret_that_was_lost_is_unknown(service):
    send = Sender(service)
    service.faults.reset("after", method="POST", count=1)
    with pytest.raises(CoprSubmissionUnknown, match="Check the project"):
        send.run(webhook.generate(*PROJECT))
    assert send.submissions == 1


def test_the_error_is_json_safe_and_names_the_call(service, files):
    service.faults.status(502, method="POST", count=1)
    with pytest.raises(CoprSubmissionUnknown) as caught:
        Sender(service).run(SUBMISSIONS["file"](files))
    assert caught.value.method == "POST"
    assert json.dumps(str(caught.value))
