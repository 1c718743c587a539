"""What browsers are told about every response, and what a session may be used for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from copr_local import LocalCopr

BOB = {"X-Remote-User": "bob@EXAMPLE.COM"}


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/",
            "/coprs/",
            "/coprs/local/hello/",
            "/results/",
            "/results/local/hello/",
            "/results/nope",
            "/nope",
        ),
        *(
            "/api_3/",
            "/api_3/docs",
            "/api_3/swagger.json",
            "/api_3/build/5",
            "/api_3/nope",
            "/api_2/",
            "/api/",
        ),
        *("/api/coprs/local/", "/coprs/local/hello/repo/fedora-45", "/webhooks/github/1/x", "/tmp/x/y"),
    ],
)
def test_every_response_protects_browsers(copr: LocalCopr, api: Any, path: str) -> None:
    api.project()
    headers = copr.app.test_client().get(path, buffered=True).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["comps.xml", "page.html", "image.svg", "a.log", "b.log.gz", "c.json", "d"])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-2"}])
def test_files_of_users_have_an_origin_of_their_own(
    copr: LocalCopr, api: Any, name: str, headers: dict[str, str]
) -> None:
    api.project()
    path = "/results/local/hello/fedora-45-x86_64/"
    (copr.data / path[1:] / name).write_text("<marker/>")
    answer = copr.app.test_client().get(path + name, buffered=True, headers=headers)
    assert answer.status_code == (206 if headers else 200)
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype not in ("text/html", "image/svg+xml")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://copr.example.com", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://elsewhere.example.com"}, 403),
        ({"Origin": "https://copr.example.com:8443"}, 403),
        ({"Origin": "https://copr.example.com.elsewhere.example"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_another_website_cannot_use_a_session(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    with LocalCopr(
        tmp_path / "data",
        builders=0,
        remote_user_header="X-Remote-User",
        public_url="https://copr.example.com",
    ) as copr:
        login = copr.app.test_client(use_cookies=False).get("/api_3/gssapi_login", headers=BOB)
        assert "; Secure; HttpOnly" in login.headers["Set-Cookie"]
        assert "SameSite=Lax" in login.headers["Set-Cookie"]
        forms = copr.app.test_client(use_cookies=False).get("/login/").headers["Set-Cookie"]
        assert forms.startswith("copr-forms-443=")
        assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in forms
        cookie = {"Cookie": login.headers["Set-Cookie"].partition(";")[0]}
        browser = copr.app.test_client(use_cookies=False)
        assert browser.post("/api_3/api-token", headers=cookie | headers).status_code == status
        assert browser.get("/api_3/auth-check", headers=cookie | headers).status_code == 200
