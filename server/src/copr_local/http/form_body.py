"""The body of a form with files. A large one is taken apart while it arrives, so that files are written once.

A smaller one is stored as it is, and taken apart for the endpoint.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from ..wire.context import LARGEST_BODY

KEY = "copr_local.form"  # of a `FormBody` in the WSGI environment
FORM = "multipart/form-data"
MOST_PARTS = 1000
MOST_FILES = 20  # no request needs more than two, and making files takes the time of the main loop
_READ = 256 * 1024  # bytes that are read at once
LONGEST_FIELD = 500_000  # bytes; this and the number of parts are the limits of Flask

Fields = MultiDict[str, str]
Files = MultiDict[str, FileStorage]


class FormBody:
    """The body of a request: waitress appends to it, and the application gets its fields and files.

    :param boundary: text between the parts.
    :param folder: folder for the files; they are removed with `close`, unless they were linked before.
    """

    def __init__(self, boundary: bytes, folder: Path) -> None:
        self._delimiter = b"--" + boundary
        self._folder = folder
        self._decoder = MultipartDecoder(boundary, LONGEST_FIELD, max_parts=MOST_PARTS)
        self._length = 0
        self._held = b""  # the last byte, if the decoder must not get it alone
        self._part: Field | File | None = None
        self._value: IO[bytes] = BytesIO()  # of the part that is being received
        self._in_file = False
        self._fields: list[tuple[str, str]] = []
        self._sizes = 0  # bytes of all fields
        self._files: list[tuple[str, FileStorage]] = []
        self._opened: list[IO[bytes]] = []
        self._error: Exception | None = None

    @classmethod
    def for_type(cls, content_type: str, folder: Path) -> FormBody | None:
        """Return an empty body for a header `Content-Type`.

        :param content_type: the value of the header.
        :param folder: folder for the files.
        :returns: the body; None if it is not a form with files, or has no valid boundary.
        """
        kind, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        return cls(boundary.encode(), folder) if kind == FORM and boundary.isascii() and boundary else None

    def append(self, data: bytes) -> None:
        """Take bytes of the body. After an error in the form, they are dropped.

        :param data: the bytes.
        :raises OSError: the disk is full.
        """
        self._length += len(data)
        data, self._held = self._held + data if self._held else data, b""
        if self._error is None and not self._is_inside(data):
            # The decoder of werkzeug 3.1.9 adds a CR to the part before a delimiter if it gets only half of
            # the line break or of the final `--` after it.
            seen = self._decoder.buffer[-len(self._delimiter) :] + data[-len(self._delimiter) - 1 :]
            if seen[:-1].endswith(self._delimiter):
                data, self._held = data[:-1], data[-1:]
            self._decode(data)

    def _is_inside(self, data: bytes) -> bool:
        """Write bytes to a file if no part can end in them, and return True then.

        The decoder keeps the last of them, since the next bytes may complete a delimiter.
        """
        kept = self._decoder.buffer
        keep = len(self._delimiter) + 2
        if not self._in_file or len(data) <= keep or self._delimiter in data:
            return False
        if self._delimiter in kept + data[:keep]:
            return False
        self._value.write(kept)
        self._value.write(memoryview(data)[:-keep])
        kept[:] = data[-keep:]
        return True

    def _decode(self, data: bytes | None) -> None:
        """Let the decoder find parts in the next bytes; None is the end of the body."""
        try:
            self._decoder.receive_data(data)
            while not isinstance(event := self._decoder.next_event(), Epilogue | NeedData):
                self._take(event)
        except (ValueError, RequestEntityTooLarge) as error:
            self._error = error
            self._drop_files()

    def _take(self, event: Any) -> None:
        """Take the beginning of a part, or some of its content."""
        if isinstance(event, Field | File):
            self._part = event
            self._value = self._new_file() if isinstance(event, File) else BytesIO()
        elif isinstance(event, Data) and self._part is not None:
            is_file = isinstance(self._part, File)
            if not is_file:
                self._sizes += len(event.data)
                if self._value.tell() + len(event.data) > LONGEST_FIELD or self._sizes > LARGEST_BODY:
                    raise RequestEntityTooLarge
            self._value.write(event.data)
            self._in_file = is_file and event.more_data
            if not event.more_data:
                self._end_part(self._part)

    def _end_part(self, part: Field | File) -> None:
        """Add the part that has been received."""
        self._value.seek(0)
        if isinstance(part, File):
            self._files.append(
                (part.name, FileStorage(self._value, part.filename, part.name, headers=part.headers))
            )
        else:
            charset = MultiPartParser().get_part_charset(part.headers)
            self._fields.append((part.name, self._value.read().decode(charset, "replace")))

    def _new_file(self) -> IO[bytes]:
        if len(self._opened) == MOST_FILES:
            raise RequestEntityTooLarge
        file: IO[bytes] = NamedTemporaryFile(dir=self._folder)  # noqa: SIM115 - `close` closes it
        self._opened.append(file)
        return file

    def parse(
        self, stream: Any, kind: str, length: int | None = None, options: Any = None
    ) -> tuple[Any, Fields, Files]:
        """Return the parts of the whole body, as the parser of werkzeug does.

        :param stream: stream of the body; it is read if the server has not taken the body apart.
        :param kind: type of the body; it is a form.
        :param length: size of the body in bytes.
        :param options: parameters of the type; the boundary is known.
        :returns: the stream, the fields and the files; no fields and files if the form is not valid.
        :raises RequestEntityTooLarge: a field is too long, or the form has too many parts or files.
        """
        if self._length == 0:
            for data in iter(partial(stream.read, _READ), b""):
                self.append(data)
        if self._error is None:
            self._decode(self._held)
            self._decode(None)
        if isinstance(self._error, RequestEntityTooLarge):
            raise self._error
        if self._error is not None:
            return stream, ImmutableMultiDict(), ImmutableMultiDict()
        return stream, ImmutableMultiDict(self._fields), ImmutableMultiDict(self._files)

    def getfile(self) -> IO[bytes]:
        """Return the stream of the body for endpoints, which is empty.

        :returns: an empty stream.
        """
        return BytesIO()

    def __len__(self) -> int:
        return self._length

    def close(self) -> None:
        """Remove the files that no build has taken over."""
        self._drop_files()

    def _drop_files(self) -> None:
        self._in_file = False
        self._value = BytesIO()
        for file in self._opened:
            with suppress(OSError):  # closing can fail on a full disk; the file is removed anyway
                file.close()
        self._opened.clear()
