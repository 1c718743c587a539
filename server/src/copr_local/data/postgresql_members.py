"""The service processes on a PostgreSQL database, as every client of the server can see them."""

from __future__ import annotations

import time

from sqlalchemy import Connection, text

from .data_folder import DataFolderError
from .postgresql_processes import JOINING, MEMBERS, PAUSE

CONNECTIONS = 36  # that one process uses at most

_NAMES = text("""
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = CAST(:high AS oid) AND objid = CAST(:low AS oid)
    ORDER BY application_name
""")
_ALLOWED = text("""
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int,
        nullif(datconnlimit, -1), nullif(rolconnlimit, -1)
    ) FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user
""")


def names(connection: Connection) -> list[str]:
    """Return the names of the service processes on a database.

    :param connection: connection to the database.
    :returns: the names of their connections: `copr-local`, the host, and the process.
    """
    key = {"high": MEMBERS >> 32, "low": MEMBERS & 0xFFFF_FFFF}
    return [str(name) for name in connection.scalars(_NAMES, key)]


def lack_of_connections(connection: Connection) -> str:
    """Return what is wrong if the service processes may need more connections than the server allows.

    :param connection: connection to the database.
    :returns: one line that says what to change; empty if there are enough, if no other program takes them.
    """
    allowed = int(connection.scalar(_ALLOWED) or 0)
    processes = max(1, len(names(connection)))
    needed = processes * CONNECTIONS
    if allowed >= needed:
        return ""
    return (
        f"PostgreSQL allows {allowed} connections, and {processes} service processes use up to {needed}, so"
        f" some requests may fail under load: set max_connections = {needed + 10} in postgresql.conf and"
        " restart PostgreSQL, and check CONNECTION LIMIT of the role and of the database"
    )


def wait_for_their_end(connection: Connection, name: str) -> None:
    """Wait until no service process uses a database, and let none use it before the end of the transaction.

    :param connection: connection to the database, in a transaction.
    :param name: name of the database in messages.
    :raises DataFolderError: they still use it after some seconds.
    """
    until = time.monotonic() + JOINING
    while not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": MEMBERS}):
        if time.monotonic() > until:
            raise DataFolderError(
                f"{name} has to be upgraded, and an older copr-local still uses it"
                f" ({', '.join(names(connection))}): stop all service processes, then start this version."
                " Nothing was changed"
            )
        time.sleep(PAUSE)
