"""The options of `copr-local serve` for builds, and the settings that they give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
import pytest
from click.testing import CliRunner

from copr_local.builders.settings import DEFAULTS, FEDORA_LOOKASIDE, Settings
from copr_local.builders.tasks import Limits
from copr_local.cli.build_options import build_options

CACHE = "https://example.com/{name}/{filename}/{hashtype}/{hash}"


def settings_of(*arguments: str) -> Settings:
    found: list[Settings] = []

    @click.command()
    @build_options
    def command(settings: Settings) -> None:
        found.append(settings)

    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return found[0]


def test_without_options_the_settings_are_those_of_the_library_but_for_private_networks() -> None:
    # The command serves other people, who could reach what only this machine can reach.
    assert settings_of() == replace(DEFAULTS, private_networks=False)
    assert settings_of("--private-networks") == DEFAULTS


def test_every_option_is_a_setting() -> None:
    arguments = "--foreign-architecture skip --build-requires check --sign --pypi http://a/ --memory 0.5"
    arguments += " --source-chroot fedora-45-x86_64 --timeout 600"
    wanted = Settings(
        foreign_architecture="skip",
        build_requires="check",
        pypi="http://a/",
        limits=Limits(memory=512 * 1024**2, disk=2 * 1024**3),
        timeout=600,
        sign=True,
        source_chroot="fedora-45-x86_64",
        private_networks=False,
        lookaside={"fedora": FEDORA_LOOKASIDE, "mine": CACHE},
    )
    assert settings_of(*arguments.split(), "--disk", "2", "--lookaside", f"mine={CACHE}") == wanted


@pytest.mark.parametrize(
    "arguments",
    [
        ["--lookaside", "mine"],
        ["--memory", "0"],
        ["--disk", "much"],
        ["--timeout", "0"],
        ["--foreign-architecture", "try"],
    ],
)
def test_an_option_that_makes_no_sense_is_refused(arguments: Any) -> None:
    @click.command()
    @build_options
    def command(settings: Settings) -> None:
        raise AssertionError(settings)

    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert arguments[0] in done.output


@pytest.mark.parametrize(
    ("fields", "built"),
    [
        ({"chroots": ["fedora-*"]}, ["fedora-45-aarch64", "fedora-45-x86_64"]),
        ({"chroots": ["fedora-45-[ax]*", "fedora-45-x86_64"]}, ["fedora-45-aarch64", "fedora-45-x86_64"]),
        ({"chroots": ["*-x86_64"]}, ["fedora-45-x86_64"]),
        ({"exclude_chroots": ["*-aarch6?"]}, ["fedora-45-x86_64"]),
        ({"chroots": ["fedora-*"], "exclude_chroots": ["*-x86_64"]}, ["fedora-45-aarch64"]),
    ],
)
def test_chroots_of_a_build_may_be_patterns(api: Any, fields: dict[str, Any], built: list[str]) -> None:
    api.project("patterns")
    build = api.upload(projectname="patterns", **fields)
    assert api.wait(build["id"])["chroots"] == built


@pytest.mark.parametrize("field", ["chroots", "exclude_chroots"])
def test_a_pattern_without_a_chroot_is_refused(api: Any, field: str) -> None:
    api.project("patterns")
    error = api.upload(projectname="patterns", expect=400, **{field: ["epel-*"]})["error"]
    assert "epel-*" in error
