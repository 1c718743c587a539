"""Permissions in API v3: every endpoint, called by every kind of user.

`ENDPOINTS` has the right that each endpoint needs, `RIGHTS` the roles with each right. A role with the right
gets 200. Without it, a role gets 401 without a valid login and 403 with one, and nothing is changed.
"""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.rules import queue, users

CHROOT = "fedora-45-x86_64"
Case = dict[str, Any]
ROLES = ("anonymous", "expired", "other", "builder", "admin", "owner", "member", "site admin")
RIGHTS = {
    "look": set(ROLES),
    "log in": set(ROLES) - {"anonymous", "expired"},
    "build": {"builder", "admin", "owner", "member", "site admin"},
    "change": {"admin", "owner", "member", "site admin"},
    "own": {"owner", "member", "site admin"},
    "ask": {"other", "admin", "member", "site admin"},
    "come through Kerberos": set(),
}


@dataclass(frozen=True)
class Endpoint:
    """The right that an endpoint needs, and a valid request.

    A case replaces `{owner}`, `{project}`, `{caller}`, `{running}` and `{over}` (the ids of two builds).
    """

    right: str
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    files: bool = False
    refused: int = 403


PROJECT = {"ownername": "{owner}", "projectname": "{project}"}
PACKAGE = {**PROJECT, "package_name": "pkg"}
IN_CHROOT = {**PROJECT, "chrootname": CHROOT}
BUILD = {"build_id": "{running}", "chrootname": CHROOT}
RPM = b"\xed\xab\xee\xdb\x03\x00\x00\x00"  # first bytes of a binary RPM
SCM = {"clone_url": "https://example.com/pkg.git"}
NEW = {"name": "{project}-new", "chroots": [CHROOT]}
EDIT = {"package_name": "pkg", **SCM}
SET = {"other": {"builder": "request"}}

ENDPOINTS = {
    "GET /": Endpoint("look"),
    "GET /auth-check": Endpoint("log in"),
    "POST /api-token": Endpoint("log in"),
    "GET /swagger.json": Endpoint("look"),
    "GET /docs": Endpoint("look"),
    "GET /gssapi_login": Endpoint("come through Kerberos", refused=403),
    "GET /gssapi_login/web-ui": Endpoint("come through Kerberos", refused=403),
    "GET /mock-chroots/list": Endpoint("look"),
    "GET /monitor": Endpoint("look", query=PROJECT),
    "GET /rpmrepo/{ownername}/{dirname}/{name_release}": Endpoint("look"),
    "GET /project": Endpoint("look", query=PROJECT),
    "GET /project/list": Endpoint("look"),
    "GET /project/search": Endpoint("look", query={"query": "{project}"}),
    "POST /project/add/{ownername}": Endpoint("own", NEW),
    "PUT /project/edit/{ownername}/{projectname}": Endpoint("change", {"description": "x"}),
    "POST /project/edit/{ownername}/{projectname}": Endpoint("change", {"description": "x"}),
    "DELETE /project/delete/{ownername}/{projectname}": Endpoint("own", {"verify": True}),
    "POST /project/delete/{ownername}/{projectname}": Endpoint("own", {"verify": True}),
    "POST /project/fork/{ownername}/{projectname}": Endpoint(
        "log in", {"name": "{project}-fork", "ownername": "{caller}"}
    ),
    "PUT /project/fork/{ownername}/{projectname}": Endpoint(
        "log in", {"name": "{project}-fork", "ownername": "{caller}"}
    ),
    "PUT /project/regenerate-repos/{ownername}/{projectname}": Endpoint("change"),
    "POST /project/regenerate-repos/{ownername}/{projectname}": Endpoint("change"),
    "GET /project/permissions/can_build_in/{who}/{ownername}/{projectname}": Endpoint("look"),
    "GET /project/permissions/get/{ownername}/{projectname}": Endpoint("change"),
    "PUT /project/permissions/set/{ownername}/{projectname}": Endpoint("change", SET),
    "POST /project/permissions/set/{ownername}/{projectname}": Endpoint("change", SET),
    "PUT /project/permissions/request/{ownername}/{projectname}": Endpoint(
        "ask", {"builder": True}, refused=400
    ),
    "POST /project/permissions/request/{ownername}/{projectname}": Endpoint(
        "ask", {"builder": True}, refused=400
    ),
    "POST /webhook/generate/{ownername}/{projectname}": Endpoint("change"),
    "GET /project-chroot": Endpoint("look", query=IN_CHROOT),
    "GET /project-chroot/build-config": Endpoint("look", query=IN_CHROOT),
    "PUT /project-chroot/edit/{ownername}/{projectname}/{chrootname}": Endpoint("change", {"with_opts": "x"}),
    "POST /project-chroot/edit/{ownername}/{projectname}/{chrootname}": Endpoint(
        "change", {"with_opts": "x"}
    ),
    "GET /package": Endpoint("look", query={**PROJECT, "packagename": "pkg"}),
    "GET /package/list": Endpoint("look", query=PROJECT),
    "POST /package/add/{ownername}/{projectname}/{package_name}/{source_type_text}": Endpoint(
        "change", {"package_name": "new", **SCM}
    ),
    "POST /package/edit/{ownername}/{projectname}/{package_name}/{source_type_text}": Endpoint(
        "change", {"package_name": "pkg", **SCM}
    ),
    "POST /package/edit/{ownername}/{projectname}/{package_name}": Endpoint(
        "change", {"package_name": "pkg", **SCM}
    ),
    "PUT /package/reset": Endpoint("change", PACKAGE),
    "POST /package/reset": Endpoint("change", PACKAGE),
    "DELETE /package/delete": Endpoint("change", PACKAGE),
    "POST /package/delete": Endpoint("change", PACKAGE),
    "POST /package/build": Endpoint("build", PACKAGE),
    "POST /build/check-before-build": Endpoint("build", PROJECT),
    "POST /build/create/upload": Endpoint("build", PROJECT, files=True),
    "POST /build/create/rpm-upload": Endpoint("build", PROJECT, files=True),
    "POST /build/create/url": Endpoint("build", {**PROJECT, "pkgs": ["https://example.com/a-1-1.src.rpm"]}),
    "POST /build/create/scm": Endpoint("build", {**PROJECT, **SCM}),
    "POST /build/create/pypi": Endpoint("build", {**PROJECT, "pypi_package_name": "x"}),
    "POST /build/create/rubygems": Endpoint("build", {**PROJECT, "gem_name": "x"}),
    "POST /build/create/custom": Endpoint("build", {**PROJECT, "script": "true"}),
    "POST /build/create/distgit": Endpoint("build", {**PROJECT, "package_name": "x"}),
    "GET /build/list": Endpoint("look", query=PROJECT),
    "GET /build/{build_id}": Endpoint("look"),
    "GET /build/source-chroot/{build_id}": Endpoint("look"),
    "GET /build/source-build-config/{build_id}": Endpoint("look"),
    "GET /build/built-packages/{build_id}": Endpoint("look"),
    "PUT /build/cancel/{build_id}": Endpoint("build"),
    "POST /build/cancel/{build_id}": Endpoint("build"),
    "DELETE /build/delete/{build_id}": Endpoint("change"),
    "POST /build/delete/{build_id}": Endpoint("change"),
    "DELETE /build/delete/list": Endpoint("change", {"builds": ["{over}"]}, refused=400),
    "POST /build/delete/list": Endpoint("change", {"builds": ["{over}"]}, refused=400),
    "GET /build-chroot": Endpoint("look", query=BUILD),
    "GET /build-chroot/{build_id}/{chrootname}": Endpoint("look"),
    "GET /build-chroot/list": Endpoint("look", query=BUILD),
    "GET /build-chroot/list/{build_id}": Endpoint("look"),
    "GET /build-chroot/build-config": Endpoint("look", query=BUILD),
    "GET /build-chroot/build-config/{build_id}/{chrootname}": Endpoint("look"),
    "GET /build-chroot/built-packages": Endpoint("look", query=BUILD),
    "GET /build-chroot/built-packages/{build_id}/{chrootname}": Endpoint("look"),
}


class Town:
    """A service with a user for each role, and new projects for each case."""

    def __init__(self, copr: LocalCopr, make: Callable[..., Any]) -> None:
        self.copr = copr
        self._make = make
        self._number = itertools.count()
        self._secrets: dict[str, tuple[str, str]] = {}
        self.commits = 0
        self._thread = threading.get_ident()
        with copr.database.writing() as tx:
            for role in (*ROLES[1:], "creator"):
                user, made = users.add(tx, role.replace(" ", "-"), admin=role == "site admin")
                self._secrets[role] = (made.login, made.token)
                if role == "expired":
                    user.api_token_expiration = date(2001, 1, 1)
            members = [users.get(tx, name) for name in ("creator", "member")]
            users.add_group(tx, "team", "fas_team", members)
        copr.database.committed = self._count
        self._shared = {role: self.project(role) for role in ROLES}

    def _count(self, _transaction: object) -> None:
        """Count the commits of requests, which run on this thread, but not those of the service itself."""
        self.commits += threading.get_ident() == self._thread

    def api(self, role: str) -> Any:
        """Return the API as a role; `anonymous` has no login."""
        return self._make(self.copr, *self._secrets.get(role, ()))

    def took(self, role: str, made: Any) -> None:
        """Remember the new login and token of a role."""
        self._secrets[role] = (made["api_login"], made["api_token"])

    def shared(self, role: str) -> Case:
        """Return a project that a role can read; no request changes it."""
        return self._shared[role]

    def project(self, role: str) -> Case:
        """Add a project with roles for `builder` and `admin`; for `member`, it belongs to the group."""
        owner = "@team" if role == "member" else "owner"
        api = self.api("creator" if role == "member" else "owner")
        name = f"project{next(self._number)}"
        api.call("POST", f"/project/add/{owner}", {"name": name, "chroots": [CHROOT]})
        given = {"builder": {"builder": "approved"}, "admin": {"admin": "approved"}}
        api.call("PUT", f"/project/permissions/set/{owner}/{name}", given)
        api.call("POST", f"/package/add/{owner}/{name}/pkg/scm", {"package_name": "pkg", **SCM})
        body = {"ownername": owner, "projectname": name, "package_name": "pkg", "chroots": [CHROOT]}
        running, over = (api.call("POST", "/package/build", body)["id"] for _ in range(2))
        api.call("PUT", f"/build/cancel/{over}")
        with self.copr.database.writing() as tx:
            queue.claim(tx, queue.Step(running))
            queue.begin(tx, queue.Step(running))
        caller = role.replace(" ", "-")
        return {"owner": owner, "project": name, "running": running, "over": over, "caller": caller}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, api_class: Callable[..., Any]) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("roles")
    with LocalCopr(folder / "data", chroots=[CHROOT], builders=0) as copr:
        yield Town(copr, api_class)


def filled(value: Any, case: Case) -> Any:
    """Replace the placeholders in a value by the names and ids of a case."""
    if isinstance(value, dict):
        return {name: filled(each, case) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, case) for each in value]
    if value in ("{running}", "{over}"):
        return case[value.strip("{}")]
    return value.format(**case) if isinstance(value, str) else value


def address(path: str, case: Case) -> str:
    parts = {
        "ownername": case["owner"],
        "projectname": case["project"],
        "dirname": case["project"],
        "package_name": "new" if "/add/" in path else "pkg",
        "source_type_text": "scm",
        "chrootname": CHROOT,
        "name_release": "fedora-45",
        "who": "other",
        "build_id": case["over"] if "/delete/" in path else case["running"],
    }
    return path.format(**parts)


def ask(api: Any, name: str, case: Case) -> Any:
    """Send the valid request of an endpoint."""
    verb, _, path = name.partition(" ")
    endpoint = ENDPOINTS[name]
    body, kwargs = filled(endpoint.body, case), {"query_string": filled(endpoint.query, case)}
    if endpoint.files:
        suffix = "noarch.rpm" if "rpm-upload" in path else "src.rpm"
        kwargs["data"] = {**body, "pkgs": (io.BytesIO(RPM), f"a-1-1.{suffix}")}
    elif body is not None:
        kwargs["json"] = body
    return api.raw(verb, address(path, case), **kwargs)


def test_the_table_has_every_endpoint(town: Town) -> None:
    described = town.api("anonymous").get("/swagger.json")["paths"]
    assert set(ENDPOINTS) == {f"{verb.upper()} {path}" for path in described for verb in described[path]}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_who_has_the_right_is_answered_and_nobody_else(town: Town, name: str) -> None:
    endpoint = ENDPOINTS[name]
    for role in ROLES:
        expected = 200 if role in RIGHTS[endpoint.right] else endpoint.refused
        if expected != 200 and role in ("anonymous", "expired") and "Kerberos" not in endpoint.right:
            expected = 401
        changes = expected == 200 and not name.startswith("GET")
        case = town.project(role) if changes else town.shared(role)
        prepare(town, name, case)
        before = town.commits
        response = ask(town.api(role), name, case)
        assert response.status_code == expected, (role, response.text)
        assert expected == 200 or town.commits == before, "a refused call has changed something"
        if name == "POST /api-token" and expected == 200:
            town.took(role, response.get_json())


def prepare(town: Town, name: str, case: Case) -> None:
    """Prepare a project for a request: cancel its running build before a deletion."""
    owner = "creator" if case["owner"] == "@team" else "owner"
    if name.endswith(("/project/delete/{ownername}/{projectname}", "/package/delete")):
        town.api(owner).raw("PUT", f"/build/cancel/{case['running']}")


@pytest.mark.parametrize(
    "role", [role for role in ROLES if role not in ("anonymous", "expired", "site admin")]
)
def test_nobody_may_act_in_an_account_that_is_not_theirs(town: Town, role: str) -> None:
    for owner in ("creator", "@nobodys"):
        if role == "member" and owner == "@nobodys":
            continue
        body = {"name": "taken", "chroots": [CHROOT]}
        assert town.api(role).raw("POST", f"/project/add/{owner}", json=body).status_code in (403, 404)
        case = town.project(role)
        fork = f"/project/fork/{case['owner']}/{case['project']}"
        answer = town.api(role).raw("POST", fork, json={"name": "taken", "ownername": owner})
        assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("settings", [{"persistent": True}, {"auto_prune": False}, {"storage": "backend"}])
def test_what_costs_the_service_only_its_administrators_may_set(town: Town, settings: Any) -> None:
    body = {"name": f"costly-{next(iter(settings))}", "chroots": [CHROOT], **settings}
    assert town.api("owner").raw("POST", "/project/add/owner", json=body).status_code == 403
    assert town.api("site admin").raw("POST", "/project/add/site-admin", json=body).status_code == 200


def test_administrators_of_the_service_add_projects_for_anybody(town: Town) -> None:
    for owner in ("creator", "@team"):
        made = town.api("site admin").call(
            "POST", f"/project/add/{owner}", {"name": "gift", "chroots": [CHROOT]}
        )
        assert made["ownername"] == owner
    assert town.api("creator").call("PUT", "/project/edit/creator/gift", {"description": "mine"})


def test_who_is_no_builder_any_more_cannot_cancel_what_it_submitted(town: Town) -> None:
    case = town.project("builder")
    body = {"ownername": case["owner"], "projectname": case["project"], "package_name": "pkg"}
    build = town.api("builder").call("POST", "/package/build", body)
    taken = {"builder": {"builder": "nothing"}}
    address = f"/project/permissions/set/{case['owner']}/{case['project']}"
    town.api("owner").call("PUT", address, taken)
    town.api("builder").call("POST", "/package/build", body, expect=403)
    error = town.api("builder").call("PUT", f"/build/cancel/{build['id']}", expect=403)["error"]
    assert error == "You are not allowed to cancel this build."
