"""The chroots of a project: settings, comps files, chroots that are dropped and added again."""

from __future__ import annotations

import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from copr_local import LocalCopr
from copr_local.rules import chroots

CHROOT = "fedora-45-x86_64"
EDIT = f"/project-chroot/edit/local/hello/{CHROOT}"
COMPS = b'<?xml version="1.0" encoding="UTF-8"?>\n<comps><group><id>buildsys-build</id></group></comps>\n'


def get(api: Any, name: str = CHROOT, **kwargs: Any) -> Any:
    return api.get("/project-chroot", ownername="local", projectname="hello", chrootname=name, **kwargs)


def upload_comps(api: Any, content: bytes, **fields: Any) -> Any:
    data = {
        "upload_comps": (io.BytesIO(content), "../../groups.xml", "application/text"),
        "json": (io.BytesIO(json.dumps(fields).encode()), "json", "application/json"),
    }
    return api.raw("PUT", EDIT, data=data)


def test_settings_of_a_chroot_are_for_it_alone(api: Any) -> None:
    api.project()
    before = get(api, "fedora-45-aarch64")
    settings = {
        "additional_repos": ["https://example.com/x/"],
        "additional_packages": ["gcc", "make"],
        "additional_modules": ["nodejs:18", "!ruby:3"],
        "with_opts": ["tests"],
        "without_opts": ["docs"],
        "isolation": "nspawn",
    }
    made = api.call("PUT", EDIT, {**settings, "bootstrap": "on"})
    assert {name: made[name] for name in settings} == settings
    assert get(api) == made
    assert get(api, "fedora-45-aarch64") == before


def test_a_build_is_made_with_the_settings_of_its_chroot(api: Any, copr: LocalCopr) -> None:
    api.project(additional_repos=["https://example.com/all/"], devel_mode=True, bootstrap="off")
    api.call(
        "PUT", EDIT, {"with_opts": "a b", "bootstrap": "image", "additional_repos": "https://example.com/x/"}
    )
    build = api.wait(api.upload()["id"])
    config = api.get("/build-chroot/build-config", build_id=build["id"], chrootname=CHROOT)
    assert config["with_opts"] == ["a", "b"]
    assert config["bootstrap"] == "image"
    own = f"{copr.url}/results/local/hello/{CHROOT}/"
    assert [repository["baseurl"] for repository in config["repos"]] == [
        own,
        f"{own}devel/",
        "https://example.com/all/",
        "https://example.com/x/",
    ]
    other = api.get("/build-chroot/build-config", build_id=build["id"], chrootname="fedora-45-aarch64")
    assert (other["with_opts"], other["bootstrap"]) == ([], "off")


def test_fields_can_be_reset(api: Any) -> None:
    api.project()
    before = get(api)
    names = ["additional_packages", "additional_modules", "isolation", "bootstrap"]
    api.call("PUT", EDIT, {"additional_packages": "gcc", "additional_modules": "a:1", "isolation": "simple"})
    assert api.call("PUT", EDIT, {"reset_fields": names}) == before
    error = api.error("PUT", EDIT, 400, {"reset_fields": ["project_id"]})
    assert error == (
        "Trying to reset an invalid attribute: project_id\n"
        f"See `copr-cli get-chroot local/hello/{CHROOT}' for all the possible attributes"
    )


def test_every_setting_can_be_reset_by_itself(api: Any) -> None:
    api.project()
    before = get(api)
    changes: dict[str, Any] = {
        "additional_repos": ["https://example.com/x/"],
        "additional_packages": ["gcc"],
        "additional_modules": ["nodejs:18"],
        "with_opts": ["tests"],
        "without_opts": ["docs"],
        "isolation": "nspawn",
        "bootstrap": "on",
        "bootstrap_image": "registry.example.com/f:45",
    }
    for name, value in changes.items():
        changed = api.call("PUT", EDIT, {name: value})
        if name in before:  # how to bootstrap is only in configurations of builds
            assert changed[name] == value != before[name]
        assert api.call("PUT", EDIT, {"reset_fields": [name]}) == before
    api.call("PUT", EDIT, {"reset_fields": ["bootstrap"]})  # an image for it had set it
    api.wait(api.upload(chroots=[CHROOT])["id"])
    assert "bootstrap" not in api.get(f"/build-chroot/build-config/1/{CHROOT}")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"additional_modules": "a:1, a:2"}, "module_toggle: Module name 'a' specified multiple times"),
        (
            {"additional_modules": ["?a:1"]},
            "module_toggle: Module name '?a' must contain only letters, digits, dashes, underscores.",
        ),
        (
            {"additional_modules": ["a:"]},
            "module_toggle: Stream part of module name '' must contain only letters, digits, dashes,"
            " underscores.",
        ),
        ({"bootstrap": "custom_image"}, "bootstrap_image: Custom image is selected, but not specified"),
        (
            {"additional_repos": ["copr://local"]},
            "repos: A list of http[s] URLs separated by whitespace characters is needed ('copr://local'"
            " doesn't seem to be a valid URL).",
        ),
    ],
)
def test_a_bad_field_is_named(api: Any, body: Any, error: str) -> None:
    api.project()
    assert api.error("PUT", EDIT, 400, body) == error


def test_an_image_for_the_bootstrap_is_used_for_it(api: Any) -> None:
    api.project()
    api.call("PUT", EDIT, {"bootstrap_image": "registry.example.com/f:45"})
    api.wait(api.upload()["id"])
    config = api.get("/build-chroot/build-config", build_id=1, chrootname=CHROOT)
    assert (config["bootstrap"], config["bootstrap_image"]) == ("custom_image", "registry.example.com/f:45")


def test_a_comps_file_is_in_the_metadata_until_it_is_deleted(api: Any, copr: LocalCopr) -> None:
    api.project()
    repository = copr.data / "results/local/hello" / CHROOT

    def groups() -> list[str]:
        tree = ElementTree.parse(repository / "repodata/repomd.xml")
        kinds = [data.get("type") or "" for data in tree.iterfind("{*}data")]
        return [kind for kind in kinds if kind.startswith("group")]

    assert upload_comps(api, COMPS).get_json()["comps_name"] == "groups.xml"
    assert (repository / "comps.xml").read_bytes() == COMPS
    api.until(groups)
    assert get(api)["comps_name"] == "groups.xml"
    nothing_chosen = {"upload_comps": (io.BytesIO(), "", "application/octet-stream"), "with_opts": "a"}
    assert api.raw("PUT", EDIT, data=nothing_chosen).get_json()["comps_name"] == "groups.xml"
    assert upload_comps(api, COMPS, delete_comps=True).get_json()["comps_name"] == "groups.xml"
    assert api.call("PUT", EDIT, {"delete_comps": True})["comps_name"] is None
    api.until(lambda: not groups())
    assert not (repository / "comps.xml").exists()


def test_a_new_folder_of_the_project_has_the_comps_file_too(api: Any, copr: LocalCopr) -> None:
    api.project()
    upload_comps(api, COMPS)
    api.wait(api.upload(project_dirname="hello:custom:x")["id"])
    assert (copr.data / "results/local/hello:custom:x" / CHROOT / "comps.xml").read_bytes() == COMPS


@pytest.mark.parametrize("content", [b"", b"groups", b"<html/>", b"<comps>", b"<comps>\xff</comps>"])
def test_what_is_no_comps_file_is_refused(api: Any, content: bytes) -> None:
    api.project()
    response = upload_comps(api, content, with_opts=["a"])
    assert response.status_code == 400, response.text
    assert get(api)["with_opts"] == []


def test_a_chroot_that_is_dropped_keeps_its_settings_for_a_week(api: Any) -> None:
    api.project()
    api.call("PUT", EDIT, {"with_opts": "tests"})
    edit = lambda *names: api.call("PUT", "/project/edit/local/hello", {"chroots": names})  # noqa: E731
    edit("fedora-45-aarch64")
    assert get(api)["delete_after_days"] in (6, 7)
    assert list(edit("fedora-45-aarch64", CHROOT)["chroot_repos"]) == [CHROOT, "fedora-45-aarch64"]
    assert (get(api)["delete_after_days"], get(api)["with_opts"]) == (None, ["tests"])


def test_a_chroot_that_is_not_on_offer_any_more_is_not_built_for(api: Any, copr: LocalCopr) -> None:
    api.project()
    with copr.database.writing() as tx:
        chroots.offer(tx, {"fedora-45-aarch64": ""})
    build = api.wait(api.upload()["id"])
    assert build["chroots"] == ["fedora-45-aarch64"]


def test_a_chroot_that_the_project_never_chose_is_404(api: Any) -> None:
    api.project()
    assert get(api, "epel-10-x86_64", expect=404)["error"] == "Chroot name epel-10-x86_64 does not exist."
    assert get(api, "nope", expect=404)["error"] == "Chroot identification is not valid"
