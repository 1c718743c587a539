"""Writes the three files of a repository's metadata, and the index of them, from those that are there.

A file is a list of records, one for each package, in the same order in all three. Records of RPMs whose size
and time have not changed are copied, as bytes, from the file before; only what is new is described by
createrepo_c. So one more build in a repository of thousands costs what copying and compressing costs. A set
of files that does not fit together, for whatever reason, counts as none: everything is described anew.

Nothing of what people write ends a record early: createrepo_c escapes every `<` of theirs.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
_HREF = re.compile(rb'^ *<location (?:xml:base="[^"]*" )?href="([^"]*)"/>$', re.MULTILINE)
_TIME = re.compile(rb'^ *<time file="(\d+)"', re.MULTILINE)
_SIZE = re.compile(rb'^ *<size package="(\d+)"', re.MULTILINE)
_CHECKSUM = re.compile(rb'^ *<checksum type="sha256" pkgid="YES">([0-9a-f]+)</checksum>$', re.MULTILINE)
_PACKAGE = re.compile(rb'<package pkgid="([0-9a-f]+)"')
_FILE = re.compile(r'<data type="([a-z]+)">.*?<location href="repodata/([^"/]+)"', re.DOTALL)

_PIECE = 1024**2  # bytes
_GZIP = 31  # zlib's word for it

Stamp = tuple[int, int]
"""The size in bytes and the time (unix, seconds) of an RPM, by which it is known again."""

Describe = Callable[[Sequence[str]], Path | None]
"""Describes RPMs, by their paths in the repository, in a new folder; or in none, if it could read none."""


class _NoUse(Exception):
    """The files before do not fit together."""


@dataclass(frozen=True)
class _Metadata:
    """Metadata that is there: the paths of its files by their kinds, what each record describes."""

    files: Mapping[str, Path]
    checksums: Sequence[bytes]
    packages: Sequence[tuple[str, Stamp]]


@dataclass(frozen=True)
class _Written:
    """One file of the new metadata, as the index lists it."""

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
    comps: bytes | None = None,
) -> None:
    """Write metadata of `packages`, by their paths in the repository, into `folder`.

    `before` is the folder of the metadata that is there, if any; `comps` a description of groups to add.

    Raises `OSError`, and what `describe` raises.
    """
    try:
        old = _read(before)
        kept = _chosen(old, packages)
        described = {path for (path, _), keep in zip(old.packages, kept, strict=True) if keep}
        added = describe(sorted(packages.keys() - described))
        sets = [(old, kept), *([_all(_read(added))] if added is not None else [])]
        _write(folder, sets, comps)
    except _NoUse:
        for half in folder.iterdir():
            half.unlink()
        added = describe(sorted(packages))
        _write(folder, [_all(_read(added))] if added is not None else [], comps)


def known(before: Path) -> set[str]:
    """The paths of the packages that the metadata in `before` describes."""
    try:
        return {path for path, _ in _read(before).packages}
    except _NoUse:
        return set()


def files_of(index: Path) -> dict[str, str]:
    """The names of the metadata files that a `repomd.xml` lists, by their kinds; none if there is none."""
    try:
        return dict(_FILE.findall(index.read_text(errors="replace")))
    except FileNotFoundError:
        return {}


def _chosen(old: _Metadata, packages: Mapping[str, Stamp]) -> list[bool]:
    seen: set[str] = set()
    chosen = []
    for path, stamp in old.packages:
        chosen.append(packages.get(path) == stamp and path not in seen)
        seen.add(path)
    return chosen


def _all(metadata: _Metadata) -> tuple[_Metadata, list[bool]]:
    return metadata, [True] * len(metadata.packages)


def _read(folder: Path) -> _Metadata:
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
    """The records of a metadata file, one after the other; what is around them is left out."""
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


def _write(folder: Path, sets: Sequence[tuple[_Metadata, Sequence[bool]]], comps: bytes | None) -> None:
    count = sum(sum(keep) for _, keep in sets)
    written = [_write_file(folder, kind, count, _kept(kind, sets)) for kind in _ELEMENTS]
    if comps is not None:
        written.append(_copy(folder, comps))
    (folder / "repomd.xml").write_text(_index(written))


def _kept(kind: str, sets: Sequence[tuple[_Metadata, Sequence[bool]]]) -> Iterator[bytes]:
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
    """What a file is made of, in pieces worth compressing at once; the last one is empty."""
    waiting, size = [head.encode()], 0
    for record in records:
        waiting.append(record)
        size += len(record)
        if size > _PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join([*waiting, foot.encode()])
    yield b""


def _copy(folder: Path, comps: bytes) -> _Written:
    checksum = hashlib.sha256(comps).hexdigest()
    name = f"{checksum}-comps.xml"
    (folder / name).write_bytes(comps)
    return _Written("group", name, checksum, len(comps), checksum, len(comps))


def _index(files: Sequence[_Written]) -> str:
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
