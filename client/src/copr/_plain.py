"""What both light transports know: which calls they can send, as which bytes, and which responses are plain.

Rules: opens and sends nothing. A plain response has the status 200, is whole, not encoded, and has its
length. Everything here is stricter than any HTTP library: what is unusual is left to the library.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping

from ._typing import Any
from ._wire import Call

#: What is usual of a header, in bytes and lines; HTTP libraries have limits for both.
LARGEST_HEADER = 32 * 1024
LARGEST_LINE = 8 * 1024 - 2
MOST_HEADERS = 64

_PORTS = {"http": 80, "https": 443}
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")

#: The URLs, targets and values of headers that HTTP libraries send as they are.
_BASE = re.compile(r"((https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::([1-9][0-9]{0,4}))?)/.*")
_TARGET = re.compile(r"/(?:[A-Za-z0-9!$&'()*+,;=:@/?._~-]|%[0-9A-F]{2})*(?<![?])")
_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")

#: The lines of a header that all libraries read in the same way.
_HEADER = re.compile(rb"HTTP/1\.1 200 [ -~]*(?:\r\n[A-Za-z0-9-]+:[\t -~]*)*")
_FIELD = re.compile(rb"([A-Za-z0-9-]+):([\t -~]*)")

#: The fields that tell where the body ends, how to read it, and whether the connection stays open.
_FIELDS_OF_BODY = re.compile(
    rb"\r\n(content-length|transfer-encoding|content-encoding|connection):([\t -~]*)", re.IGNORECASE
)


class Place:
    """Where a service is. `origin`: its URL without a path. `host`: the header Host."""

    __slots__ = ("host", "is_encrypted", "name", "origin", "port")

    def __init__(self, origin: str, scheme: str, name: str, port: int | None) -> None:
        self.origin = origin
        self.name = name
        self.port = port or _PORTS[scheme]
        self.host = name if self.port == _PORTS[scheme] else f"{name}:{port}"
        self.is_encrypted = scheme == "https"


def place_of(base_url: str) -> Place | None:
    """Return the place of the API at `base_url`; None if a proxy is involved, or an unusual URL."""
    found = _BASE.fullmatch(base_url)
    if (
        found is None
        or int(found[4] or 0) > 65535
        or any(os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXIES)
        or sys.platform != "linux"  # other systems have settings for proxies
    ):
        return None
    origin, scheme, name, port = found.groups()
    return Place(origin, scheme, name, int(port) if port else None)


def authorities_file() -> str | None:
    """Return the file or folder of authorities that the environment names for TLS."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")


def request_bytes(call: Call[Any], url: str, place: Place, identity: Mapping[str, str]) -> bytes | None:
    """Return the bytes of a request; None if it has files, or something unusual.

    `identity`: the headers that identify the user.
    """
    target = url[len(place.origin) :]
    if (
        call.files is not None
        or call.into is not None
        or not call.path.startswith("/")
        or not _TARGET.fullmatch(target)
        or not all(map(is_plain_value, identity.values()))
    ):
        return None
    headers = {"Host": place.host, **identity, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
    body = b""
    if call.json is not None or call.form is not None:
        from ._upload import document

        body, headers["Content-Type"] = document(call) or (b"", "")
        headers["Content-Length"] = str(len(body))
    elif call.method != "GET":
        headers["Content-Length"] = "0"
    lines = "\r\n".join([f"{name}: {value}" for name, value in headers.items()])
    return f"{call.method} {target} HTTP/1.1\r\n{lines}\r\n\r\n".encode() + body


def is_plain_value(value: object) -> bool:
    """Return True if the value of a header is sent as it is."""
    return isinstance(value, str) and _VALUE.fullmatch(value) is not None


class Header:
    """The header of a response, as it arrives.

    As soon as it is known: `head` are its bytes, `rest` what came after it, `length` the length of the body,
    `stays_open` whether the connection does. The length is -1 if this is anything but a plain response.
    """

    __slots__ = ("head", "length", "rest", "stays_open")

    def __init__(self) -> None:
        self.head = b""
        self.rest = b""
        self.length = -1
        self.stays_open = False

    def add(self, block: bytes) -> bool:
        """Add what has arrived, and return True as soon as the header is known; an empty block is the end."""
        data = self.head = self.head + block if self.head else block
        end = data.find(b"\r\n\r\n")
        if not 0 <= end <= LARGEST_HEADER:
            return not block or len(data) > LARGEST_HEADER or data.count(b"\n") != data.count(b"\r\n")
        self.head, self.rest = data[: end + 4], data[end + 4 :]
        self.length, self.stays_open = _plain(data[:end])
        return True


def fields(head: bytes) -> list[tuple[str, str]]:
    """Return the fields of a plain header, in order."""
    found = (_FIELD.fullmatch(line) for line in head.split(b"\r\n")[1:-2])
    return [(each[1].decode(), each[2].strip(b" \t").decode()) for each in found if each]


def _plain(header: bytes) -> tuple[int, bool]:
    """Return the length of the body that a header announces, and whether the connection stays open."""
    length, stays_open = -1, True
    if (
        not _HEADER.fullmatch(header)
        or header.count(b"\n") > MOST_HEADERS
        or (len(header) > LARGEST_LINE and max(map(len, header.split(b"\r\n"))) > LARGEST_LINE)
    ):
        return -1, False
    for field, content in _FIELDS_OF_BODY.findall(header):
        name, value = field.lower(), content.strip()
        if name == b"content-length":
            if length >= 0 or not value.isdigit() or len(value) > 15:
                return -1, False
            length = int(value)
        elif name == b"connection":
            stays_open = stays_open and value.lower() == b"keep-alive"
        else:
            return -1, False
    return length, stays_open
