"""Reads a small file that came with a request into memory."""

from __future__ import annotations

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from .context import LARGEST_BODY


def small_file(part: FileStorage) -> bytes:
    """The content of a file that came with the request, and is not for a builder.

    :raises RequestEntityTooLarge: it is larger than any other body may be.
    """
    content = part.stream.read(LARGEST_BODY + 1)
    if len(content) > LARGEST_BODY:
        raise RequestEntityTooLarge
    return content
