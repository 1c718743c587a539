"""What the option `--database postgresql` does: every new data folder gets a PostgreSQL database of its own.

The databases are copies of one that has the tables already, which takes a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from postgresql_server import PostgreSQLServer
from sqlalchemy import make_url

from copr_local.data import database, dialect
from copr_local.data.data_folder import DataFolder
from copr_local.data.database import SCHEMA_VERSION
from copr_local.data.postgresql import PostgreSQL


class Databases:
    """The databases of one server. Those of a test are removed after it."""

    def __init__(self, server: PostgreSQLServer) -> None:
        self._server = server
        self._made: list[str] = []
        template = server.new_database()
        PostgreSQL(make_url(template), SCHEMA_VERSION).close()
        self._template = str(make_url(template).database)

    def new(self) -> str:
        """Return the URL of a new database with empty tables."""
        self._made.append(self._server.new_database(self._template))
        return self._made[-1]

    @contextmanager
    def removed(self) -> Iterator[None]:
        """Remove the databases that are made inside the `with` statement."""
        first = len(self._made)
        yield
        for url in self._made[first:]:
            self._server.drop_database(url)
        del self._made[first:]


@contextmanager
def all_in_postgresql() -> Iterator[Databases]:
    """Let every new data folder of this process have a database of its own in PostgreSQL."""
    with PostgreSQLServer() as server, pytest.MonkeyPatch.context() as patch:
        databases = Databases(server)

        def open_one(data_folder: DataFolder, url: str | None, version: int) -> dialect.Dialect:
            is_new = url is None and not data_folder.has_database()
            return dialect.open_dialect(data_folder, databases.new() if is_new else url, version)

        patch.setattr(database, "open_dialect", open_one)
        yield databases
