"""The data folder: the place of each file, and how files are added and removed.

    copr.db          the database
    database.url     the URL of the database, if it is PostgreSQL; then there is no copr.db
    client.conf      the client configuration of the first user
    database.id      the id that the folder and its PostgreSQL database have in common
    lock             held by the process that serves this folder, or shared by several (`folder_sharing.py`)
    results/OWNER/DIR/CHROOT/00000013-NAME/   results of one chroot of a build
    results/OWNER/DIR/srpm-builds/00000013/   results of its source step
    tmp/tmpXXXXXXXX/FILE                      an uploaded file, until its source step has finished
    incoming/        unfinished files: uploads that are still received, and copies
    incoming/process-XXXXXXXX/                the same of one process, if several may serve the folder
    incoming/claim-13-CHROOT-1/               what a builder elsewhere has sent, to any of the processes
    empty-repository/  the empty repository that is copied for each new chroot
    trash/           files and folders that will be removed
    chroots/NAME.conf  the dnf configuration of a chroot that builds in an installed root
    roots/           installed roots, which can be made again
    pages.secret     what forms of the pages are signed with, so that only they are accepted
    sign-in-links/   links that were not used yet
    keys/OWNER/      the key that signs the owner's packages, if they are signed

- Files are not removed in place. `discard` moves them into the trash in one step, and `empty_trash` removes
  them there. So a path can be used again at once, and a crash leaves no half-removed folder.
- The incoming folder is on the same file system as the other folders: an upload is moved, not copied.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from ..filesystem.remove_tree import remove_tree
from . import folder_sharing
from .folder_sharing import Claim, DeadProcess, FolderLock, InUseError, ProcessFolder

LONGEST_NAME = 200  # bytes; file systems allow 255, and builders add to it
_INDEX = Path("repodata/repomd.xml")  # a folder without it is not a repository
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._+~^-]", re.ASCII)

log = logging.getLogger(__name__)


class DataFolderError(Exception):
    """The data folder cannot be used; the text says in one line why, and what to do."""


class DataFolder:
    """The files of one data folder.

    :param data: path of the folder; `open` creates it if it does not exist.
    :param update_repository: writes the dnf metadata of one folder of RPMs.
    """

    def __init__(self, data: Path, update_repository: Callable[[Path], object]) -> None:
        self.path = data
        self.update_repository = update_repository
        self.database = data / "copr.db"
        self.client_configuration = data / "client.conf"
        self._database_url = data / "database.url"
        self.database_id_file = data / "database.id"
        self.results = data / "results"
        self.uploads = data / "tmp"
        self.received = self.incoming = data / "incoming"
        self.empty_repository = data / "empty-repository"
        self.trash = data / "trash"
        self.keys = data / "keys"
        self.chroots = data / "chroots"
        self.roots = data / "roots"
        self.sign_in_links = data / "sign-in-links"
        self._one_at_a_time = threading.Lock()
        self._made: list[Path] = []
        self._own: ProcessFolder | None = None
        self._is_shared = False
        self.is_alone = True
        """False if another process already served the folder when `open` was called."""

    def open(self, url: str | None = None) -> None:
        """Create the folder if needed, and take its lock.

        With PostgreSQL, other processes may serve the folder, too.
        They wait until the first one calls `share`.

        :param url: URL of a PostgreSQL database; None for the one that the data folder has, or else SQLite.
        :raises DataFolderError: the folder cannot be written, or another process serves it.
        """
        lock = self.path / "lock"
        try:
            self._made = [path for path in (lock, self.path, *self.path.parents) if not path.exists()]
            self.path.mkdir(parents=True, exist_ok=True)
            self._is_shared = bool(url or self.database_url())
            self._lock = FolderLock(lock, is_shared=self._is_shared)
        except OSError as error:
            raise DataFolderError(
                f"cannot write to the data folder {self.path} ({error.strerror}):"
                " choose another one with --data"
            ) from error
        try:
            self._lock.take()
        except InUseError as error:
            raise DataFolderError(
                f"the data folder {self.path} is in use by another copr-local (process {error}):"
                " stop that one, or choose another folder with --data"
            ) from error
        self.is_alone = self._lock.is_alone

    def share(self) -> None:
        """Let other processes serve the folder, too, if the database is PostgreSQL."""
        self._lock.share()

    def is_served(self) -> bool:
        """Return True if a process serves the folder now.

        Do not call this in a loop: it holds the lock for a moment, so a service that starts just then reports
        that the folder is in use.

        :returns: False also if the folder or its lock file does not exist.
        :raises OSError: the lock file cannot be opened.
        """
        return folder_sharing.is_locked(self.path / "lock")

    def make_folders(self) -> None:
        """Create the subfolders, and remove the unfinished files of an earlier service.

        While other processes serve the folder, nothing is removed. `dead_processes` removes the files of
        those that have died.

        :raises OSError: a subfolder cannot be created.
        """
        if self.is_alone:
            for path in self.received.glob("*"):
                if not path.name.startswith(folder_sharing.PREFIX):
                    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
        for folder in (self.results, self.uploads, self.received, self.trash, self.chroots):
            folder.mkdir(exist_ok=True)
        if self._is_shared:
            self._own = ProcessFolder(self.received)
            self.incoming = self._own.path

    @property
    def own(self) -> Path:
        """A folder that no other process has: it marks the programs of this process."""
        return self.path if self._own is None else self._own.path

    def store_claims(self, claims: Sequence[Claim]) -> None:
        """Store what this process builds, so that others requeue it at once if this process dies.

        :param claims: the claims; they are not stored if no others can serve the folder.
        :raises OSError: the file cannot be written.
        """
        if self._own is not None:
            self._own.store_claims(claims)

    def dead_processes(self) -> Iterator[DeadProcess]:
        """Return the processes that have died and shared the data folder with others.

        :returns: the processes; the folder of each is removed when the next one is asked for.
        :raises OSError: a folder cannot be read.
        """
        return folder_sharing.dead_processes(self.received)

    def chroot_configuration(self, name: str) -> Path:
        """Return the path of the dnf configuration of a chroot.

        :param name: name of the chroot.
        :returns: the path; the file exists if builds for the chroot run in an installed root.
        """
        return self.chroots / f"{name}.conf"

    def has_database(self) -> bool:
        """Return True if the data folder has a database.

        :returns: False for a folder that no service was started on.
        """
        return self.database.exists() or self._database_url.exists()

    def database_url(self) -> str | None:
        """Return the URL of the PostgreSQL database of the data folder.

        :returns: the URL; None if the database is SQLite, or does not exist yet.
        :raises OSError: the file cannot be read.
        """
        try:
            return self._database_url.read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def store_database_url(self, url: str) -> None:
        """Store the URL of the PostgreSQL database of the data folder. Only the owner can read it.

        :param url: the URL, which may contain a password.
        :raises OSError: the file cannot be written.
        """
        self._database_url.touch(0o600)
        self._database_url.chmod(0o600)
        self._database_url.write_text(f"{url}\n", encoding="utf-8")

    def database_id(self) -> str | None:
        """Return the id that the data folder and its PostgreSQL database have in common.

        :returns: the id; None if the folder has no such database yet.
        :raises OSError: the file cannot be read.
        """
        try:
            return self.database_id_file.read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def store_database_id(self, chosen: str) -> None:
        """Store the id that the data folder and its PostgreSQL database have in common.

        :param chosen: the id.
        :raises OSError: the file cannot be written.
        """
        self.database_id_file.write_text(f"{chosen}\n", encoding="utf-8")

    def close(self) -> None:
        """Release the lock; if no database was created, remove the folders that `open` created."""
        if not self.has_database():
            for path in self._made:
                with contextlib.suppress(OSError):  # another program has put a file there
                    path.rmdir() if path.is_dir() else path.unlink()
        if self._own is not None:
            self._own.remove()
            self._own, self.incoming = None, self.received
        self._lock.release()

    def directory(self, ownername: str, *parts: str) -> Path:
        """Return the path of a folder below the owner's results.

        :param ownername: name of the user, or of the group with its @.
        :param parts: names of the subfolders, such as the project's and the chroot's.
        :returns: the path; the folder need not exist.
        """
        return self.results.joinpath(ownername, *parts)

    def relative(self, directory: Path) -> str:
        """Return the path of a folder below the results folder, as URLs and `RepositoryUpdate` have it.

        :param directory: the folder.
        :returns: the path, with slashes between its parts.
        :raises ValueError: the folder is not below the results folder.
        """
        return directory.relative_to(self.results).as_posix()

    def create_repository(self, directory: Path) -> None:
        """Create an empty repository that dnf can read, if the folder is not a repository already.

        All empty repositories are copies of one: writing metadata takes some 30 ms, and a project has many
        chroots.

        :param directory: the folder of the repository; created if needed.
        :raises OSError: a file cannot be written.
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
                with contextlib.suppress(FileExistsError):  # another thread or an earlier process wrote it
                    os.link(file, directory / "repodata" / file.name)

    def copy(self, source: Path, target: Path) -> None:
        """Copy a folder in one step; do nothing if the source does not exist or the target exists.

        Files are hard-linked, since published files never change.

        :param source: the folder to copy.
        :param target: path of the copy; its parents are created.
        :raises OSError: the disk is full, or the source is removed meanwhile.
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
        """Write a text file in one step, or remove it.

        :param path: the file; its parents are created.
        :param text: the content; None to remove the file.
        :raises OSError: the file cannot be written or removed.
        """
        if text is None:
            path.unlink(missing_ok=True)
            return
        handle, name = tempfile.mkstemp(dir=self.incoming)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(name, path)

    def secret(self) -> bytes:
        """Return the secret of the pages. It is made once, and all service processes have the same.

        :returns: the secret.
        :raises OSError: it cannot be read or written.
        """
        file = self.path / "pages.secret"
        if not file.exists():
            with self.incoming_file() as new, contextlib.suppress(FileExistsError):
                new.write(secrets.token_hex(32).encode())
                new.flush()
                os.link(new.name, file)
        return file.read_bytes()

    def incoming_file(self) -> IO[bytes]:
        """Return a temporary file to write an upload to.

        :returns: the open file; it is removed when it is closed, unless `adopt` has linked it before.
        :raises OSError: the file cannot be created.
        """
        return tempfile.NamedTemporaryFile(dir=self.incoming)

    def adopt(self, file: IO[bytes], name: str) -> Path:
        """Link an `incoming_file` into a new folder of its own below the uploads.

        :param file: the file that `incoming_file` returned.
        :param name: file name that the client sent; folders in it are dropped, special characters are
            replaced.
        :returns: path of the uploaded file.
        :raises OSError: the disk is full.
        """
        file.flush()
        folder = Path(tempfile.mkdtemp(prefix="tmp", dir=self.uploads))
        folder.chmod(0o755)
        place = folder / (_NOT_PLAIN.sub("_", name.rpartition("/")[2])[-LONGEST_NAME:].lstrip(".-") or "_")
        os.link(file.name, place)
        place.chmod(0o644)
        return place

    @contextlib.contextmanager
    def adopting(self, file: IO[bytes], name: str) -> Iterator[Path]:  # noqa: DOC402 - a context manager
        """Call `adopt`, and discard the upload if the body of the `with` statement raises an exception.

        :param file: the file that `incoming_file` returned.
        :param name: file name that the client sent, as in `adopt`.
        :returns: a context manager that gives the path of the uploaded file.
        :raises OSError: the disk is full.
        """
        place = self.adopt(file, name)
        try:
            yield place
        except BaseException:
            self.discard(place.parent)
            raise

    def uploaded(self, folder: str, name: str) -> Path:
        """Return the path of an upload that `adopt` has linked.

        :param folder: name of the upload's own folder, such as `tmpXXXXXXXX`.
        :param name: name of the file in it.
        :returns: the path.
        """
        return self.uploads / folder / name

    def discard(self, path: Path) -> None:
        """Move a file or folder into the trash; do nothing if it does not exist.

        :param path: the file or folder.
        :raises OSError: it cannot be moved.
        """
        with contextlib.suppress(FileNotFoundError):
            path.rename(self.trash / secrets.token_hex(16))

    def discard_uploads(self, keep: Iterable[str]) -> None:
        """Discard all uploads except some.

        :param keep: names of the upload folders to keep.
        :raises OSError: a folder cannot be moved into the trash.
        """
        kept = set(keep)
        for folder in self.uploads.iterdir():
            if folder.name not in kept:
                self.discard(folder)

    def empty_trash(self) -> None:
        """Remove all discarded files.

        Files that cannot be removed are logged, and stay until the next call.
        """
        for entry in self.trash.iterdir():
            try:
                with contextlib.suppress(RecursionError):  # fast, but too deep a tree fails
                    shutil.rmtree(entry, ignore_errors=True)
                remove_tree(entry)
            except OSError as error:
                log.info("%s cannot be removed yet: %s", entry, error)
