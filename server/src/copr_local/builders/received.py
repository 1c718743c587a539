"""The results of builders on other machines: checked, then signed and published as those of this machine.

Nothing is taken from such a builder without a check. Its files have names of a list, the sizes and digests
that it has announced, and the headers of its packages must be those of packages that the task could make.
The functions of this module take the place of `build_source` and `build_chroot` for a step that was built
elsewhere.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from .builder import Builder
from .chroot_build import by_file_name, publish_packages
from .log import LIVE, build_log, compress
from .macros import parse_chroot
from .result_logs import SUCCESS
from .results import publish, withdraw
from .rpm import Header
from .sandbox.sandbox import Sandbox
from .settings import DEFAULTS, Settings
from .sources.source_build import publish_source
from .tasks import (
    AnyTask,
    BuildCancelled,
    BuildFailed,
    BuildSkipped,
    BuiltPackage,
    ChrootTask,
    Received,
    SourceResult,
    SourceTask,
)

_32_BIT = frozenset({"i386", "i486", "i586", "i686", "athlon", "geode"})


def receiver(builder: Builder, received: Received) -> Builder:
    """Return a builder whose results have been built elsewhere.

    :param builder: the builder of this service, for its settings.
    :param received: what the builder elsewhere has sent.
    :returns: a builder that checks and publishes this, for the step that it belongs to.
    """
    settings = builder.settings
    return replace(
        builder,
        build_source=partial(receive_source, received=received, settings=settings),
        build_chroot=partial(receive_chroot, received=received, settings=settings),
    )


def receive_source(task: SourceTask, received: Received, settings: Settings = DEFAULTS) -> SourceResult:
    """Check and publish a source RPM that another machine has made.

    :param task: the source step.
    :param received: what the builder has sent; its log is in `task.directory` already.
    :param settings: settings of builds.
    :returns: the published file, and tags of its header.
    :raises BuildFailed: the build failed, or its result is not accepted.
    :raises BuildCancelled: the build was cancelled, or the builder gives the step back.
    :raises OSError: the folder cannot be written.
    """
    withdraw(task.directory)
    _check_outcome(task, received)
    with (
        build_log(task.directory, task.limits.log, continues=True),
        _sandbox(task, settings) as sandbox,
    ):
        files = _take(received, sandbox)
        if len(files) != 1:
            raise BuildFailed(f"the builder sent {len(files)} packages, and a source step makes one")
        is_built = task.source_type == "rpm_upload"
        if is_built and task.uploaded is not None:
            _check_same(files[0], task.uploaded)
        return publish_source(task, sandbox, files[0], files[0].name, is_built=is_built)


def receive_chroot(task: ChrootTask, received: Received, settings: Settings = DEFAULTS) -> list[BuiltPackage]:
    """Check, sign and publish the packages that another machine has built.

    :param task: the build.
    :param received: what the builder has sent; its log is in `task.directory` already.
    :param settings: settings of builds.
    :returns: the published packages, ordered by file name.
    :raises BuildFailed: the build failed, or its results are not accepted.
    :raises BuildSkipped: the builder cannot build for the architecture, and the settings say to skip it.
    :raises BuildCancelled: the build was cancelled, or the builder gives the step back.
    :raises OSError: the folder cannot be written.
    """
    withdraw(task.directory)
    publish(_files(received, packages=False), task.directory)
    _check_outcome(task, received)
    with (
        build_log(task.directory, task.limits.log, continues=True) as log,
        _sandbox(task, settings) as sandbox,
    ):
        named = by_file_name(sandbox, _take(received, sandbox))
        if task.srpm.name.endswith((".src.rpm", ".nosrc.rpm")):
            _check_headers(task, [header for header, _ in named.values()])
        else:  # an uploaded built package, which is published as it is
            for _, file in named.values():
                _check_same(file, task.srpm)
        packages = publish_packages(task, sandbox, log, named)
        with suppress(OSError):
            (task.directory / SUCCESS).write_text("done\n")
        return packages


def _check_outcome(task: AnyTask, received: Received) -> None:
    """Raise what the builder has told. It has also written that as the last line of the log."""
    if received.outcome != "succeeded":
        with suppress(OSError):
            compress(task.directory / LIVE)
    match received.outcome:
        case "failed":
            raise BuildFailed(received.reason)
        case "skipped" if isinstance(task, ChrootTask):
            raise BuildSkipped(received.reason)
        case "cancelled" | "skipped":
            raise BuildCancelled(received.reason)


def _sandbox(task: AnyTask, settings: Settings) -> Sandbox:
    """Return the sandbox in which rpm reads the headers."""
    return Sandbox(
        task.directory / ".work",
        task.limits,
        task.cancelled,
        timeout=task.timeout,
        mark=task.mark,
        private_networks=settings.private_networks,
    )


def _files(received: Received, *, packages: bool) -> list[Path]:
    """Return the packages, or the other files, that a builder has sent."""
    if not received.files.is_dir():
        return []
    files = sorted(received.files.iterdir(), key=lambda file: file.name)
    return [file for file in files if file.name.endswith(".rpm") == packages]


def _take(received: Received, sandbox: Sandbox) -> list[Path]:
    """Move the packages into the sandbox."""
    taken = []
    for file in _files(received, packages=True):
        file.chmod(0o644)
        sandbox.place(file, sandbox.home / file.name)
        taken.append(sandbox.home / file.name)
    return taken


def _check_headers(task: ChrootTask, headers: list[Header]) -> None:
    """Check that packages are those of the source RPM of a task, for its architecture.

    Version and release can differ from those of the submitted source RPM: a spec computes them for each
    chroot. So the packages are compared with the source RPM that the builder has made from it. The name of
    the submitted one is in its file name, which this service has chosen.
    """
    sources = [header for header in headers if header.is_source]
    if len(sources) != 1:
        raise BuildFailed(f"the builder sent {len(sources)} source RPMs; rpmbuild makes one")
    (made,) = sources
    name = task.srpm.name.rsplit("-", 2)[0]
    if made.name != name:
        raise BuildFailed(f"the builder sent packages of {made.name}, and not of {name}")
    arch = parse_chroot(task.chroot).arch
    possible = {"noarch", *(_32_BIT if arch in _32_BIT else {arch})}
    for header in headers:
        if header.is_source:
            continue
        if header.source_rpm != made.file_name:
            raise BuildFailed(f"{header.file_name} was not built from {made.file_name}")
        if header.arch not in possible:
            raise BuildFailed(f"{header.file_name} is for {header.arch}, and not for {arch}")


def _check_same(file: Path, original: Path) -> None:
    """Check that a file is a copy of another."""
    digests = []
    for each in (file, original):
        with each.open("rb") as stream:
            digests.append(hashlib.file_digest(stream, "sha256").digest())
    if digests[0] != digests[1]:
        raise BuildFailed(f"the builder has changed {original.name}, which is published as it was uploaded")
