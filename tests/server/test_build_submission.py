"""Builds over API v3: submission, options, permissions and target folders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from copr_local import LocalCopr

URL = "https://example.com/{}-1.0-1.src.rpm"
BUG = "Request wasn't successful, there is probably a bug in the Copr code."
X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"


@pytest.fixture(autouse=True)
def project(api: Any) -> Any:
    return api.project()


def test_a_build_from_a_url_is_pending_and_has_no_chroots_yet(
    submit: Any, script: Any, copr: LocalCopr
) -> None:
    script.hold()
    made = submit()
    assert made == {
        "chroots": [],
        "ended_on": None,
        "id": 1,
        "is_background": False,
        "ownername": "local",
        "project_dirname": "hello",
        "projectname": "hello",
        "repo_url": f"{copr.url}/results/local/hello",
        "started_on": None,
        "state": "pending",
        "submitted_on": made["submitted_on"],
        "submitter": "local",
        "source_package": {"name": None, "url": URL.format("hello"), "version": None},
    }
    assert isinstance(made["submitted_on"], int)


def test_several_urls_are_several_builds(api: Any) -> None:
    body = {"ownername": "local", "projectname": "hello", "pkgs": [URL.format("a"), URL.format("b")]}
    made = api.call("POST", "/build/create/url", body)
    assert [build["id"] for build in made["items"]] == [1, 2]
    assert made["meta"] == {"limit": None, "offset": None, "order": None, "order_type": None}


def test_chroots_that_were_asked_for_are_shown_at_once_and_wait(submit: Any, script: Any, api: Any) -> None:
    script.hold()
    assert submit(chroots=[X86])["chroots"] == [X86]
    assert submit(exclude_chroots=[X86])["chroots"] == [ARM]
    body = {"ownername": "local", "projectname": "hello", "pkgs": [URL.format("a")]}
    error = api.error("POST", "/build/create/url", 400, {**body, "exclude_chroots": [X86, ARM]})
    assert error == "Bad request parameters: {'exclude_chroots': ['All chroots are excluded.']}"
    error = api.error("POST", "/build/create/url", 400, {**body, "exclude_chroots": ["nope"]})
    assert error.endswith("{'exclude_chroots': [\"'nope' is not a valid choice for this field.\"]}")
    assert api.get("/build-chroot/list/1")["items"] == [
        {"started_on": None, "ended_on": None, "state": "waiting", "name": X86, "result_url": None}
    ]


def test_options_are_kept(submit: Any, script: Any, api: Any) -> None:
    script.hold()
    build = submit(background=True, timeout=7200, bootstrap="off", enable_net=True)
    assert build["is_background"] is True
    assert api.get(f"/build/source-build-config/{build['id']}") == {
        "source_type": "link",
        "source_dict": {"url": URL.format("hello")},
        "memory_limit": 2048,
        "timeout": 7200,
        "is_background": True,
    }
    script.release()
    api.wait(build["id"])
    config = api.get("/build-chroot/build-config", build_id=build["id"], chrootname=X86)
    assert (config["timeout"], config["bootstrap"], config["enable_net"]) == (7200, "off", True)


def test_a_build_config_names_the_repositories(submit: Any, api: Any, copr: LocalCopr) -> None:
    repos = ["https://example.com/c/", "copr://local/hello"]
    api.call("PUT", "/project/edit/local/hello", {"additional_repos": repos, "repo_priority": 22})
    build_id = submit()["id"]
    api.wait(build_id)
    config = api.get(f"/build-chroot/build-config/{build_id}/{X86}")
    results = f"{copr.url}/results/local/hello/{X86}/"
    same = {"module_hotfixes": None, "priority": None, "repo_gpgcheck": None}
    assert config == {
        "additional_repos": ["copr://local/hello", *repos],
        "additional_packages": [],
        "with_opts": [],
        "without_opts": [],
        "enable_net": False,
        "is_background": False,
        "memory_limit": 2048,
        "timeout": 18_000,
        "repos": [
            {
                "baseurl": results,
                "module_hotfixes": None,
                "priority": 22,
                "repo_gpgcheck": False,
                "id": "copr_base",
                "name": "Copr repository",
            },
            {
                "baseurl": repos[0],
                **same,
                "id": "https_example_com_c",
                "name": "Additional repo https_example_com_c",
            },
            {
                "baseurl": results,
                **same,
                "repo_gpgcheck": False,
                "id": "copr_local_hello",
                "name": "Additional repo copr_local_hello",
            },
        ],
    }


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        (
            {"pkgs": ["https://example.com/hello.tar.gz"]},
            "{'pkgs': [\"URLs must end with .src.rpm, .nosrc.rpm, or .spec"
            " ('https://example.com/hello.tar.gz' doesn't seem to be a valid URL).\"]}",
        ),
        (
            {"pkgs": ["hello.src.rpm"]},
            "{'pkgs': [\"A list of http[s] URLs separated by whitespace characters is needed"
            " ('hello.src.rpm' doesn't seem to be a valid URL).\"]}",
        ),
        ({"pkgs": []}, "{'pkgs': ['URLs to packages are required']}"),
        (
            {"pkgs": ["https://example.com/a.SPEC", "x"]},
            "{'pkgs': [\"A list of http[s] URLs separated by whitespace characters is needed"
            " ('x' doesn't seem to be a valid URL).\", \"URLs must end with .src.rpm, .nosrc.rpm, or .spec"
            " ('https://example.com/a.SPEC' doesn't seem to be a valid URL).\"]}",
        ),
        (
            {"chroots": ["epel-10-x86_64"]},
            "{'chroots': [\"'epel-10-x86_64' is not a valid choice for this field.\"]}",
        ),
        (
            {"timeout": 999_999_999, "bootstrap": "x", "isolation": "x"},
            "{'timeout': ['Number must be between 0 and 108000.'], 'bootstrap': ['Not a valid choice.'],"
            " 'isolation': ['Not a valid choice.']}",
        ),
    ],
)
def test_bad_options_are_named(fields: dict[str, Any], error: str, api: Any) -> None:
    body = {"ownername": "local", "projectname": "hello", "pkgs": [URL.format("a")], **fields}
    assert api.error("POST", "/build/create/url", 400, body) == f"Bad request parameters: {error}"


def test_a_spec_file_is_no_source_package_yet(api: Any, submit: Any, script: Any) -> None:
    script.hold()
    body = {"ownername": "local", "projectname": "hello", "pkgs": "https://example.com/hello.spec"}
    made = api.call("POST", "/build/create/url", body)["items"][0]
    assert made["source_package"]["url"] is None


def test_a_build_can_go_into_a_folder_of_the_project(submit: Any, api: Any, copr: LocalCopr) -> None:
    build_id = submit(project_dirname="hello:custom:pr1")["id"]
    over = api.wait(build_id)
    results = f"{copr.url}/results/local/hello"
    assert (over["project_dirname"], over["repo_url"]) == ("hello:custom:pr1", results)
    assert (
        api.get(f"/build-chroot/{build_id}/{X86}")["result_url"]
        == f"{results}:custom:pr1/{X86}/00000001-hello/"
    )
    assert (copr.data / "results/local/hello:custom:pr1" / ARM / "repodata/repomd.xml").exists()
    for name, error in (
        ("other:dir", "Copr dirname must start with 'hello:' prefix"),
        ("hello:x", "Please use directory format hello:custom:<SUFFIX_OF_CHOICE> or hello:pr:<ID>"),
        ("hello:pr:x", "Please use directory format hello:custom:<SUFFIX_OF_CHOICE> or hello:pr:<ID>"),
        ("hello:custom:../../x", "Wrong directory 'hello:custom:../../x' specified."),
        ("hello:custom:my-x", "Wrong directory 'hello:custom:my-x' specified."),
        ("hello:pr:", "Wrong directory 'hello:pr:' specified."),
    ):
        body = {
            "ownername": "local",
            "projectname": "hello",
            "pkgs": [URL.format("a")],
            "project_dirname": name,
        }
        assert api.error("POST", "/build/create/url", 400, body).startswith(error)
        assert api.error("POST", "/build/check-before-build", 400, body).startswith(error)


def test_what_a_submission_needs(api: Any, anonymous: Any, log_in: Callable[..., Any]) -> None:
    body = {"ownername": "local", "projectname": "hello", "pkgs": [URL.format("a")]}
    for path in ("/build/create/url", "/build/check-before-build"):
        anonymous.call("POST", path, body, expect=401)
        nope = {**body, "projectname": "nope"}
        assert api.error("POST", path, 404, nope) == "Project local/nope does not exist."
        assert api.error("POST", path, 500, {"pkgs": body["pkgs"]}) == BUG
        refused = api.raw("POST", path, data=b'{"ownername": "local"}')
        assert refused.status_code == 415
        assert refused.get_json()["error"].startswith("Did not attempt to load JSON data because")
        assert api.raw("POST", path, data=b"{", content_type="application/json").status_code == 400
    bob = log_in("bob")
    error = bob.error("POST", "/build/create/url", 403, body)
    assert error == "User bob is not allowed to build in the copr: local/hello"
    error = bob.error("POST", "/build/check-before-build", 403, body)
    assert error == "User 'bob' is not allowed to build in 'local/hello'"
    forge = {**body, "packit_forge_project": "github.com/other/x"}
    error = api.error("POST", "/build/create/url", 403, forge)
    assert error == "Forge project github.com/other/x can't build in this Copr via Packit."
    assert api.call("POST", "/build/check-before-build", body) == {
        "message": "It should be safe to submit a build like this"
    }


def test_a_form_is_as_good_as_json(api: Any) -> None:
    form = {"ownername": "local", "projectname": "hello", "pkgs": URL.format("form"), "chroots": X86}
    made = api.raw("POST", "/build/create/url", data=form).get_json()
    assert made["items"][0]["chroots"] == [X86]


@pytest.mark.parametrize(
    ("sent", "is_background"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0, False),
        (0.0, False),
        ("0", True),
        ("false", False),
        ("", False),
    ],
)
def test_what_is_true_and_what_is_false(submit: Any, script: Any, sent: Any, is_background: bool) -> None:
    script.hold()
    assert submit(background=sent)["is_background"] is is_background


@pytest.mark.parametrize(("sent", "timeout"), [(60.9, 60), ("60", 60), (True, 1)])
def test_numbers_of_json_become_whole_numbers(
    submit: Any, script: Any, api: Any, sent: Any, timeout: int
) -> None:
    script.hold()
    config = api.get(f"/build/source-build-config/{submit(timeout=sent)['id']}")
    assert config["timeout"] == timeout


@pytest.mark.parametrize("sent", ["60.9", "soon", float("inf"), float("nan"), 10**400])
def test_what_is_no_number_is_refused(api: Any, sent: Any) -> None:
    body = {"ownername": "local", "projectname": "hello", "pkgs": [URL.format("hello")], "timeout": sent}
    assert "Not a valid integer value." in api.error("POST", "/build/create/url", 400, body)
