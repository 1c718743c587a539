"""Small uploaded files, which are read into memory."""

from __future__ import annotations

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from .context import LARGEST_BODY


def small_file(part: FileStorage) -> bytes:
    """Return the content of a small uploaded file, such as a `comps.xml`.

    :param part: the part of the request with the file.
    :returns: the content.
    :raises RequestEntityTooLarge: the file is larger than `LARGEST_BODY` bytes.
    """
    content = part.stream.read(LARGEST_BODY + 1)
    if len(content) > LARGEST_BODY:
        raise RequestEntityTooLarge
    return content
