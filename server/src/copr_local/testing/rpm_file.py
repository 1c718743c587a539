"""Small RPM files with one document each, written without rpmbuild; rpm, dnf and createrepo_c can read them.

The format is that of rpm 4.14 and later: a lead, a signature header with digests, the header, and a gzipped
cpio archive. Sources: https://rpm-software-management.github.io/rpm/manual/format_v4.html, and for the
tags https://rpm-software-management.github.io/rpm/manual/tags.html.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LEAD = b"\xed\xab\xee\xdb\x03\x00"
_MAGIC = b"\x8e\xad\xe8\x01\x00\x00\x00\x00"
_SIGNATURES, _IMMUTABLE = 62, 63  # tags of regions; a region is the part of a header that digests cover
_BINARY = 7  # type of an entry
_TRAILER = struct.Struct(">IIiI")
_EQUAL = 8  # flag of a provide or require: exactly this version
_RPMLIB = (1 << 24) | 10  # flags of a require: a feature of rpm, in this version or an earlier one
_REGULAR_FILE = 0o100644
_DOCUMENTATION = 2  # flag of a file
_SHA256 = 8

Value = int | str | bytes | list[str]


class _Short(int):
    """An integer of two bytes."""


class _Translated(str):
    """A text that may have translations."""


@dataclass(frozen=True)
class RpmFile:
    """The content of an RPM file.

    :param name: name of the package.
    :param epoch: epoch of the package; 0 for none.
    :param version: version, without the release.
    :param release: release, with the `%{dist}` tag.
    :param arch: architecture; `src` for a source RPM.
    :param source: file name of the source RPM that it was built from; empty for a source RPM.
    :param path: path of its only file: absolute, or a plain name in a source RPM.
    :param content: text of that file.
    :param built_on: build time, unix time in seconds, UTC.
    """

    name: str
    epoch: int
    version: str
    release: str
    arch: str
    source: str
    path: str
    content: str
    built_on: int

    @property
    def file_name(self) -> str:
        """The file name that rpmbuild would use."""
        return f"{self.name}-{self.version}-{self.release}.{self.arch}.rpm"

    def write(self, directory: Path) -> Path:
        """Write the RPM into a folder.

        :param directory: the folder; it must exist.
        :returns: path of the written file.
        :raises OSError: the file cannot be written.
        """
        archive = _archive(self.path if self.is_source else f".{self.path}", self.content.encode())
        payload = gzip.compress(archive, mtime=0)
        header = _header(_IMMUTABLE, self._tags(payload))
        both = header + payload
        signatures: dict[int, Value] = {
            269: hashlib.sha1(header, usedforsecurity=False).hexdigest(),
            273: hashlib.sha256(header).hexdigest(),
            1000: len(both),
            1004: hashlib.md5(both, usedforsecurity=False).digest(),
            1007: len(archive),
        }
        signature = _header(_SIGNATURES, signatures)
        signature += bytes(-len(signature) % 8)
        file = directory / self.file_name
        file.write_bytes(self._lead() + signature + both)
        return file

    @property
    def is_source(self) -> bool:
        """True for a source RPM."""
        return self.arch == "src"

    def _lead(self) -> bytes:
        name = f"{self.name}-{self.version}-{self.release}".encode()[:65]
        return _LEAD + struct.pack(">HH66sHH16x", int(self.is_source), 1, name, 1, 5)

    def _tags(self, payload: bytes) -> dict[int, Value]:
        folder, _, base = self.path.rpartition("/")
        content = self.content.encode()
        tags: dict[int, Value] = {
            100: ["C"],
            1000: self.name,
            1001: self.version,
            1002: self.release,
            1004: _Translated(f"{self.name}, from a scripted build"),
            1005: _Translated("A package of a scripted build of a local Copr: it holds one document."),
            1006: self.built_on,
            1007: "localhost",
            1009: len(content),
            1014: "MIT",
            1016: _Translated("Unspecified"),
            1021: "linux",
            1022: "x86_64" if self.is_source else self.arch,
            1028: len(content),
            1030: _Short(_REGULAR_FILE - 0x10000),
            1033: _Short(0),
            1034: self.built_on,
            1035: [hashlib.sha256(content).hexdigest()],
            1036: [""],
            1037: 0 if self.is_source else _DOCUMENTATION,
            1039: ["root"],
            1040: ["root"],
            1045: -1,
            1048: _RPMLIB,
            1049: ["rpmlib(CompressedFileNames)"],
            1050: ["3.0.4-1"],
            1064: "4.18.0",
            1095: 1,
            1096: 1,
            1097: [""],
            1116: 0,
            1117: [base],
            1118: [f"{folder}/" if folder else ""],
            1124: "cpio",
            1125: "gzip",
            1126: "9",
            5011: _SHA256,
            5062: "utf-8",
            5092: [hashlib.sha256(payload).hexdigest()],
            5093: _SHA256,
        }
        if self.epoch:
            tags[1003] = self.epoch
        if self.is_source:
            return {**tags, 1106: 1}
        provided: dict[int, Value] = {
            1047: [self.name],
            1112: _EQUAL,
            1113: [f"{f'{self.epoch}:' if self.epoch else ''}{self.version}-{self.release}"],
        }
        return {**tags, **provided, 1044: self.source}


def _header(region: int, tags: Mapping[int, Value]) -> bytes:
    """Return a header: its region, then its entries sorted by tag, then their data."""
    entries, data = b"", b""
    for tag, value in sorted(tags.items()):
        kind, count, align, encoded = _encode(value)
        data += bytes(-len(data) % align)
        entries += _TRAILER.pack(tag, kind, len(data), count)
        data += encoded
    count = len(tags) + 1
    entries = _TRAILER.pack(region, _BINARY, len(data), _TRAILER.size) + entries
    data += _TRAILER.pack(region, _BINARY, -count * _TRAILER.size, _TRAILER.size)
    return _MAGIC + struct.pack(">II", count, len(data)) + entries + data


def _encode(value: Value) -> tuple[int, int, int, bytes]:
    """Return the type of an entry, the number of its values, its alignment, and its bytes."""
    match value:
        case _Short():
            return 3, 1, 2, struct.pack(">h", value)
        case int():
            return 4, 1, 4, struct.pack(">i", value)
        case _Translated():
            return 9, 1, 1, value.encode() + b"\0"
        case str():
            return 6, 1, 1, value.encode() + b"\0"
        case bytes():
            return _BINARY, len(value), 1, value
        case list():
            return 8, len(value), 1, b"".join(text.encode() + b"\0" for text in value)


def _archive(name: str, content: bytes) -> bytes:
    """Return a cpio archive ("newc") with one file; rpm needs a length that is a multiple of four bytes."""
    return _member(name, content, mode=_REGULAR_FILE) + _member("TRAILER!!!", b"", mode=0)


def _member(name: str, content: bytes, mode: int) -> bytes:
    """Return one member of a cpio archive."""
    encoded = name.encode() + b"\0"
    numbers = (1, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0)
    head = b"070701" + b"".join(b"%08x" % number for number in numbers) + encoded
    return head + bytes(-len(head) % 4) + content + bytes(-len(content) % 4)
