"""The clients of API v1 and v2 send the bytes that those of copr 1.101 send to a service with these APIs.

If the released client raises an exception before it sends something, nothing is compared.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("every_old_call.py")
PAGE = Path(__file__).parents[2] / "docs" / "drop-in.md"


def _has_a_name_to_quote(method, arguments):
    return any(isinstance(value, str) and value.endswith("=/?#") for value in arguments.values())


def _has_no_owner(method, arguments):
    name = arguments.get("source" if method == "fork_project" else "project", "/")
    return method in ("fork_project", "get_build_config") and "/" not in name


def _names_nothing(method, arguments):
    needed = {"get_chroot": "chrootname", "build_module": "projectname"}
    return method in needed and not arguments.get(needed[method])


def _reads_with_login(method, arguments):
    return method in ("get_chroot", "get_package", "get_packages_list", "get_projects_list")


def _is_redirected(method, arguments):
    return method == "get_build_config"


def _has_a_list(method, arguments):
    return any(
        isinstance(arguments.get(name), list)
        for name in ("packages", "repos", "script_builddeps")
        if (method, name) != ("create_project", "repos")
    )


def _splits_a_text(method, arguments):
    return method == "modify_project_chroot_details" and isinstance(arguments.get("pkgs"), str)


def _sends_false(method, arguments):
    return method == "create_new_build_tito" and arguments.get("tito_test") is False


#: What differs on purpose: rows of the page, and which calls of API v1 they are about.
DIFFERENCES = {
    "names with `/`, `?`, `#` of API v1": _has_a_name_to_quote,
    "`fork_project`, `get_build_config` of a name without owner": _has_no_owner,
    "`get_chroot` without a chroot, `build_module` without a project": _names_nothing,
    "`get_chroot`, `get_package`, `get_packages_list`, `get_projects_list`": _reads_with_login,
    "`get_build_config`": _is_redirected,
    "a list as `packages`, `repos`, `script_builddeps`": _has_a_list,
    "a text as `pkgs` of `modify_project_chroot_details`": _splits_a_text,
    "`create_new_build_tito(tito_test=False)`": _sends_false,
}


@pytest.fixture(scope="module")
def sent(environment):
    """Each call that copr 1.101 could carry out, with the requests of it and of our client."""
    released = sent_by(environment("legacy client", "released").command("python"))
    ours = sent_by(sys.executable, [call for call, _ in released])
    return [
        (call, theirs, of_ours)
        for (call, theirs), (_, of_ours) in zip(released, ours, strict=True)
        if isinstance(theirs, list)
    ]


def sent_by(python, calls=None):
    """Return calls, and what a client sends for each. JSON documents are parsed."""
    done = subprocess.run(
        [python, "-W", "ignore", PROGRAM],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found = json.loads(done.stdout)
    for _, requests in found:
        for request in requests if isinstance(requests, list) else ():
            if request["type"] == "application/json" and request["body"]:
                request["body"] = json.loads(request["body"])
    return found


def reasons(call):
    """Return the rows of the page that say why a call differs."""
    kind, method, arguments, _ = call
    return [row for row, applies in DIFFERENCES.items() if kind == "v1" and applies(method, arguments)]


def test_calls_send_what_those_of_copr_1_101_send(sent):
    assert len(sent) > 1150
    assert [(call, theirs, ours) for call, theirs, ours in sent if theirs != ours and not reasons(call)] == []


@pytest.mark.parametrize("row", DIFFERENCES)
def test_what_differs_is_on_the_page(row, sent):
    assert f"| {row} |" in PAGE.read_text()
    assert any(reasons(call) == [row] and theirs != ours for call, theirs, ours in sent)
