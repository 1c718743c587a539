"""Roots for another architecture: qemu runs its programs, where this machine and its kernel can do that.

The root is made of this machine's programs, as packages that are for any architecture. What is emulated is a
program that the package brings along, made here byte by byte.
"""

from __future__ import annotations

import base64
import os
import struct

import pytest

from copr.v3 import Client, wait
from copr_local import LocalCopr
from copr_local.builders import diagnosis
from copr_local.builders.roots import emulation
from copr_local.builders.settings import Settings
from copr_local.builders.tasks import BuildFailed

FOREIGN, MACHINE_NUMBER = ("aarch64", 0xB7) if os.uname().machine != "aarch64" else ("x86_64", 0x3E)
CHROOT = f"fedora-44-{FOREIGN}"
TEXT = b"hello from another architecture\n"
INSTRUCTIONS = {
    # write(1, TEXT, its length); exit(0)
    "aarch64": struct.pack(
        "<8I",
        *(0xD2800020, 0xD2800808, 0x100000C1, 0xD2800002 | len(TEXT) << 5, 0xD4000001),
        *(0xD2800000, 0xD2800BA8, 0xD4000001),
    ),
    "x86_64": bytes.fromhex("bf01000000 488d3515000000 ba")
    + bytes([len(TEXT)])
    + bytes.fromhex("000000 b801000000 0f05")
    + bytes.fromhex("31ff b83c000000 0f05"),
}
ADDRESS, START = 0x400000, 64 + 56
SPEC = """\
Name: foreign
Version: 1.0
Release: 1
Summary: A package of the tests
License: MIT
%description
A package of the tests.
%build
echo PROGRAM | base64 --decode > hello
chmod +x hello
./hello
echo "for %{_target_cpu}"
%files
"""


def program() -> bytes:
    """A program without libraries."""
    code = INSTRUCTIONS[FOREIGN] + TEXT
    size = START + len(code)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack(
        "<HHIQQQIHHHHHH", 2, MACHINE_NUMBER, 1, ADDRESS + START, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    return header + struct.pack("<IIQQQQQQ", 1, 5, 0, ADDRESS, ADDRESS, size, size, 0x1000) + code


def build(distribution, tmp_path, settings=None) -> tuple[str, list[str]]:
    """Build the package: the state, and the lines of the log."""
    configuration = distribution.dnf_configuration(tmp_path / "test.conf")
    path = tmp_path / "foreign.spec"
    path.write_text(SPEC.replace("PROGRAM", base64.b64encode(program()).decode()))
    with LocalCopr(chroots={CHROOT: configuration}, settings=settings) as copr:
        client, me = Client(copr.config), copr.config["username"]
        client.project_proxy.add(me, "p", [CHROOT])
        made = client.build_proxy.create_from_file(me, "p", str(path))
        (finished,) = wait(made, interval=0.1, timeout=300)
        return finished.state, client.build_chroot_proxy.get_log(made.id, CHROOT).splitlines()


def test_a_small_package_is_built_by_an_emulator_if_that_is_asked_for(distribution, tmp_path):
    state, log = build(distribution, tmp_path, Settings(foreign_architecture="emulate"))
    if FOREIGN in emulation.emulated():
        assert state == "succeeded", log
        assert TEXT.decode().strip() in log
        assert f"for {FOREIGN}" in log
        assert log[-1].startswith(f"Built foreign.{FOREIGN}, ")
    else:
        assert state == "failed"
        assert f"programs for {FOREIGN} cannot run" in log[-1]


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with these lines of qemu, this kernel, and nothing registered."""

    def make(*, lines=(), kernel=(6, 7), registered=""):
        for name in ("lines", "registered"):
            (tmp_path / name).mkdir()
        for arch in lines:
            (tmp_path / f"lines/qemu-{arch}.conf").write_text(f":qemu-{arch}:M::magic:mask:/bin/true:OPF\n")
        if registered:
            (tmp_path / f"registered/qemu-{registered}").write_text("enabled\ninterpreter /q\nflags: OCF\n")
        monkeypatch.setattr(emulation, "LINES", tmp_path / "lines")
        monkeypatch.setattr(emulation, "REGISTERED", tmp_path / "registered")
        monkeypatch.setattr(emulation, "_kernel", lambda: kernel)

    return make


def test_the_line_of_the_emulator_is_that_of_the_distribution(machine):
    machine(lines=[FOREIGN], registered="s390x")
    assert emulation.handler(FOREIGN) == f":qemu-{FOREIGN}:M::magic:mask:/bin/true:OPF"
    assert emulation.handler("s390x") == ""
    assert emulation.emulated() == [FOREIGN, "s390x"]


def test_a_machine_without_an_emulator_says_what_to_install(machine):
    machine()
    reason = f"^programs for {FOREIGN} cannot run on this machine: apt-get install qemu-user-static"
    with pytest.raises(BuildFailed, match=reason):
        emulation.handler(FOREIGN)
    finding = diagnosis._with_root(CHROOT, can_install=True, how="")
    assert "apt-get install qemu-user-static" in finding.text


def test_an_old_kernel_needs_the_emulator_to_be_registered(machine):
    machine(lines=[FOREIGN], kernel=(6, 6))
    with pytest.raises(BuildFailed, match="namespace of this kernel: register qemu-"):
        emulation.handler(FOREIGN)
    assert emulation.emulated() == []


def test_the_doctor_says_that_emulation_must_be_asked_for(machine):
    machine(lines=[FOREIGN])
    finding = diagnosis._with_root(CHROOT, can_install=True, how="")
    assert finding.text == "builds with --foreign-architecture emulate only, and slowly"
