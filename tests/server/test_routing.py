"""Rules for every endpoint: slashes, methods, unknown URLs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Rule

from copr_local import LocalCopr, app


@pytest.mark.parametrize("path", ["", "/"])
def test_the_root_says_which_api_it_is(path: str, anonymous: Any) -> None:
    assert anonymous.get(path) == {"version": 3}


def test_a_trailing_slash_is_optional(api: Any) -> None:
    api.project()
    for path in ("/project", "/project/"):
        assert api.get(path, ownername="local", projectname="hello")["name"] == "hello"
    for path in ("/mock-chroots/list", "/mock-chroots/list/", "/auth-check/"):
        api.get(path)
    api.call("PUT", "/project/edit/local/hello/", {})


def test_two_slashes_redirect_to_one(anonymous: Any) -> None:
    response = anonymous.raw("GET", "//build/13")
    assert response.status_code == 308
    assert response.headers["Location"].endswith("/api_3/build/13")


@pytest.mark.parametrize(
    "path", ["/nonsense", "/build/nonsense/1", "/build/abc", "/build/-1", "/build/create/cpan"]
)
def test_an_unknown_address_below_the_api_answers_json(path: str, anonymous: Any) -> None:
    response = anonymous.raw("GET", path)
    assert response.status_code == 404
    assert response.get_json() == {"error": "Such API endpoint doesn't exist"}


def test_an_unknown_address_elsewhere_answers_a_page(copr: LocalCopr) -> None:
    response = copr.app.test_client().get("/nonsense")
    assert response.status_code == 404
    assert response.content_type == "text/html; charset=utf-8"
    assert "Not Found" in response.text


@pytest.mark.parametrize(("verb", "path"), [("POST", "/auth-check"), ("PATCH", "/project/edit/local/hello")])
def test_a_wrong_verb_is_405_and_names_no_others(verb: str, path: str, api: Any) -> None:
    response = api.raw(verb, path)
    assert response.status_code == 405
    assert response.get_json() == {"error": "The method is not allowed for the requested URL."}
    assert "Allow" not in response.headers


def test_options_names_the_verbs(anonymous: Any) -> None:
    response = anonymous.raw("OPTIONS", "/auth-check")
    assert response.status_code == 200
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "HEAD", "GET"}


def test_a_deprecated_verb_works_and_warns(api: Any) -> None:
    api.project()
    put = api.raw("PUT", "/project/edit/local/hello", json={"description": "by PUT"})
    post = api.raw("POST", "/project/edit/local/hello", json={"description": "by POST"})
    assert "Warning" not in put.headers
    assert post.headers["Warning"] == "This method is deprecated: Use PUT method instead of POST"
    assert post.get_json()["description"] == "by POST"
    gone = api.raw("POST", "/project/delete/local/hello")
    assert gone.headers["Warning"] == "This method is deprecated: Use DELETE method instead of POST"


def test_an_argument_of_the_query_wins_over_the_path(api: Any) -> None:
    error = api.error("POST", "/project/add/local", 404, {"name": "x"}, ownername="nobody")
    assert error == "No such user `nobody'"


def test_a_fault_of_the_service_is_logged_and_not_shown(
    api: Any, copr: LocalCopr, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (copr.data / "results").rename(tmp_path / "elsewhere")
    (copr.data / "results").write_text("no folder")
    response = api.raw("POST", "/project/add/local", json={"name": "x", "chroots": ["epel-10-x86_64"]})
    assert response.status_code == 500
    assert response.get_json() == {
        "error": "Request wasn't successful, there is probably a bug in the Copr code."
    }
    assert "Traceback" in caplog.text


def test_a_service_starts_without_compiling_its_rules(monkeypatch: Any, tmp_path: Path) -> None:
    compiled = []
    compile_builder = Rule._compile_builder  # `http/routing.py` overrides this private method of werkzeug

    def count(rule: Rule, append_unknown: bool = True) -> Any:
        compiled.append(rule.rule)
        return compile_builder(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", count)
    app._endpoints.cache_clear()  # those of the services that this process has started before
    with LocalCopr(tmp_path, builders=0) as copr:
        assert compiled == []
        build = "/api_3/build/<int:build_id>"
        endpoint = next(rule.endpoint for rule in copr.app.url_map.iter_rules() if rule.rule == build)
        urls = copr.app.url_map.bind("localhost")
        for build_id in (5, 6):
            assert urls.build(endpoint, {"build_id": build_id}) == f"/api_3/build/{build_id}"
        assert compiled == [build]
