"""Logins: which are accepted, which are refused, and what is stored of a token."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.rules import users

REFUSED = "Login invalid/expired. Please visit {url}/api to get or renew your API token."


def header(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def test_auth_check_says_who_is_logged_in(api: Any) -> None:
    assert api.get("/auth-check") == {"name": "local", "id": 1}


def test_without_login_the_answer_says_where_a_token_comes_from(anonymous: Any, copr: LocalCopr) -> None:
    answer = anonymous.get("/auth-check", expect=401)
    assert answer == {"output": "notok", "error": REFUSED.format(url=copr.url)}
    page = copr.app.test_client().get("/api")
    assert page.status_code == 200
    assert "client.conf" in page.text
    assert "copr-local user token NAME" in page.text


@pytest.mark.parametrize("which", ["login", "token"])
def test_a_wrong_login_or_token_is_refused_with_the_same_words(
    which: str, anonymous: Any, copr: LocalCopr
) -> None:
    config = {**copr.config, which: "wrong"}
    response = anonymous.raw("GET", "/auth-check", headers=header(f"{config['login']}:{config['token']}"))
    assert response.status_code == 401
    assert response.get_json()["error"] == REFUSED.format(url=copr.url)
    assert "WWW-Authenticate" not in response.headers


@pytest.mark.parametrize(
    "value", ["abc", "Bearer abcdef", "Basic YTpiOmM=", "Basic !!!", "Basic", "", "YTpi", "Basic /////w=="]
)
def test_a_malformed_header_is_500_as_in_the_original(value: str, anonymous: Any) -> None:
    response = anonymous.raw("GET", "/auth-check", headers={"Authorization": value})
    assert response.status_code == 500
    assert response.get_json() == {
        "error": "Request wasn't successful, there is probably a bug in the Copr code."
    }


@pytest.mark.parametrize("scheme", ["basic ", "Bearer ", "Basic  \t"])
def test_the_scheme_of_the_header_is_not_looked_at(scheme: str, anonymous: Any, copr: LocalCopr) -> None:
    right = header(f"{copr.config['login']}:{copr.config['token']}")["Authorization"].removeprefix("Basic ")
    for value, status in ((right, 200), ("YTpi", 401), (f"{right} and more", 200)):
        response = anonymous.raw("GET", "/auth-check", headers={"Authorization": scheme + value})
        assert response.status_code == status


def test_a_wrong_token_does_not_matter_where_no_login_is_needed(anonymous: Any) -> None:
    assert anonymous.raw("GET", "/mock-chroots/list", headers=header("no:body")).status_code == 200


def test_an_expired_token_is_refused(log_in: Callable[..., Any], copr: LocalCopr) -> None:
    bob = log_in("bob")
    assert bob.get("/auth-check")["name"] == "bob"
    with copr.database.writing() as tx:
        users.get(tx, "bob").api_token_expiration = date(2001, 1, 1)
    assert "expired" in bob.get("/auth-check", expect=401)["error"]


def test_a_new_token_replaces_the_old_one(log_in: Callable[..., Any], anonymous: Any) -> None:
    bob = log_in("bob")
    made = bob.call("POST", "/api-token")
    assert set(made) == {"api_login", "api_token", "expiration"}
    assert (date.fromisoformat(made["expiration"]) - date.today()).days in (179, 180, 181)
    bob.get("/auth-check", expect=401)
    renewed = header(f"{made['api_login']}:{made['api_token']}")
    assert anonymous.raw("GET", "/auth-check", headers=renewed).get_json()["name"] == "bob"


def test_tokens_are_not_in_the_database(copr: LocalCopr, tmp_path: Path) -> None:
    copr.database.save(tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as connection:
        dump = "\n".join(connection.iterdump())
    assert copr.config["login"] in dump
    assert copr.config["token"] not in dump


def test_nothing_of_a_body_is_read_before_the_login_is_checked(anonymous: Any, copr: LocalCopr) -> None:
    response = anonymous.raw(
        "POST", "/build/create/upload", data=b"this is no multipart body", content_type="multipart/form-data"
    )
    assert response.status_code == 401
    assert not list((copr.data / "incoming").iterdir())
