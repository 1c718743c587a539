"""Reads headers of packages with rpm, in the sandbox, and finds in its output why rpmbuild failed.

The header of an uploaded RPM is not trusted. A query prints one line, `tag<TAB>value`, for each value. A
header is refused if a line does not have the expected form, such as a name with a slash, or if a tag comes
twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .sandbox.sandbox import Sandbox
from .tasks import BuildFailed

MAGIC = b"\xed\xab\xee\xdb"

# rpm takes %, { and } in these tags: a macro that is not defined stays in them.
_NAME = re.compile(r"[A-Za-z0-9_%][A-Za-z0-9._+%{}-]*")
_VERSION = re.compile(r"[A-Za-z0-9._+~^%{}]+")
_LONGEST_NAME = 255  # bytes of a file name
_ARCHITECTURE = re.compile(r"[a-z0-9_]{1,20}")
_MACRO = re.compile(r"%\{?[!?]*([A-Za-z_]\w*)")
_NUMBER = re.compile(r"[0-9]{1,10}")
_NONE = "(none)"  # rpm prints this for a tag that a header does not have

_BAD_EXIT = re.compile(r"Bad exit status from \S+ \((%\w+)\)")
_ERROR = re.compile(r"^error: (.+)((?:\n(?:   |\t)\S.*)*)$", re.MULTILINE | re.IGNORECASE)
# Programs that start others: a package of an installed root can have replaced what they need.
_NOT_STARTED = re.compile(r"^(?:bwrap|setarch|setpriv): .+$", re.MULTILINE)
_NEEDED = re.compile(r"^\t(.+) is needed by \S+$", re.MULTILINE)
# rpm leaves an undefined macro as it is; then rpm reads it as a tag, or the shell runs it as a program.
_UNKNOWN_TO_RPM = re.compile(
    r"^error: .*(?:Unknown tag: |must begin with )[^%\n]*%\{?([A-Za-z_]\w*)", re.MULTILINE
)
_UNKNOWN_TO_SHELL = re.compile(r"^\++ (?:fg )?'?%\{?([A-Za-z_]\w*)", re.MULTILINE)

# The shell did not find a program. A file that a script names by a relative path is not one of the machine.
_ABSENT = re.compile(
    r"^[^\n]*: (?:line )?\d+: "
    r"((?:/usr)?/s?bin/[^\s:/]+(?=: No such file)|[^\s:/%]+(?=: (?:command )?not found))",
    re.MULTILINE,
)

# One program checks the digests, the next one reads the header; the line tells where its output begins.
_CHECKED = "copr-local: the digests match"
_CHECK = f"""rpmkeys --checksig --nosignature "$1" && echo '{_CHECKED}' && shift && exec rpm "$@\""""

_SHOWN = 5  # files or requirements that an error text lists, at most


@dataclass(frozen=True)
class Header:
    """The header of an RPM: the tags that this service uses.

    :param name: name of the package.
    :param epoch: None if the header has no epoch; dnf then uses 0.
    :param version: version, without the release.
    :param release: release, such as `1.fc42`.
    :param arch: architecture; `src` or `nosrc` for a source RPM.
    :param source_rpm: file name of the source RPM that the package was built from; None for a source RPM.
    """

    name: str
    epoch: int | None
    version: str
    release: str
    arch: str
    source_rpm: str | None = None

    @property
    def is_source(self) -> bool:
        """True for a source RPM, also if it does not have all sources (`nosrc`)."""
        return self.arch in ("src", "nosrc")

    @property
    def full_version(self) -> str:
        """Version and release, after the epoch if the header has one: `1.0-1`, `2:1.0-1`."""
        epoch = "" if self.epoch is None else f"{self.epoch}:"
        return f"{epoch}{self.version}-{self.release}"

    @property
    def macros(self) -> list[str]:
        """Names of macros that were not defined, and are left in the name, version or release."""
        return macros_in(f"{self.name} {self.version} {self.release}")

    @property
    def file_name(self) -> str:
        """The file name that rpmbuild gives to this package."""
        return f"{self.name}-{self.version}-{self.release}.{self.arch}.rpm"

    @property
    def build_requires_name(self) -> str:
        """The file name that rpmbuild gives to the list of requirements of `%generate_buildrequires`."""
        return f"{self.name}-{self.version}-{self.release}.buildreqs.nosrc.rpm"


def read_source_header(sandbox: Sandbox, file: Path, shown: str) -> Header:
    """Check a source RPM and read its header.

    :param sandbox: the sandbox that rpm runs in.
    :param file: path of the file, in the sandbox's home.
    :param shown: name of the file in error texts, as the submitter knows it.
    :returns: the header.
    :raises BuildFailed: the file is empty, damaged, or not a source RPM, or rpmbuild cannot have written its
        header. The text is one line.
    :raises BuildCancelled: the build was cancelled.
    """
    header = _read_whole(sandbox, file, not_one := f"{shown} is not a source RPM")
    if not header.is_source:
        raise BuildFailed(f"{not_one}: it is a built package for {header.arch}")
    return header


def read_built_header(sandbox: Sandbox, file: Path, shown: str) -> Header:
    """Check a built RPM and read its header.

    :param sandbox: the sandbox that rpm runs in.
    :param file: path of the file, in the sandbox's home.
    :param shown: name of the file in error texts, as the submitter knows it.
    :returns: the header.
    :raises BuildFailed: the file is empty, damaged, or not a built RPM, or rpmbuild cannot have written its
        header. The text is one line.
    :raises BuildCancelled: the build was cancelled.
    """
    header = _read_whole(sandbox, file, not_one := f"{shown} is not a built RPM")
    if header.is_source:
        raise BuildFailed(f"{not_one}: it is a source RPM")
    return header


def _read_whole(sandbox: Sandbox, file: Path, not_one: str) -> Header:
    """Check the digests of an RPM and read its header; error texts begin with `not_one`."""
    with file.open("rb") as stream:
        magic = stream.read(len(MAGIC))
    if magic != MAGIC:  # rpm would also read a text file, as a list of packages
        raise BuildFailed(f"{not_one}: {'it does not begin as an RPM does' if magic else 'it is empty'}")
    path = sandbox.inside(file)
    status, answer = sandbox.read(["sh", "-c", _CHECK, "sh", path, *_QUERY, path], largest=_LARGEST_HEADERS)
    _, is_checked, answer = answer.rpartition(f"{_CHECKED}\n")
    if not is_checked:
        unmatched = "its digests do not match" if "NOT OK" in answer else "rpm cannot read it"
        detail = last_error(answer).partition(": ")[2] or unmatched
        raise BuildFailed(f"{not_one}: it is damaged or truncated: {detail}")
    try:
        (header,) = _headers(status, answer, 1)
    except BuildFailed as failed:
        raise BuildFailed(f"{not_one}: {failed}") from failed
    return header


def read_headers(sandbox: Sandbox, files: Sequence[Path]) -> list[Header]:
    """Read the headers of RPMs, without a check of their digests and signatures.

    :param sandbox: the sandbox that rpm runs in.
    :param files: paths in the sandbox's home.
    :returns: one header for each file, in the same order.
    :raises BuildFailed: rpm cannot read a file, or rpmbuild cannot have written its header.
    :raises BuildCancelled: the build was cancelled.
    :source: rpm(8), query options; the list of tags is printed by ``rpm --querytags``
    """
    query = ["rpm", *_QUERY, *map(sandbox.inside, files)]
    return _headers(*sandbox.read(query, largest=_LARGEST_HEADERS), len(files))


def _headers(status: int, answer: str, count: int) -> list[Header]:
    """Return the headers that rpm printed for so many files."""
    if status != 0:
        raise BuildFailed(f"rpm cannot read it: {last_error(answer)}")
    records = answer.split(_BEGIN)[1:]
    if len(records) != count:
        raise BuildFailed(f"rpm finds {len(records)} packages in {count} files")
    return [_parse(record) for record in records]


_SINGLE = {
    "name": _NAME,
    "epoch": re.compile(rf"{_NUMBER.pattern}|{re.escape(_NONE)}"),
    "version": _VERSION,
    "release": _VERSION,
    "arch": _ARCHITECTURE,
    "sourcepackage": re.compile(rf"1|{re.escape(_NONE)}"),
    "sourcerpm": re.compile(r"[^/]{1,255}"),
}
_MANY = {
    "nosource": _NUMBER,
    "nopatch": _NUMBER,
    "basenames": re.compile(r"(?!\.\.?$)[^/]*"),
}
_LARGEST_HEADERS = 128 * 1024**2  # bytes; a package can have some hundred thousand files
_BEGIN = "package\n"
_FORMAT = "package\\n" + "".join(
    [f"{tag}\\t%{{{tag.upper()}}}\\n" for tag in _SINGLE]
    # Only of source RPMs: a built package can have hundreds of thousands of files.
    + ["%|SOURCEPACKAGE?{"]
    + [f"[{tag}\\t%{{{tag.upper()}}}\\n]" for tag in _MANY]
    + ["}|"]
)
_QUERY = ["--query", "--package", "--nosignature", "--nodigest", "--queryformat", _FORMAT]


def _parse(record: str) -> Header:
    """Parse the lines that rpm printed for one package, and refuse those of another form."""
    single: dict[str, str] = {}
    many: dict[str, list[str]] = {tag: [] for tag in _MANY}
    for line in record.removesuffix("\n").split("\n"):
        tag, _, value = line.partition("\t")
        form = _SINGLE.get(tag) or _MANY.get(tag)
        if line.startswith("warning: ") or (tag in _MANY and value == _NONE):
            continue
        if form is None:  # the second line of a value that has a line break
            raise BuildFailed(f"rpmbuild did not make it: its header has an unexpected {line[:100]!r}")
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
    epoch = None if single["epoch"] == _NONE else int(single["epoch"])
    source_rpm = None if single["sourcerpm"] == _NONE else single["sourcerpm"]
    header = Header(single["name"], epoch, single["version"], single["release"], arch, source_rpm)
    if len(header.file_name) > _LONGEST_NAME:
        raise BuildFailed(f"its file name is longer than {_LONGEST_NAME} bytes: {header.file_name}")
    return header


def macros_in(text: str) -> list[str]:
    """Return the names of the macros that a text uses.

    :param text: text in which rpm has replaced all macros that are defined.
    :returns: names without `%`, in their order.
    """
    return _MACRO.findall(text)


def database_has_packages(sandbox: Sandbox) -> bool:
    """Return True if the RPM database of this machine lists any packages.

    The database of Debian, for example, is empty.

    :param sandbox: the sandbox that rpm runs in.
    :returns: True if the database has packages, so that BuildRequires can be checked.
    :raises BuildFailed: a limit of the build is exceeded.
    :raises BuildCancelled: the build was cancelled.
    """
    _, answer = sandbox.read(["rpm", "--query", "--all", "--queryformat", "package\\n"])
    return "package" in answer.splitlines()


def last_error(output: str) -> str:
    """Return the last error in the output of an rpm program.

    :param output: what the program printed.
    :returns: the last line that begins with `error:`, without that word, and at most five of the items
        (such as files) that the lines below it list; empty if the output has no error.
    """
    found = _ERROR.findall(output)
    if not found:
        return ""
    text, below = found[-1]
    listed = [line.strip() for line in below.splitlines() if line]
    return " ".join([text.strip(), _some(listed)]).strip()


def _some(items: Sequence[str]) -> str:
    """Return the first items of a list, and how many more there are."""
    more = [f"and {len(items) - _SHOWN} more"] if len(items) > _SHOWN else []
    return ", ".join([*items[:_SHOWN], *more])


def failure(program: str, status: int, output: str, perhaps_missing: Sequence[str] = ()) -> BuildFailed:
    """Return the exception to raise after rpmbuild or rpmspec failed.

    :param program: beginning of the error text: the program, or what it was run for.
    :param status: exit status; negative for the signal that ended the program.
    :param output: end of the program's output, in which the reason is searched.
    :param perhaps_missing: BuildRequires that were not checked, and may be the reason.
    :returns: an exception with the reason, and with the macro that is not defined, if one was found.
    """
    ended = f"exited with {status}" if status >= 0 else f"was ended by signal {-status}"
    if stages := _BAD_EXIT.findall(output):
        reason = f"Bad exit status from {stages[-1]}"
    elif missing := unmet_requirements(output):
        reason = f"missing BuildRequires: {', '.join(missing)}"
    else:
        reason = last_error(output) or "".join(_NOT_STARTED.findall(output)[-1:])
    absent = _ABSENT.findall(output) if stages else []
    unknown = _UNKNOWN_TO_RPM.findall(output) or _UNKNOWN_TO_SHELL.findall(output)
    parts = [
        f"{program} {ended}",
        reason,
        undefined(unknown[-1]) if unknown else "",
        f"the program {absent[-1]} is not installed on this machine" if absent and not unknown else "",
        f"these BuildRequires may be missing: {_some(perhaps_missing)}" if perhaps_missing else "",
    ]
    return BuildFailed(": ".join(filter(None, parts)))


def undefined(macro: str) -> str:
    """Return the text that says that a macro is not defined.

    :param macro: name of the macro, without `%`.
    :returns: the text, for the end of an error.
    """
    return f"the macro %{macro} is not defined"


def unmet_requirements(output: str) -> list[str]:
    """Return the capabilities that rpmbuild lists under `Failed build dependencies`.

    :param output: what rpmbuild printed.
    :returns: the capabilities, such as `pkgconfig(zlib)`, in their order and without duplicates.
    """
    return list(dict.fromkeys(_NEEDED.findall(output)))
