"""Released programs, each in an environment of its own, with our client or a released one.

Rules: an environment is kept under .run/conformance. It is made again when the program, the needs of its
tests, or the Python changes. Our client is installed as a wheel, as users get it, again whenever its source
has changed. A program's own tests are in its sdist; they run without a network and with an empty home.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from copr_cli import CoprCli
from filelock import FileLock

from copr_local import LocalCopr

CHECKOUT = Path(__file__).parents[2]
CLIENT = CHECKOUT / "client"
ENVIRONMENTS = CHECKOUT / ".run" / "conformance"
RELEASED_CLIENT = "copr==2.7"

INSTALL_SECONDS = 1200
SUITE_SECONDS = 300


@dataclass(frozen=True)
class Environment:
    """A virtual environment with a program, and the program's source."""

    folder: Path

    def command(self, name: str) -> Path:
        return self.folder / "venv" / "bin" / name

    @property
    def source(self) -> Path:
        (source,) = (self.folder / "source").iterdir()
        return source

    def run_suite(self, *arguments: str) -> dict[str, str]:
        """Run tests of the program's sdist. Return `passed`, `failed`, `error` or `skipped` for each test.

        An expected failure counts as skipped, as in the report that pytest writes.
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
        print(done.stdout)  # pytest shows it if a test fails
        assert report.exists(), f"pytest wrote no report (status {done.returncode}):\n{done.stdout}"
        return dict(_outcomes(report))


def _outcomes(report: Path) -> Iterator[tuple[str, str]]:
    names = {"failure": "failed", "error": "error", "skipped": "skipped"}
    for case in ElementTree.parse(report).iter("testcase"):
        found = [names[child.tag] for child in case if child.tag in names]
        yield f"{case.get('classname')}::{case.get('name')}", found[0] if found else "passed"


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))} failed:\n{done.stdout[-4000:]}"


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _make(folder: Path, program: str, needs: tuple[str, ...], client: str) -> Environment:
    """Update an environment. `program` is NAME[EXTRAS]==VERSION, `client` anything that pip installs."""
    environment = Environment(folder)
    pip = (environment.command("python"), "-m", "pip")
    made, has_client = folder / "made-for", folder / "has-client"
    wanted = "\n".join((str(folder), sys.version, program, *needs, (CLIENT / "pyproject.toml").read_text()))
    if _text(made) != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _run(sys.executable, "-m", "venv", folder / "venv")
        _run(*pip, "install", "--quiet", client, program, "pytest", *needs)
        _unpack_source(environment, program)
        has_client.write_text(client)
        made.write_text(wanted)
    elif _text(has_client) != client:
        has_client.unlink(missing_ok=True)
        _run(*pip, "install", "--quiet", "--no-deps", "--force-reinstall", client)
        has_client.write_text(client)
    return environment


def _unpack_source(environment: Environment, program: str) -> None:
    name = program.partition("==")[0].partition("[")[0]
    sdists, source = environment.folder / "sdist", environment.folder / "source"
    options = ("--quiet", "--no-deps", "--no-binary", name, "--dest", sdists)
    _run(environment.command("python"), "-m", "pip", "download", *options, program)
    (sdist,) = sdists.iterdir()
    with tarfile.open(sdist) as archive:
        archive.extractall(source, filter="data")


@pytest.fixture(scope="session")
def environments() -> Path:
    """The folder of all environments."""
    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    (ENVIRONMENTS / "pytest.ini").touch()  # so that a suite without a configuration does not use ours
    return ENVIRONMENTS


@pytest.fixture(scope="session")
def our_client(environments) -> str:
    """The wheel of the client in this checkout, built when its source has changed."""
    files = [path for path in CLIENT.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(CLIENT)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    folder = environments / "client" / digest.hexdigest()[:16]
    with FileLock(environments / "client.lock"):
        if not list(folder.glob("*.whl")):
            _run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, CLIENT)
    (wheel,) = folder.glob("*.whl")
    return str(wheel)


MakeEnvironment = Callable[..., Environment]


@pytest.fixture(scope="session")
def environment(request: pytest.FixtureRequest, environments) -> MakeEnvironment:
    """A function that returns the environment of a program: `environment(program, *needs, client=)`."""
    terminal = request.config.pluginmanager.get_plugin("terminalreporter")

    def make(program: str, *needs: str, client: str) -> Environment:
        name = program.replace("==", "-").replace("[", "-").replace("]", "")
        which = "ours" if client.endswith(".whl") else "released"
        folder = environments / f"{name}-{which}"
        with FileLock(f"{folder}.lock"):
            if terminal and not (folder / "made-for").exists():
                terminal.write_line(f"Installing {program} into {folder.relative_to(CHECKOUT)} ...")
            return _make(folder, program, needs, client)

    return make


@pytest.fixture(scope="session")
def released_client() -> str:
    return RELEASED_CLIENT


@pytest.fixture(scope="session")
def packit() -> tuple[str, ...]:
    """A program that needs gssapi, and the other packages of `copr[gssapi]`."""
    return ("packitos[testing]==1.17.0", "requests-gssapi>=1.3", "filelock>=3.16")


@pytest.fixture(scope="module", params=["ours", "released"])
def cli(request, environment, tmp_path_factory) -> Iterator[CoprCli]:
    client = request.getfixturevalue("our_client" if request.param == "ours" else "released_client")
    command = environment("copr-cli==2.6", "responses", client=client).command("copr-cli")
    with LocalCopr() as copr:
        yield CoprCli(command, copr, tmp_path_factory.mktemp("home"))
