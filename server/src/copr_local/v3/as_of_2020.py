"""API v3 as the frontends of 2020 spoke it, which also served API v1 and v2.

The endpoints are those of today. What came later is taken out of their answers, and what went away since is
put back:

- Records lack the members that they did not have yet (`LATER`), and have `use_bootstrap_container`, a flag.
- What is wrong with a form is an object, field by field, and not a text.
- Some listings and builds are found at addresses with a slash, to which those without one lead.
- Nothing is deprecated; a timeout in a JSON body says nothing; builds of modules do not work.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Flask, Response, redirect, request

from .errors import answer
from .routes import PREFIX

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
            fields.pop("timeout", None)
    return None


def _after(response: Response) -> Response:
    if request.path.startswith(PREFIX) and response.is_json:
        response.headers.pop("Warning", None)
        loaded: Any = response.get_json()
        if response.status_code == 400 and isinstance(loaded["error"], str):
            loaded["error"] = _by_field(loaded["error"])
        response.set_data(json.dumps(_as_then(loaded)) + "\n")
    return response


def _by_field(text: str) -> Any:
    """A text with a line for each thing that is wrong as an object; any other text as it is."""
    found = [_FIELD.fullmatch(line) for line in text.splitlines()]
    errors: dict[str, list[str]] = {}
    for match in found:
        if match is None:
            return text
        errors.setdefault(match[1], []).append(match[2])
    return errors


def _as_then(value: Any) -> Any:
    """Records as they were."""
    if isinstance(value, list):
        return [_as_then(item) for item in value]
    if not isinstance(value, dict):
        return value
    record = {name: _as_then(member) for name, member in value.items()}
    for signs, later in LATER.items():
        if all(sign in record for sign in signs):
            if signs in _FLAGGED:
                record["use_bootstrap_container"] = record.pop("bootstrap", None) == "on"
            record = {name: member for name, member in record.items() if name not in later}
    for name in _EMPTY:
        if name in record and record[name] is None:
            record[name] = ""
    return _meta_as_then(record) if "order_type" in record else record


def _meta_as_then(meta: dict[str, Any]) -> dict[str, Any]:
    """What a listing says of itself: nothing of its order where it has none, else the one asked for."""
    return {} if meta["order"] is None else {**meta, "order": request.args.get("order", meta["order"])}
