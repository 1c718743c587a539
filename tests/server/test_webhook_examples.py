"""GitHub's own example payloads: which of them build something.

They are those of the npm package `@octokit/webhooks-examples`, which `.ci/setup.sh` downloads.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from copr_local import LocalCopr
from copr_local.data.models import Build

CHECKOUT = Path(__file__).parents[2]
PACKAGE = "@octokit/webhooks-examples@7.6.1"
REPOSITORY = "https://github.com/Codertocat/Hello-World.git"
WHOLE = (
    "push",
    "create",
    "delete",
    "release",
    "ping",
    "pull_request",
)  # all examples of these, one of others


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, Any]]:
    """Return events and payloads."""
    command = ["bash", "-c", 'cd "$1" && . .ci/setup.sh && npm_package "$2"', "bash", CHECKOUT, PACKAGE]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    with tarfile.open(done.stdout.strip()) as archive:
        file = archive.extractfile("package/api.github.com/index.json")
        assert file is not None
        events = json.load(file)
    return [
        (event["name"], example)
        for event in events
        for example in event["examples"][: None if event["name"] in WHOLE else 1]
    ]


def count(copr: LocalCopr) -> int:
    """Return how many builds there are."""
    with copr.database.reading() as tx:
        return tx.session.scalar(select(func.count(Build.id))) or 0


def test_only_pushes_to_branches_and_new_tags_build(
    copr: LocalCopr, api: Any, examples: list[tuple[str, Any]]
) -> None:
    project = api.project()
    secret = api.call("POST", "/webhook/generate/local/hello")["webhook_secret"]
    source = {"package_name": "simple", "clone_url": REPOSITORY, "webhook_rebuild": True}
    api.call("POST", "/package/add/local/hello/simple/scm", source)
    client, built = copr.app.test_client(), []
    for event, payload in examples:
        for body in [{"json": payload}, {"data": {"payload": json.dumps(payload)}}][: 1 + (event in WHOLE)]:
            path = f"/webhooks/github/{project['id']}/{secret}/simple/"
            before = count(copr)
            answer = client.post(path, headers={"X-GitHub-Event": event}, **body)  # type: ignore[arg-type]
            assert (answer.status_code, answer.text.strip()) == (200, "OK"), (event, payload)
            built += [(event, payload.get("ref"), *body)] * (count(copr) - before)
    assert set(built) == {
        (event, ref, form)
        for event, ref in (("push", "refs/heads/master"), ("create", "simple-tag"))
        for form in ("json", "data")
    }
    assert len(examples) > 70
