"""Keeps the dnf metadata of a chroot folder in step with the RPMs in it.

`repodata/repomd.xml` names metadata files by their checksum and is replaced last, in one rename: a reader
sees the old repository or the new one. The files of the generation before stay for a minute, for readers
who hold its `repomd.xml`; the next update after that removes them, and whatever a crash left behind.

New RPMs are described by the program createrepo_c, not by its Python module: a header that crashes librpm
must not crash the service. `metadata` puts its records next to those that are there.

A project in devel mode publishes what it built only when it is told to. Meanwhile its builds are in a second
repository, `devel`, which lies in the folder of the first and describes the same RPMs.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...filesystem.layout import DEVEL
from ..tasks import BuildFailed
from . import metadata

GRACE = 60.0  # seconds for which replaced metadata stays readable

_LOCK = ".repodata.lock"
_NEW = ".repodata.new"
_LONGEST = 1800.0  # seconds for one run of createrepo_c
_UNREADABLE_PACKAGES = 2  # an exit status of createrepo_c, which described all others

_log = logging.getLogger(__name__)


def update_repository(directory: Path) -> None:
    """Make the metadata of `directory` describe the RPMs that are in it and below it now.

    Source RPMs are described too, as Copr does, and the groups of a `comps.xml`. Hidden folders are left out:
    builds work there. A file that is no RPM is left out, with a warning to the module's logger. Where
    `directory` is `CHROOT/devel`, its metadata describes the RPMs of CHROOT, and the metadata of CHROOT
    itself only loses what is gone.

    Calls for the same directory take turns, also between processes; a directory that does not exist becomes
    an empty repository.

    Raises `BuildFailed`: createrepo_c is missing or fails, or the disk is full. What was published before is
    still there then.
    """
    is_devel = directory.name == DEVEL
    chroot = directory.parent if is_devel else directory
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _locked(chroot) as lock:
            packages = _packages(chroot)
            if (chroot / DEVEL).is_dir():
                _renew(_Update(chroot, chroot / DEVEL, lock), packages)
            if is_devel:
                published = metadata.known(chroot / "repodata")
                packages = {path: packages[path] for path in published & packages.keys()}
                if len(packages) == len(published):
                    return
            _renew(_Update(chroot, chroot, lock), packages)
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


@dataclass(frozen=True)
class _Update:
    """One update of the metadata in `place`, of RPMs in `chroot`, under the lock of that."""

    chroot: Path
    place: Path
    lock: int

    @property
    def new(self) -> Path:
        """The folder where the new metadata is made."""
        return self.place / _NEW

    def describe(self, packages: Sequence[str]) -> Path | None:
        """Describe RPMs by createrepo_c; the folder that this is in."""
        if not packages:
            return None
        described = Path(tempfile.mkdtemp(dir=self.new))
        names = self.new / "packages"
        names.write_text("".join(f"{package}\n" for package in packages))
        prefix = ("--location-prefix", "../") if self.place != self.chroot else ()
        self._run(
            [
                program(),
                *("--general-compress-type", "gz", "--no-database", *prefix),
                *("--pkglist", str(names), "--outputdir", str(described), str(self.chroot)),
            ]
        )
        return described / "repodata"

    def _run(self, command: Sequence[str]) -> None:
        ended = subprocess.run(  # noqa: S603 - a list of ours, no shell
            command,
            check=False,
            timeout=_LONGEST,
            pass_fds=(self.lock,),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
        if ended.returncode == _UNREADABLE_PACKAGES:
            _log.warning("createrepo_c left packages of %s out: %s", self.chroot, ended.stderr.strip())
        elif ended.returncode != 0:
            raise BuildFailed(
                f"createrepo_c exited with {ended.returncode} for {self.chroot}: {ended.stderr.strip()}"
            )


def _renew(update: _Update, packages: Mapping[str, metadata.Stamp]) -> None:
    current = update.place / "repodata"
    shutil.rmtree(update.new, ignore_errors=True)
    (update.new / "repodata").mkdir(parents=True)
    try:
        metadata.write(
            update.new / "repodata",
            current,
            packages,
            update.describe,
            comps=_comps(update.chroot),
        )
        _swap(update.new / "repodata", current)
    finally:
        shutil.rmtree(update.new, ignore_errors=True)


def _comps(chroot: Path) -> bytes | None:
    """What describes groups of packages; it may be taken away at any time."""
    try:
        return (chroot / "comps.xml").read_bytes()
    except FileNotFoundError:
        return None


def _packages(directory: Path) -> dict[str, metadata.Stamp]:
    """The RPMs of `directory`, by their paths in it; other builds may be deleted meanwhile."""
    found: dict[str, metadata.Stamp] = {}
    open_ends = [""]
    while open_ends:
        inner = open_ends.pop()
        with contextlib.suppress(FileNotFoundError), os.scandir(directory / inner) as entries:
            for entry in entries:
                path = f"{inner}{entry.name}"
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    open_ends.append(f"{path}/")
                elif entry.name.endswith(".rpm"):
                    with contextlib.suppress(FileNotFoundError):
                        status = entry.stat()
                        found[path] = (status.st_size, int(status.st_mtime))
    return found


def program() -> str:
    """The createrepo_c that the package of this name carries, or the distribution's.

    Raises `BuildFailed`: there is neither.
    """
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
    before = set(metadata.files_of(index).values())
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
