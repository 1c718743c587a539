"""Metadata of a repository: three files and their index, written with the records of the old metadata.

- Each file is a list of records, one for each package, in the same order in all three files.
- If the size and the time of an RPM have not changed, its records are copied from the old files, as bytes.
  createrepo_c describes only new RPMs. So a build in a repository with thousands of packages takes only the
  time to copy and compress the records.
- If the old files do not match each other, for any reason, createrepo_c describes all RPMs again.
- The text of a package cannot end a record early, because createrepo_c escapes each `<` in it.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LINUX = "http://linux.duke.edu/metadata"
_RPM = f'xmlns:rpm="{_LINUX}/rpm"'
_ELEMENTS = {
    "primary": ("metadata", f'xmlns="{_LINUX}/common" {_RPM}'),
    "filelists": ("filelists", f'xmlns="{_LINUX}/filelists"'),
    "other": ("otherdata", f'xmlns="{_LINUX}/other"'),
}

_END = b"</package>\n"
_BEGIN = re.compile(rb"<package[ >]")
# They begin with text, which is found many times as fast as the beginning of a line.
_HREF = re.compile(rb'<location (?:xml:base="[^"]*" )?href="([^"]*)"/>')
_TIME = re.compile(rb'<time file="(\d+)"')
_SIZE = re.compile(rb'<size package="(\d+)"')
_CHECKSUM = re.compile(rb'<checksum type="sha256" pkgid="YES">([0-9a-f]+)</checksum>')
_PACKAGE = re.compile(rb'<package pkgid="([0-9a-f]+)"')
_FILE = re.compile(r'<data type="([a-z]+)">.*?<location href="repodata/([^"/]+)"', re.DOTALL)

_PIECE = 1024**2  # bytes
_GZIP = 31  # value of zlib's parameter `wbits` for the gzip format

Stamp = tuple[int, int]
"""Size in bytes and modification time (unix time, UTC, seconds) of an RPM; if one differs, the RPM is new."""

Describe = Callable[[Sequence[str]], Path | None]
"""Function that takes paths of RPMs in the repository, and returns a new folder with metadata of them.

It returns None if the list is empty.
"""


class _NoUse(Exception):
    """The metadata files do not match each other, or one is missing or damaged."""


@dataclass(frozen=True)
class _Metadata:
    """Existing metadata: its files by kind, and the checksum, path and stamp of each package."""

    files: Mapping[str, Path]
    checksums: Sequence[bytes]
    packages: Sequence[tuple[str, Stamp]]


@dataclass(frozen=True)
class _Written:
    """A file of the new metadata, as the index lists it."""

    kind: str
    name: str
    checksum: str
    size: int
    open_checksum: str
    open_size: int


def write(
    folder: Path,
    before: Path,
    packages: Mapping[str, Stamp],
    describe: Describe,
    *,
    others: Mapping[str, bytes] | None = None,
) -> set[str]:
    """Write the metadata of a repository into a new folder.

    Exceptions of `describe` are passed on.

    :param folder: the folder to write to; it exists and is empty.
    :param before: folder of the old metadata; it may be missing.
    :param packages: the RPMs to list: path in the repository to size and time.
    :param describe: describes the RPMs that the old metadata does not have.
    :param others: contents of other files to add, by kind: `group` (a comps.xml, with groups of packages)
        and `appstream`.
    :returns: paths of the RPMs that `describe` left out, and that the metadata therefore does not list.
    :raises OSError: a file cannot be read or written, or `describe` returned files that do not match.
    """
    try:
        old = _read(before)
        kept = _chosen(old, packages)
        described = {path for (path, _), keep in zip(old.packages, kept, strict=True) if keep}
        return _add(folder, [(old, kept)], packages.keys() - described, describe, others or {})
    except _NoUse:
        for half in folder.iterdir():
            half.unlink()
    try:
        return _add(folder, [], packages.keys(), describe, others or {})
    except _NoUse as error:
        raise OSError("the new metadata files do not match each other") from error


def _add(
    folder: Path,
    sets: Sequence[tuple[_Metadata, Sequence[bool]]],
    packages: Set[str],
    describe: Describe,
    others: Mapping[str, bytes],
) -> set[str]:
    """Write the chosen records and those of new packages; return the packages that have no record."""
    described = describe(sorted(packages))
    added = _Metadata({}, [], []) if described is None else _read(described)
    _write(folder, [*sets, _all(added)], others)
    return set(packages) - {path for path, _ in added.packages}


def known(before: Path) -> set[str]:
    """Return the packages that existing metadata describes.

    :param before: folder of the metadata; it may be missing.
    :returns: paths of the packages in the repository; empty if the metadata is damaged.
    :raises OSError: `repomd.xml` cannot be read.
    """
    try:
        return {path for path, _ in _read(before).packages}
    except _NoUse:
        return set()


def files_of(index: Path) -> dict[str, str]:
    """Return the metadata files that a `repomd.xml` lists.

    :param index: path of the `repomd.xml`.
    :returns: kind of file (`primary`, `filelists`, ...) to file name; empty if there is no `repomd.xml`.
    :raises OSError: the file cannot be read.
    """
    try:
        return dict(_FILE.findall(index.read_text(errors="replace")))
    except FileNotFoundError:
        return {}


def _chosen(old: _Metadata, packages: Mapping[str, Stamp]) -> list[bool]:
    """Return for each old record if it is kept: its RPM has not changed, and it is the first of that RPM."""
    seen: set[str] = set()
    chosen = []
    for path, stamp in old.packages:
        chosen.append(packages.get(path) == stamp and path not in seen)
        seen.add(path)
    return chosen


def _all(metadata: _Metadata) -> tuple[_Metadata, list[bool]]:
    """Return metadata with the choice to keep all its records."""
    return metadata, [True] * len(metadata.packages)


def _read(folder: Path) -> _Metadata:
    """Read existing metadata; without a `repomd.xml` it is empty."""
    names = files_of(folder / "repomd.xml")
    if not names.keys() >= _ELEMENTS.keys():
        if (folder / "repomd.xml").exists():
            raise _NoUse
        return _Metadata({}, [], [])
    files = {kind: folder / names[kind] for kind in _ELEMENTS}
    checksums, packages = [], []
    for record in _records(files["primary"]):
        found = [form.search(record) for form in (_CHECKSUM, _HREF, _SIZE, _TIME)]
        if not all(found):
            raise _NoUse
        checksum, href, size, modified = (match[1] for match in found if match is not None)
        checksums.append(checksum)
        packages.append((html.unescape(href.decode()).removeprefix("../"), (int(size), int(modified))))
    return _Metadata(files, checksums, packages)


def _records(file: Path) -> Iterator[bytes]:
    """Yield the records of a metadata file, without the text before the first and after the last one."""
    rest = b""
    is_first = True
    try:
        with gzip.open(file) as stream:
            while piece := stream.read(_PIECE):
                *records, rest = (rest + piece).split(_END)
                if is_first and records:
                    begin = _BEGIN.search(records[0])
                    if begin is None:
                        raise _NoUse
                    records[0], is_first = records[0][begin.start() :], False
                for record in records:
                    yield record + _END
    except (OSError, EOFError, zlib.error) as error:
        raise _NoUse from error


def _write(
    folder: Path, sets: Sequence[tuple[_Metadata, Sequence[bool]]], others: Mapping[str, bytes]
) -> None:
    """Write all metadata files and their index; a set is existing metadata and the choice of its records."""
    count = sum(sum(keep) for _, keep in sets)
    written = [_write_file(folder, kind, count, _kept(kind, sets)) for kind in _ELEMENTS]
    written += [_write_other(folder, kind, content) for kind, content in others.items()]
    (folder / "repomd.xml").write_text(_index(written))


def _kept(kind: str, sets: Sequence[tuple[_Metadata, Sequence[bool]]]) -> Iterator[bytes]:
    """Yield the records of one kind that are kept; check that they match the records of `primary`."""
    for metadata, keep in sets:
        if kind not in metadata.files:
            continue
        number = 0
        for number, record in enumerate(_records(metadata.files[kind]), start=1):
            if number > len(keep):
                raise _NoUse
            if kind != "primary":
                package = _PACKAGE.match(record)
                if package is None or package[1] != metadata.checksums[number - 1]:
                    raise _NoUse
            if keep[number - 1]:
                yield record
        if number != len(keep):
            raise _NoUse


def _write_file(folder: Path, kind: str, count: int, records: Iterable[bytes]) -> _Written:
    """Write one compressed metadata file, named by its checksum."""
    element, attributes = _ELEMENTS[kind]
    head, foot = f'{_XML}<{element} {attributes} packages="{count}">\n', f"</{element}>\n"
    partial = folder / kind
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    packed, plain = hashlib.sha256(), hashlib.sha256()
    packed_size = plain_size = 0
    with partial.open("wb") as file:
        for piece in _pieces(head, records, foot):
            data = packer.compress(piece) if piece else packer.flush()
            plain.update(piece)
            packed.update(data)
            plain_size += len(piece)
            packed_size += len(data)
            file.write(data)
    name = f"{packed.hexdigest()}-{kind}.xml.gz"
    partial.rename(folder / name)
    return _Written(kind, name, packed.hexdigest(), packed_size, plain.hexdigest(), plain_size)


def _pieces(head: str, records: Iterable[bytes], foot: str) -> Iterator[bytes]:
    """Yield the content of a file in pieces large enough to compress well; the last piece is empty."""
    waiting, size = [head.encode()], 0
    for record in records:
        waiting.append(record)
        size += len(record)
        if size > _PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join([*waiting, foot.encode()])
    yield b""


def _write_other(folder: Path, kind: str, content: bytes) -> _Written:
    """Write a file that is not made of records: comps.xml as it is, others compressed."""
    data = content if kind == "group" else gzip.compress(content, mtime=0)
    checksum = hashlib.sha256(data).hexdigest()
    name = f"{checksum}-comps.xml" if kind == "group" else f"{checksum}-{kind}.xml.gz"
    (folder / name).write_bytes(data)
    return _Written(kind, name, checksum, len(data), hashlib.sha256(content).hexdigest(), len(content))


def _index(files: Sequence[_Written]) -> str:
    """Return the content of the `repomd.xml`."""
    now = int(time.time())
    lines = [f'<repomd xmlns="{_LINUX}/repo" {_RPM}>', f"  <revision>{now}</revision>"]
    for file in files:
        lines += [
            f'  <data type="{file.kind}">',
            f'    <checksum type="sha256">{file.checksum}</checksum>',
            f'    <open-checksum type="sha256">{file.open_checksum}</open-checksum>',
            f'    <location href="repodata/{file.name}"/>',
            f"    <timestamp>{now}</timestamp>",
            f"    <size>{file.size}</size>",
            f"    <open-size>{file.open_size}</open-size>",
            "  </data>",
        ]
    return _XML + "\n".join([*lines, "</repomd>", ""])
