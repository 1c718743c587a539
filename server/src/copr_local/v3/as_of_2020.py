"""API v3 as the frontends of 2020 spoke it, which also served API v1 and v2.

The endpoints are those of today. What came later is taken out of their answers, and what went away since is
put back:

- Records lack the members that they did not have yet (`LATER`), and have `use_bootstrap_container`, a flag.
- What is wrong with a form is an object, field by field, and not a text.
- Some listings and builds are found at addresses with a slash, to which those without one lead.
- Nothing is deprecated; the timeout of a build cannot be chosen; builds of modules do not work.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Flask, Response, redirect, request

from .errors import answer
from .routes import PREFIX

TIMEOUT = 75_600  # seconds, of every build
CRASHED = "Request wasn't successful, there is probably a bug in the API code."

# Members by which the kinds of records are known, and members that such records did not have yet.
LATER: dict[tuple[str, ...], tuple[str, ...]] = {
    ("chroot_repos",): (
        "appstream",
        "follow_fedora_branching",
        "isolation",
        "packit_forge_projects_allowed",
        "repo_priority",
        "storage",
    ),
    ("source_package",): ("is_background",),
    ("result_url", "started_on"): ("state",),
    ("auto_rebuild",): ("builds",),
    ("pypi_package_name",): ("spec_generator",),
    ("script", "builddeps"): ("repos",),
    ("mock_chroot",): ("additional_modules", "bootstrap", "isolation"),
    ("repos", "with_opts"): ("additional_modules", "isolation"),
    ("baseurl",): ("module_hotfixes", "priority", "repo_gpgcheck"),
}
_FLAGGED = (("chroot_repos",), ("repos", "with_opts"))
_EMPTY = ("contact", "homepage", "pypi_package_version", "builddeps", "resultdir")

_WITH_SLASH = re.compile(r"/build/(\d+|list|source-chroot/\d+|source-build-config/\d+)|/package/list")
_FIELD = re.compile(r"([a-z_]+): (.*)")


def attach(app: Flask) -> None:
    """Let an application speak API v3 like that."""
    app.before_request(_before)
    app.after_request(_after)


def _before() -> Any:
    path = request.path.removeprefix(PREFIX)
    if path == request.path:
        return None
    if request.method == "GET" and _WITH_SLASH.fullmatch(path):
        query = request.query_string.decode()
        return redirect(f"{request.base_url}/" + (f"?{query}" if query else ""), 308)
    if path.startswith("/module/build/"):
        return answer(CRASHED, 500)
    if path.startswith("/build/create/"):
        fields = request.get_json(silent=True)
        if isinstance(fields, dict):
            fields["timeout"] = TIMEOUT
    return None


def _after(response: Response) -> Response:
    if request.path.startswith(PREFIX) and response.is_json:
        response.headers.pop("Warning", None)
        loaded = response.get_json()
        if response.status_code == 400 and isinstance(loaded.get("error"), str):
            loaded["error"] = _by_field(loaded["error"])
        response.set_data(f"{request_json(_as_then(loaded))}\n")
    return response
