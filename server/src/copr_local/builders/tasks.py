"""The tasks that a builder gets, and the results and errors that it gives back, as plain values.

A task has everything that a build depends on, so a builder does not read the database while the build runs,
and any thread can do the build. A build ends in one of three ways: a result, `BuildFailed` (or its subclass
`BuildSkipped`), or `BuildCancelled`. The reason of a failure is also the last line of the build's log,
because the submitter reads the log first.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..releases import TIMEOUT


class BuildFailed(Exception):
    """The failure of a build; its text is one line for the submitter."""


class BuildSkipped(BuildFailed):
    """The end of a build that this machine cannot do, if the settings say to skip such builds.

    It is a `BuildFailed`, because the build has no result. It is a class of its own, because the state of the
    chroot becomes `skipped` and not `failed`.
    """


class BuildCancelled(Exception):
    """The end of a build after the event `cancelled` of its task was set.

    Or a builder elsewhere has given its step back; the text says why, if the builder does not just stop.
    """


@dataclass(frozen=True)
class Limits:
    """The limits of one build; a build that exceeds one of them is ended.

    :param memory: bytes of memory of all processes of the build together.
    :param log: bytes of program output in the log.
    :param disk: bytes of all files in the build's work folder together.
    :param files: number of files and folders in the build's work folder.
    :param processes: number of processes and threads that exist at the same time.
    """

    memory: int = 8 * 1024**3
    log: int = 64 * 1024**2
    disk: int = 20 * 1024**3
    files: int = 4_000_000
    processes: int = 4096


@dataclass(frozen=True)
class SourceTask:
    """The task to make a source RPM from a submitted source.

    :param build_id: id of the build.
    :param source_type: name of the source type in the API: `upload`, `link`, `scm`, `pypi`, `custom`, ...
    :param source: parameters of the source type.
    :param uploaded: the uploaded file, or the payload of a webhook; None if nothing was uploaded.
    :param directory: folder for the source RPM and the log, `.../srpm-builds/00000013`; created if needed.
    :param network: True if the build may use the network.
    :param limits: limits of the build.
    :param timeout: seconds of wall clock time after which the build is ended.
    :param cancelled: event that cancels the build when it is set.
    :param claimed_on: time at which a builder took the task, unix time in seconds, UTC.
    :param package: name of the package; None if it is not known before the source RPM is made.
    :param project: full name of the project (`alice/hello`, `@group/hello`), for macros and for the variables
        of a script; empty to define none of them.
    :param mark: what the programs of the build are found by if the service is killed (`sandbox.leftovers`).
    :param chroot: name of the chroot that `root` is for; empty without one.
    :param root: the root to make the source RPM in; None to make it with the programs of this machine.
    """

    build_id: int
    source_type: str
    source: Mapping[str, Any]
    uploaded: Path | None
    directory: Path
    network: bool = False
    limits: Limits = field(default_factory=Limits)
    timeout: float = TIMEOUT
    cancelled: threading.Event = field(default_factory=threading.Event)
    claimed_on: float = 0.0
    package: str | None = None
    project: str = ""
    mark: str = ""
    chroot: str = ""
    root: RootTask | None = None


@dataclass(frozen=True)
class SourceResult:
    """A source RPM that a builder made.

    :param name: name of the package.
    :param version: version and release, after the epoch if there is one: `1.0-1`, `2:1.0-1`.
    :param srpm: path of the file; a built RPM for the source type `rpm_upload`.
    :param exclusive_arch: the only architectures to build for; empty for all. The tags of a spec are not
        here: they depend on the chroot, and `build_chroot` evaluates them.
    :param exclude_arch: architectures not to build for.
    """

    name: str
    version: str
    srpm: Path
    exclusive_arch: tuple[str, ...] = ()
    exclude_arch: tuple[str, ...] = ()


@dataclass(frozen=True)
class Repository:
    """A repository that a build can install packages from. Exactly one of `folder` and `url` is set.

    :param id: id of the repository in dnf.
    :param name: title of the repository.
    :param folder: folder of this service with the repository; it may not exist.
    :param url: URL of a repository elsewhere; dnf replaces the variables in it.
    :param priority: priority in dnf; None for dnf's default.
    :param module_hotfixes: True if modules do not hide the packages; None for dnf's default.
    :param repo_gpgcheck: False if dnf must not check a signature of the metadata; None for dnf's default.
    """

    id: str
    name: str
    folder: Path | None = None
    url: str | None = None
    priority: int | None = None
    module_hotfixes: bool | None = None
    repo_gpgcheck: bool | None = None


@dataclass(frozen=True)
class RootTask:
    """The root that a build is installed in, for a chroot that has repositories.

    :param configuration: the dnf configuration of the chroot, with its repositories.
    :param roots: folder of all roots of this service.
    :param repositories: further repositories of the build.
    :param modules: modules to enable, in their order; those with `!` before their names are disabled.
    :param bootstrap: `on` or `off`, as in the configuration; None for what that says.
    """

    configuration: Path
    roots: Path
    repositories: tuple[Repository, ...] = ()
    modules: tuple[str, ...] = ()
    bootstrap: str | None = None


@dataclass(frozen=True)
class ChrootTask:
    """The task to build the RPMs of one source RPM for one chroot.

    :param build_id: id of the build.
    :param chroot: name of the chroot, such as `fedora-42-x86_64`.
    :param srpm: path of the source RPM, or of a built RPM to publish as it is.
    :param directory: folder for the RPMs and the log, `.../CHROOT/00000013-NAME`; created if needed.
    :param with_options: names for the option `--with` of rpmbuild.
    :param without_options: names for the option `--without` of rpmbuild.
    :param network: True if the build may use the network.
    :param limits: limits of the build.
    :param timeout: seconds of wall clock time after which the build is ended.
    :param cancelled: event that cancels the build when it is set.
    :param claimed_on: time at which a builder took the task, unix time in seconds, UTC.
    :param project: full name of the project (`alice/hello`, `@group/hello`), for the macros
        `%copr_username`, `%copr_projectname` and `%vendor`; empty to define none of them.
    :param repository: folder of the repository to update after the build; None for the parent of
        `directory`.
    :param keys: folder with the signing keys of all owners; None to sign nothing.
    :param appstream: True to make AppStream metadata of the packages.
    :param additional_packages: packages that the project adds to the chroot; only logged without a root.
    :param additional_modules: modules that the project adds to the chroot; only logged without a root.
    :param additional_repos: repositories that the project adds to the chroot, for the log without a root.
    :param root: the root to build in; None to build with the programs of this machine.
    :param mark: what the programs of the build are found by if the service is killed (`sandbox.leftovers`).
    """

    build_id: int
    chroot: str
    srpm: Path
    directory: Path
    with_options: tuple[str, ...] = ()
    without_options: tuple[str, ...] = ()
    network: bool = False
    limits: Limits = field(default_factory=Limits)
    timeout: float = TIMEOUT
    cancelled: threading.Event = field(default_factory=threading.Event)
    claimed_on: float = 0.0
    project: str = ""
    repository: Path | None = None
    keys: Path | None = None
    appstream: bool = False
    additional_packages: tuple[str, ...] = ()
    additional_modules: tuple[str, ...] = ()
    additional_repos: tuple[str, ...] = ()
    root: RootTask | None = None
    mark: str = ""


@dataclass(frozen=True)
class BuiltPackage:
    """A package that a build made, as in `results.json` and in the API.

    :param name: name of the package.
    :param epoch: 0 if the package has no epoch.
    :param version: version, without the release.
    :param release: release, such as `1.fc42`.
    :param arch: architecture; `src` or `nosrc` for a source RPM.
    """

    name: str
    epoch: int
    version: str
    release: str
    arch: str


AnyTask = SourceTask | ChrootTask
Outcome = Literal["succeeded", "failed", "skipped", "cancelled"]


@dataclass(frozen=True)
class Received:
    """The result of a builder on another machine.

    :param outcome: how the build ended there; `cancelled` also if the builder gives the step back.
    :param reason: why it failed, was skipped or is given back: one line; empty for a builder that stops.
    :param files: folder with the files that it has sent.
    """

    outcome: Outcome
    reason: str
    files: Path
