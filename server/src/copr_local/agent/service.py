"""The requests of a builder to its service.

A request is repeated as long as the service cannot be reached or says that it cannot answer now: a builder
outlives a restart of its service, and of the web server in front of it. It ends when the service says that
the claim is lost, or when the builder is stopped.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any

from ..builders import documents
from .disk import Unwritable

PIECE = 2 * 1024**2  # bytes that one request sends; the service takes twice as much
TIMEOUT = 120.0  # seconds without a byte of a response
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0  # seconds between two attempts
# Statuses of answers. 204: there is no step yet; 422: parts of the results are missing.
_ANSWERS = frozenset({200, 204, 206, 422})
# Statuses after which a request is repeated. 202: the service still checks the results of the build.
_AGAIN = frozenset({202, 429, 500, 502, 503, 504, 507})

log = logging.getLogger(__name__)


class Lost(Exception):
    """The end of a claim: the service has given the step to another builder, or the build was deleted."""


class Stopped(Exception):
    """The end of a request, since the builder is stopped."""


class Refused(Exception):
    """A response that says that the request is wrong; its text says why."""


@dataclass(frozen=True)
class Wish:
    """What a builder wants to build.

    :param arches: architectures that this machine builds for.
    :param chroots: patterns of chroots; empty for all.
    :param tasks: version of the tasks that this builder knows.
    """

    arches: tuple[str, ...]
    chroots: tuple[str, ...] = ()
    tasks: int = documents.VERSION


class Service:
    """A service that a builder works for.

    :param url: URL of the service.
    :param token: the builder's token.
    :param stopping: event that is set when the builder stops: then no request is repeated any more.
    :raises ValueError: the URL is not valid.
    """

    def __init__(self, url: str, token: str, stopping: threading.Event) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not the URL of a service: write one like https://copr.example.com")
        self.url = url.rstrip("/")
        self.stopping = stopping
        self._parts = parts
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": "copr-local builder"}
        self._local = threading.local()  # each thread has a connection of its own
        self._polls: set[http.client.HTTPConnection] = set()

    def claim(self, wish: Wish, wait: float) -> str | None:
        """Wait for a claim of a step.

        :param wish: what the builder wants to build.
        :param wait: seconds to wait.
        :returns: the path of the claim, which has to be accepted; None if there is no step yet.
        :raises Stopped: the builder is stopped.
        :raises Refused: the token is not valid, or the service does not take such a builder.
        """
        with self._polling():
            answer = self._post("/builder/claims", {**asdict(wish), "wait": wait})
        return None if answer is None else str(answer["claim"])

    def report(self, wish: Wish, trouble: str) -> None:
        """Say why the builder takes no steps now.

        :param wish: what the builder wants to build.
        :param trouble: what is wrong: one line.
        :raises Stopped: the builder is stopped.
        :raises Refused: the token is not valid, or the service does not take such a builder.
        """
        self._post("/builder/claims", {**asdict(wish), "wait": 0, "trouble": trouble})

    def offer(self, wish: Wish, slots: int, trouble: str = "") -> str:
        """Say how many builds at the same time the builder takes by the broker.

        :param wish: what the builder wants to build.
        :param slots: number of its slots; 0 to get no more builds.
        :param trouble: why the builder takes no builds now: one line; empty if it does.
        :returns: name of the builder's queue at the broker.
        :raises Stopped: the builder is stopped.
        :raises Refused: the token is not valid, or the service uses no broker.
        """
        body = {**asdict(wish), "slots": slots, "trouble": trouble}
        return str(self._post("/builder/slots", body)["queue"])

    def accept(self, claim: str, wish: Wish) -> dict[str, Any]:
        """Accept a claim.

        :param claim: path of the claim.
        :param wish: what the builder wants to build.
        :returns: the task.
        :raises Lost: the claim is lost, or was accepted before.
        :raises Stopped: the builder is stopped.
        :raises Refused: the service does not know this builder.
        """
        task: dict[str, Any] = self._post(f"{claim}/accept", asdict(wish))["task"]
        return task

    @contextlib.contextmanager
    def _polling(self) -> Iterator[None]:
        """Let `end_polls` end the request that the `with` block sends."""
        connection = self._connection()
        self._polls.add(connection)
        try:
            yield
        finally:
            self._polls.discard(connection)

    def end_polls(self) -> None:
        """End the requests that wait for a step, after `stopping` was set."""
        for connection in list(self._polls):
            with contextlib.suppress(OSError):
                if connection.sock is not None:
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def download(self, claim: str, file: Path) -> None:
        """Download the source of a step; go on where a broken connection has stopped.

        :param claim: path of the claim.
        :param file: file to write.
        :raises Lost: the claim is lost.
        :raises Stopped: the builder is stopped.
        :raises Refused: the step has no source.
        :raises Unwritable: the file cannot be written.
        """
        tag = ""
        with _writing():
            stream = file.open("wb", buffering=0)
        with stream:

            def receive(response: http.client.HTTPResponse) -> bytes:
                nonlocal tag
                if response.status != 206 and stream.tell():
                    with _writing():
                        stream.seek(0)
                        stream.truncate()
                tag = response.headers.get("ETag", "")
                while piece := response.read1(1024**2):
                    with _writing():
                        _write_all(stream, piece)
                if response.length:
                    raise http.client.IncompleteRead(b"", response.length)
                response.close()
                return b""

            def headers() -> dict[str, str]:
                return {"Range": f"bytes={stream.tell()}-", "If-Range": tag} if tag and stream.tell() else {}

            self._repeat("GET", f"{claim}/source", headers, receive=receive)

    def append_log(self, claim: str, offset: int, data: bytes) -> tuple[int, bool]:
        """Send a part of the log, which is also the sign of life.

        :param claim: path of the claim.
        :param offset: where the part begins.
        :param data: the part; it may be empty.
        :returns: where the next part begins, and True if the build was cancelled.
        :raises Lost: the claim is lost.
        :raises Stopped: the builder is stopped.
        :raises Refused: the log is larger than its limit.
        """
        answer = self._post(f"{claim}/log?offset={offset}", data)
        return int(answer["offset"]), bool(answer["cancel"])

    def append_file(self, claim: str, name: str, offset: int, data: bytes) -> int:
        """Send a part of a result.

        :param claim: path of the claim.
        :param name: name of the file.
        :param offset: where the part begins.
        :param data: the part.
        :returns: where the next part begins.
        :raises Lost: the claim is lost.
        :raises Stopped: the builder is stopped.
        :raises Refused: a build has no such file, or the files are too large.
        """
        return int(self._post(f"{claim}/files/{urllib.parse.quote(name)}?offset={offset}", data)["offset"])

    def finish(self, claim: str, end: Mapping[str, Any]) -> dict[str, Any] | None:
        """Say how a build ended.

        :param claim: path of the claim.
        :param end: `outcome`, `reason`, `log` (its size) and `files` (size and SHA-256 by name).
        :returns: None if the service has recorded it; otherwise `log` and `files`, with the offsets at which
            they go on.
        :raises Lost: the claim is lost.
        :raises Stopped: the builder is stopped.
        :raises Refused: the end is not valid.
        """
        missing: dict[str, Any] = self._post(f"{claim}/finish", end)
        return missing or None

    def _post(self, path: str, content: Mapping[str, Any] | bytes) -> Any:
        """Send a JSON object, or bytes of a file; return the JSON value of the response, None without one."""
        if isinstance(content, bytes):
            kind, body = "octet-stream", content
        else:
            kind, body = "json", json.dumps(content).encode()
        answer = self._repeat("POST", path, lambda: {"Content-Type": f"application/{kind}"}, body)
        return json.loads(answer) if answer else None

    def _repeat(
        self,
        method: str,
        path: str,
        headers: Callable[[], Mapping[str, str]],
        body: bytes | None = None,
        receive: Callable[[http.client.HTTPResponse], bytes] = http.client.HTTPResponse.read,
    ) -> bytes:
        """Send a request until there is a response to it; return the body of the response."""
        pause, said = FIRST_PAUSE, ""
        while True:
            try:
                status, answer = self._send(method, path, headers(), body, receive)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                reason = str(error) or repr(error)
                if reason != said and not self.stopping.is_set():  # a builder that stops ends its requests
                    log.warning("%s does not answer (%s); trying again until it does", self.url, reason)
                said = reason
            else:
                if status in _ANSWERS:
                    return answer
                if status == 409:
                    raise Lost(_text(answer))
                if status not in _AGAIN:
                    raise Refused(f"{self.url}{path} answered {status}: {_text(answer)}")
            if self.stopping.wait(pause):
                raise Stopped
            pause = min(2 * pause, LONGEST_PAUSE)

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        receive: Callable[[http.client.HTTPResponse], bytes],
    ) -> tuple[int, bytes]:
        connection = self._connection()
        url = self._parts.path.rstrip("/") + path
        connection.request(method, url, body, {**self._headers, **headers})
        response = connection.getresponse()
        return response.status, receive(response) if response.status in _ANSWERS else response.read()

    def _connection(self) -> http.client.HTTPConnection:
        """Return the connection of this thread; it connects with the first request."""
        found: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if found is None:
            host, port = str(self._parts.hostname), self._parts.port
            if self._parts.scheme == "https":
                context = ssl.create_default_context()
                found = http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
            else:
                found = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
            self._local.connection = found
        return found

    def close(self) -> None:
        """Close the connection of this thread; the next request opens it again."""
        self._connection().close()


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Raise `Unwritable` for an error of a file; one of the connection lets the request be repeated."""
    try:
        yield
    except OSError as error:
        raise Unwritable(f"the builder cannot write the source: {error.strerror or error}") from error


def _write_all(stream: RawIOBase, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[stream.write(view) or 0 :]


def _text(answer: bytes) -> str:
    """Return the error text of a response."""
    try:
        return str(json.loads(answer)["error"])
    except (ValueError, LookupError, TypeError):
        return answer[:200].decode(errors="replace")
