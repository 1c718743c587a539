"""The RPMs that a repository lists: of packages with the same version, only that of the newest build.

A packager who corrects a spec and builds it again, without a new release, wants the new package. dnf takes
any of the packages with one name, epoch, version, release and architecture, so only one may be listed. When
its build is deleted, the one of the build before is listed again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from ...filesystem.layout import complete_results

_BUILD = re.compile(r"([0-9]{8,18})-", re.ASCII)

Value = TypeVar("Value")


def newest(chroot: Path, packages: Mapping[str, Value]) -> dict[str, Value]:
    """Remove packages of which a newer build has the same version.

    :param chroot: folder of the packages.
    :param packages: paths of RPMs in `chroot`, with any values.
    :returns: the packages to list; of packages that differ only in their build, the newest.
    """
    same: dict[str, list[str]] = {}
    for path in packages:
        same.setdefault(_file_name(path), []).append(path)
    left_out: set[str] = set()
    for file_name, paths in same.items():
        if len(paths) > 1:
            chosen = {_epoch(chroot, path, file_name): path for path in sorted(paths, key=age)}
            left_out.update(set(paths) - set(chosen.values()))
    return {path: value for path, value in packages.items() if path not in left_out}


def published(before: Collection[str], packages: Iterable[str]) -> set[str]:
    """Return the packages that a repository lists that gets no new builds, after some were deleted.

    :param before: paths of the RPMs that it listed.
    :param packages: paths of the RPMs that exist.
    :returns: the packages of `before` that exist; for the others, those of older builds with the same name
        and version.
    """
    exist = set(packages)
    found = exist & set(before)
    for path in set(before) - exist:
        name, own = _file_name(path), age(path)
        found |= {other for other in exist if _file_name(other) == name and age(other) < own}
    return found


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def age(path: str) -> tuple[int, str]:
    """Return a key that sorts files by their builds, the newest last; files of no build are the oldest.

    :param path: path of the file in the chroot's folder.
    :returns: the key.
    """
    build = _BUILD.match(path)
    return (int(build[1]) if build else 0, path)


def _epoch(chroot: Path, path: str, file_name: str) -> int:
    """Return the epoch of an RPM, which its file name lacks; 0 if the results of its build are incomplete."""
    for package in complete_results((chroot / path).parent):
        try:
            if "{name}-{version}-{release}.{arch}.rpm".format_map(package) == file_name:
                return int(package.get("epoch") or 0)
        except (AttributeError, LookupError, ValueError, TypeError):
            continue
    return 0
