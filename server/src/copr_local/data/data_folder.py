"""The data folder: where everything lies, and how files get there and go away.

    copr.db          the database
    client.conf      the client configuration of the first user
    lock             held by the process that serves this folder
    results/OWNER/DIR/CHROOT/00000013-NAME/   results of one chroot of a build
    results/OWNER/DIR/srpm-builds/00000013/   results of its source step
    tmp/tmpXXXXXXXX/FILE                      an uploaded file, until its source step is over
    incoming/        what is not in its place yet: arriving uploads, copies
    empty-repository/  what the repository of a new chroot is a copy of
    trash/           what is to be removed
    keys/OWNER/      the key that the owner's packages are signed with, if they are

- Nothing is removed in place: `discard` renames into the trash, at once, and `empty_trash` removes from
  there. So a path is free again the moment that its owner is forgotten, and a crash leaves nothing half
  removed.
- The incoming folder is on the same file system as the rest: an upload is moved, never copied.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import re
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from ..filesystem.remove_tree import remove_tree

LONGEST_NAME = 200  # bytes; file systems allow 255, and builders add to it
_INDEX = Path("repodata/repomd.xml")  # a repository without it is none
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._+~^-]", re.ASCII)

log = logging.getLogger(__name__)


class DataFolderError(Exception):
    """The data folder cannot be used; the text says why and what to do, in one line."""


class DataFolder:
    """The files of one data folder.

    :param data: the folder; made if it is not there.
    :param update_repository: writes the dnf metadata of one folder of RPMs.
    """

    def __init__(self, data: Path, update_repository: Callable[[Path], None]) -> None:
        self.path = data
        self.update_repository = update_repository
        self.database = data / "copr.db"
        self.client_configuration = data / "client.conf"
        self.results = data / "results"
        self.uploads = data / "tmp"
        self.incoming = data / "incoming"
        self.empty_repository = data / "empty-repository"
        self.trash = data / "trash"
        self.keys = data / "keys"
        self._one_at_a_time = threading.Lock()
        self._made: list[Path] = []

    def open(self) -> None:
        """Make the folders and take the lock.

        :raises DataFolderError: the folder cannot be written, or another process serves it.
        """
        lock = self.path / "lock"
        try:
            self._made = [path for path in (lock, self.path, *self.path.parents) if not path.exists()]
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = lock.open("a+")
        except OSError as error:
            raise DataFolderError(
                f"cannot write to the data folder {self.path} ({error.strerror}):"
                " choose another one with --data"
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.seek(0)
            holder = self._lock.read().strip()
            self._lock.close()
            raise DataFolderError(
                f"the data folder {self.path} is in use by another copr-local (process {holder}):"
                " stop that one, or choose another folder with --data"
            ) from error
        self._lock.truncate(0)
        self._lock.write(f"{os.getpid()}\n")
        self._lock.flush()

    def is_served(self) -> bool:
        """Whether a process serves the folder now. Not for loops: a service that starts at that very moment
        finds the folder in use."""
        try:
            with (self.path / "lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            pass
        return False

    def make_folders(self) -> None:
        """Make the folders inside, and forget what a process that died left half done."""
        shutil.rmtree(self.incoming, ignore_errors=True)
        for folder in (self.results, self.uploads, self.incoming, self.trash):
            folder.mkdir(exist_ok=True)

    def close(self) -> None:
        """Give the lock back; without a database, what `open` made goes away again."""
        if not self.database.exists():
            for path in self._made:
                with contextlib.suppress(OSError):  # somebody else has put something there
                    path.rmdir() if path.is_dir() else path.unlink()
        self._lock.close()

    def directory(self, ownername: str, *parts: str) -> Path:
        """A folder below the owner's results."""
        return self.results.joinpath(ownername, *parts)

    def relative(self, directory: Path) -> str:
        """A folder's path below the results folder, as URLs and `RepositoryUpdate` write it."""
        return directory.relative_to(self.results).as_posix()

    def create_repository(self, directory: Path) -> None:
        """Make an empty repository that dnf can read, unless there is a repository already.

        All of them are copies of one: writing metadata anew takes some 30 ms, and a project has many.
        """
        if (directory / _INDEX).exists():
            return
        with self._one_at_a_time:
            if not (self.empty_repository / _INDEX).exists():
                self.update_repository(self.empty_repository)
        with tempfile.TemporaryDirectory(dir=self.incoming) as work:
            copy = Path(work) / "repodata"
            copy.mkdir()
            for file in (self.empty_repository / "repodata").iterdir():
                shutil.copy2(file, copy)
            (directory / "repodata").mkdir(parents=True, exist_ok=True)
            for file in sorted(copy.iterdir(), key=lambda file: file.name == _INDEX.name):
                with contextlib.suppress(FileExistsError):  # somebody else wrote it, or a process that died
                    os.link(file, directory / "repodata" / file.name)

    def copy(self, source: Path, target: Path) -> None:
        """Copy a folder, if it is there, to one that is not, in one step.

        Its files are linked, for no published file changes.

        :raises OSError: the disk is full, or the folder is taken away meanwhile.
        """
        if target.exists() or not source.is_dir():
            return
        copy = self.incoming / secrets.token_hex(16)
        try:
            shutil.copytree(source, copy, copy_function=os.link)
            target.parent.mkdir(parents=True, exist_ok=True)
            copy.rename(target)
        except OSError:
            shutil.rmtree(copy, ignore_errors=True)
            raise

    def write(self, path: Path, text: str | None) -> None:
        """Put a text file in its place in one step, or take it away where there is no text."""
        if text is None:
            path.unlink(missing_ok=True)
            return
        handle, name = tempfile.mkstemp(dir=self.incoming)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(name, path)

    def incoming_file(self) -> IO[bytes]:
        """A file to write an upload into; closing it removes it, unless `adopt` gave it a place before."""
        return tempfile.NamedTemporaryFile(dir=self.incoming)

    def adopt(self, file: IO[bytes], name: str) -> Path:
        """Give an `incoming_file` its place below the uploads, in a new folder of its own.

        :param name: what the file was called; folders and characters that mean something to a shell are
            dropped.
        """
        file.flush()
        folder = Path(tempfile.mkdtemp(prefix="tmp", dir=self.uploads))
        folder.chmod(0o755)
        place = folder / (_NOT_PLAIN.sub("_", name.rpartition("/")[2])[-LONGEST_NAME:].lstrip(".-") or "_")
        os.link(file.name, place)
        place.chmod(0o644)
        return place

    @contextlib.contextmanager
    def adopting(self, file: IO[bytes], name: str) -> Iterator[Path]:
        """Give an upload its place, and take it away again if it is not wanted after all.

        :param name: as in `adopt`.
        """
        place = self.adopt(file, name)
        try:
            yield place
        except BaseException:
            self.discard(place.parent)
            raise

    def uploaded(self, folder: str, name: str) -> Path:
        """The path of an adopted upload."""
        return self.uploads / folder / name

    def discard(self, path: Path) -> None:
        """Take a folder away; it need not exist."""
        with contextlib.suppress(FileNotFoundError):
            path.rename(self.trash / secrets.token_hex(16))

    def discard_uploads(self, keep: Iterable[str]) -> None:
        """Take away all uploads but those in the folders named."""
        kept = set(keep)
        for folder in self.uploads.iterdir():
            if folder.name not in kept:
                self.discard(folder)

    def empty_trash(self) -> None:
        """Remove what was discarded; what cannot be removed yet stays for the next time."""
        for entry in self.trash.iterdir():
            try:
                with contextlib.suppress(RecursionError):  # it is quicker, but not deep
                    shutil.rmtree(entry, ignore_errors=True)
                remove_tree(entry)
            except OSError as error:
                log.info("%s cannot be removed yet: %s", entry, error)
