"""For each call with any optional parameters, our client sends what the released client sends.

If the released client raises an exception, as in `check_before_build`, nothing is compared.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("every_call.py")

#: Arguments that the released client also sends in the query, although they are parts of the path.
IN_PATHS = {"ownername", "projectname", "who", "chrootname", "package_name", "source_type_text"}

#: Defaults that it sends, and that the service reads as true because they are texts.
SWITCHED_OFF = (
    ["exist_ok", "False"],
    ["with_latest_build", "False"],
    ["with_latest_succeeded_build", "False"],
)


def sent_by(python, methods=None):
    """Return what a client sends for each call."""
    command = [python, PROGRAM]
    done = subprocess.run(
        command, input=json.dumps(methods), capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(done.stdout)


def without_what_is_known(requests):
    """Return the released client's requests without defects that its documentation does not ask for."""
    return [{**request, "query": list(_needed(request))} for request in requests]


def _needed(request):
    in_path = request["path"].split("/")
    for name, text in request["query"]:
        if [name, text] not in SWITCHED_OFF and not (name in IN_PATHS and text in in_path):
            yield [name, text]


def test_calls_send_what_those_of_the_released_client_send(environment):
    released = sent_by(environment("copr-cli", "released").command("python"))
    compared = {call: requests for call, requests in released.items() if isinstance(requests, list)}
    assert len(compared) > 1000
    ours = sent_by(sys.executable, sorted({call.split(" ")[0] for call in compared}))
    for call, requests in compared.items():
        assert ours[call] == without_what_is_known(requests), call
