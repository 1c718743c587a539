"""Checks what this machine can build, by trying it; the command `copr-local doctor` prints the findings."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import tools
from .macros import parse_chroot
from .repository import update
from .roots import emulation
from .roots.trial import examine_roots
from .sandbox.machine import PATH
from .sandbox.protection import protections
from .sandbox.sandbox import Sandbox
from .tasks import BuildFailed, Limits

# Programs that the service itself calls, by the package that has them. Without them, no check can run.
_SYSTEM = {"coreutils": ("chmod", "du", "env", "nice", "rm"), "util-linux": ("choom", "prlimit", "setpriv")}

# What does not work if a program is missing.
_NEEDED_FOR = {
    "rpmbuild": "nothing can be built",
    "git": "no builds from git and dist-git",
    "make": "no builds by make_srpm",
    "tito": "no builds by tito",
    "packit": "no builds by packit",
    "rpkg": "no builds by rpkg",
    "gem2rpm": "no builds from RubyGems",
    "gpg": "no signed packages",
    "rpmsign": "no signed packages",
}

# Arguments to try a program with: these need modules of a language, so they may exist and still not start.
_QUESTIONS = {
    "tito": ["build", "--help"],
    "packit": ["--help"],
    "rpkg": ["--help"],
    "gem2rpm": ["--help"],
}


@dataclass(frozen=True)
class Finding:
    """The result of one check of this machine.

    :param subject: name of the program, package, chroot or feature that was checked.
    :param is_well: True if the check passed.
    :param text: details if it passed; else what does not work, and often how to install what is missing.
    :param is_needed: True if no package can be built or published while this check fails.
    """

    subject: str
    is_well: bool
    text: str
    is_needed: bool = False


def examine(chroots: Iterable[str], with_roots: Container[str] = ()) -> Iterator[Finding]:  # noqa: DOC405 - ends early
    """Check this machine, and yield the findings as they come.

    If a program that the service itself calls is missing, the checks stop there.

    :param chroots: names of the chroots to check.
    :param with_roots: names of those that have repositories, so that they build in installed roots.
    :returns: one finding for each check.
    :raises OSError: the folder for temporary files cannot be written.
    """
    system = list(_system())
    yield from system
    if not all(finding.is_well for finding in system):
        return
    for name, loss in _NEEDED_FOR.items():
        yield _program(name, loss)
    yield _createrepo()
    yield _pyp2spec()
    for protection in protections():
        yield Finding(protection.subject, protection.exists, protection.text)
    yield from _tools_of_builds()
    can_install, how = examine_roots()
    yield Finding(
        "roots", can_install, f"can be installed, {how}" if can_install else f"no installed roots: {how}"
    )
    others = emulation.emulated()
    yield Finding(
        "other architectures",
        bool(others),
        f"can be emulated in installed roots: {', '.join(others)}; off, unless --foreign-architecture emulate"
        if others
        else "cannot be emulated: apt-get install qemu-user-static / dnf install qemu-user-static",
    )
    for chroot in chroots:
        if chroot in with_roots:
            yield _with_root(chroot, can_install=can_install, how=how)
        else:
            yield _chroot(chroot)


def _system() -> Iterator[Finding]:
    """Check the programs that the service itself calls."""
    for package, names in _SYSTEM.items():
        missing = [name for name in names if not (shutil.which(name) and shutil.which(name, path=PATH))]
        lack = f"nothing can be built: {', '.join(missing)} not in PATH; install the package {package}"
        yield Finding(package, not missing, lack if missing else ", ".join(names), is_needed=True)


def _program(name: str, loss: str) -> Finding:
    """Check that a program is installed and, for those in `_QUESTIONS`, that it starts."""
    is_needed = name == "rpmbuild"
    advice = tools.HOW_TO_GET[name]
    tool = tools.find(name)
    if tool is None:
        return Finding(name, False, f"{loss}: {advice}", is_needed)
    if name in _QUESTIONS:
        status, answer = _ask([tool.path, *_QUESTIONS[name]], tool.sees)
        if status != 0:
            reason = (answer.strip().splitlines() or [f"it exited with {status}"])[-1]
            return Finding(name, False, f"{loss}: {tool.path} does not start: {reason}: {advice}", is_needed)
    return Finding(name, True, tool.path, is_needed)


def _createrepo() -> Finding:
    """Check that createrepo_c starts."""
    try:
        path = update.program()
        subprocess.run([path, "--version"], capture_output=True, check=True)  # noqa: S603 - ours
    except (BuildFailed, OSError, subprocess.SubprocessError) as error:
        return Finding("createrepo_c", False, f"nothing can be published: {error}", is_needed=True)
    return Finding("createrepo_c", True, path)


def _pyp2spec() -> Finding:
    """Check that the Python package pyp2spec is installed."""
    found = importlib.util.find_spec("pyp2spec")
    if found is None or found.origin is None:
        return Finding("pyp2spec", False, f"no builds from PyPI: {tools.HOW_TO_GET['pyp2spec']}")
    return Finding("pyp2spec", True, str(Path(found.origin).parent))


def _tools_of_builds() -> Iterator[Finding]:
    """Check the compiler and the RPM database that builds see in the sandbox."""
    compiler = _inside(["gcc", "--version"])
    if compiler is None:
        yield Finding("gcc", False, "packages in C do not build: apt-get install gcc / dnf install gcc")
    else:
        yield Finding("gcc", True, compiler.splitlines()[0])
    if tools.find("rpmbuild") is None:
        return
    known = (_inside(["rpm", "--query", "--all", "--queryformat", "%{NAME}\\n"]) or "").split()
    if known:
        yield Finding("BuildRequires", True, f"are checked: the RPM database knows {len(known)} packages")
    else:
        yield Finding("BuildRequires", False, "are not checked: this machine has no RPM database")


def _chroot(name: str) -> Finding:
    """Check which packages of a chroot this machine can build."""
    machine = os.uname().machine
    try:
        arch = parse_chroot(name).arch
    except BuildFailed as error:
        return Finding(name, False, str(error))
    if arch == machine:
        return Finding(name, True, "builds everything, with the programs of this machine")
    if (arch, machine) == ("i686", "x86_64") and _inside(["gcc", "-m32", "-E", "-x", "c", "/dev/null"]):
        return Finding(name, True, "builds everything, with the programs of this machine")
    return Finding(name, False, f"builds noarch packages only: this machine is {machine}")


def _with_root(name: str, *, can_install: bool, how: str) -> Finding:
    """Check if this machine can build for a chroot that has repositories."""
    machine = os.uname().machine
    arch = parse_chroot(name).arch
    if not can_install:
        return Finding(name, False, f"cannot be built: {how}")
    if arch != machine and (arch, machine) != ("i686", "x86_64"):
        try:
            emulation.handler(arch)
        except BuildFailed as error:
            return Finding(name, False, f"cannot be installed: this machine is {machine}, and {error}")
        return Finding(name, False, "builds with --foreign-architecture emulate only, and slowly")
    return Finding(name, True, "builds everything, in installed roots")


def _inside(command: list[str]) -> str | None:
    """Run a program in the sandbox; return its output, or None if it fails."""
    status, answer = _ask(command)
    return answer if status == 0 else None


def _ask(command: list[str], sees: Sequence[Path] = ()) -> tuple[int, str]:
    """Run a program in the sandbox; return its exit status, and its output or why it could not run."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="copr-local-") as folder,
            Sandbox(Path(folder) / "work", Limits(), threading.Event(), timeout=20) as sandbox,
        ):
            return sandbox.read(command, sees=sees)
    except (BuildFailed, OSError, subprocess.SubprocessError) as error:
        return 1, str(error)
