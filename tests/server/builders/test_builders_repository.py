"""Repository metadata: how dnf reads it, what readers see while it changes, and the state after a crash."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.repository import update
from copr_local.builders.repository.update import update_repository
from copr_local.builders.tasks import BuildFailed

LOCATION = re.compile(r'<location href="([^"]+)"')
CHECKSUM = re.compile(r'<checksum type="sha256">([0-9a-f]+)</checksum>')


def read(directory: Path) -> tuple[list[Path], list[str]]:
    """Read a repository as dnf does: return its metadata files, which must be complete, and its packages."""
    return read_named(directory, (directory / "repodata" / "repomd.xml").read_text())


def read_named(directory: Path, index: str) -> tuple[list[Path], list[str]]:
    assert index.endswith("</repomd>\n")
    files = [directory / href for href in LOCATION.findall(index)]
    assert len(files) == 3
    for file, checksum in zip(files, CHECKSUM.findall(index), strict=True):
        assert hashlib.sha256(file.read_bytes()).hexdigest() == checksum
    (primary,) = (file for file in files if "primary" in file.name)
    return files, LOCATION.findall(gzip.decompress(primary.read_bytes()).decode())


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "results" / "fedora-42-x86_64"


@pytest.fixture
def package(build_rpm, spec):
    """Make the RPM of a package with a given name."""
    made = {}

    def make(name):
        if name not in made:
            made[name] = build_rpm(spec(name=name))
        return made[name]

    return make


def add(directory: Path, folder: str, rpm: Path, name: str = "") -> Path:
    (directory / folder).mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(rpm, directory / folder / (name or rpm.name)))


@pytest.fixture
def repoquery(tmp_path):
    """Ask dnf for the packages of a repository, with a root and a cache of its own."""

    def repoquery(url):
        command = [
            *("dnf", "--quiet", "--installroot", tmp_path / "root", "--releasever", "42"),
            *("--setopt", f"cachedir={tmp_path / 'cache'}", "--setopt", f"logdir={tmp_path}"),
            *("--setopt", f"reposdir={tmp_path / 'none'}", "--repofrompath", f"tested,{url}"),
            *("--repo", "tested", "--setopt", "tested.gpgcheck=0", "--refresh", "repoquery", "--available"),
        ]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", "no_proxy": "*"}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return repoquery


def test_dnf_reads_an_empty_repository(directory, repoquery):
    update_repository(directory)
    assert read(directory)[1] == []
    assert repoquery(directory.as_uri()) == []


def test_dnf_finds_what_was_built(make_srpm, chroot_task, spec, directory, file_server, repoquery):
    for number, name in enumerate(("hello", "world"), start=1):
        where = directory / f"0000000{number}-{name}"
        build_chroot(chroot_task(make_srpm(spec(name=name)), directory=where))
    update_repository(directory)
    expected = [
        *("hello-0:1.0-1.fc42.noarch", "hello-0:1.0-1.fc42.src"),
        *("world-0:1.0-1.fc42.noarch", "world-0:1.0-1.fc42.src"),
    ]
    assert sorted(repoquery(directory.as_uri())) == expected
    shutil.copytree(directory, file_server.folder / "repository")
    assert sorted(repoquery(f"{file_server.url}/repository/")) == expected


def test_the_repository_follows_what_comes_and_goes(directory, package):
    add(directory, "00000001-one", package("one"))
    update_repository(directory)
    add(directory, "00000002-two", package("two"))
    update_repository(directory)
    assert read(directory)[1] == ["00000001-one/one-1.0-1.noarch.rpm", "00000002-two/two-1.0-1.noarch.rpm"]
    shutil.rmtree(directory / "00000001-one")
    update_repository(directory)
    assert read(directory)[1] == ["00000002-two/two-1.0-1.noarch.rpm"]


def test_hidden_folders_are_left_out(directory, package):
    add(directory, "00000001-one/.work/home", package("one"))
    update_repository(directory)
    assert read(directory)[1] == []


def test_a_file_that_is_no_rpm_is_left_out_and_the_rest_is_published(directory, package, caplog):
    add(directory, "00000001-one", package("one"))
    add(directory, "00000002-bad", package("two")).write_text("not an RPM")
    skipped = update_repository(directory)
    assert read(directory)[1] == ["00000001-one/one-1.0-1.noarch.rpm"]
    assert "00000002-bad/two-1.0-1.noarch.rpm" in caplog.text
    assert skipped.keys() == {"00000002-bad/two-1.0-1.noarch.rpm"}


def test_an_unchanged_rpm_is_not_read_again(directory, package):
    rpm = add(directory, "00000001-one", package("one"))
    update_repository(directory)
    status = rpm.stat()
    rpm.write_bytes(b"x" * status.st_size)
    os.utime(rpm, ns=(status.st_atime_ns, status.st_mtime_ns))
    add(directory, "00000002-two", package("two"))
    update_repository(directory)
    # If the first file were read again, it would be left out: it is not an RPM any more.
    assert len(read(directory)[1]) == 2


def test_a_changed_rpm_is_read_again(directory, package):
    rpm = add(directory, "00000001-one", package("one"))
    update_repository(directory)
    rpm.write_bytes(package("another").read_bytes())
    update_repository(directory)
    (primary,) = (file for file in read(directory)[0] if "primary" in file.name)
    assert b"<name>another</name>" in gzip.decompress(primary.read_bytes())


def test_a_reader_with_the_old_index_still_finds_its_files(directory, package):
    update_repository(directory)
    old = (directory / "repodata" / "repomd.xml").read_text()
    for number in range(4):
        add(directory, f"0000000{number}-one", package(f"p{number}"))
        update_repository(directory)
    assert read_named(directory, old)[1] == []


def test_replaced_metadata_is_removed_after_the_time_of_grace(directory, package, monkeypatch):
    add(directory, "00000001-one", package("one"))
    update_repository(directory)
    old, _ = read(directory)
    add(directory, "00000002-two", package("two"))
    update_repository(directory)
    monkeypatch.setattr(update, "GRACE", 0.0)
    add(directory, "00000003-three", package("three"))
    update_repository(directory)
    assert [file for file in old if file.exists()] == []
    retired_now = 3
    assert len(list((directory / "repodata").iterdir())) == 1 + 3 + retired_now


def test_what_a_crash_left_is_removed(directory, package):
    add(directory, "00000001-one", package("one"))
    update_repository(directory)
    stray = directory / "repodata" / "0123-primary.xml.gz"
    stray.touch()
    os.utime(stray, (1, 1))
    half = directory / ".repodata.new" / "repodata" / "repomd.xml"
    half.parent.mkdir(parents=True)
    half.touch()
    update_repository(directory)
    assert not stray.exists()
    assert not (directory / ".repodata.new").exists()
    assert read(directory)[1] == ["00000001-one/one-1.0-1.noarch.rpm"]


@pytest.mark.parametrize("damaged", ["", "<repomd/>", "not XML"])
def test_a_damaged_index_is_replaced(directory, package, damaged):
    add(directory, "00000001-one", package("one"))
    update_repository(directory)
    (directory / "repodata" / "repomd.xml").write_text(damaged)
    update_repository(directory)
    assert read(directory)[1] == ["00000001-one/one-1.0-1.noarch.rpm"]


def test_a_reader_never_sees_half_a_repository(directory, package):
    rpms = [package("one"), package("two")]
    update_repository(directory)
    done = threading.Event()
    seen = []

    def poll():
        while not done.is_set():
            seen.append(len(read(directory)[1]))

    reader = threading.Thread(target=poll)
    reader.start()
    for number in range(10):
        add(directory, f"{number:08}-x", rpms[number % 2], f"x-{number}-1.noarch.rpm")
        update_repository(directory)
    done.set()
    reader.join()
    assert len(seen) > 10
    assert seen == sorted(seen)
    assert set(seen) <= set(range(11))
    assert len(set(seen)) > 5


def test_updates_at_once_take_turns_and_the_last_one_wins(directory, package):
    rpm = package("one")

    def publish(number):
        add(directory, f"{number:08}-one", rpm, f"one-{number}-1.noarch.rpm")
        update_repository(directory)

    publishers = [threading.Thread(target=publish, args=(number,)) for number in range(8)]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join()
    assert len(read(directory)[1]) == 8


def test_what_is_deleted_in_the_middle_of_an_update_does_not_fail_it(directory, package, monkeypatch):
    for name in ("one", "two", "three"):
        add(directory, f"00000001-{name}", package(name))
    scan = os.scandir

    def scan_while_others_delete(path):
        if path == directory / "00000001-two/":
            path.rename(directory / ".two")
        if path != directory / "00000001-three/":
            return scan(path)
        entries = list(scan(path))
        path.rename(directory / ".three")
        return contextlib.nullcontext(entries)

    monkeypatch.setattr(os, "scandir", scan_while_others_delete)
    update_repository(directory)
    assert [Path(found).parent.name for found in read(directory)[1]] == ["00000001-one"]


def test_a_service_that_is_killed_in_an_update_leaves_a_whole_repository(directory, package):
    for number in range(3):
        add(directory, f"{number:08}-x", package(f"p{number}"))
    update_repository(directory)
    script = (
        "import sys, pathlib\n"
        "from copr_local.builders.repository.update import update_repository\n"
        "directory = pathlib.Path(sys.argv[1])\n"
        "print(flush=True)\n"
        "while True:\n"
        "    update_repository(directory)\n"
        "    extra = directory / '00000003-x'\n"
        "    extra.rename(directory / '.aside') if extra.exists() else (directory / '.aside').rename(extra)\n"
    )
    add(directory, "00000003-x", package("p3"))
    chance = random.Random(4)
    for _ in range(6):
        service = subprocess.Popen([sys.executable, "-c", script, directory], stdout=subprocess.PIPE)
        assert service.stdout is not None
        service.stdout.readline()
        time.sleep(chance.uniform(0.05, 0.3))
        service.send_signal(signal.SIGKILL)
        service.wait()
        service.stdout.close()
        assert len(read(directory)[1]) in (3, 4)
    update_repository(directory)
    assert len(read(directory)[1]) == 3 + (directory / "00000003-x").exists()


def test_a_machine_without_createrepo_says_so(directory, package, monkeypatch, tmp_path):
    add(directory, "00000001-one", package("one"))
    monkeypatch.setattr(update.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildFailed, match="createrepo_c is not installed: pip install createrepo-c"):
        update_repository(directory)


def test_a_failing_createrepo_leaves_what_was_published(directory, package, monkeypatch, tmp_path):
    add(directory, "00000001-one", package("one"))
    update_repository(directory)
    add(directory, "00000002-two", package("two"))
    program = tmp_path / "createrepo_c"
    program.write_text("#!/bin/sh\necho No space left on device >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(update, "program", lambda: str(program))
    with pytest.raises(BuildFailed, match=r"createrepo_c exited with 1 for .*: No space left on device"):
        update_repository(directory)
    assert read(directory)[1] == ["00000001-one/one-1.0-1.noarch.rpm"]
    assert not (directory / ".repodata.new").exists()


def test_a_directory_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BuildFailed, match=r"cannot update the repository .*: .*Not a directory"):
        update_repository(tmp_path / "file" / "repository")


@pytest.mark.parametrize("prefix", ["", "Critical: ", "C_CREATEREPOLIB: Critical: ", "C_CREATEREPOLIB: " * 2])
def test_the_reason_is_without_the_prefixes_of_createrepo_c_however_often_its_threads_write_them(prefix):
    assert update._PREFIX.sub("", f"{prefix}Cannot dump XML") == "Cannot dump XML"
