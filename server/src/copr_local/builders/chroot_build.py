"""One source RPM, one chroot: unpack, check what it needs, run rpmbuild, publish the packages.

What becomes of what this machine cannot do is a setting (`settings`): a package for an architecture that it
cannot compile for, BuildRequires that its RPM database does not know. Where these are not checked, a missing
compiler shows when it is called.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import tools
from .log import BuildLog, Tail, build_log
from .macros import distribution_macros, machine_macros, parse_chroot, rpm_options
from .results import clear, publish, regular_files, write_results
from .rpm import database_has_packages, failure, last_error, read_headers, unmet_requirements
from .sandbox.sandbox import Confinement, Sandbox
from .settings import DEFAULTS, BuildRequires, ForeignArchitecture, Settings
from .signing import sign
from .tasks import BuildFailed, BuildSkipped, BuiltPackage, ChrootTask

_OPTION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,100}")
_PROJECT = re.compile(r"(@?[A-Za-z0-9_.-]+)/([A-Za-z0-9_.:-]+)")
_UNMET_DEPENDENCIES = 11  # an exit status of rpmbuild


def build_chroot(
    task: ChrootTask,
    *,
    settings: Settings = DEFAULTS,
    confinement: Confinement | None = None,
) -> list[BuiltPackage]:
    """Build the RPMs of `task.srpm` for `task.chroot` and publish them in `task.directory`.

    There are then the RPMs, the source RPM, `results.json`, and the log: as `builder-live.log` from the first
    moment, as `builder-live.log.gz` at the end. `confinement` is how programs are confined: by default the
    best that this machine can do.

    Raises `BuildFailed` (its text is also the end of the log), `BuildSkipped` and `BuildCancelled`; each
    leaves the log. Packages that were there already when the disk was full are the caller's to withdraw.
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
        else:  # a built package, which was uploaded
            files = [Path(shutil.copyfile(task.srpm, sandbox.home / task.srpm.name))]
        packages = _publish(task, sandbox, log, files)
        names = ", ".join(f"{package.name}.{package.arch}" for package in packages)
        log.line(f"Built {names} in {time.monotonic() - began:.1f} s")
        return packages


def _tell_what_is_not_done(task: ChrootTask, log: BuildLog) -> None:
    """Here a build sees this machine: what a chroot would install for it is there already, or is not."""
    wanted = {
        "packages": task.additional_packages,
        "modules": task.additional_modules,
        "repositories": task.additional_repos,
    }
    for what, names in wanted.items():
        if names:
            log.line(f"Nothing is installed for a build here; additional {what} left out: {' '.join(names)}")


@dataclass(frozen=True)
class _Build:
    """An unpacked source RPM: its spec as the sandbox knows it, and what rpm programs are told of the chroot.

    `macros` are options for all of them, `options` for those that read the spec.
    """

    task: ChrootTask
    sandbox: Sandbox
    log: BuildLog
    target: str
    spec: str
    macros: list[str]
    options: list[str]


def _prepare(task: ChrootTask, sandbox: Sandbox, log: BuildLog) -> _Build:
    tools.require("rpmbuild")
    chroot = parse_chroot(task.chroot)
    distribution = distribution_macros(chroot)
    if "dist" not in distribution:
        log.line(f"Nothing is known of {chroot.distribution} {chroot.version} here: %dist is not set")
    macros = rpm_options(sandbox, machine_macros(chroot) | distribution | _project_macros(task))
    spec = _unpack(task, sandbox, log, macros)
    options = macros if chroot.arch == os.uname().machine else [*macros, "--target", chroot.arch]
    for switch, names in (("--with", task.with_options), ("--without", task.without_options)):
        for name in names:
            if not _OPTION.fullmatch(name):
                raise BuildFailed(f"{name!r} is not a name that {switch} can take")
            options = [*options, switch, name]
    return _Build(task, sandbox, log, chroot.arch, spec, macros, options)


def _project_macros(task: ChrootTask) -> dict[str, str]:
    macros = {"buildtag": f".copr{task.build_id}"}
    if match := _PROJECT.fullmatch(task.project):
        owner, name = match.groups()
        macros |= {"copr_username": owner, "copr_projectname": name, "vendor": f"Copr ({task.project})"}
    return macros


def _unpack(task: ChrootTask, sandbox: Sandbox, log: BuildLog, macros: list[str]) -> str:
    srpm = sandbox.home / "submitted.src.rpm"
    shutil.copyfile(task.srpm, srpm)
    status, answer = sandbox.read(["rpm", "--install", "--nosignature", *macros, sandbox.inside(srpm)])
    specs = regular_files(sandbox.home, "build/SPECS", ".spec")
    if status != 0 or len(specs) != 1:
        log.write(answer.encode())
        reason = last_error(answer) or "it does not hold one spec"
        raise BuildFailed(f"{task.srpm.name} cannot be unpacked: {reason}")
    return sandbox.inside(specs[0])


def _launcher(build: _Build, policy: ForeignArchitecture) -> list[str]:
    """What rpmbuild is to be started with; raises if this machine cannot make packages for the chroot."""
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
    source = build.sandbox.home / "probe.c"
    source.write_text("int main(void) { return 0; }\n")
    names = (build.sandbox.inside(source), build.sandbox.inside(source.with_suffix("")))
    status, _ = build.sandbox.read(["sh", "-c", 'gcc -m32 "$1" -o "$2" && "$2"', "sh", *names])
    return status == 0


def _only_noarch(build: _Build) -> bool:
    query = ["rpmspec", "--query", "--queryformat", "arch\\t%{arch}\\n", *build.options, build.spec]
    status, answer = build.sandbox.read(query)
    found = {line for line in answer.splitlines() if line.startswith("arch\t")}
    return status == 0 and found == {"arch\tnoarch"}


def _dependency_options(build: _Build, policy: BuildRequires) -> list[str]:
    """The options that make rpmbuild check the BuildRequires, or not; the log says which are not known."""
    if policy == "check":
        return []
    status, answer = build.sandbox.read(["rpmbuild", "-bd", *build.options, build.spec])
    missing = unmet_requirements(answer) if status == _UNMET_DEPENDENCIES else []
    if not missing or (policy == "auto" and database_has_packages(build.sandbox, build.macros)):
        return []
    build.log.line(
        "The RPM database of this machine does not know these BuildRequires, and the build goes on without "
        f"a check whether they are installed: {', '.join(missing)}"
    )
    return ["--nodeps"]


def _build(build: _Build, settings: Settings) -> list[Path]:
    launcher = _launcher(build, settings.foreign_architecture)
    _run(build, launcher, _dependency_options(build, settings.build_requires))
    home = build.sandbox.home
    return [*regular_files(home, "build/RPMS", ".rpm"), *regular_files(home, "build/SRPMS", ".rpm")]


def _run(build: _Build, launcher: list[str], dependency_options: list[str]) -> None:
    command = [*launcher, "rpmbuild", "-ba", *build.options, *dependency_options, build.spec]
    build.log.line(f"Running rpmbuild -ba {os.path.basename(build.spec)}, target {build.target}")
    tail = Tail(build.log)
    status = build.sandbox.run(command, tail)
    if status != 0:
        raise failure("rpmbuild", status, tail.text)


def _signed(
    task: ChrootTask, sandbox: Sandbox, log: BuildLog, named: dict[str, Path], keys: Path
) -> dict[str, Path]:
    owner = task.project.partition("/")[0]
    apart = {name: file.rename(sandbox.outside / name) for name, file in named.items()}
    for file in apart.values():
        sandbox.take(file)
    sign(list(apart.values()), keys, owner, task.directory.parents[1], sandbox, log)
    return apart


def _publish(task: ChrootTask, sandbox: Sandbox, log: BuildLog, files: Sequence[Path]) -> list[BuiltPackage]:
    if not files:
        raise BuildFailed("rpmbuild made no packages")
    headers = read_headers(sandbox, files)
    named = {
        header.file_name: file.rename(file.with_name(header.file_name))
        for header, file in zip(headers, files, strict=True)
    }
    if task.keys is not None:
        named = _signed(task, sandbox, log, named, task.keys)
    publish(list(named.values()), task.directory)
    packages = [
        BuiltPackage(header.name, header.epoch or 0, header.version, header.release, header.arch)
        for header in sorted(headers, key=lambda header: header.file_name)
    ]
    write_results(task.directory, packages)
    return packages
