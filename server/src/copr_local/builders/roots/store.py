"""The folder of the roots, `DATA/roots`: what is made once, kept by a key, and used by many builds.

    roots/base-KEY/     a base root
    roots/layer-KEY/    what is installed above a base root for some requirements
    roots/NAME.new/     one of these while it is made; the name without `.new` exists only when it is complete
    roots/NAME/unsynced   exists until the disk has all of it; it names the boot of the machine that made it
    roots/cache/        metadata and packages that dnf has downloaded
    roots/answers/      texts about roots that programs have printed, such as what dnf has resolved
    roots/locks/        a lock for each name: shared by those who use it, exclusive to make or to remove it

The files belong to ids of the roots, so they are removed in a namespace that has these ids.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..tasks import BuildFailed
from .namespace import PLACE, Folders, Ids, entering, find_ids

_CACHE, _LOCKS, _ANSWERS, _UNFINISHED = "cache", "locks", "answers", ".new"
# The arguments are the folder of the downloads, and minutes. dnf changes the files of each repository that it
# reads, and a package changes its number of links when it is staged. Whatever is missing is downloaded again.
_FORGET = """
for each in "$1"/*; do
    [ "$(find "$each" -cmin "-$2" -print -quit)" ] || rm -rf "$each"
done
find "$1" -name '*.rpm' -cmin "+$2" -delete
"""
_UNSYNCED = "unsynced"
_PAUSE = 0.05  # seconds between two attempts to get a lock
KEPT = 15 * 24 * 3600.0  # seconds after its last use that a root is kept, as in mock


class Store:
    """The roots of one data folder.

    :param path: the folder; created if needed.
    :param ids: the ids that own the files.
    :raises OSError: the folder cannot be created.
    """

    def __init__(self, path: Path, ids: Ids) -> None:
        self.path = path
        self.ids = ids
        self._locks = path / _LOCKS
        for folder in (path, self._locks, path / _CACHE, path / _ANSWERS):
            folder.mkdir(exist_ok=True)
        path.chmod(0o700)  # packages may have programs that run as the owner of the root, whoever starts them
        self._give(path / _CACHE)

    @property
    def cache(self) -> Path:
        """The folder of dnf's downloads; only the phase that downloads may write to it."""
        return self.path / _CACHE

    def recall(self, key: str) -> str | None:
        """Return a text that was kept.

        :param key: its key.
        :returns: the text; None if there is none.
        """
        path = self.path / _ANSWERS / key
        try:
            os.utime(path)
            return path.read_text()
        except (OSError, UnicodeDecodeError):
            return None

    def remember(self, key: str, text: str) -> None:
        """Keep a text as long as a root, if the disk has room for it.

        :param key: its key, a file name.
        :param text: the text.
        """
        with contextlib.suppress(OSError):
            handle, partial = tempfile.mkstemp(dir=self.path / _ANSWERS, suffix=_UNFINISHED)
            with open(handle, "w") as file:
                file.write(text)
            os.replace(partial, self.path / _ANSWERS / key)

    @contextlib.contextmanager
    def locked(self, name: str, wait: Callable[[], object], *, shared: bool = False) -> Iterator[None]:  # noqa: DOC402 - a context manager
        """Hold the lock of a name while the body of the `with` statement runs.

        :param name: name of a root, or another name.
        :param wait: called at each failed attempt; its exceptions end the wait.
        :param shared: True to share the lock with others who only use the root.
        :returns: a context manager.
        :raises OSError: the lock cannot be opened.
        """
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        while True:
            with (self._locks / name).open("a") as lock:
                try:
                    fcntl.flock(lock, kind | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass
                else:
                    if _is_same(lock.fileno(), self._locks / name):  # nobody has removed it meanwhile
                        yield
                        break
            wait()
            time.sleep(_PAUSE)

    @contextlib.contextmanager
    def using(self, name: str, make: Callable[[Path], None], wait: Callable[[], object]) -> Iterator[Path]:  # noqa: DOC402 - a context manager
        """Give a root while the body of the `with` statement runs; make it if it does not exist.

        :param name: name of the root.
        :param make: fills a new folder, which becomes the root if it returns.
        :param wait: called while another build makes the same root; its exceptions end the wait.
        :returns: a context manager that gives the folder of the root. Nothing may change it.
        :raises OSError: the folder cannot be made.
        """
        root = self.path / name
        while True:
            if not _is_whole(root):
                with self.locked(name, wait):
                    if not _is_whole(root):
                        self._make(root, make)
            with self.locked(name, wait, shared=True):
                if _is_whole(root):
                    os.utime(self._locks / name)
                    yield root
                    break

    def _make(self, root: Path, make: Callable[[Path], None]) -> None:
        """Make a root in a new folder, and rename it at the end. The build does not wait for the disk."""
        partial = root.with_name(root.name + _UNFINISHED)
        self.remove(root)
        self.remove(partial)
        partial.mkdir()
        try:
            make(partial)
            (partial / _UNSYNCED).write_text(_boot())
            partial.rename(root)
        finally:
            self.remove(partial)
        threading.Thread(target=_sync, args=(root,), daemon=True).start()

    @contextlib.contextmanager
    def throwaway(self, name: str, wait: Callable[[], object]) -> Iterator[Path]:  # noqa: DOC402 - a context manager
        """Give an empty folder while the body of the `with` statement runs; it is removed at the end.

        :param name: name of the folder; if the service was killed, the next one of this name replaces it.
        :param wait: called while another build has a folder of this name; its exceptions end the wait.
        :returns: a context manager that gives the folder; any id may own what is in it.
        :raises OSError: the folder cannot be made.
        """
        folder = self.path / f"{name}{_UNFINISHED}"
        with self.locked(name, wait):
            self.remove(folder)
            folder.mkdir()
            try:
                yield folder
            finally:
                self.remove(folder)
                (self._locks / name).unlink(missing_ok=True)

    def folder(self, path: Path) -> Path:
        """Create a folder that root of a namespace owns.

        :param path: path of the folder.
        :returns: the same path.
        :raises OSError: it cannot be created.
        """
        path.mkdir(mode=0o755)
        self._give(path)
        return path

    def remove(self, path: Path) -> None:
        """Remove a folder and all in it, whichever id owns it.

        :param path: the folder, in `path` of the store; nothing happens if it does not exist.
        """
        if not path.is_dir():
            return
        command = entering(
            self.ids, Folders({"parent": path.parent}), ["/bin/rm", "-rf", f"{PLACE}/parent/{path.name}"]
        )
        subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - ours
        if path.is_dir():
            subprocess.run(["rm", "-rf", "--", str(path)], capture_output=True, check=False)  # noqa: S603, S607

    def unused(self, seconds: float = KEPT) -> list[Path]:
        """Return the roots that no build has used for some time, and what a killed service left unfinished.

        :param seconds: the time without use.
        :returns: folders of the store.
        """
        found = []
        now = time.time()
        for root in self.path.iterdir():
            if root.name in (_CACHE, _LOCKS, _ANSWERS):
                continue
            name = root.name.removesuffix(_UNFINISHED)
            lock = self._locks / name
            age = now - lock.stat().st_mtime if lock.exists() else seconds
            if root.name.endswith(_UNFINISHED) or age >= seconds:
                found.append(root)
        return found

    def remove_unused(self, seconds: float = KEPT) -> int:
        """Remove the roots of `unused` and old downloads, but nothing that a build uses at this moment.

        :param seconds: the time without use.
        :returns: number of folders removed.
        """
        count = 0
        self._forget_downloads(seconds)
        for answer in (self.path / _ANSWERS).iterdir():
            with contextlib.suppress(FileNotFoundError):
                if time.time() - answer.stat().st_mtime >= seconds:
                    answer.unlink()
        for root in self.unused(seconds):
            name = root.name.removesuffix(_UNFINISHED)
            with contextlib.suppress(_InUseError), self.locked(name, _give_up):
                self.remove(root)
                count += 1
                if not root.name.endswith(_UNFINISHED):
                    (self._locks / name).unlink(missing_ok=True)
        return count

    def _forget_downloads(self, seconds: float) -> None:
        """Remove what dnf has downloaded and no build has used for some time."""
        folders = Folders({_CACHE: self.cache})
        command = ["/bin/sh", "-c", _FORGET, "sh", f"{PLACE}/{_CACHE}", str(int(seconds // 60))]
        with contextlib.suppress(_InUseError), self.locked(_CACHE, _give_up):
            inside = entering(self.ids, folders, command)
            subprocess.run(inside, capture_output=True, check=False, stdin=subprocess.DEVNULL)  # noqa: S603 - ours

    def _give(self, path: Path) -> None:
        """Make root of a namespace the owner of a folder, where the service may do so."""
        if self.ids.owner is not None:
            os.chown(path, self.ids.owner, self.ids.owner)


def remove_unused(path: Path, seconds: float = KEPT) -> int:
    """Remove the roots of a data folder that no build has used for some time, and unfinished ones.

    :param path: the folder of the roots.
    :param seconds: the time without use.
    :returns: number of folders removed.
    :raises BuildFailed: this machine cannot make the namespace that owns the files.
    :raises OSError: the folder cannot be read.
    """
    return Store(path, find_ids(path)).remove_unused(seconds)


def remove_idle(path: Path) -> int:
    """Remove all roots of a data folder that no build uses at this moment, and all downloads.

    :param path: the folder of the roots.
    :returns: number of roots removed.
    :raises BuildFailed: this machine cannot make the namespace that owns the files.
    :raises OSError: the folder cannot be read.
    """
    store = Store(path, find_ids(path))
    count = store.remove_unused(0)
    with contextlib.suppress(_InUseError), store.locked("cache", _give_up):
        store.remove(store.cache)
        store.folder(store.cache)
    return count


def remove_all(path: Path) -> None:
    """Remove all roots of a data folder. Nothing may use them.

    :param path: the folder of the roots; nothing happens if it does not exist.
    """
    if path.is_dir():
        with contextlib.suppress(BuildFailed, OSError):  # without ids, there are no roots
            store = Store(path, find_ids(path))
            for entry in path.iterdir():
                store.remove(entry)


class _InUseError(Exception):
    """A root is in use."""


def _give_up() -> None:
    raise _InUseError


def _boot() -> str:
    """Return a text that differs for each boot of this machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text()


def _is_whole(root: Path) -> bool:
    """Return True if a root exists, and no crash of the machine can have left parts of it unwritten."""
    try:
        return (root / _UNSYNCED).read_text() == _boot()
    except FileNotFoundError:
        return root.is_dir()


def _sync(root: Path) -> None:
    """Wait until the disk has all of a root, and note it; the root may be removed meanwhile."""
    with contextlib.suppress(OSError):
        handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            written = ctypes.CDLL(None).syncfs(handle) == 0
        finally:
            os.close(handle)
        if written:
            (root / _UNSYNCED).unlink()


def _is_same(handle: int, path: Path) -> bool:
    """Return True if an open file is still the one at a path."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(handle)
    return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)
