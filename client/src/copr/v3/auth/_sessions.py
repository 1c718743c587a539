"""Login sessions that are stored between runs: one file for each service, readable only by its owner.

Rules: a file is replaced as a whole, under a lock. A file that cannot be read counts as empty.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from filelock import FileLock


class SessionFile:
    """The file with the session of one service, in the user's cache folder.

    :param copr_url: URL of the service.
    """

    def __init__(self, copr_url: str) -> None:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        self.path = Path(base, "copr", f"{quote(urlsplit(copr_url).netloc, safe='')}-session.json")

    def lock(self) -> FileLock:
        """Return a lock, so that only one process at a time reads and renews the session.

        :returns: the lock, not yet acquired. Acquiring it raises `filelock.Timeout` after 60 seconds.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileLock(f"{self.path}.lock", timeout=60, mode=0o600)

    def read(self) -> dict[str, Any]:
        """Return the stored session.

        :returns: the session as it was written, or an empty dict if the file does not exist or is invalid.
        """
        try:
            content = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, session: dict[str, Any]) -> None:
        """Replace the stored session.

        :param session: the new session, a dict that JSON can represent.
        :raises OSError: the file cannot be written.
        """
        fresh = self.path.with_suffix(f".{os.getpid()}.tmp")
        fresh.unlink(missing_ok=True)  # left by a process that crashed, perhaps with another mode
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(session, file)
        fresh.replace(self.path)
