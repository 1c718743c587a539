"""copr-cli works with a local Copr, with our client and with the released one.

The commands are processes of their own; builds are real. Packages, chroots, permissions and forks are in
test_copr_cli_projects.py.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from copr_cli import finish

from copr_local import LocalCopr

CHROOTS = ("fedora-45-x86_64", "epel-10-x86_64")

SPEC = """\
Name: {name}
Version: 1.0
Release: 1%{{?dist}}
Summary: A text
License: MIT
BuildArch: noarch

%description
A text.

%build
{build}

%install
mkdir -p %{{buildroot}}%{{_datadir}}/{name}
echo built for %{{?fedora}}%{{?rhel}} > %{{buildroot}}%{{_datadir}}/{name}/text

%files
%{{_datadir}}/{name}
"""


@pytest.fixture(scope="module")
def project(cli) -> str:
    chroots = [option for chroot in CHROOTS for option in ("--chroot", chroot)]
    printed, _ = cli.run("create", "demo", *chroots, "--description", "A demonstration")
    assert printed == [f"New project was successfully created: {cli.copr.url}/coprs/local/demo/"]
    return "demo"


def make_srpm(folder: Path, name: str, build: str = "") -> Path:
    spec = folder / f"{name}.spec"
    spec.write_text(SPEC.format(name=name, build=build))
    subprocess.run(
        ["rpmbuild", "-bs", "--quiet", "--define", f"_topdir {folder}", "--define", "dist %{nil}", spec],
        check=True,
    )
    return folder / "SRPMS" / f"{name}-1.0-1.src.rpm"


@pytest.fixture(scope="module")
def srpm(tmp_path_factory) -> Path:
    return make_srpm(tmp_path_factory.mktemp("srpm"), "text")


@pytest.fixture(scope="module")
def endless_srpm(tmp_path_factory) -> Path:
    return make_srpm(tmp_path_factory.mktemp("endless"), "endless", "sleep 1000")


@pytest.fixture(scope="module")
def broken_srpm(tmp_path_factory) -> Path:
    return make_srpm(tmp_path_factory.mktemp("broken"), "broken", "exit 1")


@pytest.fixture(scope="module")
def built(cli, project, srpm) -> str:
    """A successful build."""
    build = cli.build(project, srpm)
    assert cli.wait_for(build, "succeeded", "failed") == "succeeded"
    return build


@pytest.fixture(scope="module", autouse=True)
def followed(cli, project, srpm) -> Iterator[subprocess.Popen[str]]:
    """A command that submits a build and follows it. It polls rarely, so other tests run in between."""
    with cli.start("build", project, srpm) as process:
        yield process
        process.kill()


def test_whoami_prints_the_user_of_the_configuration(cli):
    assert cli.run("whoami") == (["local"], [])


def test_list_chroots_prints_the_chroots_of_the_service(cli):
    printed, _ = cli.run("list-chroots")

    assert set(CHROOTS) <= set(printed)


def test_a_project_is_listed_shown_modified_and_deleted(cli):
    cli.run("create", "brief", "--chroot", CHROOTS[0], "--description", "First words")
    shown = [
        "Name: brief",
        "  Description: First words",
        "  Repo(s):",
        f"    {CHROOTS[0]}: {cli.copr.url}/results/local/brief/{CHROOTS[0]}/",
    ]
    listed = "\n".join(cli.run("list")[0])
    assert "\n".join(shown) in listed
    assert cli.run("get", "local/brief")[0][:4] == shown

    cli.run("modify", "brief", "--description", "Second words", "--chroot", CHROOTS[1])
    changed = cli.run("get", "brief")[0]
    assert changed[1] == "  Description: Second words"
    assert changed[3].startswith(f"    {CHROOTS[1]}: ")

    assert cli.run("delete", "brief")[0] == ["Project brief has been deleted."]
    assert "Name: brief" not in cli.run("list")[0]


def test_a_build_that_has_ended_is_watched_and_listed(cli, project, built):
    printed, _ = cli.run("watch-build", built)
    assert printed[-1].endswith(f"Build {built}: succeeded")

    builds = json.loads("\n".join(cli.run("list-builds", project, "--output-format", "json")[0]))
    assert {"id": int(built), "name": "text", "state": "succeeded"} in builds
    assert f"{built}\ttext\tsucceeded" in cli.run("list-builds", project)[0]


def test_what_a_build_made_is_downloaded_and_is_what_rpm_reads(cli, built, tmp_path):
    cli.run("download-build", built, "--dest", tmp_path)

    for chroot, dist in zip(CHROOTS, ("fc45", "el10"), strict=True):
        package = tmp_path / chroot / f"text-1.0-1.{dist}.noarch.rpm"
        asked = ["rpm", "--query", "--package", "--nosignature", "--list", package]
        files = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
        assert "/usr/share/text/text" in files.splitlines()
        assert (tmp_path / chroot / f"text-1.0-1.{dist}.src.rpm").exists()
        assert (tmp_path / chroot / "builder-live.log.gz").exists()


def test_downloads_are_limited_to_packages_and_chroots(cli, built, tmp_path):
    cli.run("download-build", built, "--dest", tmp_path, "--rpms", "--chroot", CHROOTS[1])

    names = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {f"{CHROOTS[1]}/text-1.0-1.el10.{kind}.rpm" for kind in ("noarch", "src")}


def test_a_build_is_for_the_chroots_that_were_asked_for(cli, project, srpm, tmp_path):
    printed, _ = cli.run("build", project, srpm, "--nowait", "--chroot", CHROOTS[0])
    build = printed[-1].removeprefix("Created builds: ")
    cli.wait_for(build, "succeeded", "failed")
    cli.run("download-build", build, "--dest", tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [CHROOTS[0]]


def test_a_running_build_is_cancelled(cli, project, endless_srpm):
    build = cli.build(project, endless_srpm)
    cli.wait_for(build, "running")

    assert cli.run("cancel", build)[0] == ["canceled"]
    assert cli.run("status", build)[0] == ["canceled"]
    _, errors = cli.run("watch-build", build, status=4)
    assert errors[-1] == f"Build error: Build(s) {build} canceled."


def test_a_failed_build_ends_watching_with_its_own_status(cli, project, broken_srpm):
    build = cli.build(project, broken_srpm)
    assert cli.wait_for(build, "succeeded", "failed") == "failed"

    _, errors = cli.run("watch-build", build, status=4)
    assert errors[-1] == f"Build error: Build(s) {build} failed."


def test_builds_are_deleted_together(cli, project, srpm):
    builds = [cli.build(project, srpm) for _ in range(2)]
    for build in builds:
        cli.wait_for(build, "succeeded")

    assert cli.run("delete-build", *builds)[0] == [f"Build(s) {', '.join(builds)} were deleted."]
    for build in builds:
        _, errors = cli.run("status", build, status=1)
        assert errors[-1] == f"Error: Build {build} does not exist."


def test_a_new_token_replaces_the_old_one(cli, tmp_path):
    mine, stale = tmp_path / "mine.conf", tmp_path / "stale.conf"
    user = cli.copr.add_user("someone")
    lines = [f"{name} = {value}\n" for name, value in user.items()]
    for path in (mine, stale):
        path.write_text("".join(["[copr-cli]\n", *lines]))

    assert cli.run("new-api-token", config=mine)[0] == [f"New API token was updated in {mine}."]
    cli.run("create", "theirs", "--chroot", CHROOTS[0], config=mine)
    _, errors = cli.run("delete", "theirs", config=stale, status=1)
    assert "Login invalid/expired" in errors[-1]


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (["status", "999999"], 1, "Error: Build 999999 does not exist."),
        (["get", "absent"], 1, "Error: Project local/absent does not exist."),
        (["build", "demo", "absent.src.rpm"], 3, "Error: File absent.src.rpm not found"),
    ],
)
def test_an_error_is_told_with_its_exit_status(cli, project, arguments, status, error):
    assert cli.run(*arguments, status=status)[1][-1] == error


def test_a_service_that_is_not_there_is_told_by_its_address(cli, tmp_path):
    with LocalCopr() as gone:
        config = tmp_path / "gone.conf"
        config.write_text(gone.config_path.read_text())
        url = gone.url

    _, errors = cli.run("list", config=config, status=1)
    assert errors[-1].startswith(f"Error: Unable to connect to {url}")


def test_a_build_is_submitted_and_followed_to_its_end(cli, project, srpm, followed):
    printed, _ = finish(followed)

    build = printed[3].removeprefix("Created builds: ")
    assert printed[:3] == [
        f"Uploading package {srpm}",
        f"Build was added to {project}:",
        f"  {cli.copr.url}/coprs/build/{build}",
    ]
    assert printed[4] == "Watching build(s): (this may be safely interrupted)"
    assert printed[-1].endswith(f"Build {build}: succeeded")
