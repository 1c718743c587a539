"""Bodies that no client sends: they are refused, and never a fault of the service."""

from __future__ import annotations

from typing import Any

import pytest

from copr_local import LocalCopr

DEEP = "[" * 200_000
JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def project(api: Any) -> Any:
    return api.project()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api_3/project/permissions/request/local/hello"),
        ("PUT", "/api_3/project/permissions/set/local/hello"),
        ("DELETE", "/api_3/build/delete/list"),
        ("PUT", "/api_3/project/edit/local/hello"),
        ("POST", "/api_2/projects"),
        ("POST", "/api/coprs/local/new/"),
        ("POST", "/webhooks/github/1/none"),
    ],
)
def test_json_that_is_nested_too_deeply_is_no_fault(
    copr: LocalCopr, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> None:
    login = (copr.config["login"], copr.config["token"])
    copr.app.test_client().open(path, method=method, data=DEEP, headers=JSON, auth=login)
    assert "a request failed" not in caplog.text
    assert "Exception on" not in caplog.text


def test_builds_to_delete_have_numbers(api: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = api.raw("DELETE", "/build/delete/list", data='{"builds": [Infinity]}', headers=JSON)
    assert answer.status_code == 500
    assert "a request failed" not in caplog.text


def test_a_user_whose_name_is_half_a_character_does_not_exist(api: Any) -> None:
    path = "/project/permissions/set/local/hello"
    error = api.error("PUT", path, 400, {"half \ud800": {"builder": "approved"}})
    assert error == "user 'half ?' doesn't exist in database"


@pytest.mark.parametrize("path", ["/api_2/projects", "/api/coprs/local/new/"])
def test_a_name_that_is_too_long_for_a_project_is_said_to_be_so(copr: LocalCopr, path: str) -> None:
    login = (copr.config["login"], copr.config["token"])
    name = "x" * 300
    body = {"name": name, "chroots": ["fedora-45-x86_64"], "fedora-45-x86_64": "y"}
    answer = copr.app.test_client().post(path, json=body, auth=login)
    assert "Field cannot be longer than 100 characters." in answer.text
