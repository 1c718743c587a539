"""The build of one source RPM for one chroot: unpack it, check its BuildRequires, run rpmbuild, publish.

Two settings (`settings`) say what happens if this machine cannot do the build: it cannot compile for the
architecture, or its RPM database does not know a BuildRequires. If BuildRequires are not checked, the build
fails later, when it calls a program that is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import architectures, tools
from .leftover_macros import leftover_macros
from .log import BuildLog, Tail, build_log
from .macros import distribution_macros, machine_macros, parse_chroot, project_macros, rpm_options
from .results import clear, publish, regular_files, write_results
from .rpm import (
    Header,
    database_has_packages,
    failure,
    last_error,
    read_headers,
    undefined,
    unmet_requirements,
)
from .sandbox.sandbox import Confinement, Sandbox
from .settings import DEFAULTS, BuildRequires, ForeignArchitecture, Settings
from .signing import sign
from .tasks import BuildFailed, BuildSkipped, BuiltPackage, ChrootTask

_OPTION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,100}")
_PARSED = "copr-local: the spec ends here"
_UNMET_DEPENDENCIES = 11  # exit status of rpmbuild if a BuildRequires is missing


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
            network=task.network,
            confinement=confinement,
        ) as sandbox,
    ):
        log.line(f"Build {task.build_id} of {task.srpm.name} for {task.chroot}")
        log.line(f"Sandbox: {sandbox}")
        _tell_what_is_not_done(task, log)
        if task.srpm.name.endswith((".src.rpm", ".nosrc.rpm")):
            files = _build(_prepare(task, sandbox, log), settings)
        else:  # an uploaded built package
            files = [Path(shutil.copyfile(task.srpm, sandbox.home / task.srpm.name))]
        packages = _publish(task, sandbox, log, files)
        names = ", ".join(f"{package.name}.{package.arch}" for package in packages)
        log.line(f"Built {names} in {time.monotonic() - began:.1f} s")
        return packages


def _tell_what_is_not_done(task: ChrootTask, log: BuildLog) -> None:
    """Log the additional packages, modules and repositories, which this builder does not install."""
    wanted = {
        "packages": task.additional_packages,
        "modules": task.additional_modules,
        "repositories": task.additional_repos,
    }
    for what, names in wanted.items():
        if names:
            log.line(f"Builds here install nothing, so the additional {what} are ignored: {' '.join(names)}")


@dataclass(frozen=True)
class _Build:
    """An unpacked source RPM: the path of its spec inside the sandbox, and options for rpm programs.

    `target` is the architecture as rpm calls it. `macros` are the options for all rpm programs, `options` are
    those for programs that read the spec.
    """

    task: ChrootTask
    sandbox: Sandbox
    log: BuildLog
    target: str
    spec: str
    macros: list[str]
    options: list[str]


def _prepare(task: ChrootTask, sandbox: Sandbox, log: BuildLog) -> _Build:
    """Unpack the source RPM, and collect the options of rpm programs for the chroot."""
    tools.require("rpmbuild")
    chroot = parse_chroot(task.chroot)
    distribution = distribution_macros(chroot)
    if "dist" not in distribution:
        log.line(f"The distribution {chroot.distribution} {chroot.version} is not known: %dist is not set")
    project = project_macros(task.build_id, task.project)
    macros = rpm_options(sandbox, machine_macros(chroot) | distribution | project)
    spec = _unpack(task, sandbox, log, macros)
    options = macros if chroot.arch == os.uname().machine else [*macros, "--target", chroot.arch]
    for switch, names in (("--with", task.with_options), ("--without", task.without_options)):
        for name in names:
            if not _OPTION.fullmatch(name):
                raise BuildFailed(f"{name!r} is not a valid name for {switch}")
            options = [*options, switch, name]
    if architectures.are_named(spec.read_bytes()):
        architectures.check(sandbox, chroot, options, sandbox.inside(spec))
    return _Build(task, sandbox, log, chroot.arch, sandbox.inside(spec), macros, options)


def _unpack(task: ChrootTask, sandbox: Sandbox, log: BuildLog, macros: list[str]) -> Path:
    """Unpack the source RPM in the sandbox, and return the path of its spec, a regular file."""
    srpm = sandbox.home / "submitted.src.rpm"
    shutil.copyfile(task.srpm, srpm)
    status, answer = sandbox.read(["rpm", "--install", "--nosignature", *macros, sandbox.inside(srpm)])
    specs = regular_files(sandbox.home, "build/SPECS", ".spec")
    if status != 0 or len(specs) != 1:
        log.write(answer.encode())
        reason = last_error(answer) or "it must contain exactly one spec"
        raise BuildFailed(f"{task.srpm.name} cannot be unpacked: {reason}")
    return specs[0]


def _launcher(build: _Build, policy: ForeignArchitecture) -> list[str]:
    """Return the command to start rpmbuild with; raise if this machine cannot build for the chroot."""
    machine = os.uname().machine
    if build.target == machine:
        return []
    if build.target == "i686" and machine == "x86_64" and _compiles_32_bit(build):
        return ["setarch", "i686"]
    if _only_noarch(build):
        return []
    reason = f"this machine is {machine} and cannot build for {build.target}"
    raise BuildSkipped(reason) if policy == "skip" else BuildFailed(reason)


def _compiles_32_bit(build: _Build) -> bool:
    """Return True if gcc in the sandbox makes 32-bit programs that run."""
    source = build.sandbox.home / "probe.c"
    source.write_text("int main(void) { return 0; }\n")
    names = (build.sandbox.inside(source), build.sandbox.inside(source.with_suffix("")))
    status, _ = build.sandbox.read(["sh", "-c", 'gcc -m32 "$1" -o "$2" && "$2"', "sh", *names])
    return status == 0


def _only_noarch(build: _Build) -> bool:
    """Return True if all packages of the spec are noarch."""
    query = ["rpmspec", "--query", "--queryformat", "arch\\t%{arch}\\n", *build.options, build.spec]
    status, answer = build.sandbox.read(query)
    found = {line for line in answer.splitlines() if line.startswith("arch\t")}
    return status == 0 and found == {"arch\tnoarch"}


def _unchecked(build: _Build, policy: BuildRequires) -> list[str]:
    """Return the BuildRequires that are unknown here, if the build continues without them, and log them."""
    if policy == "check":
        return []
    both = f'rpmspec --parse "$@"; echo; echo {_PARSED}; exec rpmbuild -bd "$@"'
    status, answer = build.sandbox.read(["sh", "-c", both, "sh", *build.options, build.spec])
    parsed, _, answer = answer.rpartition(f"\n{_PARSED}\n")
    for macro, section in leftover_macros(parsed):
        build.log.line(f"{undefined(macro).capitalize()}, and stays as it is in {section}")
    missing = unmet_requirements(answer) if status == _UNMET_DEPENDENCIES else []
    if not missing or (policy == "auto" and database_has_packages(build.sandbox, build.macros)):
        return []
    build.log.line(
        "These BuildRequires are not in the RPM database of this machine, but the build continues: "
        f"{', '.join(missing)}"
    )
    return missing


def _build(build: _Build, settings: Settings) -> list[Path]:
    """Run rpmbuild, and return the RPMs and the source RPM that it made."""
    launcher = _launcher(build, settings.foreign_architecture)
    _run(build, launcher, _unchecked(build, settings.build_requires))
    home = build.sandbox.home
    return [*regular_files(home, "build/RPMS", ".rpm"), *regular_files(home, "build/SRPMS", ".rpm")]


def _run(build: _Build, launcher: list[str], unchecked: list[str]) -> None:
    """Run `rpmbuild -ba`, and raise `BuildFailed` with its error if it fails."""
    command = [*launcher, "rpmbuild", "-ba", *build.options, *(["--nodeps"] if unchecked else []), build.spec]
    build.log.line(f"Running rpmbuild -ba {os.path.basename(build.spec)}, target {build.target}")
    tail = Tail(build.log)
    status = build.sandbox.run(command, tail)
    if status != 0:
        raise failure("rpmbuild", status, tail.text, perhaps_missing=_not_programs(build, unchecked))


def _not_programs(build: _Build, names: list[str]) -> list[str]:
    """Return the requirements that are not the name of a program of this machine."""
    if not names:
        return []
    words = [name.split()[0].removeprefix("/usr/bin/") for name in names]
    each = 'for name; do command -v "$name" > /dev/null || echo "$name"; done'
    _, answer = build.sandbox.read(["sh", "-c", each, "sh", *words])
    missing = answer.splitlines()
    return [name for name, word in zip(names, words, strict=True) if word in missing]


def _by_file_name(sandbox: Sandbox, files: Sequence[Path]) -> dict[str, tuple[Header, Path]]:
    """Return the packages to publish by the file names that belong to their headers.

    Leave out the source RPM that `%generate_buildrequires` makes: it has no sources, and its header is that
    of the real source RPM. Raise `BuildFailed` if two files would get one name.
    """
    # rpm would take some file names for patterns, such as those with a macro that is not defined.
    plain = [file.rename(sandbox.home / f"{number}.rpm") for number, file in enumerate(files)]
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


def _publish(task: ChrootTask, sandbox: Sandbox, log: BuildLog, files: Sequence[Path]) -> list[BuiltPackage]:
    """Sign the files if the task says so, move them into the build's folder, and write `results.json`."""
    if not files:
        raise BuildFailed("rpmbuild made no packages")
    named = _by_file_name(sandbox, files)
    apart = [file.rename(sandbox.outside / name) for name, (_, file) in named.items()]
    if task.keys is not None:
        _sign(task, sandbox, log, apart, task.keys)
    publish(apart, task.directory)
    packages = [
        BuiltPackage(header.name, header.epoch or 0, header.version, header.release, header.arch)
        for _, (header, _) in sorted(named.items())
    ]
    write_results(task.directory, packages)
    return packages
