"""Responses of the blocking transport whose header must be whole.

`http.client` takes the end of a stream for the end of a header. A response that was cut there would seem to
be an empty one with the status 200. It also takes an interim response, such as 103, for the response.
"""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPResponse, RemoteDisconnected
from typing import Any


class WholeResponse(HTTPResponse):
    """A response that raises RemoteDisconnected if the connection ends within its status line or header."""

    def begin(self) -> None:
        """Read the status line and the header; interim responses are skipped."""
        stream = self.fp
        lines: Any = _Lines(stream)
        self.fp = lines
        try:
            super().begin()
            while self.status < HTTPStatus.OK and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
                self.headers = None  # type: ignore[assignment]  # so that it begins again
                super().begin()
        finally:
            if self.fp is lines:  # not if the response was closed meanwhile
                self.fp = stream


class _Lines:
    """The lines of a header."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.close = stream.close

    def readline(self, limit: int) -> bytes:
        line: bytes = self._stream.readline(limit)
        if len(line) < limit and not line.endswith(b"\n"):
            raise RemoteDisconnected("The connection ended within the header of the response")
        return line
