"""The processes of this machine, as far as tests look for those that they have started."""

from __future__ import annotations

import contextlib
from pathlib import Path


def command_lines(part: str | Path) -> list[bytes]:
    """Return the command lines that have a text in them.

    :param part: the text, such as a path that only one test has.
    :returns: programs and arguments, with null bytes between them.
    """
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended
            found.append(path.read_bytes())
    return [command for command in found if str(part).encode() in command]
