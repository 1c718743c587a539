"""Credentials: an API token that expires, or a Kerberos session; never both, and only where they belong."""

from __future__ import annotations

import json
import stat
import sys
import time
import types
import warnings

import pytest

from copr.v3 import Client, CoprAuthException, Policy, config_from_file
from copr.v3.auth import ApiToken, Gssapi, auth_from_config

ONCE = Policy(attempts=1)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    return tmp_path


@pytest.fixture
def file_with(home, stub):
    """A function that writes a configuration file with a token that expires in a number of days."""

    def write(days):
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * 86_400))
        path = home / "copr.conf"
        lines = ["[copr-cli]", "login = lo", "token = to", "username = alice", f"copr_url = {stub.url}"]
        path.write_text("\n".join([*lines, f"# expiration date: {day}", ""]))
        return path, day

    return write


def test_a_token_that_ends_soon_is_a_warning(file_with, stub):
    path, day = file_with(days=3)
    client = Client(config_from_file(path), policy=ONCE)
    with pytest.warns(
        UserWarning, match=f"The token of the file {path} expires on {day}. Get a new one from {stub.url}/api"
    ):
        client.base_proxy.auth_check()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.base_proxy.auth_check()


@pytest.mark.parametrize(
    "words", ["#Expiration date: {}", "  ; expiration date:{}  ", "# expiration date: {} 23:59:59"]
)
def test_the_end_of_a_token_is_found_however_it_is_spelt(file_with, words):
    path, day = file_with(days=3)
    path.write_text(path.read_text().replace(f"# expiration date: {day}", words.format(day)))
    assert config_from_file(path).expires == day


def test_a_token_that_lasts_is_no_news(file_with, stub):
    path, _ = file_with(days=100)
    Client(config_from_file(path), policy=ONCE).base_proxy.auth_check()


def test_a_token_that_has_ended_says_so_in_the_error(file_with, stub):
    path, day = file_with(days=-3)
    stub.answers = [(401, {}, b'{"error": "Login invalid/expired."}')]
    with pytest.raises(CoprAuthException) as caught:
        Client(config_from_file(path), policy=ONCE).base_proxy.auth_check()
    assert str(caught.value).startswith(
        f"Login invalid/expired. The token of the file {path} expired on {day}."
    )


def test_a_login_that_the_service_is_not_for_is_missed_where_it_should_be(file_with, monkeypatch):
    path, _ = file_with(days=100)
    monkeypatch.setenv("COPR_URL", "http://localhost:1")
    with pytest.raises(
        CoprAuthException, match=f"the file {path} has no login and token for http://localhost:1"
    ):
        Client.create_from_config_file(path).base_proxy.auth_check()


def test_a_token_from_the_environment_has_no_end_that_is_known(file_with, stub, monkeypatch):
    path, _ = file_with(days=-3)
    monkeypatch.setenv("COPR_LOGIN", "other")
    monkeypatch.setenv("COPR_TOKEN", "word")
    stub.answers = [(401, {}, b'{"error": "Login invalid/expired."}')]
    with pytest.raises(CoprAuthException, match=r"^Login invalid/expired\.\n"):
        Client(config_from_file(path), policy=ONCE).base_proxy.auth_check()


def test_a_token_wins_over_kerberos(stub):
    config = {"copr_url": stub.url, "login": "lo", "token": "to", "gssapi": True}
    assert type(auth_from_config(config)) is ApiToken
    assert type(auth_from_config({"copr_url": stub.url, "gssapi": True})) is Gssapi


@pytest.fixture
def ticket(monkeypatch):
    """A Kerberos ticket. The library does the negotiation; here a header stands for it."""

    class Negotiation:
        def __init__(self, **_):
            pass

        def __call__(self, request):
            request.headers["Authorization"] = "Negotiate ticket"
            return request

    module = types.ModuleType("requests_gssapi")
    module.HTTPSPNEGOAuth = Negotiation
    monkeypatch.setitem(sys.modules, "requests_gssapi", module)


class Sessions:
    """The service: each login returns a new session, and only the newest session is valid."""

    def __init__(self):
        self.logins = 0

    def __call__(self, handler):
        headers = {}
        if handler.path.startswith("/api_3/gssapi_login"):
            assert handler.headers["Authorization"] == "Negotiate ticket"
            self.logins += 1
            status, headers = 200, {"Set-Cookie": f"session=number{self.logins}; Path=/; HttpOnly"}
            body = {"name": "alice", "id": 1}
        elif handler.headers["Cookie"] == f"session=number{self.logins}":
            status, body = 200, {"name": "alice", "id": 1}
        else:
            status, body = 401, {"error": "Login invalid/expired."}
        content = json.dumps(body).encode()
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)


def kerberos_client(stub):
    return Client({"copr_url": stub.url, "gssapi": True}, policy=ONCE)


def test_a_ticket_gives_a_session_that_is_kept_for_the_next_run(stub, ticket, home):
    service = Sessions()
    stub.answers = [service]
    assert kerberos_client(stub).base_proxy.auth_check().name == "alice"
    assert kerberos_client(stub).base_proxy.auth_check().name == "alice"
    assert service.logins == 1
    [kept] = (home / ".cache" / "copr").glob("*-session.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    asked = [headers for method, path, headers, _ in stub.requests if path == "/api_3/auth-check"]
    assert all("Authorization" not in headers for headers in asked)


def test_a_session_that_no_longer_counts_is_renewed_once(stub, ticket):
    service = Sessions()
    stub.answers = [service]
    client = kerberos_client(stub)
    client.base_proxy.auth_check()
    service.logins += 1  # somebody else logged in; our session is no longer valid
    assert client.base_proxy.auth_check().name == "alice"
    assert service.logins == 3


def test_a_session_is_not_sent_with_reads(stub, ticket):
    stub.answers = [Sessions()]
    client = kerberos_client(stub)
    client.base_proxy.auth_check()
    with pytest.raises(CoprAuthException):
        client.build_proxy.get(5)
    assert "Cookie" not in stub.requests[-1][2]


def test_a_login_that_does_not_succeed_says_what_to_look_at(stub, ticket):
    stub.answers = [(403, {}, b"<html>")]
    with pytest.raises(CoprAuthException, match="klist"):
        kerberos_client(stub).base_proxy.auth_check()


def test_without_the_packages_the_error_names_the_extra(stub, monkeypatch):
    monkeypatch.setitem(sys.modules, "requests_gssapi", None)
    with pytest.raises(CoprAuthException, match=r"pip install 'copr\[gssapi\]'"):
        kerberos_client(stub).base_proxy.auth_check()


def test_a_call_with_login_follows_no_redirect(stub, client):
    stub.answers = [(302, {"Location": "http://127.0.0.2/elsewhere"}, b"")]
    with pytest.raises(Exception, match=r"http://127\.0\.0\.2/elsewhere") as caught:
        client.base_proxy.auth_check()
    assert caught.value.status == 302
    assert len(stub.requests) == 1


def test_reads_are_logged_in_where_that_is_asked_for(stub):
    config = {"copr_url": stub.url, "login": "lo", "token": "to", "login_for_reads": True}
    Client(config).build_proxy.get(5)
    [(_, _, headers, _)] = stub.requests
    assert headers["Authorization"].startswith("Basic ")


def test_a_login_for_reads_does_not_go_to_the_host_of_a_file(stub, tmp_path):
    config = {"copr_url": stub.url, "login": "lo", "token": "to", "login_for_reads": True}
    Client(config).base_proxy.download(f"{stub.url}/results/x", tmp_path / "x")
    [(_, _, headers, _)] = stub.requests
    assert "Authorization" not in headers
