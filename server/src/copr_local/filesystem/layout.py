"""The names of what lies in the results folder, the same on disk and in URLs.

    results/OWNER/DIRECTORY/srpm-builds/00000013/      the source build of build 13
    results/OWNER/DIRECTORY/CHROOT/                    the dnf repository of a chroot
    results/OWNER/DIRECTORY/CHROOT/devel/              the one that follows new builds in devel mode
    results/OWNER/DIRECTORY/CHROOT/00000013-hello/     build 13 of the package hello

DIRECTORY is the project's name, or `PROJECT:custom:NAME` for one of its other directories.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SOURCE_BUILDS = "srpm-builds"
DEVEL = "devel"
RESULTS_FILE = "results.json"


def source_build(build_id: int) -> str:
    """Return the name of the folder of a source build, in `SOURCE_BUILDS`.

    :param build_id: id of the build.
    :returns: the id in eight digits.
    """
    return f"{build_id:08d}"


def chroot_build(build_id: int, package: str | None) -> str:
    """Return the name of the folder of a package's build, in the folder of its chroot.

    :param build_id: id of the build.
    :param package: name of the package.
    :returns: the id in eight digits, and the name.
    """
    return f"{source_build(build_id)}-{package}"


def complete_results(directory: Path) -> list[dict[str, Any]]:
    """Return the packages that a finished build left in its folder.

    A build writes `results.json` last. So a folder without it, or without a file that it names, is from a
    build that did not finish.

    :param directory: the folder of one chroot of a build.
    :returns: a dictionary for each package with `name`, `epoch`, `version`, `release` and `arch`; an empty
        list if the build did not finish.
    """
    try:
        packages: list[dict[str, Any]] = json.loads((directory / RESULTS_FILE).read_bytes())["packages"]
        names = ["{name}-{version}-{release}.{arch}.rpm".format_map(package) for package in packages]
    except (OSError, ValueError, TypeError, LookupError):
        return []
    return packages if all((directory / name).is_file() for name in names) else []
