"""The dnf configurations of chroots: what is stored, what is refused, and those of public repositories."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from copr_local import LocalCopr
from copr_local.builders.macros import parse_chroot
from copr_local.builders.roots.configuration import parse_configuration
from copr_local.cli import main
from copr_local.releases import CHROOTS, public_configuration

TEXT = "[mine]\nbaseurl=http://127.0.0.1:9/$releasever/$basearch\n"


@pytest.fixture
def data(tmp_path):
    with LocalCopr(tmp_path / "data", builds="scripted") as copr:
        return copr.data


def run(*arguments):
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_a_chroot_is_added_with_a_file_of_repositories(data, tmp_path):
    (tmp_path / "mine.conf").write_text(TEXT)
    done = run("chroot", "add", "fedora-44-x86_64", "--repos", tmp_path / "mine.conf", "--data", data)
    assert done.exit_code == 0, done.output
    assert (data / "chroots" / "fedora-44-x86_64.conf").read_text() == TEXT


@pytest.mark.parametrize(
    "text", ["", "no section", "[main]\n", "[mine]\nname=x\n", "[copr-local]\ninstal=x\n[a]\nbaseurl=x\n"]
)
def test_a_file_without_repositories_is_refused_and_nothing_is_changed(data, tmp_path, text):
    (tmp_path / "mine.conf").write_text(text)
    done = run("chroot", "add", "fedora-30-x86_64", "--repos", tmp_path / "mine.conf", "--data", data)
    assert done.exit_code != 0
    assert "mine.conf cannot be used: " in done.output
    assert "fedora-30-x86_64" not in run("chroot", "list", "--data", data).output


def test_public_repositories_are_those_of_the_release(data):
    done = run("chroot", "add", "epel-9-x86_64", "--public", "--data", data)
    assert done.exit_code == 0, done.output
    text = (data / "chroots" / "epel-9-x86_64.conf").read_text()
    configuration = parse_configuration(text, parse_chroot("epel-9-x86_64"))
    assert list(configuration.repositories) == ["baseos", "appstream", "crb", "extras-common", "epel"]
    url = configuration.expanded(configuration.repositories["epel"]["metalink"])
    assert url == "https://mirrors.fedoraproject.org/metalink?repo=epel-9&arch=x86_64"
    assert not configuration.is_local()


@pytest.mark.parametrize("chroot", CHROOTS)
def test_each_release_has_public_repositories_that_are_signed(chroot):
    configuration = parse_configuration(public_configuration(chroot), parse_chroot(chroot))
    for options in configuration.repositories.values():
        assert options["gpgcheck"] == "1"
        assert options["gpgkey"].startswith("https://")


@pytest.mark.parametrize(
    ("release", "has"),
    [
        ("fedora-45", set()),  # its group has them
        ("fedora-eln", set()),
        ("epel-8", {"gcc", "gcc-c++", "make"}),
        ("centos-stream-9", {"make"}),
        ("epel-10", set()),
    ],
)
def test_specs_have_to_name_the_tools_that_they_have_to_name_at_a_real_copr(release, has):
    chroot = f"{release}-x86_64"
    installed = set(parse_configuration(public_configuration(chroot), parse_chroot(chroot)).install)
    assert installed & {"gcc", "gcc-c++", "make"} == has
    assert installed & {"rpm-build", "@buildsys-build"}


@pytest.mark.parametrize("chroot", ["mageia-9-x86_64", "fedora-45-i386"])
def test_a_chroot_without_known_public_repositories_is_named(data, chroot):
    done = run("chroot", "add", chroot, "--public", "--data", data)
    assert done.exit_code != 0
    assert chroot in done.output
