"""Where a source type works: its folder in the sandbox, the build's log, and the ways to get a file there."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..log import BuildLog, Tail
from ..rpm import MAGIC, last_error
from ..sandbox.sandbox import Sandbox
from ..settings import DEFAULTS, Settings
from ..tasks import BuildFailed
from . import download

_SPEC_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,120}\.spec")


@dataclass(frozen=True)
class Found:
    """What a source type found: a source RPM, or a spec with its sources next to it.

    `shown` is what the submitter calls the file, for the log and for errors. `supply` is asked for a source
    of the spec that is not there: it makes the file and says yes, or no. `is_built`: it is no source RPM but
    a built one, to be published as it is.
    """

    path: Path
    shown: str
    supply: Callable[[str, Path], bool] = lambda _source, _target: False
    is_built: bool = False


@dataclass(frozen=True)
class Workspace:
    """The sandbox and the log of one source build; `folder` is the source type's own."""

    sandbox: Sandbox
    log: BuildLog
    folder: Path
    largest: int
    """The size in bytes that a file from outside may have."""
    settings: Settings = DEFAULTS

    def adopt(self, file: Path, shown: str) -> Found:
        """Give a file that was fetched into `folder` the name that fits what it is, and return it."""
        with file.open("rb") as stream:
            is_rpm = stream.read(len(MAGIC)) == MAGIC
        if is_rpm or not shown.endswith(".spec"):
            name = "submitted.src.rpm"
        else:
            name = shown if _SPEC_NAME.fullmatch(shown) else "submitted.spec"
        return Found(file.rename(self.folder / name), shown)

    def copy(self, file: Path, target: Path) -> None:
        """Copy a file of this machine to `target`, which lies in the sandbox.

        Raises `BuildFailed`: it is not there, is no regular file, or is too large.
        """
        try:
            if not file.is_file():
                raise BuildFailed(f"there is no file {file}")
            if file.stat().st_size > self.largest:
                raise BuildFailed(f"{file.name} is larger than the {self.largest} bytes allowed")
            copy = shutil.copyfile(file, self.sandbox.outside / "copy")
        except OSError as error:
            raise BuildFailed(f"cannot read {file}: {error.strerror}") from error
        self._place(copy, target)

    def download(self, url: str, target: Path, checksum: tuple[str, str] | None = None) -> None:
        """Fetch an http or https URL into `target`, which lies in the sandbox.

        Raises what `fetch` raises.
        """
        self._place(self.fetch(url, checksum), target)

    def fetch(self, url: str, checksum: tuple[str, str] | None = None) -> Path:
        """Fetch an http or https URL into a file that no program of the build sees.

        `checksum`: the name of a hash of `hashlib`, and the hex digits that it must give.

        Raises `BuildFailed`: no such URL, nothing answers, an error status, a cut body, too large, too slow,
        another checksum.
        """
        parts = _split(url)
        if parts.username or parts.password:
            raise BuildFailed("the URL carries credentials: this service neither keeps nor sends them")
        self.log.line(f"Downloading {url}")
        tail = Tail(self.log)
        arrived = self.sandbox.outside / "download"
        command = [sys.executable, "-I", "-S", download.__file__, url, str(arrived), str(self.largest)]
        if self.sandbox.run_outside(command, tail) != 0:
            raise BuildFailed(f"cannot download {url}: {last_error(tail.text) or 'the download ended'}")
        if checksum is not None:
            kind, expected = checksum
            with arrived.open("rb") as file:
                found = hashlib.file_digest(file, kind).hexdigest()
            if found != expected:
                raise BuildFailed(f"{url} is not what was asked for: its {kind} is {found}, not {expected}")
        return arrived

    def _place(self, file: Path, target: Path) -> None:
        file.chmod(0o644)
        self.sandbox.place(file, target)


def _split(url: str) -> urllib.parse.SplitResult:
    try:
        return urllib.parse.urlsplit(url)
    except ValueError as error:
        raise BuildFailed(f"{url!r} is not a URL: {error}") from error
