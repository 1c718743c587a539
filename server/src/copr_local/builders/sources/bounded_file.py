"""Reads small files that come from outside into memory: a spec, a list of sources, the response of an index.

The size is limited, because a huge file of one build would use up the memory of the whole service.
"""

from __future__ import annotations

from pathlib import Path

from ..sandbox.resource_usage import size
from ..tasks import BuildFailed

LARGEST = 16 * 1024**2  # bytes


def read(file: Path, shown: str) -> bytes:
    """Read a file into memory.

    :param file: path of the file.
    :param shown: name of the file in error texts, as the submitter knows it.
    :returns: the content.
    :raises BuildFailed: the file is larger than `LARGEST`.
    :raises OSError: the file cannot be read.
    """
    with file.open("rb") as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise BuildFailed(f"{shown} is larger than the allowed {size(LARGEST)}")
    return content
