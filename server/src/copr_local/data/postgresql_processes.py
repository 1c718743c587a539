"""The service processes on one PostgreSQL database: which of them leads, and how they wake each other.

Each process has a connection of its own for this, with two advisory locks of the server:

- The lock of the leader. A process that does not lead tries to get it every second. The server releases it
  when the connection ends, since the process has died. It also ends connections that are silent for `SILENCE`
  seconds: then the process is frozen, or the network is cut. A leader believes that it leads for less time
  than that after its last request, so there are never two.
- The lock of all members, which they share. A process that is alone in its data folder must get it alone,
  too. If it cannot, another process uses the database with another folder.

Each writing transaction notifies all members when it is committed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from .data_folder import DataFolderError

CHANNEL = "copr_local"
SILENCE = 10  # seconds after which the server ends a silent connection
CONFIRMED = 6.0  # seconds that a leader may lead after its last request
PING = 1.0  # seconds between two requests
PAUSE = 0.5  # seconds between two attempts to connect
JOINING = 1.5 * SILENCE  # seconds to wait for the end of connections of processes that have died
MAINTENANCE, MESSAGES = "maintenance", "messages"  # words of notifications

_LEADER, MEMBERS = 0x636F7072_0001, 0x636F7072_0002  # keys of the advisory locks
_SET_UP = f"SET idle_session_timeout = '{SILENCE}s'; LISTEN {CHANNEL}"

log = logging.getLogger(__name__)


class Processes:
    """The membership of this process.

    :param arguments: arguments of `psycopg.connect`.
    :param key: key of this process in notifications.
    :param news: is called after commits of other processes: with True if maintenance is needed, and with True
        if messages wait. Also with both, when this process begins to lead or has been disconnected.
    :param version: version of the tables that this program knows.
    """

    def __init__(
        self, arguments: Mapping[str, Any], key: str, news: Callable[[bool, bool], None], version: int
    ) -> None:
        name = f"copr-local {os.uname().nodename} {os.getpid()}"  # so that administrators see who leads
        defaults = {"connect_timeout": SILENCE, "application_name": name}
        self._arguments = {**defaults, **arguments, "autocommit": True}
        self._key = key
        self._news = news
        self._version = version
        self._connection: psycopg.Connection | None = None
        self._words: set[str] = set()
        self._is_woken = False
        self._until = 0.0  # by the monotonic clock: this process leads until then
        self._stopping = threading.Event()
        self._stop = os.eventfd(0)
        self._thread = threading.Thread(target=self._run, name="copr-local-processes", daemon=True)

    def join(self, name: str, *, is_alone: bool) -> None:
        """Become a member, and the leader if there is none; then keep this up in a thread.

        :param name: name of the database in messages.
        :param is_alone: True if no other process serves the data folder.
        :raises DataFolderError: the database cannot be used, or it is used with another data folder.
        """
        try:
            self._connection = self._first_connection(name, is_alone=is_alone)
        except psycopg.Error as error:
            raise DataFolderError(f"{name} cannot be used ({_one_line(error)})") from error
        self._thread.start()

    def _first_connection(self, name: str, *, is_alone: bool) -> psycopg.Connection:
        connection = self._connect()
        try:
            if is_alone:
                self._wait_until_alone(connection, name)
            self._enter(connection)
            if is_alone:
                connection.execute("SELECT pg_advisory_unlock(%s)", (MEMBERS,))
        except BaseException:
            connection.close()
            raise
        return connection

    def is_leading(self) -> bool:
        """Return True if this process leads now.

        :returns: False as soon as its connection is lost, or was silent for too long.
        """
        return time.monotonic() < self._until

    def leave(self) -> None:
        """End the membership: another process leads within a second."""
        self._stopping.set()
        os.eventfd_write(self._stop, 1)
        if self._thread.ident is not None:
            self._thread.join()
        os.close(self._stop)

    def _connect(self) -> psycopg.Connection:
        connection: psycopg.Connection = psycopg.connect(**self._arguments)
        try:
            connection.execute(_SET_UP)
            connection.add_notify_handler(lambda notification: self._hear(notification.payload))
        except BaseException:
            connection.close()
            raise
        return connection

    def _wait_until_alone(self, connection: psycopg.Connection, name: str) -> None:
        """Wait until no other process is a member."""
        until = time.monotonic() + JOINING
        while not _get(connection, "SELECT pg_try_advisory_lock(%s)", MEMBERS):
            if time.monotonic() > until:
                raise DataFolderError(
                    f"{name} is in use by a copr-local with another data folder: give the same folder to all"
                    " processes with --data, or another database with --database"
                )
            time.sleep(PAUSE)

    def _enter(self, connection: psycopg.Connection) -> None:
        """Share the lock of the members, and try to lead; no newer version upgrades the tables meanwhile."""
        connection.execute("SELECT pg_advisory_lock_shared(%s)", (MEMBERS,))
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or (None,)
        if found != str(self._version):
            raise DataFolderError(
                f"another copr-local has upgraded the database to version {found}, and this process knows"
                f" {self._version}: stop it, and start that version"
            )
        self._ping(connection)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._connection is None:
                    self._connection = self._connect()
                    self._enter(self._connection)
                    self._news(True, True)
                self._wait(self._connection)
            except psycopg.Error as error:
                self._lose(error)
                self._stopping.wait(PAUSE)
            except DataFolderError as error:
                log.critical("%s", error)
                break
            except Exception:
                log.exception("an error among the service processes; it continues")
                self._lose(None)
                self._stopping.wait(PAUSE)
        self._lose(None)

    def _wait(self, connection: psycopg.Connection) -> None:
        """Hand on notifications until the next request, and send that."""
        until = time.monotonic() + PING
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        poll.register(self._stop, select.POLLIN)
        while (left := until - time.monotonic()) > 0 and not self._stopping.is_set():
            if not poll.poll(left * 1000):
                break
            connection.pgconn.consume_input()
            while notification := connection.pgconn.notifies():
                self._hear(notification.extra.decode())
            self._tell()
        if not self._stopping.is_set():
            self._ping(connection)
            self._tell()

    def _ping(self, connection: psycopg.Connection) -> None:
        """Send a request: the connection is not silent, and its locks are held for some time more."""
        sent = time.monotonic()
        if self._until:
            connection.execute("SELECT 1")
        elif not _get(connection, "SELECT pg_try_advisory_lock(%s)", _LEADER):
            return
        else:
            log.info("this process leads")
            self._words |= {MAINTENANCE, MESSAGES}
            self._is_woken = True
        self._until = sent + CONFIRMED

    def _hear(self, payload: str) -> None:
        key, *words = payload.split()
        if key != self._key:
            self._is_woken = True
            self._words |= set(words)

    def _tell(self) -> None:
        """Hand on what was heard."""
        if self._is_woken:
            words, self._words, self._is_woken = self._words, set(), False
            self._news(MAINTENANCE in words, MESSAGES in words)

    def _lose(self, error: psycopg.Error | None) -> None:
        """Close the connection; this process does not lead any more."""
        if error is not None and self._connection is not None:
            log.warning("the connection to the other service processes is lost: %s", _one_line(error))
        self._until = 0.0
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()


def _one_line(error: psycopg.Error) -> str:
    """Return the text of an error in one line."""
    return " ".join(str(error).split())


def _get(connection: psycopg.Connection, sql: str, key: int) -> bool:
    """Return the truth value that a function of an advisory lock returns."""
    row = connection.execute(sql, (key,)).fetchone()
    return row is not None and bool(row[0])
