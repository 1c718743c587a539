"""A client can be closed, and can send each call once."""

from __future__ import annotations

import pytest

from copr.v3 import Client, CoprConnectionException, CoprException, Policy


def test_a_client_that_was_closed_opens_new_connections(stub):
    with Client({"copr_url": stub.url}) as client:
        client.build_proxy.get(5)
        client.package_proxy.get("o", "p", "n")
        assert stub.connections == 1
    client.build_proxy.get(5)
    assert stub.connections == 2
    client.close()
    client.close()


def test_a_client_that_was_never_used_can_be_closed():
    Client({"copr_url": "http://127.0.0.1:1"}).close()


def test_a_block_with_a_client_does_not_hide_errors(stub):
    with pytest.raises(ZeroDivisionError), Client({"copr_url": stub.url}):
        1 / 0  # noqa: B018


@pytest.mark.parametrize("attempts", [None, 5])
def test_without_patience_a_call_is_sent_once(stub, monkeypatch, attempts):
    monkeypatch.setenv("COPR_PATIENCE", "off")
    stub.answers = [(503, {}, b"")]
    config = {"copr_url": stub.url, "connection_attempts": attempts}
    for client in (Client(config), Client(config, policy=Policy.none())):
        with pytest.raises(CoprException, match="503"):
            client.build_proxy.get(5)
    assert len(stub.requests) == 2


def test_a_policy_of_the_program_comes_before_the_environment(stub, monkeypatch):
    monkeypatch.setenv("COPR_PATIENCE", "off")
    client = Client({"copr_url": "http://127.0.0.1:1"}, policy=Policy(attempts=2, pause=0))
    with pytest.raises(CoprConnectionException):
        client.build_proxy.get(5)
    assert client.base_proxy._connection.policy.attempts == 2


def test_a_client_keeps_the_url_that_it_was_made_with(stub):
    client = Client({"copr_url": stub.url})
    for _ in range(2):  # the first call makes the transport
        client.config["copr_url"] = "http://127.0.0.1:1"
        client.build_proxy.get(5)
    assert client.base_proxy.api_base_url == f"{stub.url}/api_3/"
    assert len(stub.requests) == 2
