"""Names of the folders below the results folder, the same on disk and in URLs.

    results/OWNER/DIRECTORY/srpm-builds/00000013/      the source step of build 13
    results/OWNER/DIRECTORY/CHROOT/                    the dnf repository of a chroot
    results/OWNER/DIRECTORY/CHROOT/devel/              the repository with the newest builds in devel mode
    results/OWNER/DIRECTORY/CHROOT/00000013-hello/     build 13 of the package hello

DIRECTORY is the name of a project directory: the name of the project for its main directory, or a name such
as `PROJECT:custom:NAME` or `PROJECT:pr:1`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SOURCE_BUILDS = "srpm-builds"
DEVEL = "devel"
RESULTS_FILE = "results.json"
APPSTREAM_FILE = "appstream.xml.gz"


def source_build(build_id: int) -> str:
    """Return the name of the folder of a source step, below `SOURCE_BUILDS`.

    :param build_id: id of the build.
    :returns: the id with at least eight digits, such as `00000013`.
    """
    return f"{build_id:08d}"


def chroot_build(build_id: int, package: str | None) -> str:
    """Return the name of the folder of a build in one chroot, below the folder of that chroot.

    :param build_id: id of the build.
    :param package: name of the package.
    :returns: the id with at least eight digits and the name, such as `00000013-hello`.
    """
    return f"{source_build(build_id)}-{package}"


def complete_results(directory: Path) -> list[dict[str, Any]]:
    """Return the packages that a finished build left in its folder.

    A build writes `results.json` last. So a folder without it, or without a file that it names, is from a
    build that did not finish.

    :param directory: folder of one chroot of a build.
    :returns: a dictionary for each package with `name`, `epoch`, `version`, `release` and `arch`; an empty
        list if the build did not finish.
    """
    try:
        packages: list[dict[str, Any]] = json.loads((directory / RESULTS_FILE).read_bytes())["packages"]
        names = ["{name}-{version}-{release}.{arch}.rpm".format_map(package) for package in packages]
    except (OSError, ValueError, TypeError, LookupError):
        return []
    return packages if all((directory / name).is_file() for name in names) else []
