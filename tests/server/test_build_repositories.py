"""The repositories of the build configuration: those of a real Copr, for folders and other projects."""

from __future__ import annotations

from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.rules.repository_addresses import expanded, priority

X86 = "fedora-45-x86_64"


def repositories(api: Any, build_id: int) -> dict[str, dict[str, Any]]:
    api.wait(build_id)
    config = api.get("/build-chroot/build-config", build_id=build_id, chrootname=X86)
    return {each.pop("id"): each for each in config["repos"]}


def test_a_build_for_a_folder_sees_the_project_and_the_folder(api: Any, submit: Any, copr: LocalCopr) -> None:
    api.project(devel_mode=True, module_hotfixes=True)
    found = repositories(api, submit(project_dirname="hello:custom:next")["id"])
    own = f"{copr.url}/results/local/hello"
    assert {name: each["baseurl"] for name, each in found.items()} == {
        "copr_base": f"{own}/{X86}/",
        "copr_base_devel": f"{own}/{X86}/devel/",
        "copr_coprdir": f"{own}:custom:next/{X86}/",
    }
    assert {
        name: (each["name"], each["module_hotfixes"], each["repo_gpgcheck"]) for name, each in found.items()
    } == {
        "copr_base": ("Copr repository", True, False),
        "copr_base_devel": ("Copr buildroot", None, None),
        "copr_coprdir": ("Copr directory", None, False),
    }


@pytest.mark.parametrize("ending", ["", "/", "?priority=7", ":custom:x", ":pr:1?priority=7"])
def test_another_projects_options_are_taken_over(api: Any, submit: Any, copr: LocalCopr, ending: str) -> None:
    api.project("tools", module_hotfixes=True)
    address = f"copr://local/tools{ending}"
    api.project(additional_repos=[address])
    found = repositories(api, submit()["id"])
    (other,) = (each for name, each in found.items() if name != "copr_base")
    folder = "tools" + ending.partition("?")[0].rstrip("/")
    assert other["baseurl"] == f"{copr.url}/results/local/{folder}/{X86}/"
    assert (other["module_hotfixes"], other["repo_gpgcheck"]) == (True, False)
    assert other["priority"] == (7 if "?" in ending else None)


def test_a_deleted_project_stays_in_the_list_so_that_the_build_fails(
    api: Any, submit: Any, copr: LocalCopr
) -> None:
    api.project("tools", module_hotfixes=True)
    api.project(additional_repos=["copr://local/tools"])
    api.call("DELETE", "/project/delete/local/tools", {"verify": True})
    other = repositories(api, submit()["id"])["copr_local_tools"]
    assert other["baseurl"] == f"{copr.url}/results/local/tools/{X86}/"
    assert (other["module_hotfixes"], other["repo_gpgcheck"]) == (None, None)


@pytest.mark.parametrize(
    ("address", "baseurl", "priority"),
    [
        ("http://x/a?priority=5&b=$basearch", "http://x/a?b=$basearch", 5),
        ("http://x/a?b=$releasever&priority=5&c=%20+", "http://x/a?b=$releasever&c=%20+", 5),
        ("http://x/a?a=&priority=3", "http://x/a?a=", 3),
        ("http://x/a?a&priority=3#end", "http://x/a?a#end", 3),
        ("http://x/$chroot/$distname?priority=44", f"http://x/{X86}/fedora", 44),
        ("http://x/a?priority=" + "9" * 5000, "http://x/a", None),
        ("http://x/a?priority=²", "http://x/a", None),
        ("http://x/a?b=priority", "http://x/a?b=priority", None),
    ],
)
def test_only_the_priority_is_removed_from_a_url(
    api: Any, submit: Any, address: str, baseurl: str, priority: int | None
) -> None:
    api.project(additional_repos=[address])
    found = list(repositories(api, submit()["id"]).values())
    assert (found[1]["baseurl"], found[1]["priority"]) == (baseurl, priority)


def test_an_option_of_a_url_ends_at_the_first_equals_sign() -> None:
    for url in ("http://x/a?priority=5=6", "http://x/a?prior%69ty=5"):
        assert expanded(url, X86) == "http://x/a"
    assert [priority("http://x/a?priority=5=6"), priority("http://x/a?prior%69ty=5")] == [None, 5]


def test_the_distribution_of_a_chroot_may_have_dashes() -> None:
    assert expanded("http://x/$distname", "centos-stream-9-x86_64") == "http://x/centos-stream"


@pytest.mark.parametrize("address", ["copr://local/nope?priority=3", "copr://bob/hello:custom:x"])
def test_a_project_that_does_not_exist_is_not_a_repository(api: Any, address: str) -> None:
    api.project()
    error = api.error("PUT", "/project/edit/local/hello", 400, {"additional_repos": [address]})
    assert error == f"repos: {address} does not exist."
