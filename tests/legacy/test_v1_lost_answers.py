"""What the legacy client says of a submission whose response was lost.

`tests/pair/test_lost_answers.py` has every way to submit, and every way to lose a response.
"""

from __future__ import annotations

import losses
import pytest
from losses import builds

from copr.client import CoprClient
from copr.exceptions import CoprSubmissionUnknown

began, service, files = losses.began, losses.service, losses.files


@pytest.fixture(autouse=True)
def short_settling(monkeypatch):
    monkeypatch.setattr("copr._policy.SETTLING", (0.02,))


@pytest.mark.parametrize("bridge", [False, True])
def test_the_message_has_the_url_of_the_build_that_was_found(service, files, bridge):
    config = service.config
    cl = CoprClient("alice", config["login"], config["token"], service.url, bridge=bridge)
    service.faults.reset("after", method="POST", count=1)
    answer = cl.create_new_build("tools", [str(files / "hello-1-1.src.rpm")])
    assert [build.build_id for build in answer.builds_list] == builds(service)
    assert f"{service.url}/coprs/build/{builds(service)[0]}/" in answer.message


def test_over_api_v1_without_api_v3_it_is_said_that_nobody_knows(service):
    config = service.config
    cl = CoprClient("alice", config["login"], config["token"], service.url, bridge=False)
    with (
        service.faults.reset("after", method="POST", count=1),
        service.faults.status(404, path="/api_3"),
        pytest.raises(CoprSubmissionUnknown, match="It was not sent again"),
    ):
        cl.create_new_build("tools", ["https://example.com/hello-1-1.src.rpm"])
