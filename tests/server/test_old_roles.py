"""Permissions in API v1 and v2: every endpoint that changes something, called by every kind of user.

`ENDPOINTS` has the right that each endpoint needs, `RIGHTS` the roles with each right. A role with the right
gets a successful response; a role without it gets an error, and nothing is changed.
"""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.rules import packages, permissions, projects, queue, sources, submission, users

CHROOT = "fedora-45-x86_64"
ROLES = ("anonymous", "expired", "other", "builder", "admin", "owner", "root")
RIGHTS = {
    "log in": {"other", "builder", "admin", "owner", "root"},
    "build": {"builder", "admin", "owner", "root"},
    "change": {"admin", "owner", "root"},
    "own": {"owner", "root"},
}
URL = {"pkgs": "http://example.org/a-1-1.src.rpm"}
SCM = {"clone_url": "https://example.org/pkg.git"}
FORK = {"name": "fork-of-{project}", "owner": "{caller}"}
V2_BUILD = {"project_id": "{project_id}", "chroots": [], "srpm_url": URL["pkgs"]}

# Endpoint: the right that it needs, and a valid request. API v1 gets forms, API v2 JSON.
P = "/api/coprs/<ownername>/<projectname>"
ENDPOINTS: dict[str, tuple[str, dict[str, Any]]] = {
    "POST /api/auth_check/": ("log in", {}),
    "POST /api/coprs/<ownername>/new/": ("log in", {"name": "new-{project}", CHROOT: "y"}),
    f"POST {P}/modify/": ("change", {"description": "x"}),
    f"POST {P}/delete/": ("own", {"verify": "yes"}),
    f"POST {P}/fork/": ("log in", FORK),
    f"POST {P}/new_webhook_secret/": ("change", {}),
    f"POST {P}/modify/<chrootname>/": ("change", {"buildroot_pkgs": "gcc"}),
    f"POST {P}/chroot/edit/<chrootname>/": ("change", {"buildroot_pkgs": "gcc"}),
    f"POST {P}/new_build/": ("build", URL),
    f"POST {P}/new_build_upload/": ("build", {}),
    f"POST {P}/new_build_scm/": ("build", SCM),
    f"POST {P}/new_build_tito/": ("build", {"git_url": SCM["clone_url"]}),
    f"POST {P}/new_build_mock/": ("build", {"scm_url": SCM["clone_url"]}),
    f"POST {P}/new_build_distgit/": ("build", SCM),
    f"POST {P}/new_build_pypi/": ("build", {"pypi_package_name": "x"}),
    f"POST {P}/new_build_rubygems/": ("build", {"gem_name": "x"}),
    f"POST {P}/new_build_custom/": ("build", {"script": "true"}),
    f"POST {P}/package/add/<source_type>/": ("change", {"package_name": "new", **SCM}),
    f"POST {P}/package/<name>/edit/<source_type>/": ("change", SCM),
    f"POST {P}/package/reset/<name>/": ("change", {}),
    f"POST {P}/package/delete/<name>/": ("change", {}),
    f"POST {P}/package/build/<name>/": ("build", {}),
    "POST /api/coprs/cancel_build/<int:build_id>/": ("build", {}),
    "POST /api/coprs/delete_build/<int:build_id>/": ("change", {}),
    "POST /api_2/projects": ("log in", {"name": "new-{project}", "chroots": []}),
    "PUT /api_2/projects/<int:project_id>": ("change", {"description": "x"}),
    "DELETE /api_2/projects/<int:project_id>": ("own", {}),
    "POST /api_2/projects/<int:project_id>/chroots": ("change", {"name": "epel-10-x86_64"}),
    "PUT /api_2/projects/<int:project_id>/chroots/<name>": ("change", {"buildroot_pkgs": ["gcc"]}),
    "DELETE /api_2/projects/<int:project_id>/chroots/<name>": ("change", {}),
    "POST /api_2/builds": ("build", V2_BUILD),
    "PUT /api_2/builds/<int:build_id>": ("build", {"state": "canceled"}),
    "DELETE /api_2/builds/<int:build_id>": ("change", {}),
}
REFUSED_TO_ALL = {f"POST {P}/module/build/"}


class Village:
    """A service with a user for each role, and new projects for each case."""

    def __init__(self, copr: LocalCopr) -> None:
        self.copr = copr
        self._client = copr.app.test_client(use_cookies=False)
        self._logins: dict[str, tuple[str, str]] = {}
        self._number = itertools.count()
        with copr.database.writing() as tx:
            for role in ROLES[1:]:
                user, made = users.add(tx, role, admin=role == "root")
                self._logins[role] = (made.login, made.token)
                if role == "expired":
                    user.api_token_expiration = date(2001, 1, 1)
        self.shared = self.project("nobody")

    def project(self, caller: str) -> dict[str, Any]:
        """Add a project of `owner` with a package and two builds, one of them finished."""
        with self.copr.database.writing() as tx:
            owner = users.get(tx, "owner")
            project = projects.add(tx, owner, "owner", f"p{next(self._number)}", [CHROOT], {})
            for role in ("builder", "admin"):
                permissions.set_roles(tx, project, users.get(tx, role), {role: "approved"})
            packages.add(tx, owner, project, "pkg", sources.rubygems("x"))
            one = sources.link(URL["pkgs"])
            over, waiting = (
                submission.submit(tx, owner, project.dirs[0], one, submission.Options()) for _ in range(2)
            )
            queue.claim(tx, queue.Step(over.id))
            queue.fail(tx, queue.Step(over.id))
            return {
                "ownername": "owner",
                "projectname": project.name,
                "project": project.name,
                "project_id": project.id,
                "over": over.id,
                "waiting": waiting.id,
                "caller": caller,
            }

    def finish(self, case: dict[str, Any]) -> None:
        """Finish the waiting build of a project."""
        with self.copr.database.writing() as tx:
            queue.claim(tx, queue.Step(case["waiting"]))
            queue.fail(tx, queue.Step(case["waiting"]))

    def ask(self, role: str, name: str, case: dict[str, Any]) -> Any:
        """Send the valid request of an endpoint."""
        verb, _, rule = name.partition(" ")
        names = {**case, "chrootname": CHROOT, "source_type": "scm", "name": "pkg"}
        names["name"] = CHROOT if "/chroots/" in rule else "pkg"
        names["build_id"] = case["over" if "delete" in rule or verb == "DELETE" else "waiting"]
        path = rule.replace("<int:", "<").replace("<", "{").replace(">", "}").format(**names)
        body = {key: filled(value, case) for key, value in ENDPOINTS[name][1].items()}
        kwargs: dict[str, Any] = {"json": body} if path.startswith("/api_2") else {"data": body}
        if path.endswith("_upload/"):
            kwargs["data"]["pkgs"] = (io.BytesIO(b"x"), "a-1-1.src.rpm")
        return self._client.open(path, method=verb, auth=self._logins.get(role), **kwargs)


def filled(value: Any, case: dict[str, Any]) -> Any:
    """Replace the placeholders in a value by the names and ids of a case."""
    if value == "{project_id}":
        return case["project_id"]
    return value.format(**case) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    folder = tmp_path_factory.mktemp("roles")
    with LocalCopr(folder / "data", chroots=[CHROOT, "epel-10-x86_64"], builders=0) as copr:
        yield Village(copr)


def test_the_table_has_every_endpoint_that_changes_something(village: Village) -> None:
    found = {
        f"{verb} {rule.rule}"
        for rule in village.copr.app.url_map.iter_rules()
        if rule.endpoint.startswith(("v1.", "v2."))
        for verb in rule.methods & {"POST", "PUT", "DELETE"}
    }
    assert set(ENDPOINTS) | REFUSED_TO_ALL == found


@pytest.mark.parametrize("name", ENDPOINTS)
def test_who_has_the_right_is_answered_well_and_nobody_else(
    village: Village, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, _ = ENDPOINTS[name]
    changed: list[str] = []
    for role in ROLES:
        may = role in RIGHTS[right]
        case = village.project(role) if may else village.shared
        if may and (right == "own" or "package/delete" in name):
            village.finish(case)
        with monkeypatch.context() as patch:
            patch.setattr(village.copr.database, "committed", watch(changed, role))
            response = village.ask(role, name, case)
        assert (response.status_code < 300) is may, (role, response.text)
        if not may:
            assert role not in changed, "a refused call has changed something"
            assert (response.status_code == 401) is (role in ("anonymous", "expired"))


def watch(changed: list[str], role: str) -> Callable[[object], None]:
    """Return a function that records commits of this thread, but not those of the service's own work."""
    asking = threading.get_ident()
    return lambda _transaction: changed.append(role) if threading.get_ident() == asking else None
