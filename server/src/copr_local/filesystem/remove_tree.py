"""Removes what builds wrote, which may be deeper than Python, or the kernel by one path, can follow."""

from __future__ import annotations

import subprocess
from pathlib import Path


def remove_tree(path: Path) -> None:
    """Remove a folder or file, however deep it is and whatever its permissions; what cannot be, stays.

    :raises OSError: the programs for this are not installed.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        if path.is_dir():
            _run([*command, "--", str(path)])


def _run(command: list[str]) -> None:
    try:
        subprocess.run(  # noqa: S603 - a list of ours, no shell
            command, check=False, capture_output=True, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        how = "apt-get install coreutils / dnf install coreutils"
        raise OSError(f"the program {command[0]}, which removes folders, is not in PATH: {how}") from error
