"""NUL characters in requests: no database stores them, so they are refused alike with each."""

from __future__ import annotations

from typing import Any

import pytest

from copr_local import LocalCopr

TEXT = "A text of the request contains a NUL character, which cannot be stored."


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/project/list?ownername=a%00b", None),
        ("PUT", "/project/edit/local/hello", {"description": "a\0b"}),
        ("PUT", "/project/edit/local/hello", {"additional_repos": ["https://example.com/\0"]}),
        (
            "POST",
            "/build/create/url",
            {"ownername": "local", "projectname": "hello", "pkgs": ["https://a/\0/hello.spec"]},
        ),
    ],
)
def test_a_request_with_a_nul_character_is_refused(
    api: Any, caplog: pytest.LogCaptureFixture, method: str, path: str, body: Any
) -> None:
    api.project()
    response = api.raw(method, path, json=body) if body else api.raw(method, path)
    assert response.status_code == 400, response.text
    assert response.get_json()["error"] == TEXT
    assert not caplog.records  # it is an error of the client
    assert api.get("/project", ownername="local", projectname="hello")["description"] == ""


def test_old_apis_and_pages_say_it_in_their_forms(copr: LocalCopr, api: Any) -> None:
    api.project()
    client, login = copr.app.test_client(), (copr.config["login"], copr.config["token"])
    old = client.post("/api/coprs/local/hello/modify/", data={"description": "a\0b"}, auth=login)
    assert (old.status_code, old.get_json()) == (400, {"output": "notok", "error": TEXT})
    second = client.get("/api_2/projects?name=a%00b")
    assert (second.status_code, second.get_json()["message"]) == (400, TEXT)
    page = client.get("/coprs/local/a%00b/")
    assert page.status_code == 400
    assert TEXT in page.text
