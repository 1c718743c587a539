"""Builds over API v1: submitting, reading, cancelling, deleting."""

from __future__ import annotations

import io

import pytest


def test_a_build_from_a_url_is_shown_with_its_chroots_and_packages(v1, api):
    answer = v1.post(f"{v1.project}/new_build/", {"pkgs": "http://example.org/hello-1.0-1.src.rpm"})
    (build_id,) = answer["ids"]
    assert answer["message"].startswith("Build was added to hello:\n  http://")
    assert answer["message"].endswith(f"/coprs/build/{build_id}/")
    api.wait(build_id)
    build = v1.get(f"/coprs/build/{build_id}/")
    assert build["output"] == "ok"
    assert build["status"] == "succeeded"
    assert build["chroots"] == {"fedora-45-x86_64": "succeeded", "fedora-45-aarch64": "succeeded"}
    assert build["built_pkgs"] == ["hello 1.0"]
    assert build["src_pkg"] == "http://example.org/hello-1.0-1.src.rpm"
    assert build["src_version"] == "1.0-1"
    assert build["submitted_on"] <= build["started_on"] <= build["ended_on"]
    for name, address in build["results_by_chroot"].items():
        assert address.endswith(f"/results/local/hello/{name}/{build_id:08d}-hello/")
    assert v1.get(f"/coprs/build_detail/{build_id}/") == build
    assert v1.get(f"/coprs/build_status/{build_id}/") == {"output": "ok", "status": "succeeded"}


def test_every_url_is_a_build_of_its_own(v1, script):
    script.hold()
    addresses = "http://example.org/a-1-1.src.rpm http://example.org/b-1-1.src.rpm"
    answer = v1.post(f"{v1.project}/new_build/", {"pkgs": addresses})
    sources = [v1.get(f"/coprs/build/{build_id}/")["src_pkg"] for build_id in answer["ids"]]
    assert sources == addresses.split()


def test_an_upload_is_built(v1, api):
    file = (io.BytesIO(b"an upload"), "hello-2.0-1.src.rpm", "application/x-rpm")
    (build_id,) = v1.post(f"{v1.project}/new_build_upload/", {"pkgs": file, "background": "y"})["ids"]
    assert api.wait(build_id)["is_background"]
    assert v1.get(f"/coprs/build/{build_id}/")["src_pkg"].endswith("/hello-2.0-1.src.rpm")


def test_only_the_chroots_that_are_flagged_are_built(v1, api):
    build_id = v1.build(**{"fedora-45-x86_64": "n", "fedora-45-aarch64": "false"})
    api.wait(build_id)
    assert list(v1.get(f"/coprs/build/{build_id}/")["chroots"]) == ["fedora-45-x86_64"]


def test_a_chroot_that_the_project_lacks_is_left_out_and_said_to_be_unknown(v1, api):
    fields = {"pkgs": "http://example.org/hello-1.0-1.src.rpm", "fedora-99-x86_64": "y"}
    answer = v1.post(f"{v1.project}/new_build/", fields)
    assert answer["message"].startswith("Unknown key 'fedora-99-x86_64' received.\nBuild was added")
    api.wait(answer["ids"][0])
    assert len(v1.get(f"/coprs/build/{answer['ids'][0]}/")["chroots"]) == 2


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("", {}, "{'pkgs': ['This field is required.']}"),
        (
            "",
            {"pkgs": "http://example.org/hello.txt"},
            "{'pkgs': [\"URLs must end with .src.rpm, .nosrc.rpm, or .spec"
            " ('http://example.org/hello.txt' doesn't seem to be a valid URL).\"]}",
        ),
        (
            "",
            {"pkgs": "http://example.org/hello.spec", "timeout": "999999999"},
            "{'timeout': ['Number must be between 0 and 86400.']}",
        ),
        ("_upload", {}, "{'pkgs': ['This field is required.']}"),
        ("_scm", {"clone_url": "not an url"}, "{'clone_url': ['Invalid URL.']}"),
        (
            "_scm",
            {"clone_url": "https://example.org/hello.git", "srpm_build_method": "magic"},
            "{'srpm_build_method': ['Not a valid choice']}",
        ),
        ("_tito", {"git_url": " "}, "{'git_url': ['This field is required.']}"),
        (
            "_pypi",
            {"pypi_package_name": "pello", "python_versions": "4"},
            "{'python_versions': [\"'4' is not a valid choice for this field\"]}",
        ),
        ("_rubygems", {"gem_name": ""}, "{'gem_name': ['This field is required.']}"),
        ("_custom", {"script": ""}, "{'script': ['This field is required.']}"),
    ],
)
def test_what_is_wrong_with_a_submission_is_said(still, kind, fields, error):
    path = f"{still.project}/new_build{kind}/"
    assert still.error(path, fields) == f"Invalid request: bad request parameters: {error}"


@pytest.mark.parametrize(
    ("kind", "fields", "source"),
    [
        (
            "scm",
            {"clone_url": "https://example.org/a.git", "committish": "b", "subdirectory": "c", "spec": "d"},
            {"committish": "b", "subdirectory": "c", "spec": "d", "srpm_build_method": "rpkg"},
        ),
        (
            "tito",
            {"git_url": "https://example.org/a.git", "git_directory": "d", "tito_test": "False"},
            {"subdirectory": "d", "srpm_build_method": "tito_test"},
        ),
        (
            "mock",
            {"scm_type": "svn", "scm_url": "https://example.org/a", "scm_branch": "b", "spec": "s"},
            {"type": "svn", "committish": "b", "spec": "s", "srpm_build_method": "rpkg"},
        ),
        (
            "distgit",
            {"clone_url": "git://a/b", "branch": "f45"},
            {"clone_url": "git://a/b", "committish": "f45"},
        ),
        (
            "pypi",
            {"pypi_package_name": "pello", "pypi_package_version": "1.0", "python_versions": ["3", "2"]},
            {"pypi_package_version": "1.0", "spec_template": "", "python_versions": ["3", "2"]},
        ),
        ("rubygems", {"gem_name": "rake"}, {"gem_name": "rake"}),
        (
            "custom",
            {"script": "#! /bin/sh\r\ntrue", "builddeps": "git make"},
            {"script": "#! /bin/sh\ntrue\n", "builddeps": "git make", "resultdir": None},
        ),
    ],
)
def test_every_source_is_what_api_v3_makes_of_it(v1, api, script, kind, fields, source):
    script.hold()
    (build_id,) = v1.post(f"{v1.project}/new_build_{kind}/", fields)["ids"]
    config = api.get(f"/build/source-build-config/{build_id}")
    assert source.items() <= config["source_dict"].items()
    assert config["timeout"] == 18000


def test_only_builders_may_build(v1, v1_of):
    text = "Invalid request: user bob is not allowed to build in the copr: local/hello"
    path = f"{v1.project}/new_build/"
    assert v1_of("bob").error(path, {"pkgs": "http://example.org/hello-1.0-1.src.rpm"}) == text


def test_a_build_is_cancelled_once_and_by_its_submitter(v1, v1_of, script):
    script.hold()
    build_id = v1.build()
    path = f"/coprs/cancel_build/{build_id}/"
    assert v1_of("bob").error(path) == "Invalid request: You are not allowed to cancel this build."
    assert v1.post(path) == {"output": "ok", "status": "Build canceled"}
    assert v1.error(path) == f"Cannot cancel build {build_id}"
    assert v1.get(f"/coprs/build/{build_id}/")["status"] == "canceled"


def test_a_build_is_deleted_when_it_is_over(v1, v1_of, api, script):
    script.hold()
    build_id = v1.build()
    path = f"/coprs/delete_build/{build_id}/"
    unfinished = f"Invalid request: You can not delete build `{build_id}` which is not finished."
    assert v1.error(path) == unfinished
    assert v1_of("bob").error(path) == f"Invalid request: You are not allowed to delete build `{build_id}`."
    script.release()
    api.wait(build_id)
    assert v1.post(path) == {"output": "ok", "status": "Build deleted"}
    assert v1.error(path, expect=404) == f"Build {build_id} does not exist."


def test_the_queue_is_counted(v1, api, script):
    script.hold()
    v1.build()
    assert v1.get("/status") == {"importing": 0, "running": 0, "waiting": 0}
    script.hold("fedora-45-x86_64", "fedora-45-aarch64")
    api.until(lambda: v1.get("/status") == {"importing": 0, "running": 2, "waiting": 0})


def test_builds_of_modules_are_refused_with_a_word(still):
    error = still.error(f"{still.project}/module/build/", {"scmurl": "http://example.org/"}, expect=501)
    assert error == "Builds of modules, as for local/hello, are not implemented here"
