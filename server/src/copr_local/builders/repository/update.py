"""Updates of the dnf metadata of a chroot folder, so that it lists the RPMs in the folder.

- `repodata/repomd.xml` lists metadata files named by their checksums. It is replaced last, in one rename, so
  a client sees either the old repository or the new one.
- The files of the previous update stay for a minute, for clients that have read the old `repomd.xml`. The
  first update after that removes them, and also files that a crash left behind.
- The program createrepo_c describes new RPMs. Its Python module is not used, because an RPM header that
  crashes librpm must not crash the service. `metadata` adds the new records to the existing ones.
- A project in devel mode publishes its builds only on request. Until then they are in a second repository,
  the subfolder `devel`, which lists the same RPMs.
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
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...filesystem.layout import APPSTREAM_FILE, DEVEL
from ..tasks import BuildFailed
from . import appstream, metadata
from .newest import age, newest, published

GRACE = 60.0  # seconds that replaced metadata files are kept

_LOCK = ".repodata.lock"
_NEW = ".repodata.new"
_LONGEST = 1800.0  # timeout of one run of createrepo_c, in seconds
_UNREADABLE_PACKAGES = 2  # exit status of createrepo_c: it left out some packages and described the others
_PREFIX = re.compile(r"^\s*(?:(?:C_CREATEREPOLIB|Critical|Warning): )*")  # its threads write at once

_log = logging.getLogger(__name__)


def update_repository(directory: Path) -> dict[str, str]:
    """Update the metadata of a repository, so that it lists the RPMs that are in its folder and below it.

    - Source RPMs are listed too, as in Copr. If there is a `comps.xml`, its groups are included.
    - Of packages with the same version, only those of the newest build are listed.
    - Hidden folders are skipped, because builds work there. A file that createrepo_c cannot describe, such as
      one that is not a valid RPM, is skipped, with a warning in the log of the service.
    - For `CHROOT/devel`, the metadata there lists the RPMs of CHROOT. The metadata of CHROOT itself gets no
      new RPMs; only deleted RPMs are removed from it.
    - Calls for the same folder wait for each other, also in different processes.
    - If the update fails, the old metadata stays.

    :param directory: the folder; if it does not exist, it is created as an empty repository.
    :returns: RPMs that were skipped: path in the chroot's folder to what createrepo_c printed about it.
    :raises BuildFailed: createrepo_c is not installed or fails, or a file cannot be read or written.
    """
    is_devel = directory.name == DEVEL
    chroot = directory.parent if is_devel else directory
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with _locked(chroot) as lock:
            packages, components = _packages(chroot)
            skipped = {}
            if (chroot / DEVEL).is_dir():
                skipped = _renew(_Update(chroot, chroot / DEVEL, lock), packages, components)
            if is_devel:
                before = metadata.known(chroot / "repodata")
                if before <= packages.keys():
                    return skipped
                packages = {path: packages[path] for path in published(before, packages)}
            return skipped | _renew(_Update(chroot, chroot, lock), packages, components)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildFailed(f"cannot update the repository {directory}: {error}") from error


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[int]:
    """Hold the lock of a folder, and give its file descriptor, which createrepo_c inherits.

    If the service is killed, the lock is held until createrepo_c has ended.
    """
    lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


@dataclass(frozen=True)
class _Update:
    """One update: the folder of the RPMs, the folder of the metadata, and the descriptor of the lock."""

    chroot: Path
    place: Path
    lock: int
    messages: list[str] = field(default_factory=list)  # lines that createrepo_c printed

    @property
    def new(self) -> Path:
        """The folder where the new metadata is written first."""
        return self.place / _NEW

    def describe(self, packages: Sequence[str]) -> Path | None:
        """Run createrepo_c for some RPMs and return the folder of its metadata; None without RPMs."""
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
        self.messages.extend(_PREFIX.sub("", line) for line in ended.stderr.splitlines() if line.strip())
        if ended.returncode not in (0, _UNREADABLE_PACKAGES):
            raise BuildFailed(
                f"createrepo_c exited with {ended.returncode} for {self.chroot}: {ended.stderr.strip()}"
            )


def _renew(
    update: _Update, packages: Mapping[str, metadata.Stamp], components: Sequence[str]
) -> dict[str, str]:
    """Write new metadata for the given packages, and replace the old metadata by it.

    `components` are the paths of AppStream components; those of builds that are not listed are left out.

    Return the packages that createrepo_c skipped, with what it printed about them.
    """
    current = update.place / "repodata"
    shutil.rmtree(update.new, ignore_errors=True)
    (update.new / "repodata").mkdir(parents=True)
    listed = newest(update.chroot, packages)
    try:
        skipped = metadata.write(
            update.new / "repodata",
            current,
            listed,
            update.describe,
            others=_others(update.chroot, listed, components),
        )
        _swap(update.new / "repodata", current)
    finally:
        shutil.rmtree(update.new, ignore_errors=True)
    reasons = {path: _reason(path, update.messages) for path in sorted(skipped)}
    for path, reason in reasons.items():
        _log.warning("createrepo_c left %s out of %s: %s", path, update.place, reason)
    return reasons


def _reason(path: str, messages: Sequence[str]) -> str:
    """Return what createrepo_c printed about a package, or all that it printed if no line names it."""
    file_name = path.rpartition("/")[2]
    name = file_name.rsplit("-", 2)[0]
    about = [line for line in messages if file_name in line or f" {name} (" in line]
    return "; ".join(dict.fromkeys(about or messages)) or "it printed no reason"


def _others(chroot: Path, packages: Iterable[str], components: Sequence[str]) -> dict[str, bytes]:
    """Return the contents of the metadata files that are not made of records, by kind."""
    folders = {path.rpartition("/")[0] for path in packages} if components else set()
    files = [chroot / path for path in sorted(components, key=age) if path.rpartition("/")[0] in folders]
    found = {"group": _comps(chroot), "appstream": appstream.merged(files, chroot.parent.name)}
    return {kind: content for kind, content in found.items() if content is not None}


def _comps(chroot: Path) -> bytes | None:
    """Return the content of the `comps.xml`, or None; the file can be deleted at any time."""
    try:
        return (chroot / "comps.xml").read_bytes()
    except FileNotFoundError:
        return None


def _packages(directory: Path) -> tuple[dict[str, metadata.Stamp], list[str]]:
    """Return the RPMs below a folder (path in it to size and time), and the paths of AppStream components.

    Builds may be deleted meanwhile.
    """
    found: dict[str, metadata.Stamp] = {}
    components: list[str] = []
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
                elif entry.name == APPSTREAM_FILE:
                    components.append(path)
    return found, components


def program() -> str:
    """Return the path of the program createrepo_c.

    :returns: the program in the Python package createrepo-c if it has one; otherwise the one in `PATH`.
    :raises BuildFailed: createrepo_c is not installed.
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
    """Move new metadata files into place, `repomd.xml` last, and remove files that are too old."""
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
            os.utime(file)  # the grace time starts now
        elif abs(now - file.stat().st_mtime) > GRACE:  # `abs`: also if the clock was set back
            file.unlink()
