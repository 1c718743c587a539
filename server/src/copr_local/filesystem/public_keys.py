"""Public keys of the packages in a project directory: one or more armoured keys in the file `pubkey.gpg`.

The first signed package adds the key of the project's owner. Packages that come from another project by a
fork add the keys of that project. While the file exists, the dnf configuration of the directory accepts only
signed packages.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from .file_lock import try_lock

FILE_NAME = "pubkey.gpg"
_PAUSE = 0.005  # seconds between two attempts to get the lock

_KEY = re.compile(rb"-----BEGIN PGP PUBLIC KEY BLOCK-----.*?-----END PGP PUBLIC KEY BLOCK-----\n", re.DOTALL)


def publish(source: Path, target: Path) -> None:
    """Add the keys in one folder to the keys in another folder.

    Keys that the target already has are not added again. If nothing is new, no file is written.

    :param source: folder with the keys to add; it may have none.
    :param target: folder that gets the keys; it is created if needed.
    :raises OSError: a file cannot be read or written.
    """
    file, partial = target / FILE_NAME, target / f".{FILE_NAME}"
    added = _read(source / FILE_NAME)
    if set(added) <= set(_read(file)):
        return
    target.mkdir(parents=True, exist_ok=True)
    while (lock := try_lock(target / f".{FILE_NAME}.lock")) is None:
        time.sleep(_PAUSE)
    with lock:
        known = _read(file)
        partial.write_bytes(b"".join([*known, *(key for key in added if key not in known)]))
        partial.replace(file)
        Path(lock.name).unlink()


def _read(file: Path) -> list[bytes]:
    """Return the keys in a file; an empty list if the file does not exist."""
    try:
        return _KEY.findall(file.read_bytes())
    except FileNotFoundError:
        return []
