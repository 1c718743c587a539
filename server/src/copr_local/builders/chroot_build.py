"""The build of one source RPM for one chroot: unpack it, provide its BuildRequires, run rpmbuild, publish.

The programs of a build run in a `Place`: an installed root (`roots/place.py`) if the chroot has repositories,
else this machine (`machine_place.py`).
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from . import appstream, architectures
from .log import BuildLog, Tail, build_log
from .machine_place import MachinePlace
from .macros import parse_chroot
from .place import Place
from .result_logs import SUCCESS, ResultLogs
from .results import clear, publish, regular_files, write_results
from .rpm import Header, last_error, read_headers, undefined
from .sandbox.capture import LARGEST
from .sandbox.resource_usage import size
from .sandbox.sandbox import Confinement, Sandbox
from .settings import DEFAULTS, Settings
from .signing import sign
from .tasks import BuildFailed, BuiltPackage, ChrootTask

_OPTION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,100}")


def build_chroot(
    task: ChrootTask,
    *,
    settings: Settings = DEFAULTS,
    confinement: Confinement | None = None,
) -> list[BuiltPackage]:
    """Build the RPMs of `task.srpm` for `task.chroot` and publish them in `task.directory`.

    The folder then has the RPMs, the source RPM, `results.json` and the log. The log is
    `builder-live.log` from the start of the build, and also `builder-live.log.gz` at the end. On an error the
    log stays. Packages can stay too, without `results.json`, for example if the disk gets full after they
    were moved: the caller removes them with `withdraw`.

    :param task: the build; if `task.srpm` is a built package, it is published as it is.
    :param settings: what to do about foreign architectures and unknown BuildRequires.
    :param confinement: how programs are confined; None for the strictest that works on this machine.
    :returns: the published packages, ordered by file name.
    :raises BuildFailed: the build failed; the text is also the last line of the log.
    :raises BuildSkipped: this machine cannot build for the architecture, and the settings say to skip it.
    :raises BuildCancelled: the event `task.cancelled` was set.
    :raises OSError: the folder cannot be created or cleared.
    """
    began = time.monotonic()
    task.directory.mkdir(parents=True, exist_ok=True)
    clear(task.directory)
    with (
        build_log(task.directory, task.limits.log) as log,
        Sandbox(
            task.directory / ".work",
            task.limits,
            task.cancelled,
            timeout=task.timeout,
            network=task.network,
            confinement=confinement,
            mark=task.mark,
            private_networks=settings.private_networks,
        ) as sandbox,
        ExitStack() as stack,
    ):
        logs = stack.enter_context(closing(ResultLogs(task.directory, log)))
        log.line(f"Build {task.build_id} of {task.srpm.name} for {task.chroot}")
        log.line(f"Sandbox: {sandbox}")
        if task.srpm.name.endswith((".src.rpm", ".nosrc.rpm")):
            files = _build(task, sandbox, logs, _place(task, sandbox, log, logs, settings, stack))
        else:  # an uploaded built package
            files = [Path(shutil.copyfile(task.srpm, sandbox.home / task.srpm.name))]
        packages = publish_packages(task, sandbox, log, by_file_name(sandbox, files))
        with suppress(OSError):  # the packages are published, even if the disk is full now
            logs.write(SUCCESS, "done\n")
            names = ", ".join(f"{package.name}.{package.arch}" for package in packages)
            log.line(f"Built {names} in {time.monotonic() - began:.1f} s")
        return packages


def _place(
    task: ChrootTask, sandbox: Sandbox, log: BuildLog, logs: ResultLogs, settings: Settings, stack: ExitStack
) -> Place:
    """Return the place of a build: a root if its chroot has repositories, else this machine."""
    if task.root is None:
        return MachinePlace(task, sandbox, log, settings)
    from .roots.place import RootPlace  # not needed by other builds

    return RootPlace(task, task.root, sandbox, logs, settings, stack)


def _build(task: ChrootTask, sandbox: Sandbox, logs: ResultLogs, place: Place) -> list[Path]:
    """Build the source RPM with rpmbuild, and return the RPMs and the source RPM that it made."""
    chroot = parse_chroot(task.chroot)
    options = place.macros if chroot.arch == os.uname().machine else [*place.macros, "--target", chroot.arch]
    for switch, names in (("--with", task.with_options), ("--without", task.without_options)):
        for name in names:
            if not _OPTION.fullmatch(name):
                raise BuildFailed(f"{name!r} is not a valid name for {switch}")
            options = [*options, switch, name]
    file = _unpack(task, sandbox, logs, place, options)
    shutil.copyfile(file, task.directory / file.name)
    spec = sandbox.inside(file)
    if architectures.are_named(file.read_bytes()):
        architectures.check(place, chroot, options, spec)
    command = place.rpmbuild(options, spec)
    logs.build.line(f"Running rpmbuild -ba {os.path.basename(spec)}, target {chroot.arch}")
    tail = Tail(logs.build)
    with logs.phase("rpmbuild"):
        status = place.run([*command, "-ba", spec], tail)
    if status != 0:
        raise place.failure(status, tail.text)
    home = sandbox.home
    return [*regular_files(home, "build/RPMS", ".rpm"), *regular_files(home, "build/SRPMS", ".rpm")]


def _unpack(
    task: ChrootTask, sandbox: Sandbox, logs: ResultLogs, place: Place, options: Sequence[str]
) -> Path:
    """Unpack the source RPM in the sandbox, and return the path of its spec, a regular file."""
    srpm = sandbox.home / "submitted.src.rpm"
    shutil.copyfile(task.srpm, srpm)
    status, answer = place.unpack(sandbox.inside(srpm), options)
    specs = regular_files(sandbox.home, "build/SPECS", ".spec")
    if status != 0 or len(specs) != 1:
        logs.build.write(answer.encode())
        reason = last_error(answer) or "it must contain exactly one spec"
        raise BuildFailed(f"{task.srpm.name} cannot be unpacked: {reason}")
    if specs[0].stat().st_size > LARGEST:
        raise BuildFailed(f"the spec of {task.srpm.name} is larger than {size(LARGEST)}")
    return specs[0]


def by_file_name(sandbox: Sandbox, files: Sequence[Path]) -> dict[str, tuple[Header, Path]]:
    """Read the headers of packages, and find the file names that belong to them.

    The source RPM that `%generate_buildrequires` makes is left out: it has no sources, and its header is that
    of the real source RPM.

    :param sandbox: the build's sandbox.
    :param files: the packages, in the sandbox's home; they are renamed.
    :returns: header and path of each package to publish, by file name.
    :raises BuildFailed: there is no package, rpmbuild cannot have written one of the headers, or two packages
        would get one name.
    :raises BuildCancelled: the build was cancelled.
    """
    if not files:
        raise BuildFailed("rpmbuild made no packages")
    # rpm would take some file names for patterns, such as those with a macro that is not defined.
    plain = [sandbox.home / f"{number}.rpm" for number in range(len(files))]
    for file, place in zip(files, plain, strict=True):
        sandbox.place(file, place)
    found: dict[str, tuple[Header, Path]] = {}
    names: dict[str, str] = {}
    for header, file, path in zip(read_headers(sandbox, plain), files, plain, strict=True):
        if header.is_source and file.name == header.build_requires_name:
            continue
        if unknown := header.macros:
            raise BuildFailed(f"rpmbuild made {file.name}: {undefined(unknown[0])}")
        if other := names.get(header.file_name):
            raise BuildFailed(f"{other} and {file.name} are both {header.file_name}")
        found[header.file_name] = header, path
        names[header.file_name] = file.name
    return found


def _sign(task: ChrootTask, sandbox: Sandbox, log: BuildLog, files: list[Path], keys: Path) -> None:
    """Sign the files, which are outside the sandbox."""
    owner = task.project.partition("/")[0]
    for file in files:
        sandbox.take(file)
    sign(files, keys, owner, task.directory.parents[1], sandbox, log)


def _appstream(
    task: ChrootTask, sandbox: Sandbox, log: BuildLog, named: dict[str, tuple[Header, Path]]
) -> list[Path]:
    """Return the file with the AppStream components of the packages, if there are any."""
    binary = {header.name: path for header, path in named.values() if not header.is_source}
    made = appstream.compose(sandbox, log, binary, re.sub("[/:]", "-", task.project) or "copr")
    return [] if made is None else [made]


def publish_packages(
    task: ChrootTask, sandbox: Sandbox, log: BuildLog, named: dict[str, tuple[Header, Path]]
) -> list[BuiltPackage]:
    """Sign packages if the task says so, move them into the build's folder, and write `results.json`.

    :param task: the build.
    :param sandbox: the build's sandbox.
    :param log: the build's log.
    :param named: header and path of each package, by file name.
    :returns: the published packages, ordered by file name.
    :raises BuildFailed: a package cannot be signed, or its AppStream metadata cannot be made.
    :raises BuildCancelled: the build was cancelled.
    :raises OSError: a file cannot be moved.
    """
    others = _appstream(task, sandbox, log, named) if task.appstream else []
    apart = [file.rename(sandbox.outside / name) for name, (_, file) in named.items()]
    if task.keys is not None:
        _sign(task, sandbox, log, apart, task.keys)
    publish([*apart, *others], task.directory)
    packages = [
        BuiltPackage(header.name, header.epoch or 0, header.version, header.release, header.arch)
        for _, (header, _) in sorted(named.items())
    ]
    write_results(task.directory, packages)
    return packages
