"""What the option `--database postgresql` does: every new data folder gets a PostgreSQL database of its own.

The databases are copies of one that has the tables already, and are used again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from postgresql_server import PostgreSQLServer
from sqlalchemy import make_url

from copr_local.data import database, dialect
from copr_local.data.data_folder import DataFolder
from copr_local.data.database import SCHEMA_VERSION
from copr_local.data.postgresql import PostgreSQL

MOST_USES = 50
SCHEMA = "SELECT count(*), sum(relnatts) FROM pg_class"  # tables, indexes and so on, and their columns
# A query for the SQL that empties all tables. Triggers, which check foreign keys, do not run.
TO_EMPTY = """
    SELECT 'SET session_replication_role = replica; UPDATE commit_number SET number = 0, data_folder = NULL; '
        || string_agg(statement, '; ')
    FROM (
        SELECT format('DELETE FROM %I', tablename) AS statement FROM pg_tables
        WHERE schemaname = 'public' AND tablename NOT IN ('alembic_version', 'commit_number')
        UNION ALL
        SELECT format('ALTER SEQUENCE %I RESTART', sequencename) FROM pg_sequences WHERE schemaname = 'public'
    ) AS statements
"""


class Databases:
    """The databases of one server. Those of a test are emptied after it, and used again."""

    def __init__(self, server: PostgreSQLServer) -> None:
        self._server = server
        self._made: list[str] = []
        self._empty: list[str] = []
        self._uses: Counter[str] = Counter()
        template = server.new_database()
        PostgreSQL(make_url(template), SCHEMA_VERSION).close()
        self._template = str(make_url(template).database)
        self._schema = server.execute(SCHEMA, self._template)
        (self._to_empty,) = server.execute(TO_EMPTY, self._template)[0]

    def new(self) -> str:
        """Return the URL of a database with empty tables that nobody uses."""
        self._made.append(self._empty.pop() if self._empty else self._server.new_database(self._template))
        return self._made[-1]

    @contextmanager
    def removed(self) -> Iterator[None]:
        """Remove all that is in the databases that are made inside the `with` statement."""
        first = len(self._made)
        yield
        for url in self._made[first:]:
            self._remove(url)
        del self._made[first:]

    def _remove(self, url: str) -> None:
        """Empty the tables of a database, which takes a fifth of the time that a new database takes.

        It is dropped instead if somebody is connected, if it has other tables than before, or if it was used
        often, since nobody reclaims the room of its deleted rows.
        """
        name = str(make_url(url).database)
        self._uses[url] += 1
        others = self._server.execute(f"SELECT 1 FROM pg_stat_activity WHERE datname = '{name}'")
        if others or self._uses[url] >= MOST_USES or self._server.execute(SCHEMA, name) != self._schema:
            self._server.drop_database(url)
            return
        self._server.execute(self._to_empty, name)
        self._empty.append(url)


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
