"""What this machine can build, found out by trying: the findings of `copr-local doctor`."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import tools
from .macros import parse_chroot
from .repository import update
from .sandbox.sandbox import PATH, Sandbox, probe
from .tasks import BuildFailed, Limits

# What the service itself calls, by the package that has it: it can try nothing without them.
_SYSTEM = {"coreutils": ("chmod", "du", "env", "nice", "rm"), "util-linux": ("prlimit", "setpriv")}

# What is missing without a program.
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

# What programs are asked that may be there and not start: those that need a language's modules.
_QUESTIONS = {
    "tito": ["build", "--help"],
    "packit": ["--help"],
    "rpkg": ["--help"],
    "gem2rpm": ["--help"],
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is as it should be, and what that means."""

    subject: str
    is_well: bool
    text: str
    is_needed: bool = False
    """Whether nothing can be built unless it is well."""


def examine(chroots: Iterable[str]) -> Iterator[Finding]:
    """Look at this machine.

    :param chroots: names of the chroots to say something of.
    """
    system = list(_system())
    yield from system
    if not all(finding.is_well for finding in system):
        return
    for name, loss in _NEEDED_FOR.items():
        yield _program(name, loss)
    yield _createrepo()
    yield _pyp2spec()
    confinement = probe()
    if confinement.bwrap is None:
        yield Finding("sandbox", False, f"builds run with the rights of the service: {confinement.reason}")
    else:
        yield Finding("sandbox", True, confinement.reason)
    yield from _tools_of_builds()
    for chroot in chroots:
        yield _chroot(chroot)


def _system() -> Iterator[Finding]:
    for package, names in _SYSTEM.items():
        missing = [name for name in names if not (shutil.which(name) and shutil.which(name, path=PATH))]
        lack = f"nothing can be built: {', '.join(missing)} not in PATH, of the package {package}"
        yield Finding(package, not missing, lack if missing else ", ".join(names), is_needed=True)


def _program(name: str, loss: str) -> Finding:
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
    try:
        path = update.program()
        subprocess.run([path, "--version"], capture_output=True, check=True)  # noqa: S603 - ours
    except (BuildFailed, OSError, subprocess.SubprocessError) as error:
        return Finding("createrepo_c", False, f"nothing can be published: {error}", is_needed=True)
    return Finding("createrepo_c", True, path)


def _pyp2spec() -> Finding:
    found = importlib.util.find_spec("pyp2spec")
    if found is None or found.origin is None:
        return Finding("pyp2spec", False, f"no builds from PyPI: {tools.HOW_TO_GET['pyp2spec']}")
    return Finding("pyp2spec", True, str(Path(found.origin).parent))


def _tools_of_builds() -> Iterator[Finding]:
    """What builds find in the sandbox."""
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


def _inside(command: list[str]) -> str | None:
    """What a program says in the sandbox; None where it fails."""
    status, answer = _ask(command)
    return answer if status == 0 else None


def _ask(command: list[str], sees: Sequence[Path] = ()) -> tuple[int, str]:
    """The exit status of a program in the sandbox, and what it says, or why it cannot be asked."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix="copr-local-") as folder,
            Sandbox(Path(folder) / "work", Limits(seconds=20), threading.Event()) as sandbox,
        ):
            return sandbox.read(command, sees=sees)
    except (BuildFailed, OSError, subprocess.SubprocessError) as error:
        return 1, str(error)
