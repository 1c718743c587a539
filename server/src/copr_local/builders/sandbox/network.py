"""A network of its own for programs that may use the network: public addresses, but not this machine.

With `slirp4netns`, such a program is in a network namespace in which private networks are unreachable. The
loopback of this machine is not there either. Without `slirp4netns`, it has the network of the service.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import enter
from .machine import PATH

RESOLVER = os.path.realpath("/etc/resolv.conf")

_PRIVATE = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
)
_OWN_ADDRESS = re.compile(r"\|-- (\S+)\n\s+/32 host LOCAL")
_ANSWERS = "nameserver 10.0.2.3\n"  # where slirp4netns answers for the resolver of this machine


@functools.cache
def find_isolator() -> str | None:
    """Return the program that connects networks of their own, found out by a trial.

    :returns: path of `slirp4netns`; None if it is not installed or does not work on this machine.
    """
    program = shutil.which("slirp4netns", path=PATH)
    if program is None:
        return None
    command = in_own_network(["true"], program)
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=60)  # noqa: S603 - ours
    except subprocess.TimeoutExpired:
        return None
    return program if done.returncode == 0 else None


def in_own_network(command: Sequence[str], isolator: str) -> list[str]:
    """Return the command that runs another one in a network of its own.

    :param command: program and arguments.
    :param isolator: result of `find_isolator`.
    :returns: program and arguments.
    """
    is_root = os.geteuid() == 0
    instructions: dict[str, object] = {
        "ids": None if is_root else [[0, os.geteuid(), 1]],
        "groups": [[0, os.getegid(), 1]],
        "owner": None,
        "mappers": None,
        "folders": {},
        "layers": [],
        "limits": [],
        "handler": None,
        "network": isolated_network(isolator),
    }
    return [*enter.start(os.getpid(), instructions), *command]


def isolated_network(isolator: str) -> tuple[str, list[str]]:
    """Return the instructions of `enter` for a network of its own.

    :param isolator: result of `find_isolator`.
    :returns: its path, and the networks that cannot be reached: private ones, and addresses of this machine.
    :source: fib_trie in proc_pid_net(5)
    """
    try:
        found = _OWN_ADDRESS.findall(Path("/proc/net/fib_trie").read_text())
    except OSError:
        found = []
    own = {f"{address}/32" for address in found if not address.startswith("127.")}
    return isolator, [*_PRIVATE, *sorted(own)]


def resolver(isolator: str | None) -> str:
    """Return the content of the `/etc/resolv.conf` of programs that may use the network.

    :param isolator: result of `find_isolator`; None for the network of this machine.
    :returns: the text.
    """
    if isolator is not None:
        return _ANSWERS
    try:
        return Path("/etc/resolv.conf").read_text(errors="replace")
    except OSError:
        return ""
