"""Fixtures that tests of the wire share."""

from __future__ import annotations

import ssl
import subprocess

import pytest
from stub import serving

from copr import _light, _light_async
from copr.v3 import Client, Policy


@pytest.fixture
def stub():
    with serving() as server:
        yield server


@pytest.fixture(params=["genuine", "light"])
def either_transport(request, monkeypatch):
    """Run a test with the transports over requests and aiohttp, and with the light ones."""
    if request.param == "light":
        monkeypatch.setattr(_light, "is_possible", lambda: True)
        monkeypatch.setattr(_light_async, "is_possible", lambda: True)


@pytest.fixture
def client(stub):
    config = {"copr_url": stub.url, "login": "lo", "token": "se:cret", "username": "alice"}
    return Client(config, policy=Policy(attempts=1))


@pytest.fixture
def secure(stub, tmp_path):
    """A stub with TLS and its own certificate. Returns its URL and the path of the certificate."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", *options, *names, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    stub.socket = context.wrap_socket(stub.socket, server_side=True)
    return stub.url.replace("http:", "https:"), certificate
