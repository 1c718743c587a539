"""Sessions kept between runs: one file for each service, readable by its owner alone.

Rules: a file is written whole or not at all, under a lock; what cannot be read counts as nothing.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from filelock import FileLock


class SessionFile:
    """The session of one service, in the user's cache folder."""

    def __init__(self, copr_url: str) -> None:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        self.path = Path(base, "copr", f"{quote(urlsplit(copr_url).netloc, safe='')}-session.json")

    def lock(self) -> FileLock:
        """A lock that other processes respect, for looking and renewing in one go."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return FileLock(f"{self.path}.lock", timeout=60, mode=0o600)

    def read(self) -> dict[str, Any]:
        """What was written last, or nothing."""
        try:
            content = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, session: dict[str, Any]) -> None:
        """Replace the session."""
        fresh = self.path.with_suffix(f".{os.getpid()}.tmp")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            json.dump(session, file)
        fresh.replace(self.path)
