"""A PostgreSQL server for tests, in a temporary folder, on a Unix socket.

    with PostgreSQLServer() as server:
        LocalCopr(data, database=server.new_database())

PostgreSQL refuses to run as root. Then it runs as `nobody`, or as its own user if there is one. The server
does not sync its files: a test may kill the server, but not the machine.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import psycopg

DEADLINE = 120  # seconds
SUPERUSER = "copr"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "autovacuum_naptime": "10min",
}


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs: Debian does not put the server into PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(versions, key=lambda path: int(path.parts[-3]), default=None)
    if newest is not None:
        return newest.parent
    found = shutil.which("postgres")
    assert found is not None, "there is no PostgreSQL server: .ci/setup.sh installs it"
    return Path(found).parent


def _other_user() -> str | None:
    """Return the user to run as; None for the current one."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


class PostgreSQLServer:
    """A server that runs from `start` to `stop`, or inside `with`."""

    def __init__(self) -> None:
        self._programs = _programs()
        self._user = _other_user()
        self.folder = Path(tempfile.mkdtemp(prefix="copr-postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        if self._user is not None:
            shutil.chown(self.folder, self._user)

    def __enter__(self) -> PostgreSQLServer:
        self._run(
            *("initdb", f"--pgdata={self.folder}/data", f"--username={SUPERUSER}", "--auth=trust"),
            *("--no-sync", "--locale=C", "--encoding=UTF8", "--no-instructions"),
        )
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _options(self) -> dict[str, Any]:
        return {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid} if self._user else {}

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEADLINE,
            check=False,
            **self._options(),
        )
        assert done.returncode == 0, done.stdout

    def start(self) -> None:
        """Start the server, and wait until it accepts connections."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._programs / "postgres", "-D", self.folder / "data", "-k", self.folder),
                    *(part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")),
                ],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                **self._options(),
            )
        until = time.monotonic() + DEADLINE
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < until, (self.folder / "log").read_text()
                time.sleep(0.02)
            else:
                return

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: "fast" ends all transactions, "immediate" is what a crash is."""
        if self._process is not None and self._process.poll() is None:
            self._run("pg_ctl", "stop", f"--pgdata={self.folder}/data", f"--mode={mode}")
        if self._process is not None:
            self._process.wait(DEADLINE)

    def kill(self) -> None:
        """Kill all processes of the server with SIGKILL."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(each, 9)
        self._process.wait(DEADLINE)

    def _connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname=database, autocommit=True)

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run SQL, and return the rows of its last statement."""
        with self._connect(database) as connection:
            done = connection.execute(sql)
            return done.fetchall() if done.description else []

    def url(self, database: str) -> str:
        """Return the URL of a database."""
        return f"postgresql+psycopg://{SUPERUSER}@/{database}?host={quote(str(self.folder), safe='/')}"

    def new_database(self, template: str = "template0") -> str:
        """Create a database, and return its URL."""
        self._count += 1
        name = f"copr_{self._count}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, and end its connections."""
        name = url.partition("?")[0].rpartition("/")[2]
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
