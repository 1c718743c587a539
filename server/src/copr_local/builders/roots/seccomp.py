"""A seccomp filter that lets chown succeed without doing anything, for a service that has only one id.

rpm gives each file to the user and group that its package names. Where a namespace has one id, the kernel
refuses this for all other ids. With the filter, `chown`, `lchown`, `fchown` and `fchownat` return 0.
"""

from __future__ import annotations

import base64
import struct

# Machine: its audit number and the numbers of the four calls, as far as it has them.
_CALLS = {
    "x86_64": (0xC000003E, (92, 94, 93, 260)),
    "aarch64": (0xC00000B7, (55, 54)),
}

_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _RETURN_ZERO = 0x7FFF0000, 0x00050000


def chown_succeeds(machine: str) -> str | None:
    """Return the filter for a machine.

    :param machine: architecture of the kernel, such as `x86_64`.
    :returns: the program in base64; None if this machine's system calls are not known here.
    :source: seccomp(2); linux/filter.h
    """
    if machine not in _CALLS:
        return None
    architecture, calls = _CALLS[machine]
    count = len(calls)
    program = [
        (_LOAD, 0, 0, 4),
        (_JUMP_IF_EQUAL, 0, count + 1, architecture),  # other architectures are let through
        (_LOAD, 0, 0, 0),
        *((_JUMP_IF_EQUAL, count - index, 0, call) for index, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _RETURN_ZERO),
    ]
    return base64.b64encode(b"".join(struct.pack("=HBBI", *each) for each in program)).decode()
