"""Kerberos logins: the user name from a web server in front, and the session that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from copr_local import LocalCopr
from copr_local.cli import main
from copr_local.data.models import LoginSession
from copr_local.rules import sessions

HEADER = "X-Remote-User"
BOB = {HEADER: "bob@EXAMPLE.COM"}


@pytest.fixture
def copr(tmp_path: Path) -> Iterator[LocalCopr]:
    """Start a local Copr that accepts Kerberos logins from a web server in front of it."""
    with LocalCopr(tmp_path / "data", builders=0, remote_user_header=HEADER) as running:
        yield running


def test_a_session_stands_for_its_user_also_where_another_ones_token_is_sent(
    copr: LocalCopr, api: Any, log_in: Callable[..., Any]
) -> None:
    log_in("bob")
    browser = copr.app.test_client()
    answer = browser.get("/api_3/gssapi_login/", headers=BOB)
    assert answer.get_json() == {"name": "bob", "id": 2}
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert browser.get("/api_3/auth-check").get_json()["name"] == "bob"
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    response = api.raw("GET", "/auth-check", headers={"Cookie": cookie})
    assert response.get_json()["name"] == "bob"
    body = {"name": "hello", "chroots": ["fedora-45-x86_64"]}
    assert browser.post("/api_3/project/add/bob", json=body).status_code == 200


def test_a_session_ends_after_a_month(copr: LocalCopr, api: Any) -> None:
    browser = copr.app.test_client()
    cookie = browser.get("/api_3/gssapi_login", headers=BOB).headers["Set-Cookie"].partition(";")[0]
    copr.clock.advance(days=31)
    browser = copr.app.test_client(use_cookies=False)
    assert browser.get("/api_3/auth-check", headers={"Cookie": cookie}).status_code == 401
    assert api.raw("GET", "/auth-check", headers={"Cookie": cookie}).get_json()["name"] == "local"


def test_a_session_lasts_thirty_days_and_is_then_deleted_at_the_next_login(copr: LocalCopr) -> None:
    browser = copr.app.test_client()
    cookie = browser.get("/api_3/gssapi_login", headers=BOB).headers["Set-Cookie"].partition(";")[0]
    browser = copr.app.test_client(use_cookies=False)
    copr.clock.advance(days=30, seconds=-60)
    assert browser.get("/api_3/auth-check", headers={"Cookie": cookie}).get_json()["name"] == "bob"
    browser.get("/api_3/gssapi_login", headers=BOB)
    copr.clock.advance(seconds=61)
    assert browser.get("/api_3/auth-check", headers={"Cookie": cookie}).status_code == 401
    browser.get("/api_3/gssapi_login", headers=BOB)
    with copr.database.reading() as tx:
        assert tx.session.scalar(select(func.count()).select_from(LoginSession)) == 2


@pytest.mark.parametrize("key", ["", "x", "ä", "\udcff"])
def test_no_text_is_a_session_unless_it_was_sent_as_one(copr: LocalCopr, key: str) -> None:
    with copr.database.reading() as tx:
        assert sessions.find(tx, key) is None


def test_a_user_whom_nobody_has_added_is_added(copr: LocalCopr) -> None:
    browser = copr.app.test_client()
    first = browser.get("/api_3/gssapi_login", headers={HEADER: "dora@EXAMPLE.COM"}).get_json()
    assert first["name"] == "dora"
    assert browser.get("/api_3/gssapi_login", headers={HEADER: "dora@EXAMPLE.COM"}).get_json() == first


def test_a_browser_is_sent_to_the_pages(copr: LocalCopr) -> None:
    browser = copr.app.test_client()
    answer = browser.get("/api_3/gssapi_login/web-ui", headers=BOB)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://localhost/")
    assert browser.get("/api_3/auth-check").get_json()["name"] == "bob"


@pytest.mark.parametrize("path", ["/api_3/gssapi_login/", "/api_3/gssapi_login/web-ui"])
def test_without_kerberos_nobody_comes_in(copr: LocalCopr, path: str) -> None:
    answer = copr.app.test_client().get(path)
    assert answer.status_code == 403
    assert answer.get_json()["error"] == (
        "Can't log-in using GSSAPI: Kerberos authentication failed (no credentials provided)"
    )
    bad = copr.app.test_client().get(path, headers={HEADER: "b b!@EXAMPLE.COM"})
    assert bad.status_code == 403
    assert bad.get_json()["error"] == (
        "Can't log-in using GSSAPI: invalid krb5 username, contact administrators: b b!@EXAMPLE.COM"
    )


def test_the_header_means_nothing_unless_a_front_end_is_configured(tmp_path: Path) -> None:
    with LocalCopr(tmp_path / "other", builders=0) as running:
        answer = running.app.test_client().get("/api_3/gssapi_login", headers=BOB)
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("cookie", ["session=", "session=wrong", "session=\xff", "session=../x"])
def test_a_cookie_that_was_made_up_is_no_session(copr: LocalCopr, cookie: str) -> None:
    headers = {"Cookie": cookie}
    browser = copr.app.test_client(use_cookies=False)
    assert browser.get("/api_3/auth-check", headers=headers).status_code == 401


def test_what_the_cookie_says_is_not_in_the_database(copr: LocalCopr, tmp_path: Path) -> None:
    answer = copr.app.test_client().get("/api_3/gssapi_login", headers=BOB)
    key = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    copr.database.save(tmp_path / "copy")
    content = (tmp_path / "copy").read_bytes()
    assert b"bob" in content
    assert key.encode() not in content


@pytest.mark.parametrize(("sent", "status"), [(None, 403), ("", 403), ("wrong", 403), ("a secret", 200)])
def test_the_web_server_in_front_proves_itself_by_a_secret(
    tmp_path: Path, sent: str | None, status: int
) -> None:
    with LocalCopr(
        tmp_path / "other", builders=0, remote_user_header=HEADER, remote_user_secret="a secret"
    ) as copr:
        headers = BOB if sent is None else BOB | {"X-Copr-Secret": sent}
        browser = copr.app.test_client()
        for path in ("/api_3/gssapi_login", "/api_3/gssapi_login/web-ui"):
            answer = browser.get(path, headers=headers)
            assert answer.status_code in (status, 302 if status == 200 else status)
            assert ("Set-Cookie" in answer.headers) is (status == 200)


@pytest.mark.programs  # it looks for a sandbox
@pytest.mark.parametrize("content", [None, "", "x" * 19 + "\n"])
def test_serve_needs_the_secret(tmp_path: Path, content: str | None) -> None:
    arguments = ["serve", "--data", str(tmp_path / "data"), "--remote-user-header", HEADER]
    if content is not None:
        (tmp_path / "secret").write_text(content)
        arguments += ["--remote-user-secret", str(tmp_path / "secret")]
    answer = CliRunner().invoke(main, arguments)
    assert answer.exit_code == 2
    assert "--remote-user-secret" in answer.output
    assert not (tmp_path / "data").exists()
