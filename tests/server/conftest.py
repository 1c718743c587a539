"""A local Copr with scripted builds, and helpers that call it.

The service, its database, worker and HTTP server are real. Only rpmbuild is replaced: a test decides when and
how a build ends. Real builds are tested in `test_real_builds.py`, `test_recovery.py` and `builders/`.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from warm_program import WarmProgram

from copr_local import LocalCopr
from copr_local.builders.builder import Builder
from copr_local.builders.repository.update import update_repository
from copr_local.builders.tasks import (
    BuildCancelled,
    BuildFailed,
    BuildSkipped,
    BuiltPackage,
    ChrootTask,
    SourceResult,
    SourceTask,
)
from copr_local.data import client_configuration
from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database, Transaction
from copr_local.data.models import Project, User
from copr_local.rules import chroots, projects, users
from copr_local.testing import Snapshot

if TYPE_CHECKING:
    from databases import Databases

CHROOTS = ["fedora-45-x86_64", "fedora-45-aarch64", "epel-10-x86_64", "fedora-rawhide-x86_64"]
DEADLINE = 60.0  # seconds
# Modules of `copr-local serve`.
SERVICE = "copr_local.cli,copr_local.app,copr_local.builders.builder,copr_local.http.server"


class ControlledBuilds:
    """Builds that succeed at once by default; a test can hold them, or make them fail or skip.

    A step has the name of its chroot; the source step has the name `source`.
    """

    def __init__(self) -> None:
        self.started: list[tuple[int, str]] = []
        self.updated: list[Path] = []
        self.fail: set[str] = set()
        self.skip: set[str] = set()
        self.held: set[str] = set()
        self.ignore_cancel = False
        self.exclusive_arch: tuple[str, ...] = ()
        self.before_update: Callable[[Path], None] = lambda _directory: None

    def hold(self, *steps: str) -> None:
        """Keep these steps, or all, running until they are released."""
        self.held = set(steps or ("source", *CHROOTS))

    def release(self) -> None:
        """Let held steps finish."""
        self.held = set()

    def builder(self) -> Builder:
        return Builder(self.build_source, self.build_chroot, self.update_repository)

    def update_repository(self, directory: Path) -> Mapping[str, str]:
        self.before_update(directory)
        skipped = update_repository(directory)
        self.updated.append(directory)
        return skipped

    def _work(self, task: SourceTask | ChrootTask, step: str) -> None:
        task.directory.mkdir(parents=True, exist_ok=True)
        log = task.directory / "builder-live.log"
        log.write_text("begun\n")
        self.started.append((task.build_id, step))
        while step in self.held:
            if task.cancelled.wait(0.005) and not self.ignore_cancel:
                raise BuildCancelled
        for outcome, error in ((self.fail, BuildFailed), (self.skip, BuildSkipped)):
            if step in outcome:
                log.write_text("begun\nit did not work\n")
                raise error("it did not work")

    def build_source(self, task: SourceTask) -> SourceResult:
        self._work(task, "source")
        keys = ("pkg", "url", "clone_url", "pypi_package_name", "gem_name")
        named = next((task.source[key] for key in keys if key in task.source), "hello")
        file = named.rpartition("/")[2].removesuffix(".git")
        found = re.fullmatch(r"(.+)-([^-]+-[^-]+)\.src\.rpm", file)
        name, version = found.groups() if found else (file.removesuffix(".spec"), "1.0-1")
        srpm = task.directory / f"{name}-{version}.src.rpm"
        srpm.write_text("a source RPM")
        return SourceResult(name, version, srpm, exclusive_arch=self.exclusive_arch)

    def build_chroot(self, task: ChrootTask) -> list[BuiltPackage]:
        self._work(task, task.chroot)
        (task.directory / "results.json").write_text("{}")
        return [BuiltPackage("hello", 0, "1.0", "1", task.chroot.rpartition("-")[2])]


class Api:
    """Calls API v3 in-process, as one user or without a login."""

    def __init__(self, copr: LocalCopr, login: str | None = None, token: str | None = None) -> None:
        self._client = copr.app.test_client(use_cookies=False)
        self._headers = {}
        if login is not None:
            text = base64.b64encode(f"{login}:{token}".encode()).decode()
            self._headers["Authorization"] = f"Basic {text}"

    def raw(self, method: str, path: str, **kwargs: Any) -> Any:
        headers = {**self._headers, **kwargs.pop("headers", {})}
        return self._client.open(f"/api_3{path}", method=method, headers=headers, **kwargs)

    def call(self, method: str, path: str, body: Any = None, /, *, expect: int = 200, **query: Any) -> Any:
        """Return the decoded response, after checking its status."""
        extra = {} if body is None else {"json": body}
        response = self.raw(method, path, query_string=query, **extra)
        assert response.status_code == expect, response.text
        return response.get_json()

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.call("GET", path, **kwargs)

    def error(self, method: str, path: str, expect: int, body: Any = None, /, **query: Any) -> str:
        text: str = self.call(method, path, body, expect=expect, **query)["error"]
        return text

    def project(self, name: str = "hello", owner: str = "local", **settings: Any) -> Any:
        body = {"name": name, "chroots": CHROOTS[:2], **settings}
        return self.call("POST", f"/project/add/{owner}", body)

    def upload(
        self,
        name: str = "hello-1.0-1.src.rpm",
        content: bytes = b"an upload",
        *,
        expect: int = 200,
        **fields: Any,
    ) -> Any:
        form = {"ownername": "local", "projectname": "hello", **fields}
        data = {
            "pkgs": (io.BytesIO(content), name, "application/x-rpm"),
            "json": (io.BytesIO(json.dumps(form).encode()), "json", "application/json"),
        }
        response = self.raw("POST", "/build/create/upload", data=data)
        assert response.status_code == expect, response.text
        return response.get_json()

    def wait(self, build_id: int, *states: str) -> Any:
        """Wait until a build has one of these states, by default until it is finished, and return it."""
        wanted = states or ("succeeded", "failed", "canceled", "skipped")
        return self.until(lambda: (found := self.get(f"/build/{build_id}"))["state"] in wanted and found)

    @staticmethod
    def until(condition: Callable[[], Any]) -> Any:
        """Wait until a condition is true, and return its value."""
        deadline = time.monotonic() + DEADLINE
        while not (value := condition()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.01)
        return value


class Serve:
    """`copr-local serve` in a process of its own; `command` starts `copr-local`."""

    def __init__(self, *arguments: str, env: Mapping[str, str] | None = None, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            [*command, "serve", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(env or {})},
        )
        self.said: dict[str, str] = {}

    def ready(self) -> Serve:
        """Read the lines that the service prints at its start, up to the line "ready"."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("ready"):
                return self
            name, _, value = line.partition(":")
            self.said[name] = value.strip()
        raise AssertionError(f"it ended before it was ready: {self.end()}")

    def end(self, number: int | None = None) -> tuple[int, str, str]:
        """Send an optional signal, wait for the process, and return its exit status and outputs."""
        if number is not None:
            self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, output, errors

    def api(self, file: Path | None = None) -> Remote:
        """Return API v3 over the socket for a client configuration, by default the service's own."""
        found = client_configuration.read(file or Path(self.said["client"].removesuffix(" (new token)")))
        assert found is not None
        return Remote(found)


class Remote(Api):
    """Calls API v3 over a socket."""

    def __init__(self, found: client_configuration.ClientConfiguration) -> None:
        self._url = found.copr_url
        self._auth = (found.login, found.token)

    def raw(self, method: str, path: str, **kwargs: Any) -> Any:
        kwargs["params"] = kwargs.pop("query_string", None)
        if "data" in kwargs:
            kwargs["files"] = {
                name: (file_name, content, kind)
                for name, (content, file_name, kind) in kwargs.pop("data").items()
            }
        response = requests.request(method, f"{self._url}/api_3{path}", auth=self._auth, timeout=30, **kwargs)
        response.get_json = response.json  # type: ignore[attr-defined]
        return response


@pytest.fixture(scope="session")
def copr_local() -> Iterator[Sequence[str]]:
    """Return the command `copr-local` of a `WarmProgram`."""
    with WarmProgram(sys.executable, Path(sys.executable).with_name("copr-local"), SERVICE) as program:
        yield program.command


@pytest.fixture
def serve(databases: Databases | None, copr_local: Sequence[str]) -> Iterator[Callable[..., Serve]]:
    """Start `copr-local serve` with arguments; processes that still run after the test are killed.

    If `within` is given, that command starts it.
    """
    with ExitStack() as stack:

        def start(
            *arguments: str, env: Mapping[str, str] | None = None, within: Sequence[str] | None = None
        ) -> Serve:
            if databases is not None and not _has_database(arguments):
                env = {"COPR_LOCAL_DATABASE": databases.new(), **(env or {})}
            command = copr_local if within is None else [*within, sys.executable, "-m", "copr_local"]
            service = Serve(*arguments, env=env, command=command)
            stack.callback(service.process.communicate)
            stack.callback(service.process.kill)
            return service

        yield start


def _has_database(arguments: Sequence[str]) -> bool:
    """Return True if a service is started on a data folder that has a database."""
    if "--data" not in arguments:
        return False
    folder = DataFolder(Path(arguments[arguments.index("--data") + 1]), update_repository)
    return folder.has_database()


def new_data_folder(path: Path) -> DataFolder:
    """Return a new data folder."""
    data_folder = DataFolder(path, update_repository)
    data_folder.path.mkdir()
    data_folder.make_folders()
    return data_folder


@pytest.fixture
def data_folder(tmp_path: Path) -> DataFolder:
    """Return a data folder that no service uses."""
    return new_data_folder(tmp_path / "data")


@pytest.fixture(scope="session")
def new_database() -> Callable[[Path], Database]:
    """Return a function that makes a data folder in a folder, and returns its database."""
    return lambda folder: Database(new_data_folder(folder / "data"))


@pytest.fixture
def database(data_folder: DataFolder) -> Iterator[Database]:
    """Return the database of `data_folder`."""
    database = Database(data_folder)
    yield database
    database.close()


@pytest.fixture
def tx(database: Database) -> Iterator[Transaction]:
    """Return a transaction in a database that offers two chroots; no builder works on it."""
    with database.writing() as tx:
        chroots.add(tx, CHROOTS[:2], "")
        yield tx


@pytest.fixture
def alice(tx: Transaction) -> User:
    """Return the user `alice`."""
    return users.add(tx, "alice")[0]


@pytest.fixture
def hello(tx: Transaction, alice: User) -> Project:
    """Return the project `alice/hello`, which has both chroots."""
    return projects.add(tx, alice, "alice", "hello", CHROOTS[:2], {})


@pytest.fixture(scope="session")
def controlled_builds() -> type[ControlledBuilds]:
    return ControlledBuilds


@pytest.fixture
def script() -> ControlledBuilds:
    return ControlledBuilds()


@pytest.fixture
def copr(script: ControlledBuilds, tmp_path: Path) -> Iterator[LocalCopr]:
    """Start a local Copr with scripted builds; all held steps are released after the test."""
    data = tmp_path / "data"
    with LocalCopr(data, chroots=CHROOTS, builder=script.builder(), builders=2) as running:
        yield running
        script.release()


@pytest.fixture(scope="session")
def api_class() -> type[Api]:
    """Return the class for API v3 of any local Copr: `api_class(copr, login, token)`, or without a login."""
    return Api


@pytest.fixture(scope="session")
def scripted_service() -> Iterator[tuple[LocalCopr, Snapshot]]:
    """Start a local Copr for tests of other programs, and take a snapshot of its first state."""
    with LocalCopr(builds="scripted", chroots=[*CHROOTS, "epel-10-aarch64"], builders=4) as copr:
        yield copr, copr.snapshot()


@pytest.fixture
def scripted_copr(scripted_service: tuple[LocalCopr, Snapshot]) -> Iterator[LocalCopr]:
    """Return the local Copr of `scripted_service` in its first state."""
    copr, beginning = scripted_service
    yield copr
    copr.restore(beginning)


@pytest.fixture
def api_of() -> Callable[[LocalCopr], Api]:
    """Return a function that gives API v3 of any local Copr, as its first user."""
    return lambda copr: Api(copr, copr.config["login"], copr.config["token"])


@pytest.fixture
def api(copr: LocalCopr, api_of: Callable[[LocalCopr], Api]) -> Api:
    """Return API v3 as the first user, `local`."""
    return api_of(copr)


@pytest.fixture
def anonymous(copr: LocalCopr) -> Api:
    return Api(copr)


@pytest.fixture
def log_in(copr: LocalCopr) -> Callable[..., Api]:
    """Add a user and return the API as that user: `log_in("bob")`, `log_in("root", admin=True)`."""

    def add(name: str, **kwargs: Any) -> Api:
        config = copr.add_user(name, **kwargs)
        return Api(copr, config["login"], config["token"])

    return add


@pytest.fixture
def submit(api: Api) -> Callable[..., Any]:
    """Submit one build from a URL to `local/hello`, as the first user."""

    def one(package: str = "hello", **options: Any) -> Any:
        url = f"https://example.com/{package}-1.0-1.src.rpm"
        body = {"ownername": "local", "projectname": "hello", "pkgs": [url], **options}
        return api.call("POST", "/build/create/url", body)["items"][0]

    return one
