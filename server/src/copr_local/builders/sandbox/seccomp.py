"""The seccomp filter of programs in a sandbox: it denies the system calls that a build has no use for.

- No namespaces: in a user namespace of its own, a program could reach much more of the kernel, and memory in
  file systems that nobody counts.
- No mounts, kernel keys, BPF programs, performance events, io_uring, modules, swap, clocks.
- Sockets of the usual families only. The call `socketcall` of 32-bit x86 hides the family: it may pass.
- Only small segments and small sets of semaphores of System V: nobody counts the memory of those that no
  process uses.
- What glibc and other libraries replace by older calls is "not implemented"; all else is "not permitted".

While packages are installed, some calls return 0 and do nothing:

- `fsync` and its relatives: the rpm database would wait for the disk twice for each package, and a root that
  is lost with the power is made again.
- With one id, `chown` and its relatives: rpm gives each file to the user and group that its package names,
  and the kernel refuses this for all ids that the namespace does not have.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

# Machine: the audit numbers of its kinds of system calls, each with its column in the tables below.
_KINDS = {
    "x86_64": ((0xC000003E, 0), (0x40000003, 1)),
    "aarch64": ((0xC00000B7, 2),),
    "riscv64": ((0xC00000F3, 2),),
}
_X32 = 0x40000000  # calls of x86_64 from this number on are those of x32

Instruction = tuple[int, int, int, int]
_Calls = dict[str, tuple[int | None, int | None, int | None]]

# Numbers on x86_64, on 32-bit x86, and in the table that newer architectures share; None where it is missing.
_NOT_PERMITTED: _Calls = {
    "_sysctl": (156, 149, None),
    "acct": (163, 51, 89),
    "add_key": (248, 286, 217),
    "bpf": (321, 357, 280),
    "clock_adjtime": (305, 343, 266),
    "clock_adjtime64": (None, 405, 405),
    "clock_settime": (227, 264, 112),
    "clock_settime64": (None, 404, 404),
    "delete_module": (176, 129, 106),
    "fanotify_init": (300, 338, 262),
    "finit_module": (313, 350, 273),
    "fsconfig": (431, 431, 431),
    "fsmount": (432, 432, 432),
    "fsopen": (430, 430, 430),
    "fspick": (433, 433, 433),
    "init_module": (175, 128, 105),
    "ioperm": (173, 101, None),
    "iopl": (172, 110, None),
    "kexec_file_load": (320, None, 294),
    "kexec_load": (246, 283, 104),
    "keyctl": (250, 288, 219),
    "lookup_dcookie": (212, 253, 18),
    "mount": (165, 21, 40),
    "mount_setattr": (442, 442, 442),
    "move_mount": (429, 429, 429),
    "open_by_handle_at": (304, 342, 265),
    "open_tree": (428, 428, 428),
    "open_tree_attr": (467, 467, 467),
    "perf_event_open": (298, 336, 241),
    "pivot_root": (155, 217, 41),
    "quotactl": (179, 131, 60),
    "quotactl_fd": (443, 443, 443),
    "reboot": (169, 88, 142),
    "request_key": (249, 287, 218),
    "setdomainname": (171, 121, 162),
    "sethostname": (170, 74, 161),
    "setns": (308, 346, 268),
    "settimeofday": (164, 79, 170),
    "stime": (None, 25, None),
    "swapoff": (168, 115, 225),
    "swapon": (167, 87, 224),
    "syslog": (103, 103, 116),
    "umount": (None, 22, None),
    "umount2": (166, 52, 39),
    "unshare": (272, 310, 97),
    "uselib": (134, 86, None),
    "userfaultfd": (323, 374, 282),
    "vhangup": (153, 111, 58),
    "vm86": (None, 166, None),
    "vm86old": (None, 113, None),
}
_NOT_IMPLEMENTED: _Calls = {
    "clone3": (435, 435, 435),  # its flags are in memory, where a filter cannot read them
    "io_uring_enter": (426, 426, 426),
    "io_uring_register": (427, 427, 427),
    "io_uring_setup": (425, 425, 425),
    "memfd_secret": (447, 447, 447),
}
_CHOWN: _Calls = {
    "chown": (92, 182, None),
    "chown32": (None, 212, None),
    "fchown": (93, 95, 55),
    "fchown32": (None, 207, None),
    "fchownat": (260, 298, 54),
    "lchown": (94, 16, None),
    "lchown32": (None, 198, None),
}
_SYNC: _Calls = {
    "fdatasync": (75, 148, 83),
    "fsync": (74, 118, 82),
    "sync": (162, 36, 81),
    "sync_file_range": (277, 314, 84),
    "syncfs": (306, 344, 267),
}
_CLONE, _IOCTL, _SOCKET, _SOCKET_PAIR = (56, 120, 220), (16, 54, 29), (41, 359, 198), (53, 360, 199)
_SEGMENT, _SEMAPHORES = (29, 395, 194), (64, 393, 190)
_IPC = 117  # of 32-bit x86: its first argument says which call of System V it stands for
_OF_SEGMENT, _OF_SEMAPHORES = 23, 2  # such arguments

_NEW_NAMESPACES = 0x7E020000  # all flags CLONE_NEW... of clone(2)
_TERMINAL_INPUT = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX: they type into a terminal
_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK
_LARGEST_SEGMENT = 256 * 1024  # bytes; a sandbox can have 4,096 segments
_MOST_SEMAPHORES = 250  # in one set

_LOAD, _RETURN, _JUMP, _AND = 0x20, 0x06, 0x05, 0x54
_JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _JUMP_IF_ANY_BIT = 0x15, 0x35, 0x45
_CALL, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # places in the struct that a filter reads
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_AVAILABLE = Path("/proc/sys/kernel/seccomp/actions_avail")


@functools.cache
def build_filter(machine: str, *, installs: bool = False, has_one_id: bool = False) -> bytes | None:
    """Return the filter for a machine.

    :param machine: architecture of the kernel, such as `x86_64`.
    :param installs: True for the installation of packages.
    :param has_one_id: True if the namespace has only one id.
    :returns: the program; None if this machine's system calls are not known here.
    :source: seccomp(2); linux/filter.h
    """
    if machine not in _KINDS:
        return None
    ignored = [_SYNC, *([_CHOWN] if has_one_id else [])] if installs else []
    program: list[Instruction] = []
    for architecture, column in _KINDS[machine]:
        rules = _rules(column, ignored)
        program += [
            (_LOAD, 0, 0, _ARCHITECTURE),
            (_JUMP_IF_EQUAL, 1, 0, architecture),
            (_JUMP, 0, 0, len(rules)),
            *rules,
        ]
    program.append((_RETURN, 0, 0, _FAIL | errno.ENOSYS))
    return b"".join(struct.pack("=HBBI", *each) for each in program)


def _rules(column: int, ignored: Iterable[_Calls]) -> list[Instruction]:
    """Return the part of the filter for one kind of system calls."""
    refuse = (_RETURN, 0, 0, _FAIL | errno.EPERM)
    rules: list[Instruction] = [(_LOAD, 0, 0, _CALL)]
    if column == 0:
        rules += [(_JUMP_IF_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _FAIL | errno.ENOSYS)]
    answers = [(errno.EPERM, _NOT_PERMITTED), (errno.ENOSYS, _NOT_IMPLEMENTED)]
    for error, calls in (*answers, *((0, calls) for calls in ignored)):
        for numbers in calls.values():
            if (number := numbers[column]) is not None:
                rules += [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _FAIL | error)]
    rules += _if_called(_CLONE[column], 0, [(_JUMP_IF_ANY_BIT, 0, 1, _NEW_NAMESPACES), refuse])
    terminal = [part for request in _TERMINAL_INPUT for part in ((_JUMP_IF_EQUAL, 0, 1, request), refuse)]
    rules += _if_called(_IOCTL[column], 1, terminal)
    known = [(_JUMP_IF_EQUAL, len(_FAMILIES) - index, 0, family) for index, family in enumerate(_FAMILIES)]
    for call in (_SOCKET, _SOCKET_PAIR):
        rules += _if_called(call[column], 0, [*known, (_RETURN, 0, 0, _FAIL | errno.EAFNOSUPPORT)])
    full = (_RETURN, 0, 0, _FAIL | errno.ENOSPC)
    too_large, too_many = (
        [(_JUMP_IF_AT_LEAST, 0, 1, most + 1), full] for most in (_LARGEST_SEGMENT, _MOST_SEMAPHORES)
    )
    high_half = [(_LOAD, 0, 0, _ARGUMENTS + 8 + 4), (_JUMP_IF_AT_LEAST, 0, 1, 1), full]
    rules += _if_called(_SEGMENT[column], 1, [*too_large, *high_half])
    rules += _if_called(_SEMAPHORES[column], 1, too_many)
    if column == 1:
        size = (_LOAD, 0, 0, _ARGUMENTS + 8 * 2)
        which = [(_LOAD, 0, 0, _ARGUMENTS), (_AND, 0, 0, 0xFFFF)]  # the rest is a version
        segment = [*which, (_JUMP_IF_EQUAL, 0, 3, _OF_SEGMENT), size, *too_large]
        semaphores = [*which, (_JUMP_IF_EQUAL, 0, 3, _OF_SEMAPHORES), size, *too_many]
        rules += _if_called(_IPC, 0, [*segment, *semaphores])
    return [*rules, (_RETURN, 0, 0, _ALLOW)]


def _if_called(call: int, argument: int, rules: list[Instruction]) -> list[Instruction]:
    """Return rules about the low half of one argument of a call."""
    place = _ARGUMENTS + 8 * argument
    return [
        (_JUMP_IF_EQUAL, 0, len(rules) + 2, call),
        (_LOAD, 0, 0, place),
        *rules,
        (_LOAD, 0, 0, _CALL),
    ]


def lack() -> str | None:
    """Return why this machine has no filter.

    :returns: None if it has one.
    """
    if not _AVAILABLE.exists():
        return "this kernel has no seccomp filters"
    if build_filter(os.uname().machine) is None:
        return f"the system calls of {os.uname().machine} are not known here"
    return None


def options(handle: int | None) -> list[str]:
    """Return the options of bwrap for a filter.

    :param handle: result of `handed_over`.
    :returns: options of bwrap.
    """
    return [] if handle is None else ["--seccomp", str(handle)]


@contextlib.contextmanager
def handed_over(*, installs: bool = False, has_one_id: bool = False) -> Iterator[int | None]:  # noqa: DOC402 - a context manager
    """Open the filter of this machine, for one run of `bwrap --seccomp`.

    :param installs: True for the installation of packages.
    :param has_one_id: True if the namespace has only one id.
    :returns: a context manager that gives a file descriptor; None if this machine has no filter.
    :raises OSError: there is no memory for it.
    """
    program = None if lack() else build_filter(os.uname().machine, installs=installs, has_one_id=has_one_id)
    if program is None:
        yield None
    else:
        with os.fdopen(os.memfd_create("seccomp"), "wb", buffering=0) as file:
            file.write(program)
            file.seek(0)
            yield file.fileno()
