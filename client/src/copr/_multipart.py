"""A multipart/form-data body (RFC 7578), read in blocks of any size, with little memory.

Rules: a file is opened when its turn comes, so one body serves one attempt. The length is sent before the
body; a file that grows or shrinks meanwhile is an error, not a broken body.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any, BinaryIO
from uuid import uuid4

from ._wire import FilePart


class MultipartReader:
    """A body with a form's fields, files, and after them a JSON part.

    `json`: the encoded document of the part `json`, if any. `boundary`: default a random one. `fields`: name
    to text, to a file, or to a list of texts for a field that is repeated. `len` is the number of bytes that
    are left to read, `content_type` the value of the header. `len`, `content_type`, `boundary_value` and
    `read` are what MultipartEncoderMonitor of requests-toolbelt needs.

    Raise OSError if a file does not exist.
    """

    def __init__(
        self,
        files: tuple[FilePart, ...],
        json: bytes | None = None,
        boundary: str | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> None:
        self.boundary_value = boundary or uuid4().hex
        self.content_type = f"multipart/form-data; boundary={self.boundary_value}"
        pieces: list[tuple[bytes | FilePart, int]] = []
        for name, value in (fields or {}).items():
            for each in value if isinstance(value, (list, tuple)) else [value]:
                pieces += self._file(each) if isinstance(each, FilePart) else self._field(name, each)
        for part in files:
            pieces += self._file(part)
        tail = f"--{self.boundary_value}--\r\n".encode()
        if json is not None:
            tail = self._head("json", "json", "application/json") + json + b"\r\n" + tail
        pieces.append((tail, len(tail)))
        self.len = sum(size for _, size in pieces)
        self._pieces = iter(pieces)
        self._stream: BinaryIO = io.BytesIO()
        self._remaining = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes (fewer only at the end; all if negative).

        Raise OSError if a file cannot be read, or has grown or shrunk.
        """
        wanted = self.len if size < 0 else min(size, self.len)
        blocks: list[bytes] = []
        while wanted:
            if not self._remaining:
                self._reach_next()
            block = self._stream.read(min(wanted, self._remaining))
            if not block and self._remaining:
                raise OSError("a file became shorter while it was sent")
            blocks.append(block)
            wanted -= len(block)
            self._remaining -= len(block)
            self.len -= len(block)
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    def close(self) -> None:
        """Close the file that is open."""
        self._stream.close()

    def _reach_next(self) -> None:
        if self._stream.read(1):
            raise OSError("a file became longer while it was sent")
        self._stream.close()
        piece, self._remaining = next(self._pieces)
        self._stream = io.BytesIO(piece) if isinstance(piece, bytes) else open(piece.path, "rb")  # noqa: SIM115 - closed before the next one

    def _field(self, name: str, value: object) -> list[tuple[bytes | FilePart, int]]:
        field = self._head(name) + str(value).encode() + b"\r\n"
        return [(field, len(field))]

    def _file(self, part: FilePart) -> list[tuple[bytes | FilePart, int]]:
        head = self._head(part.field, part.filename, part.content_type)
        if part.content is None:
            return [(head, len(head)), (part, os.stat(part.path).st_size), (b"\r\n", 2)]
        whole = head + part.content + b"\r\n"
        return [(whole, len(whole))]

    def _head(self, field: str, filename: str | None = None, content_type: str | None = None) -> bytes:
        head = f'--{self.boundary_value}\r\nContent-Disposition: form-data; name="{_quoted(field)}"'
        if filename is not None:
            head += f'; filename="{_quoted(filename)}"'
        if content_type is not None:
            head += f"\r\nContent-Type: {content_type}"
        return f"{head}\r\n\r\n".encode()


def _quoted(text: str) -> str:
    """Return a name for use inside quotes, as RFC 7578 (through HTML) writes it."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
