"""What a builder is asked and what it answers: plain values, no database, no wire.

A task names everything that a build may depend on, so the same task gives the same result on any thread;
nothing in it is read again from the database while the build runs. `claimed_on` is when a builder took it:
unix time, UTC, seconds. A build ends in exactly one of three ways: a result, `BuildFailed`, or
`BuildCancelled`. The reason of a failure is also the last line of the build's log, where the person who
submitted it looks first.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class BuildFailed(Exception):
    """A build ended without a result; the text is one line for the person who submitted it."""


class BuildSkipped(BuildFailed):
    """This machine cannot build what the task asks for, and the policy is to skip it, not to fail it.

    A `BuildFailed`, because there is no result; a class of its own, because the chroot's state is
    `skipped`, not `failed`.
    """


class BuildCancelled(Exception):
    """A build was ended because the `cancelled` event of its task was set."""


@dataclass(frozen=True)
class Limits:
    """What one build may use before it is ended.

    `seconds` of wall clock; `memory`, `log` and `disk` in bytes, each for all processes of the build
    together; `processes` counts processes and threads, as the kernel does.
    """

    seconds: float = 18_000
    memory: int = 8 * 1024**3
    log: int = 64 * 1024**2
    disk: int = 20 * 1024**3
    processes: int = 4096


@dataclass(frozen=True)
class SourceTask:
    """Make a source RPM out of what was submitted.

    `source_type` is the name on the wire (`upload`, `link`, `scm`, `pypi`, `custom`, ...), `source` its
    parameters; `uploaded` is the file of an upload. `directory` becomes `.../srpm-builds/00000013`.
    `package` is the name of the package that is rebuilt; None where the source RPM will tell.
    """

    build_id: int
    source_type: str
    source: Mapping[str, Any]
    uploaded: Path | None
    directory: Path
    network: bool = False
    limits: Limits = field(default_factory=Limits)
    cancelled: threading.Event = field(default_factory=threading.Event)
    claimed_on: float = 0.0
    package: str | None = None


@dataclass(frozen=True)
class SourceResult:
    """A source RPM: its name, file, and the architectures it names.

    `version` has the release, and the epoch if there is one: "1.0-1", "2:1.0-1".
    """

    name: str
    version: str
    srpm: Path
    exclusive_arch: tuple[str, ...] = ()
    exclude_arch: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChrootTask:
    """Build the RPMs of one source RPM for one chroot; `directory` becomes `.../CHROOT/00000013-NAME`.

    `project` is the full name (`alice/hello`, `@group/hello`); specs see it as `%copr_username` and
    `%copr_projectname`, and the RPMs' vendor names it. Empty: none of these is defined.

    `repository` is the one whose metadata follows this build; None: that of the folder `directory` is in.
    `keys` is the folder of the owners' keys, with which packages are signed; None: they are not.
    `additional_packages`, `additional_modules` and `additional_repos` are what the chroot is to have besides.
    """

    build_id: int
    chroot: str
    srpm: Path
    directory: Path
    with_options: tuple[str, ...] = ()
    without_options: tuple[str, ...] = ()
    network: bool = False
    limits: Limits = field(default_factory=Limits)
    cancelled: threading.Event = field(default_factory=threading.Event)
    claimed_on: float = 0.0
    project: str = ""
    repository: Path | None = None
    keys: Path | None = None
    additional_packages: tuple[str, ...] = ()
    additional_modules: tuple[str, ...] = ()
    additional_repos: tuple[str, ...] = ()


@dataclass(frozen=True)
class BuiltPackage:
    """One package that came out of a build, as `results.json` and the wire describe it."""

    name: str
    epoch: int
    version: str
    release: str
    arch: str
