"""A service behind a web server, at a URL with a path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from copr_local import LocalCopr

URL = "https://example.com/copr"


@pytest.fixture
def copr(tmp_path: Path) -> Iterator[LocalCopr]:
    with LocalCopr(
        tmp_path / "data", chroots=["fedora-45-x86_64"], builds="scripted", public_url=URL
    ) as running:
        yield running


@pytest.mark.parametrize("passed_on", [False, True], ids=["removed", "passed-on"])
def test_links_and_redirects_begin_with_the_path(copr: LocalCopr, api_of: Any, passed_on: bool) -> None:
    api = api_of(copr)
    api.project(chroots=["fedora-45-x86_64"])
    build = api.wait(api.upload()["id"])
    client, prefix = copr.app.test_client(), "/copr" if passed_on else ""
    for path in (
        *("/", "/coprs/", "/coprs/local/", "/coprs/local/hello/", "/coprs/local/hello/packages/"),
        *("/coprs/local/hello/package/hello/", f"/coprs/build/{build['id']}/", "/api_3/docs"),
        *("/coprs/local/hello/builds/", "/results/local/hello/"),
    ):
        page = client.get(f"{prefix}{path}", base_url="https://example.com")
        assert page.status_code == 200, path
        for link in re.findall(r'(?:href|action)="([^"]*)"', page.text):
            assert link.startswith(("/copr/", URL, "../", "./", "#")), (path, link)
        assert "/copr/copr/" not in page.text
    for path in ("/results/local/hello", "/coprs/local/hello/monitor/", "/coprs/local/hello"):
        answer = client.get(f"{prefix}{path}", base_url="https://example.com")
        where = answer.headers.get("Location", "/copr/")
        assert where.startswith(("/copr/", URL)), (path, where)
    assert build["repo_url"].startswith(f"{URL}/results/")
    text = client.get(f"{prefix}/coprs/local/hello/repo/fedora-45/x.repo").text
    assert f"baseurl={URL}/results/local/hello/fedora-45-$basearch/" in text


@pytest.mark.parametrize("prefix", ["/my%20copr", "/caf%C3%A9"])
def test_a_path_may_have_encoded_characters(tmp_path: Path, prefix: str) -> None:
    with LocalCopr(tmp_path / "data", builders=0, public_url=f"https://example.com{prefix}") as running:
        for path in ("/coprs/", f"{prefix}/coprs/"):
            page = running.app.test_client().get(path, base_url="https://example.com")
            assert page.status_code == 200
            assert f'href="{prefix}/login/' in page.text


def test_cookies_are_sent_to_the_path_only(copr: LocalCopr) -> None:
    client = copr.app.test_client(use_cookies=False)

    def cookie(answer: TestResponse, kind: str) -> str:
        (found,) = (each for each in answer.headers.getlist("Set-Cookie") if each.startswith(f"copr-{kind}-"))
        assert "Path=/copr" in found.split("; ")
        return found.split(";")[0]

    page = client.get("/login/", base_url="https://example.com")
    sent = {"Cookie": cookie(page, "forms"), "Referer": f"{URL}/login/"}
    secret = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert secret is not None
    token = {"csrf_token": secret[1], "login": copr.config["login"], "token": copr.config["token"]}
    signed_in = client.post("/login/", base_url="https://example.com", headers=sent, data=token)
    sent["Cookie"] += f"; {cookie(signed_in, 'session')}"
    signed_out = client.post("/logout/", base_url="https://example.com", headers=sent, data=token)
    assert cookie(signed_out, "session").endswith("=")


def test_an_attribute_of_a_stopped_service_does_not_exist() -> None:
    assert not hasattr(LocalCopr(), "url")
    assert getattr(LocalCopr(), "config", None) is None
