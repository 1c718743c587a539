"""Puts what a build made into its published folder, whole or not at all.

The files come from a directory that the build wrote, on the same file system: each is renamed into place, so
nobody sees part of one. A build may have left anything there in place of an RPM; only regular files count,
and no symbolic link is followed.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ..filesystem.layout import RESULTS_FILE, complete_results
from .log import LIVE
from .tasks import BuiltPackage


def clear(directory: Path) -> None:
    """Remove the results that an earlier attempt at the same build left in `directory`."""
    withdraw(directory)
    (directory / f"{LIVE}.gz").unlink(missing_ok=True)


def withdraw(directory: Path) -> bool:
    """Remove packages, and first what calls them complete; the logs stay. Whether there were packages."""
    (directory / RESULTS_FILE).unlink(missing_ok=True)
    packages = list(directory.glob("*.rpm"))
    for package in packages:
        package.unlink(missing_ok=True)
    return bool(packages)


def regular_files(root: Path, folder: str, suffix: str) -> list[Path]:
    """Every regular file below `folder` of `root` whose name ends in `suffix`, ordered by name."""
    top = root.resolve() / folder
    if top.resolve() != top:  # a link on the way
        return []
    files = [Path(where) / name for where, _, names in os.walk(top) for name in names]
    return sorted(
        (file for file in files if file.name.endswith(suffix) and stat.S_ISREG(file.lstat().st_mode)),
        key=lambda file: file.name,
    )


def publish(files: Sequence[Path], directory: Path) -> None:
    """Move `files` into `directory`, owned by this service and readable by all; on an error none stays.

    Raises `OSError`.
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
    """The packages that `results.json` names; none if the build is not finished, or a package is missing."""
    try:
        return [BuiltPackage(**package) for package in complete_results(directory)]
    except TypeError:
        return []


def write_results(directory: Path, packages: Sequence[BuiltPackage]) -> None:
    """Write `results.json`, which names the packages of a finished build."""
    text = json.dumps({"packages": [asdict(package) for package in packages]}, indent=4)
    partial = directory / f".{RESULTS_FILE}"
    partial.write_text(text + "\n")
    partial.replace(directory / RESULTS_FILE)
