"""The workspace of a source type: its folder in the sandbox, the log, and functions to put files there."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..log import BuildLog, Tail
from ..rpm import MAGIC, last_error
from ..sandbox.sandbox import Sandbox
from ..settings import DEFAULTS, Settings
from ..tasks import BuildFailed
from . import download
from .place import SourcePlace

_SPEC_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,120}\.spec")


@dataclass(frozen=True)
class Found:
    """The result of a source type: a source RPM, or a spec with its sources next to it.

    :param path: the file; a spec has the suffix `.spec`.
    :param shown: name of the file in the log and in error texts, as the submitter knows it.
    :param supply: called with a source that is missing next to the spec, and the path to write it to; returns
        True if it made the file, else False.
    :param is_built: True for a built RPM, which is published as it is.
    """

    path: Path
    shown: str
    supply: Callable[[str, Path], bool] = lambda _source, _target: False
    is_built: bool = False


@dataclass(frozen=True)
class Workspace:
    """The files and the log of one source build.

    :param sandbox: the sandbox of the build.
    :param log: the log of the build.
    :param folder: folder of the source type, in the sandbox's home.
    :param place: runs the programs that make a source RPM.
    :param largest: largest size in bytes of a file from outside.
    :param settings: where sources come from.
    :param macros: macros that name the build and its project, for specs: bodies by their names, without `%`.
    """

    sandbox: Sandbox
    log: BuildLog
    folder: Path
    place: SourcePlace
    largest: int
    settings: Settings = DEFAULTS
    macros: Mapping[str, str] = field(default_factory=dict)

    def adopt(self, file: Path, shown: str) -> Found:
        """Rename a fetched file according to its content: source RPM or spec.

        :param file: a file in `folder`.
        :param shown: name of the file, as the submitter knows it.
        :returns: the renamed file. If it does not begin like an RPM, it is a spec if `shown` ends in `.spec`.
        """
        with file.open("rb") as stream:
            is_rpm = stream.read(len(MAGIC)) == MAGIC
        if is_rpm or not shown.endswith(".spec"):
            name = "submitted.src.rpm"
        else:
            name = shown if _SPEC_NAME.fullmatch(shown) else "submitted.spec"
        return Found(file.rename(self.folder / name), shown)

    def copy(self, file: Path, target: Path) -> None:
        """Copy a file of this machine into the sandbox.

        :param file: path of a regular file; links are followed.
        :param target: path of the copy, in the sandbox's home.
        :raises BuildFailed: the file does not exist, is not a regular file, is too large or cannot be read.
        """
        try:
            if not file.is_file():
                raise BuildFailed(f"the file {file} does not exist")
            if file.stat().st_size > self.largest:
                raise BuildFailed(f"{file.name} is larger than the {self.largest} bytes allowed")
            copy = shutil.copyfile(file, self.sandbox.outside / "copy")
        except OSError as error:
            raise BuildFailed(f"cannot read {file}: {error.strerror}") from error
        self._place(copy, target)

    def download(
        self, url: str, target: Path, checksum: tuple[str, str] | None = None, *, is_index: bool = False
    ) -> None:
        """Download an http or https URL into the sandbox.

        :param url: a URL without credentials.
        :param target: path of the file, in the sandbox's home.
        :param checksum: name of a hash of `hashlib`, and the expected value in hex digits; None to check
            nothing.
        :param is_index: True if the administrator has named the server.
        :raises BuildFailed: as in `fetch`, or the build replaced the folder of `target`.
        :raises BuildCancelled: the build was cancelled.
        """
        self._place(self.fetch(url, checksum, is_index=is_index), target)

    def fetch(self, url: str, checksum: tuple[str, str] | None = None, *, is_index: bool = True) -> Path:
        """Download an http or https URL into a file that the programs of the build cannot see.

        :param url: a URL without credentials.
        :param checksum: name of a hash of `hashlib`, and the expected value in hex digits; None to check
            nothing.
        :param is_index: True if the administrator has named the server; it may be in a private network.
        :returns: path of the file; the next download replaces it.
        :raises BuildFailed: the URL is not valid or not allowed, the server cannot be reached or responds
            with an error status, the body is incomplete or too large, the build's time is up, or the checksum
            does not match.
        :raises BuildCancelled: the build was cancelled.
        """
        parts = _split(url)
        if parts.username or parts.password:
            raise BuildFailed("the URL has credentials, which this service does not send: remove them")
        self.log.line(f"Downloading {url}")
        tail = Tail(self.log)
        arrived = self.sandbox.outside / "download"
        networks = "any" if is_index or self.settings.private_networks else "public"
        program = [sys.executable, "-I", "-S", download.__file__]
        command = [*program, url, str(arrived), str(self.largest), networks]
        if self.sandbox.run_outside(command, tail) != 0:
            raise BuildFailed(f"cannot download {url}: {last_error(tail.text) or 'the download ended'}")
        if checksum is not None:
            kind, expected = checksum
            with arrived.open("rb") as file:
                found = hashlib.file_digest(file, kind).hexdigest()
            if found != expected:
                raise BuildFailed(f"{url} has the wrong {kind}: {found}, expected {expected}")
        return arrived

    def _place(self, file: Path, target: Path) -> None:
        """Move a file into the sandbox, readable by all users there."""
        file.chmod(0o644)
        self.sandbox.place(file, target)


def _split(url: str) -> urllib.parse.SplitResult:
    """Parse a URL; raise `BuildFailed` if it is not valid."""
    try:
        return urllib.parse.urlsplit(url)
    except ValueError as error:
        raise BuildFailed(f"{url!r} is not a valid URL: {error}") from error
