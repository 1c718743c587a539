"""Packages with one version: a repository lists only that of the newest build."""

from __future__ import annotations

import gzip
import re
import shutil

import pytest

from copr_local.builders.repository import metadata
from copr_local.builders.repository.update import update_repository
from copr_local.builders.results import write_results
from copr_local.builders.tasks import BuiltPackage

FILE = "hello-1.0-1.noarch.rpm"


@pytest.fixture
def chroot(tmp_path):
    directory = tmp_path / "results" / "fedora-45-x86_64"
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def add(chroot, build_rpm, spec):
    """Add the RPM of a build, with the id of the build as its summary."""

    def add(number, epoch=0):
        text = spec(f"Epoch: {epoch}" if epoch else "").replace("A package of the tests\n", f"Of {number}\n")
        folder = chroot / f"{number:08d}-hello"
        folder.mkdir()
        shutil.copy2(build_rpm(text), folder)
        write_results(folder, [BuiltPackage("hello", epoch, "1.0", "1", "noarch")])

    return add


def listed(repository):
    """Return the summaries of the packages in a repository, which name their builds."""
    name = metadata.files_of(repository / "repodata/repomd.xml")["primary"]
    text = gzip.decompress((repository / "repodata" / name).read_bytes()).decode()
    return sorted(re.findall("<summary>Of ([0-9]+)</summary>", text), key=int)


def test_the_newest_build_of_a_version_is_listed_and_the_one_before_after_its_deletion(chroot, add):
    for number in (9, 100_000_000, 10):
        add(number)
        update_repository(chroot)
    assert listed(chroot) == ["100000000"]
    for number, left in ((100_000_000, ["10"]), (10, ["9"]), (9, [])):
        shutil.rmtree(chroot / f"{number:08d}-hello")
        update_repository(chroot)
        assert listed(chroot) == left


def test_another_epoch_is_another_package(chroot, add):
    add(1, epoch=1)
    add(2)
    add(3, epoch=1)
    update_repository(chroot)
    assert listed(chroot) == ["2", "3"]


def test_a_file_of_no_build_is_older_than_any_build(chroot, add):
    add(1)
    shutil.copy(chroot / "00000001-hello" / FILE, chroot / FILE)
    shutil.copytree(chroot / "00000001-hello", chroot / "zzz-hello")
    update_repository(chroot)
    assert locations(chroot) == [f"00000001-hello/{FILE}"]


def locations(repository):
    name = metadata.files_of(repository / "repodata/repomd.xml")["primary"]
    text = gzip.decompress((repository / "repodata" / name).read_bytes()).decode()
    return re.findall('<location href="(.*?)"', text)


def test_in_devel_mode_the_published_build_stays_until_it_is_deleted(chroot, add):
    add(1)
    update_repository(chroot)
    add(2)
    update_repository(chroot)
    add(3)
    update_repository(chroot / "devel")
    assert (listed(chroot), listed(chroot / "devel")) == (["2"], ["3"])
    shutil.rmtree(chroot / "00000002-hello")
    update_repository(chroot / "devel")
    assert (listed(chroot), listed(chroot / "devel")) == (["1"], ["3"])
    update_repository(chroot)
    assert (listed(chroot), listed(chroot / "devel")) == (["3"], ["3"])
