"""Messages of a local Copr, read by the classes of copr-messaging and fedora-messaging."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from copr.v3 import Client, wait

X86 = "fedora-45-x86_64"

READER = """
import json, sys
from fedora_messaging.message import loads

def read(message):
    message.validate()
    anew = type(message)(body=message.body)
    for one in (message, anew):
        del one._headers["sent-at"]
    return {
        "class": type(message).__name__,
        "id": message.id,
        "topic": message.topic,
        "severity": message.severity,
        "status": getattr(message, "status", None),
        "package": message.package_full_name,
        "submitter": message.submitter,
        "project": message.project_full_name,
        "users": message.usernames,
        "summary": message.summary,
        "headers": message._headers,
        "headers of a new one": anew._headers,
        "properties of a new one": [anew._properties.content_type, anew._properties.content_encoding],
    }

print(json.dumps([read(message) for line in sys.stdin for message in loads(line)]))
"""


@pytest.fixture
def read(environment: Any) -> Any:
    """Return a function that reads messages with the released classes."""
    python = environment("copr-messaging", "released").command("python")

    def read(messages: Any) -> list[dict[str, Any]]:
        lines = "".join(json.dumps(message.as_dict()) + "\n" for message in messages)
        done = subprocess.run(
            [python, "-c", READER], input=lines, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    return read


@pytest.mark.local_copr(builds="scripted", chroots=[X86])
def test_every_kind_of_message_is_valid_and_has_the_headers_of_the_real_class(
    local_copr: Any, copr_messages: Any, read: Any
) -> None:
    local_copr.script("broken", fails="no such header")
    client = Client(local_copr.config)
    client.project_proxy.add("local", "hello", [X86])
    urls = [f"https://example.com/{name}-1.0-1.src.rpm" for name in ("hello", "broken")]
    wait([client.build_proxy.create_from_url("local", "hello", url) for url in urls], interval=0.1)

    found = read(copr_messages)
    assert [one["id"] for one in found] == [message.id for message in copr_messages]
    assert [one["headers"] for one in found] == [one["headers of a new one"] for one in found]
    assert {(one["class"], one["topic"], one["severity"], one["status"]) for one in found} == {
        ("BuildChrootStartedV1", "copr.build.start", 20, "running"),
        ("BuildChrootStartedV1DontUse", "copr.chroot.start", 10, "running"),
        ("BuildChrootEndedV1", "copr.build.end", 20, "succeeded"),
        ("BuildChrootEndedV1", "copr.build.end", 20, "failed"),
    }
    of_one_project = {(one["submitter"], one["project"], *one["users"]) for one in found}
    assert of_one_project == {("local", "local/hello", "local")}
    packages = {one["package"] for one in found if one["class"] == "BuildChrootEndedV1"}
    assert packages == {"hello-1.0-1", "broken-1.0-1"}
    assert 'chroot "srpm-builds" started.' in found[0]["summary"]
