"""Released programs, each in an environment of its own, with our client or a released one.

    python tests/support/released_programs.py     make all that are missing or out of date

The environments are in `.run/conformance`, by Python and name. One is made anew when its table entry or the
Python changes. Our client is installed as a wheel, as users get it, again whenever its source changes.
A program's own tests come with its sdist; they run without a network and with an empty home.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import requests
from filelock import FileLock

CHECKOUT = Path(__file__).resolve().parents[2]
CLIENT = CHECKOUT / "client"
SERVER = CHECKOUT / "server"
FOLDER = CHECKOUT / ".run" / "conformance" / str(sys.implementation.cache_tag)
UV = (sys.executable, CHECKOUT / ".ci" / "uv.py")
OURS, RELEASED = "ours", "released"
RELEASED_CLIENT = "copr==2.7"
LEGACY_CLIENT = "copr==1.101"
PACKIT_NEEDS = ("requests-gssapi>=1.3", "filelock>=3.16")  # what `copr[gssapi]` needs besides

INSTALL_SECONDS = 1200
SUITE_SECONDS = 300


@dataclass(frozen=True)
class Program:
    """A released program: NAME[EXTRAS]==VERSION, and what its tests need.

    :param clients: the clients that it is installed with, each in an environment of its own.
    :param sdist: unpack the program's sdist, which has its tests.
    :param without: optional parts of its dependencies that would have to be compiled.
    """

    requirement: str
    needs: tuple[str, ...] = ()
    clients: tuple[str, ...] = (OURS,)
    sdist: bool = False
    without: tuple[str, ...] = ()


@cache
def programs() -> Mapping[str, Program]:
    """Return the table of programs, by the names that tests use."""
    server = tomllib.loads((SERVER / "pyproject.toml").read_text())["project"]["dependencies"]
    return {
        "packit": Program("packitos[testing]==1.17.0", PACKIT_NEEDS, sdist=True, without=("krb5",)),
        "tmt": Program("tmt[prepare-artifact]==1.78.0", ("pytest-container",), sdist=True),
        "copr-cli": Program("copr-cli==2.6", ("responses",), (OURS, RELEASED), sdist=True),
        "copr-builder": Program("copr-builder==1.1", sdist=True),
        "copr": Program(RELEASED_CLIENT, PACKIT_NEEDS, sdist=True),
        "legacy client": Program(LEGACY_CLIENT, ("marshmallow<3", "setuptools<81"), (RELEASED,)),
        "copr-messaging": Program("copr-messaging==1.3", ("fedora-messaging==3.9.1",), (RELEASED,)),
        "copr-local": Program(RELEASED_CLIENT, (*server, "--editable", str(SERVER)), (RELEASED,)),
    }


@dataclass(frozen=True)
class Environment:
    """A virtual environment with a program, next to the program's source."""

    folder: Path

    def command(self, name: str) -> Path:
        """Return the path of one of its commands."""
        return self.folder / "venv" / "bin" / name

    @property
    def source(self) -> Path:
        """The folder of the unpacked sdist."""
        (source,) = (self.folder / "source").iterdir()
        return source

    def run_suite(self, *arguments: str) -> dict[str, str]:
        """Run tests of the program's sdist.

        :returns: `passed`, `failed`, `error` or `skipped` by test. An expected failure counts as skipped, as
            in the report that pytest writes.
        """
        report = self.folder / "report.xml"
        report.unlink(missing_ok=True)
        home = self.folder / "home"
        command = [
            *("bwrap", "--dev-bind", "/", "/", "--tmpfs", home, "--unshare-net", "--die-with-parent"),
            *(self.command("python"), "-m", "pytest", f"--junitxml={report}", "--tb=short"),
            *("-p", "no:cacheprovider", f"--basetemp={home}/pytest", *arguments),
        ]
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8"}
        done = subprocess.run(
            command,
            cwd=self.source,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SUITE_SECONDS,
            check=False,
        )
        print(done.stdout)  # pytest shows it where a test of ours fails
        assert report.exists(), f"pytest wrote no report (status {done.returncode}):\n{done.stdout}"
        return dict(_outcomes(report))


def _outcomes(report: Path) -> Iterator[tuple[str, str]]:
    names = {"failure": "failed", "error": "error", "skipped": "skipped"}
    for case in ElementTree.parse(report).iter("testcase"):
        found = [names[child.tag] for child in case if child.tag in names]
        yield f"{case.get('classname')}::{case.get('name')}", found[0] if found else "passed"


def environment(name: str, client: str) -> Environment:
    """Return the environment of a program of the table; it may have to be made.

    :param client: `ours` or `released`.
    """
    return Environment(FOLDER / f"{name.replace(' ', '-')}-{client}")


def make_all() -> dict[tuple[str, str], str]:
    """Make all environments that are missing or out of date, side by side.

    :returns: the errors, by program and client; empty when everything is ready.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "pytest.ini").touch()  # where a suite has no configuration, pytest must not find ours
    pairs = [(name, client) for name, program in programs().items() for client in program.clients]
    # Compiling is work for every core, and the rest is waiting for the index.
    with FileLock(FOLDER / "lock"), ThreadPoolExecutor(len(pairs)) as pool:
        wheel = _wheel_of_our_client()
        results = pool.map(lambda pair: _error_of_making(*pair, wheel), pairs)
    return {pair: error for pair, error in zip(pairs, results, strict=True) if error}


def _error_of_making(name: str, client: str, wheel: Path) -> str:
    try:
        _make(environment(name, client).folder, programs()[name], client, wheel)
    except (InstallError, OSError, subprocess.SubprocessError) as error:
        return str(error)
    return ""


def _make(folder: Path, program: Program, client: str, wheel: Path) -> None:
    python = folder / "venv" / "bin" / "python"
    install = ("pip", "install", "--quiet", "--python", python)
    made, has_client = folder / "made-for", folder / "has-client"
    ours = client == OURS
    dependencies = (CLIENT / "pyproject.toml").read_text() if ours else ""
    package = str(wheel) if ours else RELEASED_CLIENT
    wanted = "\n".join((str(folder), sys.version, repr(program), dependencies))
    if _text(made) != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _uv("venv", "--quiet", "--python", sys.executable, folder / "venv")
        clients = () if program.requirement.startswith("copr==") else (package,)
        overrides = folder / "overrides.txt"
        overrides.write_text("".join(f"{name}; python_version < '3'\n" for name in program.without))
        _uv(*install, "--overrides", overrides, *clients, program.requirement, "pytest", *program.needs)
        if ours and not clients:  # the program is the released client, whose place ours takes
            _uv(*install, "--no-deps", "--reinstall", package)
        if program.sdist:
            _unpack_sdist(folder, program.requirement)
        has_client.write_text(package)
        made.write_text(wanted)
    elif _text(has_client) != package:
        has_client.unlink(missing_ok=True)
        _uv(*install, "--no-deps", "--reinstall", package)
        has_client.write_text(package)


def _unpack_sdist(folder: Path, requirement: str) -> None:
    """Download the sdist that the index has, which pip would build as well, and unpack it."""
    name, _, version = requirement.partition("==")
    lock = folder / "pylock.toml"
    (folder / "sdist").mkdir()
    asked = folder / "sdist" / "requirement.txt"
    asked.write_text(f"{name.partition('[')[0]}=={version}\n")
    _uv("pip", "compile", "--quiet", "--no-deps", "--output-file", lock, asked)
    (package,) = tomllib.loads(lock.read_text())["packages"]
    answer = requests.get(package["sdist"]["url"], timeout=60, verify=_certificates())
    answer.raise_for_status()
    sdist = folder / "sdist" / "source.tar.gz"
    sdist.write_bytes(answer.content)
    if hashlib.sha256(answer.content).hexdigest() != package["sdist"]["hashes"]["sha256"]:
        raise InstallError(f"{package['sdist']['url']} is not what the index says")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "source", filter="data")


def _certificates() -> str | bool:
    """Return the file of certificates that `.ci/uv.py` uses; True for the usual ones."""
    of_pip = json.loads((Path(sys.prefix) / "uv.json").read_text())
    return os.environ.get("SSL_CERT_FILE") or of_pip.get("SSL_CERT_FILE", True)


def _wheel_of_our_client() -> Path:
    """Return the wheel of the client in this checkout; it is built when the source has changed."""
    files = [path for path in CLIENT.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(CLIENT)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    folder = FOLDER / "client" / digest.hexdigest()[:16]
    if not list(folder.glob("*.whl")):
        _uv("build", "--quiet", "--wheel", "--python", sys.executable, "--out-dir", folder, CLIENT)
    (wheel,) = folder.glob("*.whl")
    return wheel


class InstallError(Exception):
    """An environment could not be made."""


def _uv(*arguments: str | Path) -> None:
    command = [str(part) for part in (*UV, *arguments)]
    done = subprocess.run(
        command,
        # Extension modules are compiled for tests only: without optimisation it takes half the time.
        env={"CFLAGS": "-O0 -g0", **os.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise InstallError(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    errors = make_all()
    for (name, client), error in errors.items():
        print(f"No environment for {name} with the {client} client: {error}", file=sys.stderr)
    sys.exit(bool(errors))
