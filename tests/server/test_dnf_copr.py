"""dnf's copr plugins: that of dnf 4 runs, and what dnf 5's writes is installed from by dnf 4."""

from __future__ import annotations

import html
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from dnf5_copr import NotEnabled, repo_file

from copr_local import LocalCopr
from copr_local.builders.settings import Settings
from copr_local.rules import groups, users

Dnf = Callable[..., subprocess.CompletedProcess[str]]
ARCHITECTURE = platform.machine()
CHROOT = f"fedora-45-{ARCHITECTURE}"
SECOND = "fedora-45-i386"
SPEC = """\
Name: {name}
Version: 1
Release: 1
Summary: A package
License: MIT
BuildArch: noarch
{more}
%description
%{{summary}}.
%install
mkdir -p %{{buildroot}}/usr/share/{name}
%files
/usr/share/{name}
"""
PLUGIN = "[main]\ndistribution = fedora\nreleasever = 45\n"


@pytest.fixture(scope="module")
def copr() -> Iterator[LocalCopr]:
    """Start a service with a group."""
    with LocalCopr(chroots=[CHROOT, SECOND]) as copr:
        with copr.database.writing() as tx:
            groups.add(tx, "team", [users.get(tx, "local")])
        yield copr


def build(api: Any, owner: str, folder: str, name: str, more: str = "") -> None:
    """Build a package in a directory of a project."""
    form = {"ownername": owner, "projectname": folder.partition(":")[0], "project_dirname": folder}
    text = SPEC.format(name=name, more=more).encode()
    made = api.upload(f"{name}.spec", text, chroots=[CHROOT], **form)
    assert api.wait(made["id"])["state"] == "succeeded"


@pytest.fixture(scope="module")
def projects(copr: LocalCopr, api_class: Any) -> None:
    """Add a project, one that depends on it and has a directory, and one of a group, with a package each."""
    api = api_class(copr, copr.config["login"], copr.config["token"])
    api.project("base", chroots=[CHROOT])
    api.project("needs", chroots=[CHROOT, SECOND], multilib=True, runtime_dependencies="copr://local/base")
    api.project("ours", owner="@team", chroots=[CHROOT])
    build(api, "local", "base", "lower")
    build(api, "local", "needs", "upper", "Requires: lower")
    build(api, "local", "needs:pr:1", "proposed")
    build(api, "@team", "ours", "shared")


@pytest.fixture
def dnf_of(tmp_path: Path) -> Callable[[LocalCopr], Dnf]:
    """Return a function that gives dnf 4 with folders of its own, in which a service is the hub `here`."""
    return lambda copr: _dnf(copr, tmp_path)


@pytest.fixture
def dnf(dnf_of: Callable[[LocalCopr], Dnf], copr: LocalCopr, projects: None) -> Dnf:
    """Return dnf 4 for the service with projects."""
    return dnf_of(copr)


def _dnf(copr: LocalCopr, tmp_path: Path) -> Dnf:
    address = urlsplit(copr.url)
    (tmp_path / "plugins/copr.d").mkdir(parents=True)
    for name in ("repos", "log"):
        (tmp_path / name).mkdir()
    hub = f"[here]\nhostname = {address.hostname}\nprotocol = http\nport = {address.port}\n"
    (tmp_path / "plugins/copr.conf").write_text(PLUGIN + hub)
    folders = {"reposdir": "repos", "pluginconfpath": "plugins", "cachedir": "cache", "persistdir": "state"}
    folders |= {"logdir": "log", "installroot": "root"}
    options = [f"--setopt={option}={tmp_path / folder}" for option, folder in folders.items()]
    as_root = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
    environment = {**os.environ, "LC_ALL": "C", "no_proxy": "*", "HOME": str(tmp_path)}

    def run(*arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        plugins = ["--disableplugin=*", "--enableplugin=copr"]
        command = [*as_root, "dnf", *options, *plugins, "--releasever=45", "--assumeyes", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        assert done.returncode == expect, done.stdout[-600:] + done.stderr
        return done

    return run


def commands(copr: LocalCopr, path: str) -> list[str]:
    """Return the commands that a page shows to be copied."""
    page = copr.app.test_client().get(path).text
    return [html.unescape(text) for text in re.findall(r'<pre tabindex="0">(.+?)</pre>', page, re.DOTALL)]


def test_a_project_is_enabled_as_its_page_says(dnf: Dnf, copr: LocalCopr, tmp_path: Path) -> None:
    download, install, enable, hub = commands(copr, "/coprs/local/needs/")
    (tmp_path / "plugins/copr.conf").write_text(PLUGIN)
    text = "\n".join((hub, download, f"echo {enable}"))
    text = text.replace("/etc/dnf/", f"{tmp_path}/").replace("/etc/yum.repos.d", f"{tmp_path}/repos")
    done = subprocess.run(["sh", "-ec", text], check=True, capture_output=True, text=True)
    [downloaded] = (tmp_path / "repos").iterdir()
    text = downloaded.read_text()
    downloaded.unlink()
    program, *arguments = done.stdout.split()
    assert (program, arguments[-1]) == ("dnf", CHROOT)
    dnf(*arguments)
    [enabled] = (tmp_path / "repos").iterdir()
    assert enabled.read_text().split("\n\n")[0] == text.split("\n\n")[0].rstrip()
    assert install == "dnf install upper"


def test_a_project_is_enabled_installed_from_disabled_and_removed(dnf: Dnf, tmp_path: Path) -> None:
    dnf("copr", "enable", "here/local/needs", CHROOT)
    assert "local/needs" in dnf("copr", "list").stdout
    dnf("install", "upper", "--setopt=install_weak_deps=0")
    assert {each.name for each in (tmp_path / "root/usr/share").iterdir()} >= {"upper", "lower"}
    dnf("copr", "disable", "here/local/needs")
    assert "local/needs (disabled)" in dnf("copr", "list").stdout
    dnf("copr", "remove", "here/local/needs")
    assert list((tmp_path / "repos").iterdir()) == []


def test_folders_and_projects_of_groups_are_enabled(dnf: Dnf, tmp_path: Path) -> None:
    dnf("copr", "enable", "here/local/needs:pr:1", CHROOT)
    dnf("copr", "enable", "here/@team/ours", CHROOT)
    dnf("install", "proposed", "shared")
    assert {each.name for each in (tmp_path / "root/usr/share").iterdir()} >= {"proposed", "shared"}


def test_a_chroot_that_the_project_does_not_have_is_named_with_those_that_it_has(dnf: Dnf) -> None:
    said = dnf("copr", "enable", "here/local/base", "epel-9-x86_64", expect=1).stderr
    assert f"'{CHROOT}'" in said
    assert "does not exist" in dnf("copr", "enable", "here/local/nope", CHROOT, expect=1).stderr


def test_projects_are_listed_and_searched(dnf: Dnf, copr: LocalCopr) -> None:
    said = dnf("copr", "list", "--available-by-user=local", "--hub=here").stdout
    assert "local/base" in said
    found = dnf("copr", "search", "--hub=here", "need").stdout
    assert "local/needs" in found
    assert "local/base" not in found


def test_what_dnf_5_writes_is_installed_from(dnf: Dnf, copr: LocalCopr, tmp_path: Path) -> None:
    for owner, folder in (("local", "needs"), ("@team", "ours")):
        text = repo_file(copr.url, owner, folder, CHROOT)
        (tmp_path / f"repos/{folder}.repo").write_text(text)
    dnf("install", "upper", "shared")
    names = {each.name for each in (tmp_path / "root/usr/share").iterdir()}
    assert names >= {"upper", "lower", "shared"}


def test_signed_projects_are_installed_from(
    dnf_of: Callable[[LocalCopr], Dnf], api_class: Any, tmp_path: Path
) -> None:
    with LocalCopr(chroots=[CHROOT], settings=Settings(sign=True)) as copr:
        api = api_class(copr, copr.config["login"], copr.config["token"])
        api.project("base", chroots=[CHROOT])
        api.project("signed", chroots=[CHROOT], runtime_dependencies="copr://local/base")
        build(api, "local", "base", "lower")
        build(api, "local", "signed:pr:1", "upper", "Requires: lower")
        dnf = dnf_of(copr)
        dnf("copr", "enable", "here/local/signed:pr:1", CHROOT)
        [enabled] = (tmp_path / "repos").iterdir()
        assert enabled.read_text().count("gpgcheck=1\n") - enabled.read_text().count("repo_gpgcheck=1\n") == 2
        dnf("install", "upper", "--downloadonly")
        enabled.write_text(repo_file(copr.url, "local", "signed:pr:1", CHROOT))
        assert enabled.read_text().count("\ngpgcheck=1\n") == 2
        dnf("install", "upper")
        assert (tmp_path / "root/usr/share/lower").is_dir()


def test_dnf_5_names_the_chroots_too(copr: LocalCopr, projects: None) -> None:
    with pytest.raises(NotEnabled, match=CHROOT):
        repo_file(copr.url, "local", "base", "epel-9-x86_64")
    if ARCHITECTURE == "x86_64":
        assert ":needs:ml]" in repo_file(copr.url, "local", "needs", CHROOT)
