"""The limits that the kernel holds for each process of a build."""

from __future__ import annotations

import resource

from ..tasks import Limits

HANDLES = 65_536  # files that one process may have open

_OURS = 8  # processes of bwrap and of what starts the program


def resource_limits(limits: Limits, *, counts_processes: bool) -> dict[int, int]:
    """Return resource limits by their numbers in the module `resource`.

    :param limits: the limits of the build.
    :param counts_processes: True to limit the processes. The kernel counts them per user id and user
        namespace, so this is of no use if the build shares both with others.
    :returns: the limits; none is above the service's own.
    """
    wanted = {
        resource.RLIMIT_DATA: limits.memory,
        resource.RLIMIT_FSIZE: limits.disk,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: HANDLES,
    }
    if counts_processes:
        wanted[resource.RLIMIT_NPROC] = limits.processes + _OURS
    return {number: _at_most(number, limit) for number, limit in wanted.items()}


def prlimit(limits: dict[int, int]) -> list[str]:
    """Return the command that sets limits and runs another program.

    :param limits: result of `resource_limits`.
    :returns: program and arguments; the other program follows.
    :source: prlimit(1)
    """
    names = {
        resource.RLIMIT_DATA: "data",
        resource.RLIMIT_FSIZE: "fsize",
        resource.RLIMIT_CORE: "core",
        resource.RLIMIT_NOFILE: "nofile",
        resource.RLIMIT_NPROC: "nproc",
    }
    return ["prlimit", *(f"--{names[number]}={limit}" for number, limit in limits.items()), "--"]


def _at_most(number: int, wanted: int) -> int:
    """Return a limit that is not above the service's own."""
    hard = resource.getrlimit(number)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
