"""The content of repository metadata: kept records, new records, devel mode, groups; and its cost."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import time
import xml.etree.ElementTree as ElementTree

import pytest

from copr_local.builders.repository import metadata, update
from copr_local.builders.repository.update import update_repository
from copr_local.builders.tasks import BuildFailed

COMMON = "{http://linux.duke.edu/metadata/common}"


@pytest.fixture
def chroot(tmp_path):
    directory = tmp_path / "results" / "fedora-45-x86_64"
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def add(chroot, build_rpm, spec):
    """Put the RPM of a package into a folder of its own, as the result of the build with this id."""
    made = {}

    def add(number, name="hello"):
        if name not in made:
            made[name] = build_rpm(spec(name=name, sections=f"/usr/share/{name}\n%install\n{make(name)}"))
        folder = chroot / f"{number:08d}-{name}"
        folder.mkdir()
        return shutil.copy2(made[name], folder)

    def make(name):
        return f"mkdir -p %{{buildroot}}/usr/share/{name}; echo {name} > %{{buildroot}}/usr/share/{name}/data"

    return add


@pytest.fixture
def described(monkeypatch):
    """Return the packages that createrepo_c was asked to describe, one list for each call."""
    calls = []
    run = subprocess.run

    def watch(command, **options):
        if "--pkglist" in command:
            with open(command[command.index("--pkglist") + 1]) as names:
                calls.append(names.read().split())
        return run(command, **options)

    monkeypatch.setattr(update.subprocess, "run", watch)
    return calls


def files(folder):
    return {
        kind: folder / "repodata" / name
        for kind, name in metadata.files_of(folder / "repodata/repomd.xml").items()
    }


def packages(folder, kind="primary"):
    """Return the names of the packages in a metadata file, and check the count that the file states."""
    root = ElementTree.fromstring(gzip.decompress(files(folder)[kind].read_bytes()))
    names = [element.get("name") or element.findtext(f"{COMMON}name") for element in root]
    assert root.get("packages") == str(len(names))
    return sorted(names)


def locations(folder):
    text = gzip.decompress(files(folder)["primary"].read_bytes()).decode()
    return sorted(re.findall(r'<location href="(.*?)"', text))


def test_only_what_is_new_is_described_anew(chroot, add, described):
    for number, name in enumerate(("one", "two", "three"), start=1):
        add(number, name)
        update_repository(chroot)
    shutil.rmtree(chroot / "00000002-two")
    update_repository(chroot)
    assert described == [["00000001-one/one-1.0-1.noarch.rpm"]] + [
        [f"0000000{number}-{name}/{name}-1.0-1.noarch.rpm"] for number, name in ((2, "two"), (3, "three"))
    ]
    for kind in ("primary", "filelists", "other"):
        assert packages(chroot, kind) == ["one", "three"]


def test_kept_records_are_those_that_createrepo_would_write(chroot, add, tmp_path):
    for number, name in enumerate(("one", "two", "three"), start=1):
        add(number, name)
        update_repository(chroot)
    command = [update.program(), "--no-database", "--general-compress-type", "gz", "--outputdir"]
    subprocess.run([*command, tmp_path, chroot], check=True, capture_output=True)
    for kind, ours in files(chroot).items():
        theirs = files(tmp_path)[kind]
        read = [sorted(gzip.decompress(file.read_bytes()).split(b"<package ")[1:]) for file in (ours, theirs)]
        ends = [[record.partition(b"</package>")[0] for record in records] for records in read]
        assert ends[0] == ends[1]


def test_names_with_unusual_characters_are_known_again(chroot, add, described):
    add(1, "lib_c++.so-2.0")
    update_repository(chroot)
    update_repository(chroot)
    assert len(described) == 1
    assert locations(chroot) == ["00000001-lib_c++.so-2.0/lib_c++.so-2.0-1.0-1.noarch.rpm"]


def damage_one(chroot, kind, change):
    file = files(chroot)[kind]
    file.write_bytes(gzip.compress(change(gzip.decompress(file.read_bytes()))))


@pytest.mark.parametrize("kind", ["primary", "filelists", "other"])
@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda data: data.partition(b"</package>\n")[0] + b"</package>\n",
        lambda data: re.sub(rb"(pkgid=.*?)[0-9a-f]{20}", rb"\1" + b"0" * 20, data, count=1),
        lambda data: data.replace(b"</package>\n", b"</package>\n<package></package>\n", 1),
    ],
    ids=["empty", "cut", "another", "one more"],
)
def test_metadata_that_does_not_fit_together_is_made_anew(chroot, add, described, kind, change):
    add(1, "one")
    add(2, "two")
    update_repository(chroot)
    damage_one(chroot, kind, change)
    add(3, "three")
    update_repository(chroot)
    for each in ("primary", "filelists", "other"):
        assert packages(chroot, each) == ["one", "three", "two"]
    assert len(list((chroot / "repodata").iterdir())) == 1 + 3 + 3


def test_a_file_that_is_not_compressed_any_more_is_made_anew(chroot, add):
    add(1, "one")
    update_repository(chroot)
    files(chroot)["other"].write_bytes(b"junk")
    update_repository(chroot)
    assert packages(chroot, "other") == ["one"]


def test_the_same_rpm_in_two_builds_is_listed_once(chroot, add):
    add(1)
    update_repository(chroot)
    add(2)
    update_repository(chroot)
    assert locations(chroot) == ["00000002-hello/hello-1.0-1.noarch.rpm"]
    shutil.rmtree(chroot / "00000001-hello")
    update_repository(chroot)
    assert locations(chroot) == ["00000002-hello/hello-1.0-1.noarch.rpm"]


def test_files_of_createrepo_that_do_not_match_are_an_error_of_the_update(chroot, add, monkeypatch, tmp_path):
    add(1)
    program = tmp_path / "createrepo_c"
    program.write_text(
        f"""#!/bin/sh
{update.program()} "$@" || exit
while [ "$1" != --outputdir ]; do shift; done
for each in "$2"/repodata/*-other.xml.gz; do : > "$each"; done
"""
    )
    program.chmod(0o755)
    monkeypatch.setattr(update, "program", lambda: str(program))
    with pytest.raises(BuildFailed, match="the new metadata files do not match each other"):
        update_repository(chroot)
    assert not (chroot / "repodata").exists()


def test_in_devel_mode_only_the_devel_repository_follows(chroot, add):
    add(1, "one")
    update_repository(chroot)
    add(2, "two")
    update_repository(chroot / "devel")
    assert packages(chroot) == ["one"]
    assert packages(chroot / "devel") == ["one", "two"]
    assert all(location.startswith("../0000000") for location in locations(chroot / "devel"))
    update_repository(chroot)
    assert packages(chroot) == packages(chroot / "devel") == ["one", "two"]


def test_what_is_deleted_in_devel_mode_leaves_both_repositories(chroot, add):
    add(1, "one")
    add(2, "two")
    update_repository(chroot)
    add(3, "three")
    update_repository(chroot / "devel")
    shutil.rmtree(chroot / "00000001-one")
    update_repository(chroot / "devel")
    assert packages(chroot) == ["two"]
    assert packages(chroot / "devel") == ["three", "two"]


def test_groups_are_listed_as_long_as_there_is_a_comps_file(chroot, add):
    add(1)
    comps = chroot / "comps.xml"
    comps.write_text("<comps><group><id>tools</id></group></comps>\n")
    update_repository(chroot)
    update_repository(chroot)
    assert files(chroot)["group"].read_text() == comps.read_text()
    comps.unlink()
    update_repository(chroot)
    assert files(chroot).keys() == {"primary", "filelists", "other"}


def test_one_more_build_among_two_thousand_costs_less_than_a_second(chroot, add):
    first = add(1)
    for number in range(2, 2001):
        folder = chroot / f"{number:08d}-hello"
        folder.mkdir()
        os.link(first, folder / f"hello-1.{number}-1.noarch.rpm")
    update_repository(chroot)
    add(2001, "other")
    began = time.process_time()
    update_repository(chroot)
    assert time.process_time() - began < 1
    assert len(locations(chroot)) == 2001
