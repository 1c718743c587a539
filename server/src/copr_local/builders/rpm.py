"""Asking rpm, always from inside the sandbox: what packages are, and why rpmbuild failed.

Headers of RPMs are as hostile as the rest of an upload. So a query prints one `tag<TAB>value` line per value,
and nothing is believed that is not exactly of the form expected: no name with a slash, no tag twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .sandbox.sandbox import Sandbox
from .tasks import BuildFailed

MAGIC = b"\xed\xab\xee\xdb"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}")
_VERSION = re.compile(r"[A-Za-z0-9._+~^]{1,100}")
_ARCHITECTURE = re.compile(r"[a-z0-9_]{1,20}")
_NUMBER = re.compile(r"[0-9]{1,10}")
_NONE = "(none)"  # rpm's word for a tag that a header does not have

_BAD_EXIT = re.compile(r"Bad exit status from \S+ \((%\w+)\)")
_ERROR = re.compile(r"^error: (.+)((?:\n   \S.*)*)$", re.MULTILINE | re.IGNORECASE)
_NEEDED = re.compile(r"^\t(.+) is needed by \S+$", re.MULTILINE)
# A macro that nothing defines stays as it is: rpm reads it as something else, a shell runs it as a program.
_UNKNOWN_TO_RPM = re.compile(
    r"^error: .*(?:Unknown tag: |must begin with )[^%\n]*%\{?([A-Za-z_]\w*)", re.MULTILINE
)
_UNKNOWN_TO_SHELL = re.compile(r"^\++ (?:fg )?'?%\{?([A-Za-z_]\w*)", re.MULTILINE)

_SHOWN = 5  # how many of the files that an error lists


@dataclass(frozen=True)
class Header:
    """What this service needs to know of one RPM; only source RPMs have `exclusive_arch`, `exclude_arch`.

    `epoch` is None where the package has none, which dnf takes for 0.
    """

    name: str
    epoch: int | None
    version: str
    release: str
    arch: str
    exclusive_arch: tuple[str, ...] = ()
    exclude_arch: tuple[str, ...] = ()

    @property
    def is_source(self) -> bool:
        """Whether it is a source RPM, with all sources or without some."""
        return self.arch in ("src", "nosrc")

    @property
    def full_version(self) -> str:
        """Version and release, after the epoch if there is one: `1.0-1`, `2:1.0-1`."""
        epoch = "" if self.epoch is None else f"{self.epoch}:"
        return f"{epoch}{self.version}-{self.release}"

    @property
    def file_name(self) -> str:
        """The name that rpmbuild gives such a file."""
        return f"{self.name}-{self.version}-{self.release}.{self.arch}.rpm"


def read_source_header(sandbox: Sandbox, file: Path, shown: str) -> Header:
    """Read the header of a source RPM in the sandbox's home; `shown` is what the submitter calls it.

    Raises `BuildFailed` with one line: the file is empty, not an RPM, damaged or truncated, not a source
    RPM, or has a header that no rpmbuild writes.
    """
    header = _read_whole(sandbox, file, not_one := f"{shown} is not a source RPM")
    if not header.is_source:
        raise BuildFailed(f"{not_one}: it is a built package for {header.arch}")
    return header


def read_built_header(sandbox: Sandbox, file: Path, shown: str) -> Header:
    """The same for a built RPM; the architecture that it is for becomes its `exclusive_arch`.

    Raises `BuildFailed` for the same reasons, and for a source RPM.
    """
    header = _read_whole(sandbox, file, not_one := f"{shown} is not a built RPM")
    if header.is_source:
        raise BuildFailed(f"{not_one}: it is a source RPM")
    return replace(header, exclusive_arch=() if header.arch == "noarch" else (header.arch,))


def _read_whole(sandbox: Sandbox, file: Path, not_one: str) -> Header:
    with file.open("rb") as stream:
        magic = stream.read(len(MAGIC))
    if magic != MAGIC:  # also because rpm would take a text file for a list of packages to read
        raise BuildFailed(f"{not_one}: {'it does not begin as an RPM does' if magic else 'it is empty'}")
    status, answer = sandbox.read(["rpm", "--checksig", "--nosignature", sandbox.inside(file)])
    if status != 0:
        unmatched = "its digests do not match" if "NOT OK" in answer else "rpm cannot read it"
        detail = last_error(answer).partition(": ")[2] or unmatched
        raise BuildFailed(f"{not_one}: it is damaged or truncated: {detail}")
    try:
        (header,) = read_headers(sandbox, [file])
    except BuildFailed as failed:
        raise BuildFailed(f"{not_one}: {failed}") from failed
    return header


def read_headers(sandbox: Sandbox, files: Sequence[Path]) -> list[Header]:
    """Read the headers of RPMs that lie in the sandbox's home, in the order of `files`.

    Raises `BuildFailed`: rpm cannot read one, or it has a header that no rpmbuild writes.
    """
    status, answer = sandbox.read(["rpm", *_QUERY, *map(sandbox.inside, files)])
    if status != 0:
        raise BuildFailed(f"rpm cannot read it: {last_error(answer)}")
    records = answer.split(_BEGIN)[1:]
    if len(records) != len(files):
        raise BuildFailed(f"rpm finds {len(records)} packages in {len(files)} files")
    return [_parse(record) for record in records]


_SINGLE = {
    "name": _NAME,
    "epoch": re.compile(rf"{_NUMBER.pattern}|{re.escape(_NONE)}"),
    "version": _VERSION,
    "release": _VERSION,
    "arch": _ARCHITECTURE,
    "sourcepackage": re.compile(rf"1|{re.escape(_NONE)}"),
}
_MANY = {
    "exclusivearch": _ARCHITECTURE,
    "excludearch": _ARCHITECTURE,
    "nosource": _NUMBER,
    "nopatch": _NUMBER,
    "basenames": re.compile(r"(?!\.\.?$)[^/]*"),
}
_BEGIN = "package\n"
_FORMAT = "package\\n" + "".join(
    [f"{tag}\\t%{{{tag.upper()}}}\\n" for tag in _SINGLE]
    + [f"[{tag}\\t%{{{tag.upper()}}}\\n]" for tag in _MANY]
)
_QUERY = ["--query", "--package", "--nosignature", "--nodigest", "--queryformat", _FORMAT]


def _parse(record: str) -> Header:
    single: dict[str, str] = {}
    many: dict[str, list[str]] = {tag: [] for tag in _MANY}
    for line in record.removesuffix("\n").split("\n"):
        tag, _, value = line.partition("\t")
        form = _SINGLE.get(tag) or _MANY.get(tag)
        if line.startswith("warning: ") or (tag in _MANY and value == _NONE):
            continue
        if form is None:  # the rest of a value with a line break in it
            raise BuildFailed(f"rpmbuild did not make it: its header has a stray {line[:100]!r}")
        if not form.fullmatch(value) or tag in single:
            raise BuildFailed(f"rpmbuild did not make it: its {tag} is {value[:100]!r}")
        if tag in _SINGLE:
            single[tag] = value
        else:
            many[tag].append(value)
    if missing := _SINGLE.keys() - single.keys():
        raise BuildFailed(f"rpmbuild did not make it: it has no {', '.join(sorted(missing))}")
    arch = single["arch"]
    if single["sourcepackage"] == "1":
        arch = "nosrc" if many["nosource"] or many["nopatch"] else "src"
    return Header(
        name=single["name"],
        epoch=None if single["epoch"] == _NONE else int(single["epoch"]),
        version=single["version"],
        release=single["release"],
        arch=arch,
        exclusive_arch=tuple(many["exclusivearch"]),
        exclude_arch=tuple(many["excludearch"]),
    )


def database_has_packages(sandbox: Sandbox, options: Sequence[str] = ()) -> bool:
    """Whether the RPM database of this machine knows what is installed."""
    _, answer = sandbox.read(["rpm", "--query", "--all", *options, "--queryformat", "package\\n"])
    return "package" in answer.splitlines()


def last_error(output: str) -> str:
    """The last line of rpm's output that begins with `error:`, without that word; or nothing.

    What it lists on lines of its own, such as files, is put behind it.
    """
    found = _ERROR.findall(output)
    if not found:
        return ""
    text, below = found[-1]
    listed = [line.strip() for line in below.splitlines() if line]
    if len(listed) > _SHOWN:
        listed[_SHOWN:] = [f"and {len(listed) - _SHOWN} more"]
    return " ".join([text.strip(), ", ".join(listed)]).strip()


def failure(program: str, status: int, output: str) -> BuildFailed:
    """The failure to raise when rpmbuild or rpmspec ended with `status`; the reason is in its last output."""
    ended = f"exited with {status}" if status >= 0 else f"was ended by signal {-status}"
    if stages := _BAD_EXIT.findall(output):
        reason = f"Bad exit status from {stages[-1]}"
    elif missing := unmet_requirements(output):
        reason = f"missing BuildRequires: {', '.join(missing)}"
    else:
        reason = last_error(output)
    unknown = _UNKNOWN_TO_RPM.findall(output) or _UNKNOWN_TO_SHELL.findall(output)
    parts = [
        f"{program} {ended}",
        reason,
        f"there is no macro %{unknown[-1]} on this machine" if unknown else "",
    ]
    return BuildFailed(": ".join(filter(None, parts)))


def unmet_requirements(output: str) -> list[str]:
    """The capabilities that rpmbuild's `Failed build dependencies` names, in its order, each once."""
    return list(dict.fromkeys(_NEEDED.findall(output)))
