"""Responses that gateways send and a Copr does not, over real sockets."""

from __future__ import annotations

import pytest

from copr.v3 import CoprConnectionException, CoprRequestException

pytestmark = pytest.mark.usefixtures("either_transport")

BUILD = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"id": 5}'
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"


def sending(response, *, stays_open=True):
    """Return an answer of a stub: these bytes."""

    def send(handler):
        handler.wfile.write(response)
        handler.close_connection = not stays_open

    return send


def test_interim_responses_are_not_the_response(stub, client):
    stub.answers = [sending(HINTS + PROCESSING + HINTS + BUILD), sending(PROCESSING + BUILD)]
    assert [client.build_proxy.get(5).id for _ in range(3)] == [5, 5, 5]


@pytest.mark.parametrize("end", [b"", b"HTTP/1.1 200 OK\r\nServer: n"])
def test_a_response_that_ends_after_an_interim_one_is_lost(stub, client, end):
    stub.answers = [sending(HINTS + end, stays_open=False)]
    with pytest.raises(CoprConnectionException):
        client.build_proxy.get(5)


def test_another_protocol_is_an_error(stub, client):
    stub.answers = [sending(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", stays_open=False)]
    with pytest.raises(CoprRequestException, match="101 Switching Protocols"):
        client.build_proxy.get(5)


def test_a_response_with_two_lengths_is_lost_and_may_be_requested_again(stub, client):
    stub.answers = [sending(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n{}")]
    with pytest.raises(CoprConnectionException) as caught:
        client.build_proxy.get(5)
    assert not caught.value.hopeless
