"""Roots for other architectures: qemu runs their programs, and the kernel starts it for them.

The packages `qemu-user-static` of the distributions have a line for each architecture in `/usr/lib/binfmt.d`.
It says by which bytes the kernel knows such a program, and which emulator runs it. A user namespace can have
lines of its own since Linux 6.7. So nothing has to be registered on this machine.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..tasks import BuildFailed

REGISTERED = Path("/proc/sys/fs/binfmt_misc")  # the lines of the whole machine, if it has any
LINES = Path("/usr/lib/binfmt.d")

_INSTALL = "apt-get install qemu-user-static / dnf install qemu-user-static"
_NAMES = {"armv7hl": "arm", "i686": "i386"}  # architectures that have another name in qemu
_SINCE = (6, 7)  # the first Linux whose user namespaces have lines of their own


def handler(arch: str) -> str:
    """Return the line that lets programs for an architecture run in a user namespace.

    :param arch: architecture, under its name in rpm.
    :returns: the line; empty if this machine runs such programs anyway.
    :raises BuildFailed: there is no emulator, or this kernel allows none here; the text says what to do.
    """
    name = f"qemu-{_NAMES.get(arch, arch)}"
    if _is_registered(name):
        return ""
    for path in sorted(LINES.glob(f"{name}*.conf")):
        line = path.read_text().strip()
        emulator, _, flags = line.rpartition(":")
        if "F" in flags and os.access(emulator.rpartition(":")[2], os.X_OK):
            if _kernel() < _SINCE:
                how = f"register {name} on this machine (systemctl restart systemd-binfmt)"
                raise BuildFailed(f"programs for {arch} cannot run in a namespace of this kernel: {how}")
            return line
    raise BuildFailed(f"programs for {arch} cannot run on this machine: {_INSTALL}")


def emulated() -> list[str]:
    """Return the architectures whose programs this machine can run by an emulator.

    :returns: their names in rpm, ordered.
    """
    found = []
    for arch in ("aarch64", "armv7hl", "ppc64le", "riscv64", "s390x", "x86_64"):
        try:
            if arch != os.uname().machine:
                handler(arch)
                found.append(arch)
        except BuildFailed:
            continue
    return found


def _is_registered(name: str) -> bool:
    """Return True if all programs of this machine can use an emulator, also those that do not see it."""
    for path in REGISTERED.glob(f"{name}*"):
        lines = path.read_text().splitlines()
        if "enabled" in lines and any(line.startswith("flags:") and "F" in line for line in lines):
            return True
    return False


def _kernel() -> tuple[int, int]:
    """Return the version of the kernel."""
    major, minor = re.findall(r"\d+", os.uname().release)[:2]
    return int(major), int(minor)
