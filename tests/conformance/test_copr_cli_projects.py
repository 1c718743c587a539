"""copr-cli on packages, chroots, permissions and forks of a local Copr, with our client and the released one.

The service clones a git repository over loopback; what is built from it is really built.
"""

from __future__ import annotations

import functools
import json
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

CHROOTS = ("fedora-45-x86_64", "epel-10-x86_64")

SPEC = """\
Name: greeting
Version: 2.0
Release: 1%{?dist}
Summary: A text
License: MIT
BuildArch: noarch

%description
A text.

%files
"""

MADE = ["Create or edit operation was successful."]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Iterator[str]:
    """The URL of a git repository with a spec file."""
    folder: Path = tmp_path_factory.mktemp("git") / "greeting"
    folder.mkdir()
    (folder / "greeting.spec").write_text(SPEC)
    for command in (
        "init --quiet --initial-branch=main",
        "add --all",
        "-c user.name=A -c user.email=a@example.com commit --quiet --message First",
        "update-server-info",
    ):
        subprocess.run(["git", *command.split()], cwd=folder, check=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/.git"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def project(cli) -> str:
    chroots = [option for chroot in CHROOTS for option in ("--chroot", chroot)]
    cli.run("create", "things", *chroots)
    return "things"


@pytest.fixture(scope="module")
def greeting(cli, project, repository) -> str:
    """A package of the project, with the repository as its source."""
    assert cli.run("add-package-scm", project, "--name", "greeting", "--clone-url", repository)[0] == MADE
    return "greeting"


@pytest.fixture(scope="module")
def built(cli, project, greeting) -> str:
    """A successful build of the package."""
    printed, _ = cli.run("build-package", project, "--name", greeting, "--nowait")
    build = printed[-1].removeprefix("Created builds: ")
    assert cli.wait_for(build, "succeeded", "failed") == "succeeded"
    return build


def document(printed):
    return json.loads("\n".join(printed))


def test_a_package_is_shown_with_its_source(cli, project, greeting, repository):
    shown = document(cli.run("get-package", project, "--name", greeting)[0])

    assert shown["name"] == greeting
    assert shown["source_type"] == "scm"
    assert shown["source_dict"]["clone_url"] == repository
    assert greeting in cli.run("list-package-names", project)[0]


def test_a_package_is_built_from_its_git_repository(cli, project, greeting, built, tmp_path):
    cli.run("download-build", built, "--dest", tmp_path, "--rpms")

    for chroot, dist in zip(CHROOTS, ("fc45", "el10"), strict=True):
        assert (tmp_path / chroot / f"greeting-2.0-1.{dist}.noarch.rpm").exists()
    shown = document(cli.run("get-package", project, "--name", greeting, "--with-latest-build")[0])
    assert shown["latest_build"]["id"] == int(built)


def test_a_build_of_a_commit_needs_no_package(cli, project, repository):
    printed, _ = cli.run("buildscm", project, "--clone-url", repository, "--commit", "main", "--nowait")

    build = printed[-1].removeprefix("Created builds: ")
    assert cli.wait_for(build, "succeeded", "failed") == "succeeded"


def test_the_monitor_shows_the_newest_build_of_each_chroot(cli, project, built):
    rows = document(cli.run("monitor", project, "--output-format", "json")[0])

    states = {(row["name"], row["chroot"]): row["state"] for row in rows}
    assert {states["greeting", chroot] for chroot in CHROOTS} == {"succeeded"}


@pytest.mark.parametrize(
    ("kind", "options", "source"),
    [
        ("pypi", ["--packagename", "sampleproject"], {"pypi_package_name": "sampleproject"}),
        ("rubygems", ["--gem", "rake"], {"gem_name": "rake"}),
        ("distgit", ["--commit", "f45"], {"committish": "f45"}),
        ("custom", ["--script-chroot", CHROOTS[0]], {"chroot": CHROOTS[0]}),
    ],
)
def test_a_package_of_each_kind_is_added_edited_reset_and_deleted(
    cli, project, tmp_path, kind, options, source
):
    if kind == "custom":
        script = tmp_path / "script"
        script.write_text("#!/bin/sh\ntouch x.spec\n")
        options = [*options, "--script", script]
    name = f"of-{kind}"
    assert cli.run(f"add-package-{kind}", project, "--name", name, *options)[0] == MADE
    assert (
        cli.run(f"edit-package-{kind}", project, "--name", name, *options, "--webhook-rebuild", "on")[0]
        == MADE
    )
    shown = document(cli.run("get-package", project, "--name", name)[0])
    assert shown["source_dict"].items() >= source.items()
    assert shown["auto_rebuild"] is True

    cli.run("reset-package", project, "--name", name)
    assert document(cli.run("get-package", project, "--name", name)[0])["source_type"] == "unset"
    cli.run("delete-package", project, "--name", name)
    assert name not in cli.run("list-package-names", project)[0]


def test_a_chroot_has_settings_of_its_own(cli, project):
    chroot = f"{project}/{CHROOTS[0]}"
    repo = "http://example.test/r"
    cli.run("edit-chroot", chroot, "--packages", "gcc make", "--repos", repo, "--rpmbuild-with", "x")

    shown = document(cli.run("get-chroot", chroot)[0])
    assert shown["additional_packages"] == ["gcc", "make"]
    assert shown["additional_repos"] == [repo]
    assert shown["with_opts"] == ["x"]
    assert "config_opts['chroot_additional_packages'] = 'gcc make'" in "\n".join(
        cli.run("mock-config", project, CHROOTS[0])[0]
    )
    cli.run("edit-chroot", chroot, "--packages", "", "--repos", "", "--rpmbuild-with", "")


def test_a_role_is_asked_for_given_and_shown(cli, project, tmp_path):
    name = f"friend-of-{cli.home.name}"
    user = cli.copr.add_user(name)
    config = tmp_path / "friend.conf"
    config.write_text("[copr-cli]\n" + "".join(f"{key} = {value}\n" for key, value in user.items()))
    cli.run("request-permissions", f"local/{project}", "--builder", config=config)
    assert "  builder: request" in cli.run("list-permissions", project)[0]

    cli.run("edit-permissions", project, "--builder", name)

    assert cli.run("list-permissions", project)[0][:3] == [
        f"{name}:",
        "  admin: nothing",
        "  builder: approved",
    ]


def test_a_fork_has_the_packages_and_the_builds(cli, project, built):
    cli.run("fork", project, "copied", "--confirm")

    assert "greeting" in cli.run("list-package-names", "copied")[0]
    forked = document(cli.run("list-builds", "copied", "--output-format", "json")[0])
    assert [build["name"] for build in forked] == ["greeting"]
    cli.run("delete", "copied")


def test_repositories_are_made_again(cli, project, built):
    printed, _ = cli.run("regenerate-repos", project)
    assert "local/things" in printed[-1]
