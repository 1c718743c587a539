"""The monitor of a project, and what dnf's copr plugin reads from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from copr_local import LocalCopr

X86, ARM, EPEL = "fedora-45-x86_64", "fedora-45-aarch64", "epel-10-x86_64"
PROJECT = {"ownername": "local", "projectname": "hello"}


@pytest.fixture
def build(api: Any) -> Callable[..., int]:
    """Submit a build of a package."""

    def one(package: str = "hello", version: str = "1.0-1", **options: Any) -> int:
        url = f"https://example.com/{package}-{version}.src.rpm"
        made = api.call("POST", "/build/create/url", {**PROJECT, "pkgs": [url], **options})
        number: int = made["items"][0]["id"]
        return number

    return one


def monitor(api: Any, **query: Any) -> dict[str, Any]:
    answer = api.get("/monitor", **PROJECT, **query)
    assert (answer["output"], answer["message"]) == ("ok", "Project monitor request successful")
    return {package["name"]: package["chroots"] for package in answer["packages"]}


@pytest.fixture
def project(api: Any) -> Any:
    return api.project()


@pytest.mark.usefixtures("project")
def test_the_newest_build_counts_in_each_chroot(build: Any, api: Any, script: Any) -> None:
    assert monitor(api) == {}
    api.wait(build("b", "1.0-1"))
    script.fail = {ARM}
    api.wait(build("b", "1.1-1", chroots=[ARM]))
    api.wait(build("a", chroots=[X86]))
    found = monitor(api)
    assert list(found) == ["a", "b"]
    assert list(found["b"]) == [ARM, X86]
    assert found == {
        "a": {X86: {"state": "succeeded", "status": 1, "build_id": 3, "pkg_version": "1.0-1"}},
        "b": {
            ARM: {"state": "failed", "status": 0, "build_id": 2, "pkg_version": "1.1-1"},
            X86: {"state": "succeeded", "status": 1, "build_id": 1, "pkg_version": "1.0-1"},
        },
    }


@pytest.mark.usefixtures("project")
def test_a_rebuild_is_shown_before_it_has_a_version(api: Any, script: Any) -> None:
    script.hold()
    body = {"package_name": "hello", "gem_name": "hello"}
    api.call("POST", "/package/add/local/hello/hello/rubygems", body)
    api.call("POST", "/package/build", {**PROJECT, "package_name": "hello", "chroots": [X86]})
    waiting = {"state": "waiting", "status": 9, "build_id": 1, "pkg_version": None}
    assert monitor(api) == {"hello": {X86: waiting}}


@pytest.mark.usefixtures("project")
def test_logs_are_shown_where_they_are_asked_for_and_there(
    build: Any, api: Any, script: Any, copr: LocalCopr
) -> None:
    fields = {"additional_fields[]": ["url_build_log", "url_backend_log"]}
    api.wait(build(chroots=[X86]))
    folder = f"{copr.url}/results/local/hello/{X86}/00000001-hello"
    shown = monitor(api, **fields)["hello"][X86]
    assert shown["url_build_log"] == f"{folder}/builder-live.log.gz"
    assert shown["url_backend_log"] == f"{folder}/backend.log.gz"
    script.hold(X86)
    running = build(chroots=[X86, ARM])
    api.until(lambda: monitor(api)["hello"][X86]["state"] == "running")
    shown = monitor(api, **{"additional_fields[]": "url_build_log"})["hello"][X86]
    assert shown["url_build_log"] == f"{folder.replace('00000001', f'{running:08d}')}/builder-live.log"
    assert "url_backend_log" not in shown
    assert "url_build_log" not in monitor(api, additional_fields="url_build_log")["hello"][X86]
    wrong = {"additional_fields[]": ["url_build_log", "b", "a"]}
    error = api.error("GET", "/monitor", 400, **PROJECT, **wrong)
    assert error == "Wrong additional_fields argument(s): a, b"


@pytest.mark.usefixtures("project")
def test_each_folder_of_a_project_is_looked_at_by_itself(build: Any, api: Any) -> None:
    api.wait(build())
    api.wait(build("other", project_dirname="hello:custom:x"))
    assert list(monitor(api)) == ["hello"]
    assert list(monitor(api, project_dirname="hello:custom:x")) == ["other"]
    error = api.error("GET", "/monitor", 404, **PROJECT, project_dirname="nope")
    assert error == "Dirname 'nope' doesn't exist in 'local/hello' copr"


@pytest.mark.usefixtures("project")
def test_chroots_that_the_project_dropped_are_not_looked_at(build: Any, api: Any) -> None:
    api.wait(build())
    api.call("PUT", "/project/edit/local/hello", {"chroots": [X86]})
    assert list(monitor(api)["hello"]) == [X86]


def test_what_is_not_there_cannot_be_looked_at(api: Any) -> None:
    error = api.error("GET", "/monitor", 404, ownername="local", projectname="nope")
    assert error == "Project local/nope does not exist."
    assert api.error("GET", "/monitor", 400) == "Missing argument ownername"


def test_dnf_learns_of_repositories_and_folders(api: Any, copr: LocalCopr) -> None:
    api.project(chroots=[X86, ARM, EPEL], repo_priority=22, module_hotfixes=True)
    api.upload(project_dirname="hello:custom:x")
    opts = {"opts": {"priority": 22, "module_hotfixes": "1"}}
    found = api.get("/rpmrepo/local/hello/fedora-45/")
    assert found == {
        "results_url": f"{copr.url}/results",
        "repos": {
            "fedora-45": {"arch": {"x86_64": opts, "aarch64": opts}},
            "epel-10": {"arch": {"x86_64": opts}},
        },
        "directories": {"hello": {}, "hello:custom:x": {}},
        "dependencies": [],
        "pubkey_url": "",
    }
    assert api.get("/rpmrepo/local/hello:custom:x/fedora-45") == found
    error = api.error("GET", "/rpmrepo/local/nope/fedora-45", 404)
    assert error == "local/nope copr doesn't exist"


def test_dnf_learns_how_long_a_dropped_chroot_is_kept(api: Any) -> None:
    api.project(chroots=[X86, EPEL])
    api.call("PUT", "/project/edit/local/hello", {"chroots": [X86]})
    repos = api.get("/rpmrepo/local/hello/epel-10")["repos"]
    assert repos["epel-10"] == {"arch": {"x86_64": {"opts": {}, "delete_after_days": 6}}}
    assert repos["fedora-45"] == {"arch": {"x86_64": {"opts": {}}}}


def test_dnf_learns_what_packages_need_at_run_time(api: Any, copr: LocalCopr) -> None:
    api.project("tools", runtime_dependencies=["https://example.com/tools/"])
    api.project(runtime_dependencies=["https://example.com/$distname/", "copr://local/tools"])
    more = ["copr://local/hello", "https://t/?priority=7"]
    api.call("PUT", "/project/edit/local/tools", {"runtime_dependencies": more})
    of = "Copr 127.0.0.1/local/hello"
    assert api.get("/rpmrepo/local/hello/fedora-45")["dependencies"] == [
        {
            "opts": {
                "id": "coprdep:127.0.0.1:local:tools",
                "name": f"{of} runtime dependency #1 - local/tools",
            },
            "type": "external_baseurl",
            "data": {"pattern": f"{copr.url}/results/local/tools/$chroot/"},
        },
        {
            "opts": {
                "id": "coprdep:https_example_com_distname",
                "name": f"{of} external runtime dependency #2 - https_example_com_distname",
            },
            "type": "external_baseurl",
            "data": {"pattern": "https://example.com/$distname/"},
        },
        {
            "opts": {
                "id": "coprdep:https_t_priority_7",
                "name": f"{of} external runtime dependency #3 - https_t_priority_7",
                "priority": 7,
            },
            "type": "external_baseurl",
            "data": {"pattern": "https://t/"},
        },
    ]


def test_dnf_learns_which_projects_are_signed(api: Any, copr: LocalCopr) -> None:
    api.project("tools")
    api.project(runtime_dependencies=["copr://local/tools"])
    assert api.get("/rpmrepo/local/hello/epel-10")["pubkey_url"] == ""
    for name in ("hello", "tools"):
        (copr.data / "results/local" / name / "pubkey.gpg").write_text("a key")
    answer = api.get("/rpmrepo/local/hello/epel-10")
    assert "pubkey_url" not in answer
    (needed,) = answer["dependencies"]
    assert (needed["type"], needed["data"]) == ("copr", {"owner": "local", "projectname": "tools"})


def test_a_dependency_on_a_folder_is_one_on_its_project_while_that_is_there(
    api: Any, copr: LocalCopr
) -> None:
    api.project("tools")
    (copr.data / "results/local/tools/pubkey.gpg").write_text("a key")
    api.project("gone")
    api.project(runtime_dependencies=["copr://local/tools:custom:x", "copr://local/gone"])
    api.call("DELETE", "/project/delete/local/gone")
    found = api.get("/rpmrepo/local/hello/fedora-45")["dependencies"]
    assert [each["data"] for each in found] == [{"owner": "local", "projectname": "tools"}]


def test_dnf_learns_what_ends_by_itself(api: Any, copr: LocalCopr) -> None:
    api.project(delete_after_days=10, module_hotfixes=True)
    api.upload(project_dirname="hello:pr:1")
    answer = api.get("/rpmrepo/local/hello/fedora-45")
    assert answer["delete_after_days"] == 10
    assert answer["directories"] == {"hello": {}, "hello:pr:1": {"delete_after_days": 39}}
    assert answer["repos"]["fedora-45"]["arch"]["x86_64"] == {"opts": {"module_hotfixes": "1"}}
    copr.clock.advance(days=3)
    assert api.get("/rpmrepo/local/hello/fedora-45")["delete_after_days"] == 7


def test_dnf_learns_of_the_second_architecture_where_it_is_wanted(tmp_path: Any, api_of: Any) -> None:
    both = ["fedora-45-x86_64", "fedora-45-i386"]
    with LocalCopr(tmp_path, chroots=both, builders=0) as copr:
        api = api_of(copr)
        api.project(chroots=both, multilib=True)
        architectures = api.get("/rpmrepo/local/hello/fedora-45")["repos"]["fedora-45"]["arch"]
    assert architectures == {
        "x86_64": {"opts": {}, "multilib": {"i386": {"opts": {"cost": "1100"}}}},
        "i386": {"opts": {}},
    }


@pytest.mark.usefixtures("project")
def test_the_builds_page_may_be_asked_for_and_is_for_clients_to_make(build: Any, api: Any) -> None:
    api.wait(build(chroots=[X86]))
    asked = monitor(api, **{"additional_fields[]": "url_build"})
    assert asked == monitor(api)
