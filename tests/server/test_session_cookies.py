"""Services on other ports or paths of one host do not take each other's cookies."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from page_forms import SECRET

from copr_local import LocalCopr
from copr_local.wire.credentials import browser_cookie, cookie_path


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://127.0.0.1:2677", "copr-session-2677"),
        ("http://copr.example.com", "copr-session-80"),
        ("https://copr.example.com", "copr-session-443"),
        ("https://example.com/my%20copr/of~mine", "copr-session-443-my-20copr-of-mine"),
    ],
)
def test_a_cookie_is_named_by_the_port_and_the_path(url: str, name: str) -> None:
    assert browser_cookie(url) == name


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://127.0.0.1:2677", "/"),
        ("https://copr.example.com/", "/"),
        ("https://example.com/copr/", "/copr"),
        ("https://example.com/my%20copr/of~mine", "/my%20copr/of~mine"),
    ],
)
def test_a_cookie_has_the_path_of_the_service(url: str, path: str) -> None:
    assert cookie_path(url) == path


def test_a_browser_is_signed_in_to_two_services_of_one_host(scripted_copr: LocalCopr, tmp_path: Path) -> None:
    with LocalCopr(tmp_path / "data", builders=0) as second, requests.Session() as browser:
        both = (scripted_copr, second)
        tokens = [csrf_token(browser, f"{copr.url}/login/") for copr in both]  # before any of them is used
        for copr, token in zip(both, tokens, strict=True):
            fields = {"csrf_token": token, "login": copr.config["login"], "token": copr.config["token"]}
            assert "Sign out" in browser.post(f"{copr.url}/login/", data=fields).text
        assert "Sign out" in browser.get(scripted_copr.url).text
        browser.post(f"{second.url}/logout/", data={"csrf_token": csrf_token(browser, second.url)})
        assert "Sign in" in browser.get(second.url).text
        assert "Sign out" in browser.get(scripted_copr.url).text


def csrf_token(browser: requests.Session, url: str) -> str:
    found = SECRET.search(browser.get(url).text)
    assert found is not None
    return found[1]
