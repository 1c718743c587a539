"""For each call with any values of its parameters, our client sends the bytes that the released client sends.

If the released client raises an exception, as in `check_before_build`, nothing is compared.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("every_call.py")
PAGE = Path(__file__).parents[2] / "docs" / "drop-in.md"

#: Parameters that are parts of a path.
IN_PATHS = ("ownername", "projectname", "packagename", "chrootname", "who", "source_type")


def _requests_another_url(arguments):
    return any(
        isinstance(value := arguments.get(name), str)
        and (value in ("", "..") or any(character in value for character in "/?#"))
        for name in IN_PATHS
    )


def _is_decoded_by_the_service(arguments):
    return any("%2B" in str(arguments.get(name)) for name in IN_PATHS)


def _has_no_source_type(arguments):
    return not arguments.get("source_type", "scm")


#: What differs on purpose: rows of the page, and which calls they are about.
DIFFERENCES = {
    "names with `/`, `..`, `?`, `#`": _requests_another_url,
    "names with `%` and two digits, such as `a%2B`": _is_decoded_by_the_service,
    "`package_proxy.edit` without a `source_type`": _has_no_source_type,
}


@pytest.fixture(scope="module")
def released(environment):
    """What the released client sent for each call that it could carry out."""
    found = sent_by(environment("copr-cli", "released").command("python"))
    return {call: requests for call, requests in found.items() if isinstance(requests, list)}


@pytest.fixture(scope="module")
def ours(released):
    return sent_by(sys.executable, sorted({call.split(" ")[0] for call in released}))


def sent_by(python, methods=None):
    """Return what a client sends for each call."""
    command = [python, PROGRAM]
    done = subprocess.run(
        command, input=json.dumps(methods), capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(done.stdout)


def reasons(call):
    """Return the rows of the page that say why a call differs."""
    arguments = json.loads(call.split(" ", 2)[2])
    return [row for row, applies in DIFFERENCES.items() if applies(arguments)]


def test_calls_send_what_those_of_the_released_client_send(released, ours):
    assert len(released) > 2000
    differing = [call for call, requests in released.items() if ours[call] != requests]
    assert [call for call in differing if not reasons(call)] == []


@pytest.mark.parametrize("row", DIFFERENCES)
def test_what_differs_is_on_the_page(row, released, ours):
    assert f"| {row} |" in PAGE.read_text()
    assert any(row in reasons(call) and ours[call] != requests for call, requests in released.items())
