"""What this machine has to protect itself from builds, and what it lacks."""

from __future__ import annotations

import os
from dataclasses import dataclass

from . import seccomp
from .network import find_isolator
from .sandbox import probe


@dataclass(frozen=True)
class Protection:
    """One kind of protection from builds.

    :param subject: short name.
    :param exists: True if builds on this machine are confined this way.
    :param text: what holds, or what builds can do instead and why.
    """

    subject: str
    exists: bool
    text: str


def protections() -> list[Protection]:
    """Return what this machine has, found out by trying it.

    :returns: the sandbox; if there is one, also the filter of system calls, and the network.
    """
    confinement = probe()
    if confinement.bwrap is None:
        who = "have users of their own" if os.geteuid() == 0 else "have the rights of this user"
        sees = f"builds {who}, without a sandbox, and can use the files and the network of this machine"
        return [Protection("sandbox", False, f"{sees} ({confinement.reason})")]
    missing = seccomp.lack()
    return [
        Protection("sandbox", True, confinement.reason),
        Protection("seccomp", True, "builds can make only the system calls that they need")
        if missing is None
        else Protection("seccomp", False, f"builds can make all system calls: {missing}"),
        Protection("network", True, "builds that use the network reach public addresses only, by default")
        if find_isolator() is not None
        else Protection(
            "network",
            False,
            "builds that use the network, such as Makefiles and scripts of sources, can also reach the"
            " services of this machine and its private networks, even with --no-private-networks:"
            " apt-get install slirp4netns / dnf install slirp4netns",
        ),
    ]
