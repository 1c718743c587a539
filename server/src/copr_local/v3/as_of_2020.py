"""API v3 as frontends of 2020 spoke it, which also served API v1 and v2.

The endpoints are those of today. This module changes requests and responses:

- Records lack the fields that were added later (`LATER`), and have the boolean `use_bootstrap_container`.
- The error of an invalid form is an object with a list of texts for each field, and not one text.
- Some listings and builds have a slash at the end of their URL. URLs without it redirect there.
- No method is deprecated. A timeout in a JSON body is ignored. Module builds fail with status 500.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Flask, Response, redirect, request

from .errors import answer
from .routes import PREFIX

CRASHED = "Request wasn't successful, there is probably a bug in the API code."

# Fields that identify each kind of record, and the fields that such records did not have in 2020.
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
    """Make an application serve API v3 as it was in 2020.

    :param app: an application that serves API v3; it gets handlers before and after each request.
    """
    app.before_request(_before)
    app.after_request(_after)


def _before() -> Any:
    """Redirect, refuse or change a request like a frontend of 2020."""
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
    """Change a response of today into one of 2020."""
    if request.path.startswith(PREFIX) and response.is_json:
        response.headers.pop("Warning", None)
        loaded: Any = response.get_json()
        if response.status_code == 400 and isinstance(loaded["error"], str):
            loaded["error"] = _by_field(loaded["error"])
        response.set_data(json.dumps(_as_then(loaded)) + "\n")
    return response


def _by_field(text: str) -> Any:
    """Return the error texts by field if each line is `FIELD: TEXT`, else the text unchanged."""
    found = [_FIELD.fullmatch(line) for line in text.splitlines()]
    errors: dict[str, list[str]] = {}
    for match in found:
        if match is None:
            return text
        errors.setdefault(match[1], []).append(match[2])
    return errors


def _as_then(value: Any) -> Any:
    """Return JSON with all records as they were in 2020, at any depth."""
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
    """Return the `meta` of a listing: empty without an order, else with the order of the request."""
    return {} if meta["order"] is None else {**meta, "order": request.args.get("order", meta["order"])}
