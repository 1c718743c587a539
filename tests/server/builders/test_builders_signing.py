"""Signed packages: which key signs them, how rpm and dnf check them, and what signing needs."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from chroot_builds import fails, log_of

from copr_local.builders import signing, tools
from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.log import build_log
from copr_local.builders.repository.update import update_repository
from copr_local.builders.sandbox.sandbox import Sandbox
from copr_local.builders.signing import sign
from copr_local.builders.tasks import BuildCancelled, Limits
from copr_local.filesystem import public_keys

MIB = 1024**2


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def signed(make_srpm, chroot_task, spec, keys, tmp_path):
    """Build a package of a project, and return the folder of its results."""

    def build(project="alice/hello", number=1):
        directory = tmp_path / "results" / project / "fedora-42-x86_64" / f"{number:08d}-hello"
        task = chroot_task(make_srpm(spec()), directory=directory, project=project, keys=keys)
        build_chroot(task)
        build.log = log_of(task)
        return directory

    return build


def check(tmp_path, rpm, public_key):
    """Return the output of `rpmkeys --checksig` for a package when only one key is trusted."""
    database = ["rpmkeys", "--dbpath", tmp_path / "database"]
    subprocess.run([*database, "--import", public_key], check=True)
    done = subprocess.run([*database, "--checksig", rpm], check=False, capture_output=True, text=True)
    return done.stdout.partition(": ")[2].strip()


def test_packages_and_source_rpms_are_signed_with_the_published_key(signed, tmp_path):
    results = signed()
    key = results.parents[1] / "pubkey.gpg"
    assert key.read_text().startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    rpms = sorted(results.glob("*.rpm"))
    assert len(rpms) == 2
    for rpm in rpms:
        assert check(tmp_path, rpm, key) == "digests signatures OK"
    assert signed.log.splitlines()[-2] == "Signed by alice@copr.localhost"
    assert str(tmp_path) not in signed.log


def test_an_owner_has_one_key_and_two_owners_have_two(signed, tmp_path):
    first, second, other = signed(), signed("alice/world"), signed("@devs/hello")
    keys = [(results.parents[1] / "pubkey.gpg").read_bytes() for results in (first, second, other)]
    assert keys[0] == keys[1] != keys[2]
    (rpm,) = other.glob("*.noarch.rpm")
    assert "NOT OK" in check(tmp_path, rpm, first.parents[1] / "pubkey.gpg")


def test_a_project_may_have_packages_of_several_keys(signed, tmp_path):
    own, brought = signed("bob/fork"), signed()
    key = own.parents[1] / "pubkey.gpg"
    assert dnf_install(tmp_path, brought.parent, key) != 0
    for _ in range(2):
        public_keys.publish(brought.parents[1], own.parents[1])
    assert key.read_text().count("-----BEGIN PGP PUBLIC KEY BLOCK-----") == 2
    assert dnf_install(tmp_path, brought.parent, key) == dnf_install(tmp_path, own.parent, key) == 0


def test_keys_that_are_published_at_once_are_all_there(tmp_path):
    begin = threading.Barrier(16)
    keys = []
    for number in range(16):
        keys.append(tmp_path / str(number) / "pubkey.gpg")
        keys[-1].parent.mkdir()
        mark = "PGP PUBLIC KEY BLOCK-----"
        keys[-1].write_text(f"-----BEGIN {mark}\n{number}\n-----END {mark}\n" * 300)

    def publish(file):
        begin.wait(20)
        public_keys.publish(file.parent, tmp_path / "project")

    with ThreadPoolExecutor(len(keys)) as pool:
        list(pool.map(publish, keys))
    published = (tmp_path / "project" / "pubkey.gpg").read_text()
    assert all(file.read_text() in published for file in keys)
    assert os.listdir(tmp_path / "project") == ["pubkey.gpg"]


def test_builds_that_end_at_once_are_all_signed_by_their_owners_key(build_rpm, spec, keys, tmp_path):
    rpm = build_rpm(spec())
    begin = threading.Barrier(6)

    def one(number):
        folder = tmp_path / str(number)
        folder.mkdir()
        copy = Path(shutil.copy(rpm, folder))
        with (
            Sandbox(folder / "work", Limits(), threading.Event()) as sandbox,
            build_log(folder, MIB) as log,
        ):
            begin.wait(20)
            for _ in range(3):
                sign([copy], keys, "alice", tmp_path / "project", sandbox, log)
        return check(folder, copy, tmp_path / "project" / "pubkey.gpg")

    with ThreadPoolExecutor(begin.parties) as pool:
        assert set(pool.map(one, range(begin.parties))) == {"digests signatures OK"}


def test_a_build_that_is_cancelled_does_not_wait_to_be_signed(build_rpm, spec, keys, tmp_path):
    rpm = build_rpm(spec())
    cancelled = threading.Event()
    with (
        Sandbox(tmp_path / "work", Limits(), cancelled) as sandbox,
        build_log(tmp_path, MIB) as log,
        signing.alone(keys / "alice", sandbox),
        ThreadPoolExecutor(1) as pool,
    ):
        waits = pool.submit(sign, [rpm], keys, "alice", tmp_path / "project", sandbox, log)
        assert not wait([waits], timeout=0.3).done
        cancelled.set()
        assert isinstance(waits.exception(timeout=2), BuildCancelled)


def test_nobody_but_the_service_can_read_a_key(signed, keys):
    signed()
    assert stat.S_IMODE(keys.stat().st_mode) == stat.S_IMODE((keys / "alice").stat().st_mode) == 0o700


def test_no_process_stays_behind(signed, keys, monkeypatch):
    with tempfile.TemporaryDirectory() as folder:  # a short path, for the sockets of gpg-agent
        monkeypatch.setattr(tempfile, "tempdir", folder)
        signed()
        found = subprocess.run(["pgrep", "--full", f"gpg-agent.*{folder}"], check=False, capture_output=True)
    assert found.stdout == b""


def test_dnf_installs_what_is_signed_and_refuses_what_is_not(signed, tmp_path):
    results = signed()
    chroot, key = results.parent, results.parents[1] / "pubkey.gpg"
    assert dnf_install(tmp_path, chroot, key) == 0
    (rpm,) = results.glob("*.noarch.rpm")
    subprocess.run(["rpmsign", "--delsign", rpm], check=True, capture_output=True)
    os.utime(rpm, (1, 1))
    update_repository(chroot)
    assert dnf_install(tmp_path, chroot, key) != 0


def dnf_install(tmp_path, repository, key):
    update_repository(repository)
    repositories = tmp_path / "yum.repos.d"
    repositories.mkdir(exist_ok=True)
    (repositories / "signed.repo").write_text(
        f"[signed]\nname=signed\nbaseurl={repository.as_uri()}\ngpgcheck=1\ngpgkey={key.as_uri()}\n"
    )
    root = tmp_path / f"root-{len(list(tmp_path.iterdir()))}"
    command = [
        *("dnf", "--quiet", "--assumeyes", "--installroot", root, "--releasever=42", "--noplugins"),
        *("--setopt", f"cachedir={root}/cache", "--setopt", f"logdir={tmp_path}"),
        *("--setopt", f"reposdir={repositories}", "install", "hello"),
    ]
    return subprocess.run(command, check=False, capture_output=True, text=True).returncode


@pytest.mark.parametrize("program", ["rpmsign", "gpg"])
def test_a_machine_that_cannot_sign_fails_the_build_and_says_why(
    make_srpm, chroot_task, spec, keys, monkeypatch, program
):
    found = tools.find
    monkeypatch.setattr(tools, "find", lambda name: None if name == program else found(name))
    task = chroot_task(make_srpm(spec()), project="alice/hello", keys=keys)
    assert fails(task, "is not installed").startswith(f"{program} is not installed: apt-get install ")
    assert not list(keys.glob("*"))
