"""Webhooks: new secrets, and what a push of each service rebuilds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from webhook_requests import REPOSITORY, listed, package

from copr_local import LocalCopr
from copr_local.data.database import Transaction
from copr_local.data.models import Project, User
from copr_local.rules import builds, packages, sources
from copr_local.rules.sources import Source
from copr_local.rules.webhooks import Push, rebuild_pushed

COMMIT = "f" * 40
NO_COMMIT = "0" * 40


def github(ref: str = "refs/heads/main", *paths: str, after: str = COMMIT, **fields: Any) -> Any:
    commits = [{"added": [path], "modified": [], "removed": []} for path in paths or ["README"]]
    repository = {"clone_url": f"{REPOSITORY}.git"}
    return {"repository": repository, "ref": ref, "after": after, "commits": commits, **fields}


def test_a_new_secret_replaces_the_old_one(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    assert call(f"github/{address}/", github()) == (200, "OK", [("hello", COMMIT)])
    api.call("POST", "/webhook/generate/local/hello")
    for path, status, why in (
        (f"github/{address}/", 403, "This webhook is not valid"),
        ("github/999/x/", 404, "Project with id 999 does not exist."),
        (f"github/{'9' * 30}/x/", 404, f"Project with id {'9' * 30} does not exist."),
    ):
        answer = call(path, github())
        assert (answer[0], answer[2]) == (status, [])
        assert answer[1].startswith("<!doctype html>")
        assert why in answer[1]
    assert call(f"custom/{address}/hello/", {}) == (403, "BAD_UUID", [])
    assert call("custom/999/x/hello/", {}) == (404, "PROJECT_NOT_FOUND", [])


def test_github_says_what_has_happened(copr: LocalCopr, address: str) -> None:
    answer = copr.app.test_client().post(f"/webhooks/github/{address}/", json=github())
    assert (answer.status_code, answer.mimetype) == (400, "text/html")


def test_nobody_is_the_submitter_of_what_a_webhook_starts(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    call(f"github/{address}/", github())
    (build,) = listed(api)
    assert (build["submitter"], build["is_background"]) == (None, True)
    assert api.wait(build["id"])["state"] == "succeeded"


def test_a_push_rebuilds_the_packages_that_it_is_for(api: Any, address: str, call: Any) -> None:
    package(api, "whole")
    package(api, "part", subdirectory="lib/part")
    package(api, "branch", committish="stable")
    package(api, "silent", webhook_rebuild=False)
    package(api, "elsewhere", clone_url="https://example.com/other")
    built = lambda *sent: [name for name, _ in call(f"github/{address}", github(*sent))[2]]  # noqa: E731
    assert built("refs/heads/main", "README") == ["whole"]
    assert built("refs/heads/main", "lib/part/x.c") == ["whole", "part"]
    assert built("refs/heads/main", "lib/particle/x.c") == ["whole"]
    unknown = github(commits=None)
    assert [name for name, _ in call(f"github/{address}", unknown)[2]] == ["whole", "part"]
    assert built("refs/heads/stable", "README") == ["whole", "branch"]
    assert built("refs/heads/unstable", "README") == ["whole"]


def test_a_push_rebuilds_packages_of_its_own_project_only(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    api.project("other")
    body = {"clone_url": f"{REPOSITORY}.git", "webhook_rebuild": True, "package_name": "hello"}
    api.call("POST", "/package/add/local/other/hello/scm", body)
    assert call(f"github/{address}", github())[2] == [("hello", COMMIT)]
    assert api.get("/build/list", ownername="local", projectname="other")["items"] == []


def test_a_repository_is_known_by_all_forms_of_its_url(api: Any, address: str, call: Any) -> None:
    for number, form in enumerate(("hello", "hello/", "hello.git", "hello.git/", "Hello/.git")):
        package(api, f"same-{number}", clone_url=f"https://example.com/{form}")
    for number, form in enumerate(("helloX", "hell", "hello.git.git/x", "X/hello")):
        package(api, f"other-{number}", clone_url=f"https://example.com/{form}")
    built = [name for name, _ in call(f"github/{address}", github())[2]]
    assert built == [f"same-{number}" for number in range(5)]


@pytest.mark.parametrize("path", ["X11/x.c", "./X11/x.c", "/X11/x.c"])
def test_a_file_of_a_subdirectory_is_known_by_all_forms_of_its_path(
    path: str, api: Any, address: str, call: Any
) -> None:
    package(api, "hello", subdirectory="./X11/")
    assert call(f"github/{address}", github("refs/heads/main", path))[2] == [("hello", COMMIT)]
    assert call(f"github/{address}", github("refs/heads/main", "11/x.c"))[2] == []


def test_a_tag_rebuilds_the_package_of_its_name(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    package(api, "other")
    package(api, "two-words")

    def tag(name: str, of: str = "") -> list[str]:
        built = call(f"github/{address}/{of}", github(name, ref_type="tag"))[2]
        assert all(commit == name for _, commit in built)
        return [found for found, _ in built]

    for name in ("hello-1.0-1", "hello-1.0", "hello_1"):
        assert tag(name) == ["hello"]
    for name in ("two-words-1", "two_words_1.0_2"):
        assert tag(name) == ["two-words"]
    for name in ("v1.0", "hello", "hello-stable", "hello-1.0-1-2"):
        assert tag(name) == []
    assert tag("v1.0", "hello") == ["hello"]
    assert tag("hello-1.0", "other") == ["hello", "other"]


def test_nothing_is_built_for_a_ping_or_a_deleted_branch(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    ping = call(f"github/{address}", {"zen": "x"}, headers={"X-GitHub-Event": "ping"})
    assert ping == (200, "OK", [])
    assert call(f"github/{address}", github(after=NO_COMMIT)) == (200, "OK", [])
    assert call(f"github/{address}", github("topic", after="", ref_type="branch")) == (200, "OK", [])


def test_a_push_to_gitlab(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    sent = {"project": {"git_http_url": f"{REPOSITORY}.git"}, "after": COMMIT}
    commit = {"added": ["README"], "modified": [], "removed": []}
    push = {**sent, "object_kind": "push", "ref": "refs/heads/main", "commits": [commit]}
    assert call(f"gitlab/{address}/", push) == (200, "OK", [("hello", COMMIT)])
    tag = {**sent, "object_kind": "tag_push", "ref": "refs/tags/hello-2.0-1"}
    assert call(f"gitlab/{address}/", tag) == (200, "OK", [("hello", "hello-2.0-1")])
    assert call(f"gitlab/{address}/", {**tag, "after": NO_COMMIT}) == (200, "OK", [])


@pytest.mark.parametrize("ref", ["refs/tags/hello-1.0-1", "refs/heads/new", "refs/heads/main"])
def test_a_push_without_commits_builds_nothing(api: Any, address: str, call: Any, ref: str) -> None:
    package(api, "hello")
    package(api, "part", subdirectory="part")
    assert call(f"github/{address}", github(ref, commits=[])) == (200, "OK", [])
    gitlab = {"project": {"git_http_url": REPOSITORY}, "after": COMMIT, "ref": ref, "object_kind": "push"}
    for fields in ({}, {"total_commits_count": 0}):
        assert call(f"gitlab/{address}", {**gitlab, "commits": [], **fields}) == (200, "OK", [])
    assert call(f"github/{address}", github("refs/tags/hello-1.0-1", "part/x")) == (200, "OK", [])


def test_gitlab_lists_only_some_commits_of_a_large_push(api: Any, address: str, call: Any) -> None:
    package(api, "part", subdirectory="part")
    commit = {"added": ["README"], "modified": [], "removed": []}
    push = {"project": {"git_http_url": REPOSITORY}, "after": COMMIT, "ref": "refs/heads/main"}
    sent = {**push, "object_kind": "push", "commits": [commit] * 20}
    assert call(f"gitlab/{address}", {**sent, "total_commits_count": 20}) == (200, "OK", [])
    built = call(f"gitlab/{address}", {**sent, "total_commits_count": 21})
    assert built == (200, "OK", [("part", COMMIT)])
    assert call(f"gitlab/{address}", {**sent, "total_commits_count": "x"})[0] == 400


def test_a_commit_without_files_is_for_packages_of_the_whole_repository(
    api: Any, address: str, call: Any
) -> None:
    package(api, "whole")
    package(api, "part", subdirectory="part")
    empty = github(commits=[{"added": [], "modified": [], "removed": []}])
    assert call(f"github/{address}", empty) == (200, "OK", [("whole", COMMIT)])


def test_a_push_to_bitbucket(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    links = {"repository": {"links": {"html": {"href": REPOSITORY}}}}
    new = {"type": "branch", "name": "main", "target": {"hash": COMMIT}}
    sent = {**links, "push": {"changes": [{"new": new}]}}
    assert call(f"bitbucket/{address}/", sent) == (200, "OK", [("hello", COMMIT)])
    gone = {**links, "push": {"changes": [{"new": None}]}}
    assert call(f"bitbucket/{address}/", gone) == (200, "OK", [])


# https://docs.github.com/en/webhooks/webhook-events-and-payloads; Gitea and Forgejo send the same names
@pytest.mark.parametrize(
    ("event", "fields", "builds"),
    [
        ("push", {}, 1),
        ("create", {"ref": "hello-2.0-1", "ref_type": "tag"}, 1),
        ("push", {"ref": "refs/tags/hello-2.0-1"}, 0),
        ("create", {"ref": "topic", "ref_type": "branch", "after": ""}, 0),
        ("delete", {"ref": "hello-2.0-1", "ref_type": "tag"}, 0),
        ("pull_request", {"action": "opened"}, 0),
        ("release", {"ref_type": "tag", "ref": "hello-2.0-1"}, 0),
        ("issue_comment", {}, 0),
        ("ping", {}, 0),
    ],
)
def test_each_event_of_github_builds_what_it_pushed(
    api: Any, address: str, call: Any, event: str, fields: dict[str, Any], builds: int
) -> None:
    package(api, "hello")
    sent = {**github("refs/heads/main", "README"), **fields}
    status, text, built = call(f"github/{address}", sent, headers={"X-GitHub-Event": event})
    assert (status, text, len(built)) == (200, "OK", builds)


def test_github_may_send_a_form(copr: LocalCopr, api: Any, address: str) -> None:
    package(api, "hello")
    client, headers = copr.app.test_client(), {"X-GitHub-Event": "push"}
    large = {**github("refs/heads/main", "x" * 600_000)}
    for sent in (github("refs/heads/main", "README"), large):
        answer = client.post(
            f"/webhooks/github/{address}", data={"payload": json.dumps(sent)}, headers=headers
        )
        assert (answer.status_code, answer.text) == (200, "OK")
    assert len(listed(api)) == 2
    for wrong in ({"payload": "{"}, {"payload": "[]"}, {"payload": "5"}, {}):
        assert client.post(f"/webhooks/github/{address}", data=wrong, headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("fields", "packages"),
    [
        ({"commits": [{"id": COMMIT, "message": "x"}]}, ["whole", "part"]),
        ({"commits": [{"added": None, "modified": None, "removed": None}]}, ["whole", "part"]),
        ({"commits": [{"added": None, "modified": ["lib/part/x"], "removed": None}]}, ["whole", "part"]),
        ({"commits": [{"added": [], "modified": ["README"], "removed": None}]}, ["whole"]),
        ({"commits": [{"added": ["README"]}]}, ["whole"]),
        ({"commits": [{"added": ["README"]}, {"id": COMMIT}]}, ["whole", "part"]),
        ({"commits": None}, ["whole", "part"]),
        ({"commits": [{"added": ["README"]}], "total_commits": 7}, ["whole", "part"]),
    ],
)
def test_without_a_list_of_files_everything_may_have_changed(
    api: Any, address: str, call: Any, fields: dict[str, Any], packages: list[str]
) -> None:
    package(api, "whole")
    package(api, "part", subdirectory="lib/part")
    status, text, built = call(f"github/{address}", {**github(), **fields})
    assert (status, text, [name for name, _ in built]) == (200, "OK", packages)


# https://docs.gitlab.com/user/project/integrations/webhook_events/
@pytest.mark.parametrize("kind", ["merge_request", "issue", "note", "pipeline", "release"])
def test_other_events_of_gitlab_build_nothing(api: Any, address: str, call: Any, kind: str) -> None:
    package(api, "hello")
    sent = {"project": {"git_http_url": REPOSITORY}, "after": COMMIT, "object_kind": kind}
    assert call(f"gitlab/{address}/", sent) == (200, "OK", [])


# https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/
def test_a_push_of_a_branch_and_a_tag_to_bitbucket_builds_both(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    branch = {"new": {"type": "branch", "name": "main", "target": {"hash": COMMIT}}}
    tag = {"new": {"type": "tag", "name": "hello-2.0", "target": {"hash": COMMIT}}}
    repository = {"links": {"html": {"href": REPOSITORY}}}
    sent = {"repository": repository, "push": {"changes": [{"new": None}, branch, tag]}}
    assert call(f"bitbucket/{address}/", sent)[2] == [("hello", COMMIT), ("hello", "hello-2.0")]
    event = {"X-Event-Key": "pullrequest:created"}
    assert call(f"bitbucket/{address}/", sent, headers=event) == (200, "OK", [])
    many = {"repository": repository, "push": {"changes": [tag] * 21}}
    assert call(f"bitbucket/{address}/", many) == (400, "Bad Request", [])


def test_a_push_of_something_else_than_a_branch_builds_nothing(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    others = ["refs/notes/commits", "refs/pull/5/head", "refs/merge-requests/5/head", "refs/changes/01/1/1"]
    of_sha256: dict[str, Any] = {"after": "0" * 64}
    for fields in (of_sha256, {"deleted": True}, *({"ref": ref} for ref in others)):
        sent = {**github(), "project": {"git_http_url": REPOSITORY}, **fields}
        for service in ("github", "gitlab"):
            assert call(f"{service}/{address}", sent) == (200, "OK", []), fields


def test_a_push_with_values_of_another_type_is_refused(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    for wrong in (
        {"after": None},
        {"after": 5},
        {"after": "--x"},
        {"after": "main"},
        {"ref": None},
        {"ref": 5},
        {"ref": "refs/heads/\ud800"},
    ):
        sent = {**github(), "project": {"git_http_url": REPOSITORY}, **wrong}
        change = {"type": "branch", "name": sent["ref"], "target": {"hash": sent["after"]}}
        links = {"links": {"html": {"href": REPOSITORY}}}
        to_bitbucket = {"repository": links, "push": {"changes": [{"new": change}]}}
        for service, body in (("github", sent), ("gitlab", sent), ("bitbucket", to_bitbucket)):
            assert call(f"{service}/{address}", body) == (400, "Bad Request", []), (service, wrong)


@pytest.mark.parametrize("service", ["github", "gitlab", "bitbucket"])
@pytest.mark.parametrize("sent", [None, [], 5, "x", {}, {"repository": 5}, {"push": {"changes": []}}])
def test_what_is_no_push_is_refused(address: str, call: Any, service: str, sent: Any) -> None:
    assert call(f"{service}/{address}", sent) == (400, "Bad Request", [])


def test_a_push_rebuilds_only_packages_that_have_a_repository(
    tx: Transaction, alice: User, hello: Project
) -> None:
    gem, repository = sources.rubygems("rake"), Source("scm", {"clone_url": f"{REPOSITORY}.git"})
    for name, source in (("rake", gem), ("hello", repository)):
        packages.add(tx, alice, hello, name, source, {"webhook_rebuild": True})
    push = Push(REPOSITORY, "main", COMMIT, is_tag=False, changed=None)
    made = builds.some(tx, rebuild_pushed(tx, hello, [push]))
    assert [build.package and build.package.name for build in made] == ["hello"]
