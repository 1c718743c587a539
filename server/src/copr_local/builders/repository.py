"""Keeps the dnf metadata of a chroot folder in step with the RPMs in it.

`repodata/repomd.xml` names metadata files by their checksum and is replaced last, in one rename: a reader
sees the old repository or the new one. The files of the generation before stay for a minute, for readers
who hold its `repomd.xml`; the next update after that removes them, and whatever a crash left behind.

The metadata is made by the program createrepo_c, not by its Python module: reading thousands of records
would hold the interpreter's lock, and a header that crashes librpm must not crash the service. Records of
RPMs whose size and time have not changed are taken from the metadata that is there.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import logging
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from .tasks import BuildFailed

GRACE = 60.0  # seconds for which replaced metadata stays readable

_LOCK = ".repodata.lock"
_NEW = ".repodata.new"
_LONGEST = 1800.0  # seconds for one run of createrepo_c
_UNREADABLE_PACKAGES = 2  # an exit status of createrepo_c, which described all others

_log = logging.getLogger(__name__)


def update_repository(directory: Path) -> None:
    """Make the metadata of `directory` describe the RPMs that are in it and below it now.

    Source RPMs are described too, as Copr does. Hidden folders are left out: builds work there. A file that
    is no RPM is left out, with a warning to the module's logger. Calls for the same directory take turns,
    also between processes; a directory that does not exist becomes an empty repository.

    Raises `BuildFailed`: createrepo_c is missing or fails, or the disk is full. What was published before is
    still there then.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _locked(directory) as lock:
            new = directory / _NEW
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            try:
                _create(directory, new, lock)
                _swap(new / "repodata", directory / "repodata")
            finally:
                shutil.rmtree(new, ignore_errors=True)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildFailed(f"cannot update the repository {directory}: {error}") from error


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[int]:
    """Hold the lock of `directory`; the descriptor is for createrepo_c to inherit.

    So where the service is killed, the lock is free once createrepo_c has ended, not before.
    """
    lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def _create(directory: Path, new: Path, lock: int) -> None:
    """Write the metadata of `directory` into `new/repodata`."""
    packages = new / "packages"
    packages.write_text("".join(f"{package}\n" for package in _packages(directory)))
    comps = directory / "comps.xml"
    groups = ("--groupfile", str(comps)) if comps.exists() else ()
    ended = subprocess.run(  # noqa: S603 - a list of ours, no shell
        [
            _program(),
            *("--update", "--update-md-path", str(directory)),
            *("--discard-additional-metadata", *groups),  # else groups would outlive their comps file
            *("--general-compress-type", "gz", "--no-database"),  # what every dnf and yum reads
            *("--pkglist", str(packages), "--outputdir", str(new), str(directory)),
        ],
        check=False,
        timeout=_LONGEST,
        pass_fds=(lock,),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if ended.returncode == _UNREADABLE_PACKAGES:
        _log.warning("createrepo_c left packages of %s out: %s", directory, ended.stderr.strip())
    elif ended.returncode != 0:
        raise BuildFailed(
            f"createrepo_c exited with {ended.returncode} for {directory}: {ended.stderr.strip()}"
        )


def _packages(directory: Path) -> list[str]:
    """The RPMs of `directory`, by their paths in it."""
    found: list[str] = []
    for folder, folders, files in os.walk(directory):
        folders[:] = [name for name in folders if not name.startswith(".")]
        where = Path(folder).relative_to(directory)
        found += [str(where / name) for name in files if name.endswith(".rpm") and not name.startswith(".")]
    return sorted(found)


def _program() -> str:
    """The createrepo_c that the package of this name carries, or the distribution's."""
    package = importlib.util.find_spec("createrepo_c")
    if package is not None and package.origin is not None:
        carried = Path(package.origin).parent / "data" / "bin" / "createrepo_c"
        if carried.exists():
            return str(carried)
    installed = shutil.which("createrepo_c")
    if installed is None:
        raise BuildFailed("createrepo_c is not installed: pip install createrepo-c")
    return installed


def _swap(new: Path, current: Path) -> None:
    """Put the files of `new` into `current`, `repomd.xml` last, and remove what no reader can still want."""
    current.mkdir(exist_ok=True)
    index = current / "repomd.xml"
    before = _named(index)
    files = [file for file in new.iterdir() if file.name != index.name]
    for file in files:
        file.replace(current / file.name)
    (new / index.name).replace(index)
    wanted = {file.name for file in files} | {index.name}
    now = time.time()
    for file in current.iterdir():
        if file.name in wanted:
            continue
        if file.name in before:
            os.utime(file)  # its minute begins
        elif abs(now - file.stat().st_mtime) > GRACE:  # also where the clock was set back
            file.unlink()


def _named(index: Path) -> set[str]:
    """The names of the metadata files that a `repomd.xml` lists; none if there is none."""
    try:
        text = index.read_text(errors="replace")
    except FileNotFoundError:
        return set()
    return set(re.findall(r'href="repodata/([^"/]+)"', text))
