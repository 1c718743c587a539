"""The keys by which dnf knows a project's packages: `pubkey.gpg` in its folder, an armoured key or several.

It has its owner's key from the first package on that is signed; and if it has packages of the project that it
was forked from, the keys of that. Where there is the file, dnf is told to take signed packages only.
"""

from __future__ import annotations

import re
import threading
from pathlib import Path

FILE_NAME = "pubkey.gpg"

_KEY = re.compile(rb"-----BEGIN PGP PUBLIC KEY BLOCK-----.*?-----END PGP PUBLIC KEY BLOCK-----\n", re.DOTALL)
_writing = threading.Lock()


def publish(source: Path, target: Path) -> None:
    """Add the keys of one folder, if it has any, to those of another."""
    file, partial = target / FILE_NAME, target / f".{FILE_NAME}"
    with _writing:
        known = _read(file)
        new = [key for key in _read(source / FILE_NAME) if key not in known]
        if new:
            target.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(b"".join([*known, *new]))
            partial.replace(file)


def _read(file: Path) -> list[bytes]:
    try:
        return _KEY.findall(file.read_bytes())
    except FileNotFoundError:
        return []
