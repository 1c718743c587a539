"""The generations of the API that a service serves, and API v3 as it was in 2020."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from copr_local import LocalCopr, LocalCoprError


@pytest.fixture
def old(tmp_path: Path, script, api_of: Callable) -> Iterator:
    """Return API v3 of 2020, as the first user, who has the project `hello`."""
    chroots = ["fedora-45-x86_64", "fedora-45-aarch64"]
    with LocalCopr(
        tmp_path / "old", apis={"v1", "v2", "v3-2020"}, chroots=chroots, builder=script.builder()
    ) as copr:
        calls = api_of(copr)
        calls.project()
        yield calls


def test_only_the_apis_that_are_wanted_are_served(tmp_path):
    with LocalCopr(tmp_path, apis={"v3"}, builders=0) as copr:
        client = copr.app.test_client()
        for path in ("/api/status", "/api/coprs/local/", "/api_2/", "/api_2/projects"):
            response = client.get(path)
            assert (response.status_code, response.mimetype) == (404, "text/html")
        assert client.get("/api/").status_code == 200
        assert client.get("/api_3/").get_json() == {"version": 3}


@pytest.mark.parametrize("apis", [(), {"v4"}, "v3", {"v3", "v3-2020"}])
def test_apis_that_there_are_not_cannot_be_served(apis):
    with pytest.raises(LocalCoprError, match="choose from v1, v2, v3"):
        LocalCopr(apis=apis)


def test_the_command_serves_the_apis_that_it_is_told(serve, tmp_path):
    service = serve("--data", str(tmp_path), "--port", "0", "--api", "v2", "--api", "v3").ready()
    statuses = [
        requests.get(f"{service.said['URL']}{path}", timeout=10).status_code
        for path in ("/api/status", "/api_2/", "/api_3/")
    ]
    assert statuses == [404, 200, 200]


def test_records_of_2020_lack_what_came_later(old):
    project = old.get("/project", ownername="local", projectname="hello")
    assert "storage" not in project
    assert "bootstrap" not in project
    assert project["use_bootstrap_container"] is False
    assert (project["homepage"], project["contact"]) == ("", "")
    query = {"ownername": "local", "projectname": "hello", "chrootname": "fedora-45-x86_64"}
    assert "isolation" not in old.get("/project-chroot", **query)
    config = old.get("/project-chroot/build-config", **query)
    assert config["use_bootstrap_container"] is False
    assert set(config["repos"][0]) == {"baseurl", "id", "name"}


def test_builds_of_2020_know_no_background_and_no_timeout(old):
    body = {"ownername": "local", "projectname": "hello", "pkgs": ["http://example.org/hello-1.0-1.src.rpm"]}
    answer = old.call("POST", "/build/create/url", {**body, "timeout": 60})
    (build,) = answer["items"]
    assert answer["meta"] == {}
    assert "is_background" not in build
    assert old.get(f"/build/source-build-config/{build['id']}/")["timeout"] == 75600
    old.until(lambda: old.get(f"/build/{build['id']}/")["state"] == "succeeded")
    assert "state" not in old.get(f"/build-chroot/{build['id']}/fedora-45-x86_64")
    listed = old.get(f"/build-chroot/list/{build['id']}", order="name")
    assert listed["meta"]["order"] == "name"
    assert old.get(f"/build/source-chroot/{build['id']}/")["state"] == "succeeded"


def test_whoever_submits_a_build_the_default_timeout_is_that_of_the_service(old):
    source = {"clone_url": "https://example.com/hello.git", "package_name": "hello"}
    old.call("POST", "/package/add/local/hello/hello/scm", source)
    project = {"ownername": "local", "projectname": "hello"}
    rebuilt = old.call("POST", "/package/build", {**project, "package_name": "hello"})
    for build in (old.upload(), rebuilt):
        assert old.get(f"/build/source-build-config/{build['id']}/")["timeout"] == 75600
    assert old.upload(timeout=600)["id"] == 3
    assert old.get("/build/source-build-config/3/")["timeout"] == 600


@pytest.mark.parametrize(
    "path",
    [
        "/build/list?ownername=local&projectname=hello",
        "/package/list?ownername=local&projectname=hello",
        "/build/1",
        "/build/source-chroot/1",
        "/build/source-build-config/1",
    ],
)
def test_some_addresses_of_2020_lead_to_those_with_a_slash(old, path):
    response = old.raw("GET", path)
    assert response.status_code == 308
    plain, question, query = path.partition("?")
    assert response.headers["Location"] == f"http://localhost/api_3{plain}/{question}{query}"


def test_errors_of_forms_are_objects_in_2020(old):
    body = {"name": "a b", "chroots": ["fedora-45-x86_64"]}
    answer = old.call("POST", "/project/add/local", body, expect=400)
    text = "Name must contain only letters, digits, underscores, dashes and dots."
    assert answer == {"error": {"name": [text]}}


def test_nothing_is_deprecated_in_2020(old):
    response = old.raw("POST", "/project/edit/local/hello", json={"description": "new"})
    assert response.get_json()["description"] == "new"
    assert "Warning" not in response.headers


def test_modules_are_not_built_in_2020(old):
    error = old.error("POST", "/module/build/local/hello", 500, {"scmurl": "http://example.org/"})
    assert error == "Request wasn't successful, there is probably a bug in the API code."
