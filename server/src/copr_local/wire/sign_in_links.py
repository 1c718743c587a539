"""Links that sign a user in to the pages once: `copr-local serve` prints one on a terminal.

They are in memory, so a restart of the service makes them invalid. Only the SHA-256 of a key is kept.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field

VALID_SECONDS = 600


@dataclass(frozen=True)
class SignInLinks:
    """The keys of the links that were not used yet."""

    _names: dict[str, tuple[str, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, now: float) -> str:
        """Make a key for a user.

        :param name: name of the user.
        :param now: the current unix time in seconds, UTC.
        :returns: the key; it is valid for `VALID_SECONDS`.
        """
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._names[_hash(key)] = name, now + VALID_SECONDS
        return key

    def user(self, key: str, now: float, *, use: bool = False) -> str | None:
        """Return the user of a key.

        :param key: the key in a link.
        :param now: the current unix time in seconds, UTC.
        :param use: True to make the key invalid.
        :returns: name of the user; None if the key is wrong, was used, or is too old.
        """
        with self._lock:
            name, until = self._names.get(_hash(key), (None, 0.0))
            if use:
                self._names.pop(_hash(key), None)
        return name if now < until else None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
