"""What tests of the wire share."""

from __future__ import annotations

import pytest
from stub import serving

from copr.v3 import Client, Policy


@pytest.fixture
def stub():
    with serving() as server:
        yield server


@pytest.fixture
def client(stub):
    config = {"copr_url": stub.url, "login": "lo", "token": "se:cret", "username": "alice"}
    return Client(config, policy=Policy(attempts=1))
