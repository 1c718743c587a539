"""Moves the packages of a build into its published folder: all of them, or none.

The files come from a folder that the build wrote, on the same file system. Each is renamed into its place, so
a reader never sees half a file. The build is not trusted: only regular files are used, and symbolic links are
not followed.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..filesystem.layout import APPSTREAM_FILE, RESULTS_FILE, complete_results
from .log import LIVE
from .result_logs import SUCCESS, clear_logs
from .tasks import BuiltPackage


def clear(directory: Path) -> None:
    """Remove the packages and the logs that an earlier attempt at the same build left.

    :param directory: the build's folder.
    :raises OSError: a file cannot be removed.
    """
    withdraw(directory)
    clear_logs(directory)
    (directory / f"{LIVE}.gz").unlink(missing_ok=True)


def withdraw(directory: Path) -> bool:
    """Remove the packages of a build, and before them `results.json` and `success`; the logs stay.

    :param directory: the build's folder.
    :returns: True if the folder had packages.
    :raises OSError: a file cannot be removed.
    """
    for name in (RESULTS_FILE, SUCCESS, APPSTREAM_FILE):
        (directory / name).unlink(missing_ok=True)
    packages = list(directory.glob("*.rpm"))
    for package in packages:
        package.unlink(missing_ok=True)
    return bool(packages)


def regular_files(root: Path, folder: str, suffix: str) -> list[Path]:
    """Return the regular files below a folder that have a suffix.

    :param root: folder that is trusted; links in its own path are followed.
    :param folder: path below `root`; nothing is found if it has a link on the way.
    :param suffix: end of the file names, such as `.rpm`.
    :returns: paths, ordered by file name.
    """
    top = root.resolve() / folder
    if top.resolve() != top:  # there is a link on the way
        return []
    files = [Path(where) / name for where, _, names in os.walk(top) for name in names]
    return sorted(
        (file for file in files if file.name.endswith(suffix) and stat.S_ISREG(file.lstat().st_mode)),
        key=lambda file: file.name,
    )


def publish(files: Sequence[Path], directory: Path) -> None:
    """Move files into a folder; they then belong to the service, and all users can read them.

    If one file cannot be moved, all that were moved are removed.

    :param files: regular files on the same file system as `directory`.
    :param directory: the build's folder; files of the same name there are replaced.
    :raises OSError: a file cannot be moved.
    """
    moved: list[Path] = []
    try:
        for file in files:
            os.chown(file, os.geteuid(), os.getegid(), follow_symlinks=False)
            file.chmod(0o644)
            target = directory / file.name
            moved.append(target)
            file.rename(target)
    except OSError:
        for target in moved:
            target.unlink(missing_ok=True)
        raise


def read_results(directory: Path) -> list[BuiltPackage]:
    """Return the packages that a finished build published.

    :param directory: the build's folder.
    :returns: the packages that `results.json` lists; an empty list if the build has not finished, or if the
        file is damaged or one of the packages is missing.
    """
    try:
        return [BuiltPackage(**package) for package in complete_results(directory)]
    except TypeError:
        return []


def write_results(directory: Path, packages: Sequence[BuiltPackage]) -> None:
    """Write `results.json`, which lists the packages of a finished build.

    :param directory: the build's folder.
    :param packages: the packages to list, in their order.
    :raises OSError: the file cannot be written.
    """
    text = json.dumps({"packages": [asdict(package) for package in packages]}, indent=4)
    partial = directory / f".{RESULTS_FILE}"
    partial.write_text(text + "\n")
    partial.replace(directory / RESULTS_FILE)
