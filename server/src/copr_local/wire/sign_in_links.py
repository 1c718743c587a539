"""Links that sign a user in to the pages once: `copr-local serve` prints one on a terminal.

They are files in the data folder, so that each service process knows them. A file has the SHA-256 of a key as
its name, and the user and the end of its validity as its content.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

VALID_SECONDS = 600


@dataclass(frozen=True)
class SignInLinks:
    """The keys of the links that were not used yet.

    :param folder: folder of their files; it is created if needed.
    """

    folder: Path

    def add(self, name: str, now: float) -> str:
        """Make a key for a user.

        :param name: name of the user.
        :param now: the current unix time in seconds, UTC.
        :returns: the key; it is valid for `VALID_SECONDS`.
        :raises OSError: the file cannot be written.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for file in self.folder.iterdir():
            if _read(file, now) is None:
                file.unlink(missing_ok=True)
        key = secrets.token_urlsafe(32)
        self._file(key).write_text(f"{now + VALID_SECONDS} {name}", encoding="utf-8")
        return key

    def user(self, key: str, now: float, *, use: bool = False) -> str | None:
        """Return the user of a key.

        :param key: the key in a link.
        :param now: the current unix time in seconds, UTC.
        :param use: True to make the key invalid.
        :returns: name of the user; None if the key is wrong, was used, or is too old.
        :raises OSError: the file cannot be read or removed.
        """
        file = self._file(key)
        name = _read(file, now)
        if name is not None and use:
            try:
                file.unlink()
            except FileNotFoundError:  # another request has just used it
                return None
        return name

    def _file(self, key: str) -> Path:
        return self.folder / hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _read(file: Path, now: float) -> str | None:
    """Return the user in a file; None if it does not exist, or is too old."""
    with suppress(FileNotFoundError):
        until, _, name = file.read_text(encoding="utf-8").partition(" ")
        return name if now < float(until or 0) else None
    return None
