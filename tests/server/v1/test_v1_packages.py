"""Packages, chroots and the monitor over API v1."""

from __future__ import annotations

import io
import json

import pytest


def add(v1, name="pello", **fields):
    given = {"package_name": name, "pypi_package_name": "pello", "python_versions": "3", **fields}
    return v1.post(f"{v1.project}/package/add/pypi/", given)["package"]


def test_a_package_is_added_changed_shown_and_reset(v1):
    package = add(v1, webhook_rebuild="y", max_builds="5")
    assert package["source_type"] == "pypi"
    assert package["webhook_rebuild"] is True
    assert package["max_builds"] == 5
    assert json.loads(package["source_json"]) == {
        "pypi_package_name": "pello",
        "pypi_package_version": "",
        "spec_template": "",
        "python_versions": ["3"],
    }
    path = f"{v1.project}/package/pello/edit/git_and_tito/"
    changed = v1.post(path, {"git_url": "https://example.org/t.git", "tito_test": "y"})["package"]
    assert changed["id"] == package["id"]
    assert changed["source_type"] == "scm"
    assert json.loads(changed["source_json"])["srpm_build_method"] == "tito_test"
    shown = v1.get(f"{v1.project}/package/get/pello/")["package"]
    assert json.loads(shown.pop("source_json")) == json.loads(changed.pop("source_json"))
    assert shown == changed
    reset = v1.post(f"{v1.project}/package/reset/pello/")["package"]
    assert (reset["source_type"], reset["source_json"]) == ("unset", "{}")


def test_builds_come_with_packages_if_they_are_asked_for(v1, api):
    build_id = v1.build()
    api.wait(build_id)
    add(v1)
    query = dict.fromkeys(["with_latest_build", "with_latest_succeeded_build", "with_all_builds"], "y")
    built, unbuilt = v1.get(f"{v1.project}/package/list/", **query)["packages"]
    assert built["name"] == "hello"
    assert built["latest_build"]["id"] == build_id
    assert built["latest_build"]["state"] == "succeeded"
    assert built["latest_build"]["source_status"] == 1
    assert built["latest_build"]["srpm_url"].endswith(f"/srpm-builds/{build_id:08d}/hello-1.0-1.src.rpm")
    assert built["latest_succeeded_build"] == built["latest_build"] == built["builds"][0]
    assert (unbuilt["latest_build"], unbuilt["builds"]) == (None, [])
    plain = v1.get(f"{v1.project}/package/list/", **dict.fromkeys(query, ""))["packages"]
    assert not any(name in package for package in plain for name in ("latest_build", "builds"))


def test_a_package_is_rebuilt_from_its_source(v1, api, script):
    script.hold()
    add(v1)
    answer = v1.post(f"{v1.project}/package/build/pello/", {"fedora-45-x86_64": "y", "timeout": "7200"})
    assert answer["message"] == "Build was added to hello."
    config = api.get(f"/build/source-build-config/{answer['ids'][0]}")
    assert config["source_type"] == "pypi"
    assert config["timeout"] == 7200


def test_a_packages_own_timeout_is_that_of_its_rebuilds(v1, api, script):
    script.hold()
    add(v1)
    body = {"package_name": "pello", "pypi_package_name": "pello", "timeout": 600}
    api.call("POST", "/package/edit/local/hello/pello/pypi", body)
    (build_id,) = v1.post(f"{v1.project}/package/build/pello/", {"fedora-45-x86_64": "y"})["ids"]
    assert api.get(f"/build/source-build-config/{build_id}")["timeout"] == 600


@pytest.mark.parametrize(
    ("path", "fields", "error"),
    [
        ("package/add/nonsense/", {}, "Unsupported package source type nonsense"),
        ("package/add/scm/", {"package_name": "a", "clone_url": "x"}, {"clone_url": ["Invalid URL."]}),
        (
            "package/add/rubygems/",
            {"package_name": "pello", "gem_name": "x"},
            "Package pello already exists in copr local/hello.",
        ),
        ("package/build/pello/", {"timeout": "-5"}, {"timeout": ["Number must be between 0 and 86400."]}),
        ("package/build/none/", {}, "No package with name none in copr hello"),
        ("package/reset/none/", {}, "No package with name none in copr hello"),
        ("package/delete/none/", {}, "No package with name none in copr hello"),
    ],
)
def test_what_is_wrong_with_a_package_is_said(still, path, fields, error):
    assert still.error(f"{still.project}/{path}", fields) == error


def test_a_package_without_a_source_is_not_built(v1):
    add(v1)
    v1.post(f"{v1.project}/package/reset/pello/")
    error = v1.error(f"{v1.project}/package/build/pello/")
    assert error == "Unset default source for package pello"


def test_only_admins_of_a_project_touch_its_packages(v1, v1_of):
    package, bob = add(v1), v1_of("bob")
    fields = {"package_name": "b", "gem_name": "b"}
    text = "You are not allowed to add or edit packages in this copr."
    assert bob.error(f"{v1.project}/package/add/rubygems/", fields, expect=403) == text
    for action in ("reset", "delete"):
        error = bob.error(f"{v1.project}/package/{action}/pello/")
        assert error == f"You are not allowed to {action} package `{package['id']}`."


def test_a_deleted_package_takes_its_builds_with_it(v1, api):
    build_id = v1.build()
    api.wait(build_id)
    deleted = v1.post(f"{v1.project}/package/delete/hello/")
    assert deleted["message"] == "Package was successfully deleted."
    assert deleted["package"]["name"] == "hello"
    v1.get(f"/coprs/build/{build_id}/", expect=404)


def test_a_chroot_has_packages_and_repositories_of_its_own(v1):
    path = f"{v1.project}/modify/fedora-45-x86_64/"
    assert v1.post(path, {"buildroot_pkgs": "gcc make"}) == {"output": "ok", "buildroot_pkgs": "gcc make"}
    path = f"{v1.project}/chroot/edit/fedora-45-x86_64/"
    v1.post(path, {"repos": "http://example.org/a/ http://example.org/b/", "with_opts": "tests"})
    chroot = v1.get(f"{v1.project}/chroot/get/fedora-45-x86_64/")["chroot"]
    assert chroot.pop("copr_id")
    assert chroot == {
        "mock_chroot": "fedora-45-x86_64",
        "buildroot_pkgs": "gcc make",
        "repos": "http://example.org/a/ http://example.org/b/",
        "comps_name": None,
        "with_opts": "tests",
        "without_opts": "",
    }
    assert v1.get(f"{v1.project}/detail/fedora-45-x86_64/")["buildroot_pkgs"] == "gcc make"
    config = v1.get(f"{v1.project}/build-config/fedora-45-x86_64/")["build_config"]
    assert config["project_id"] == "local-hello"
    assert config["additional_packages"] == ["gcc", "make"]
    assert [each["url"] for each in config["repos"]][1:] == ["http://example.org/a/", "http://example.org/b/"]


def test_a_comps_file_comes_and_goes(v1):
    path = f"{v1.project}/chroot/edit/fedora-45-x86_64/"
    file = (io.BytesIO(b"<comps/>"), "comps.xml", "application/text")
    assert v1.post(path, {"upload_comps": file})["chroot"]["comps_name"] == "comps.xml"
    assert v1.post(path, {"delete_comps": "y"})["chroot"]["comps_name"] is None


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("detail/epel-10-x86_64/", 404, "Chroot name epel-10-x86_64 does not exist."),
        ("detail/nonsense/", 404, "Chroot identification is not valid"),
        ("chroot/get/epel-10-x86_64/", 404, "Chroot name epel-10-x86_64 does not exist."),
        ("build-config/epel-10-x86_64/", 500, "Chroot not found."),
        ("package/get/none/", 500, "No package with name none in copr_dir hello"),
    ],
)
def test_what_is_not_there_is_named(still, path, status, error):
    assert still.get(f"{still.project}/{path}", expect=status)["error"] == error


def test_the_monitor_shows_the_newest_build_of_each_package_in_each_chroot(v1, api):
    older, newer = v1.build(), v1.build(**{"fedora-45-x86_64": "y"})
    for build_id in (older, newer):
        api.wait(build_id)
    other = v1.build("http://example.org/other-2-1.src.rpm")
    api.wait(other)
    monitor = v1.get(f"{v1.project}/monitor/")
    assert [(each["id"], each["state"], each["status"]) for each in monitor["builds"]] == [
        (build_id, "succeeded", 1) for build_id in (older, newer, other)
    ]
    assert monitor["chroots"] == ["fedora-45-aarch64", "fedora-45-x86_64"]
    hello, _ = monitor["packages"]
    assert hello["pkg_name"] == "hello"
    assert {name: each["build_id"] for name, each in hello["results"].items()} == {
        "fedora-45-aarch64": older,
        "fedora-45-x86_64": newer,
    }
