"""Removal of folders that builds wrote. They may be too deep for Python and for the kernel."""

from __future__ import annotations

import subprocess
from pathlib import Path


def remove_tree(path: Path) -> None:
    """Remove a folder or file, of any depth and with any permissions.

    If the path is a folder, the parts of it that cannot be removed stay, and no exception is raised.

    :param path: the folder or file; a symbolic link is removed itself, not its target.
    :raises OSError: the path is a file that cannot be removed, or `rm` or `chmod` is not in PATH.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
        return
    for command in (["rm", "-rf"], ["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        if path.is_dir():
            _run([*command, "--", str(path)])


def _run(command: list[str]) -> None:
    """Run a command and ignore its exit status."""
    try:
        subprocess.run(  # noqa: S603 - a fixed command, without a shell
            command, check=False, capture_output=True, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError as error:
        how = "apt-get install coreutils / dnf install coreutils"
        raise OSError(f"the program {command[0]}, which removes folders, is not in PATH: {how}") from error
