"""Reads files of others that are to be small into memory: a spec, a list of sources, the answer of an index.

The whole service shares its memory, so no build may fill it with a file of its own.
"""

from __future__ import annotations

from pathlib import Path

from ..sandbox.resource_usage import size
from ..tasks import BuildFailed

LARGEST = 16 * 1024**2  # bytes


def read(file: Path, shown: str) -> bytes:
    """The content of a file; `shown` is what the submitter calls it.

    Raises `BuildFailed`: it is larger than `LARGEST`.
    """
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise BuildFailed(f"{shown} is larger than the {size(LARGEST)} that are read of such a file")
    return content
