"""What the page of webhooks tells of the last deliveries."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from page_forms import Browser, rows

from copr_local import LocalCopr
from copr_local.data.database import Transaction
from copr_local.data.models import Project, WebhookDelivery
from copr_local.rules import deliveries
from copr_local.rules.deliveries import KEPT, LINKED
from copr_local.web import webhooks

REPOSITORY, OTHER = "https://example.com/hello.git", "https://example.com/other.git"
COMMIT, NO_COMMIT = "f" * 40, "0" * 40
PAGE = "/coprs/local/hello/webhooks/"
OTHER_EVENT = "Only pushes and new tags build something."
OTHER_PACKAGE = "No package is built from this branch, or from a folder that changed."


@pytest.fixture
def copr(scripted_copr: LocalCopr) -> LocalCopr:
    return scripted_copr


@pytest.fixture
def api(copr: LocalCopr, api_of: Callable[[LocalCopr], Any]) -> Any:
    """Return API v3, with a project that builds one package after a push to `main`."""
    api = api_of(copr)
    api.project(chroots=["fedora-45-x86_64"])
    for name, url, rebuilds in (("hello", REPOSITORY, True), ("silent", OTHER, False)):
        fields = {"package_name": name, "clone_url": url, "committish": "main", "webhook_rebuild": rebuilds}
        api.call("POST", f"/package/add/local/hello/{name}/scm", fields)
    return api


@pytest.fixture
def call(copr: LocalCopr, api: Any) -> Callable[..., Any]:
    """Call a webhook with the secret of the project, or with another one."""
    secret = api.call("POST", "/webhook/generate/local/hello")["webhook_secret"]

    def post(forge: str, sent: Any, end: str = "", key: str = secret, event: str | None = None) -> int:
        headers = {"X-GitHub-Event": event or "push"} if forge == "github" else {}
        path = f"/webhooks/{forge}/1/{key}/{end}" if forge != "custom-dir" else f"/webhooks/{forge}/{end}"
        path = path.replace("SECRET", key)
        return copr.app.test_client().post(path, json=sent, headers=headers).status_code

    return post


def push(ref: str = "refs/heads/main", url: str = REPOSITORY, **fields: Any) -> Any:
    commits = [{"added": ["README"], "modified": [], "removed": []}]
    return {"repository": {"clone_url": url}, "ref": ref, "after": COMMIT, "commits": commits, **fields}


def seen(copr: LocalCopr) -> list[tuple[Any, ...]]:
    names = ("forge", "event", "reference", "status", "builds", "text")
    return [tuple(row[name] for name in names) for row in rows(copr, WebhookDelivery)]


def test_a_payload_is_read_while_others_can_write(
    copr: LocalCopr, call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[bool] = []

    def read() -> Any:
        locked.append(copr.database._writer.locked())
        return push()

    monkeypatch.setattr(webhooks, "_payload", read)
    assert call("github", {}) == 200
    assert locked == [False]
    assert [row[4] for row in seen(copr)] != [[]]


NOTHING = "There is nothing to build: it has no commits, or a branch or tag was deleted."
NO_VERSION = "The tag is not the name of a package with a version."
SILENT = "The packages of this repository do not have the setting “build after a push”."
NOT_JSON = "The body is not one of this forge. Is its content type JSON?"
NEW = push(url="https://example.com/new")
#: What is called: the forge, what it sends, the event, the end of the URL. What is kept: the event, the
#: reference, the status, how many builds, and why there are none.
DELIVERIES = [
    (("github", push(), None, ""), ("push", "main", 200, 1, "")),
    (("github", push("hello-1.0", ref_type="tag"), "create", ""), ("create", "hello-1.0", 200, 1, "")),
    (("github", {"zen": "x"}, "ping", ""), ("ping", "", 200, 0, OTHER_EVENT)),
    (("github", push("refs/heads/next"), None, ""), ("push", "next", 200, 0, OTHER_PACKAGE)),
    (("github", push("v1", ref_type="tag"), "create", ""), ("create", "v1", 200, 0, NO_VERSION)),
    (("github", NEW, None, ""), ("push", "main", 200, 0, "No package is built from this repository.")),
    (("github", push(url=OTHER), None, ""), ("push", "main", 200, 0, SILENT)),
    (("github", push(after=NO_COMMIT), None, ""), ("push", "main", 200, 0, NOTHING)),
    (("github", {"x": 1}, None, ""), ("push", "", 400, 0, NOT_JSON)),
    (("gitlab", {"object_kind": "note"}, None, ""), ("push", "", 200, 0, OTHER_EVENT)),
    (("custom", {}, None, "hello/"), ("call", "hello", 200, 1, "")),
    (("custom", {}, None, "no/"), ("call", "no", 404, 0, "The project does not have this package.")),
    (("custom", {}, None, ""), ("call", "", 400, 0, "The URL does not name a package.")),
    (
        ("custom-dir", {}, None, "local/hello:x/SECRET/hello/"),
        ("call", "hello", 400, 0, "The name of the directory is not valid."),
    ),
]


def test_deliveries_are_kept_with_what_they_did(copr: LocalCopr, call: Any) -> None:
    for number, ((forge, sent, event, end), (*expected, count, text)) in enumerate(DELIVERIES):
        assert call(forge, sent, end, event=event) == expected[2]
        kept = seen(copr)
        *facts, builds, why = kept[-1]
        assert len(kept) == number + 1
        assert (facts, len(builds), why) == ([forge.partition("-")[0], *expected], count, text)


def test_a_delivery_without_the_secret_leaves_no_trace(copr: LocalCopr, call: Any) -> None:
    for forge, event, end, status in (
        *(("github", "push", "", 403), ("github", "ping", "", 200), ("gitlab", None, "", 403)),
        *(("custom", None, "hello/", 403), ("custom-dir", None, "local/hello/x/hello/", 403)),
        ("custom-dir", None, "local/hello/x/nope/", 404),
    ):
        assert call(forge, push(), end, key="x", event=event) == status
    assert seen(copr) == []


# https://forgejo.org/docs/latest/user/webhooks/ : it sends the headers of its ancestors, too
def test_forges_that_send_what_github_does_are_told_apart(copr: LocalCopr, api: Any) -> None:
    secret = api.call("POST", "/webhook/generate/local/hello")["webhook_secret"]
    for names in (["Gitea", "GitHub"], ["Forgejo", "Gitea", "GitHub"], ["GitHub"]):
        headers = {f"X-{name}-Event": "push" for name in names}
        copr.app.test_client().post(f"/webhooks/github/1/{secret}/", json=push(after=""), headers=headers)
    assert [delivery[:2] for delivery in seen(copr)] == [
        ("gitea", "push"),
        ("forgejo", "push"),
        ("github", "push"),
    ]


def test_of_many_builds_some_are_linked(copr: LocalCopr, api: Any, call: Any) -> None:
    copr.script(takes=math.inf)
    for number in range(LINKED):
        fields = {"package_name": f"more{number}", "clone_url": REPOSITORY, "webhook_rebuild": True}
        api.call("POST", f"/package/add/local/hello/more{number}/scm", fields)
    call("github", push())
    [(*_, builds, text)] = seen(copr)
    assert (builds, text) == (list(range(1, LINKED + 1)), "It started more builds, too.")


def test_the_page_shows_the_newest_deliveries(copr: LocalCopr, api: Any, call: Any) -> None:
    browser = Browser(copr)
    browser.log_in(copr.config)
    assert "No webhook of this project was called yet." in browser.get(PAGE)
    call("github", push())
    assert api.wait(1)["state"] == "succeeded"
    for number in range(KEPT):
        call("github", push(f"refs/heads/<{number}>\0" + "x" * 1000))
    assert len(seen(copr)) == KEPT
    call("custom", {}, "hello/")
    api.wait(2)
    page = browser.get(PAGE)
    rows_of_page = re.findall(r"<tr>\n<td class=\"nowrap muted\">.*?</tr>", page, re.DOTALL)
    assert len(rows_of_page) == KEPT
    assert '<a href="/coprs/build/2/">2</a> <span class="state succeeded">' in rows_of_page[0]
    assert f"&lt;{KEPT - 1}&gt;xxx" in rows_of_page[1]
    api.call("DELETE", "/build/delete/2")
    assert "Build 2, which was deleted" in browser.get(PAGE)
    secret = re.search(r"/webhooks/github/1/([-\w]+)/", page)
    assert secret is not None
    assert secret[1] not in str(rows(copr, WebhookDelivery))
    api.call("DELETE", "/project/delete/local/hello")
    assert rows(copr, WebhookDelivery) == []


def test_a_text_of_a_forge_is_kept_as_far_as_a_page_shows_it(tx: Transaction, hello: Project) -> None:
    deliveries.record(tx, hello, deliveries.Delivery("github", "push\0\udc80", "x" * 1000, text="y" * 200))
    [stored] = deliveries.newest(tx, hello)
    assert (stored.event, stored.reference, stored.text) == ("push?", "x" * 200, "y" * 200)
