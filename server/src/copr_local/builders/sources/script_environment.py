"""The surroundings of scripts that make a source RPM: `.copr/Makefile`, and the scripts of the type `custom`.

At a real Copr they run in a chroot of their own, with the network, and most begin with `dnf -y install`. Here
they run in the sandbox, with the programs of this machine and with the network. The programs dnf, yum and
microdnf are replaced: they say what they do not install, and succeed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from ..sandbox.machine import PATH
from ..sandbox.sandbox import Sandbox

_STAND_INS = ("dnf", "dnf5", "dnf-3", "yum", "microdnf")


def with_stand_ins(sandbox: Sandbox) -> list[str]:
    """Put the replacements of dnf into the sandbox.

    :param sandbox: the sandbox of the build.
    :returns: beginning of a command that finds them first: a call of `env`.
    :raises BuildFailed: the build put something else in their place.
    :raises OSError: the files cannot be written.
    """
    folder = sandbox.make_directory(sandbox.home / ".stand-ins")
    for name in _STAND_INS:
        copy = shutil.copyfile(Path(__file__).with_name("dnf_stand_in"), sandbox.outside / name)
        copy.chmod(0o755)
        sandbox.place(copy, folder / name)
    return ["env", f"PATH={sandbox.inside(folder)}:{PATH}"]
