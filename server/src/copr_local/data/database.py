"""The database: SQLite in the data folder, or PostgreSQL (`dialect.py`).

- Readers never wait for the writer. Foreign keys are enforced.
- A writing transaction holds the write lock from its first statement on, so rows that it has read cannot
  change before it writes. A lock in the process queues the writers, because SQLite waits by sleeping.
- Files are removed and copied after the commit: rows of the transaction list the changes. See
  `deferred_file_changes`.
- Work on many rows is done in pieces (`Transaction.then`), each in a transaction of its own, so that other
  writers wait only for one piece.
- An older database is upgraded, a newer one is refused.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from .. import releases
from . import deferred_file_changes
from .data_folder import DataFolder
from .dialect import open_dialect
from .outages import Outage
from .pending_work import FileChange, OutgoingMessage, RepositoryUpdate

SCHEMA_VERSION = 12
BREATH = 0.001  # seconds without the lock, so that a waiting thread gets it

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StepChange:
    """A step that has begun to run, or has ended after that.

    :param build_id: id of its build.
    :param chroot: name of its chroot; `source` for a source step.
    :param arch: architecture of its chroot; `source` for a source step.
    :param state: its new state.
    :param builder: the builder elsewhere that builds it; None for the service itself.
    :param seconds: how long it took; None at its begin.
    """

    build_id: int
    chroot: str
    arch: str
    state: str
    builder: str | None
    seconds: float | None


@dataclass(frozen=True)
class Transaction:
    """The database session, the files and the time that a rule works with.

    :param session: the session of the database.
    :param data_folder: the files.
    :param time: start of the transaction, unix time in seconds, UTC.
    :param default_timeout: timeout of builds that set none, in seconds.
    :param sender: URL of the service, if it sends messages about builds; otherwise None.
    :param is_of_builder: True if it only records what a builder of this process does, so that it cancels no
        step that is running.
    """

    session: Session
    data_folder: DataFolder
    time: float
    default_timeout: int
    sender: str | None = None
    is_of_builder: bool = False
    _file_changes: list[FileChange] = field(default_factory=list)
    _repository_updates: dict[str, RepositoryUpdate] = field(default_factory=dict)
    _messages: list[OutgoingMessage] = field(default_factory=list)
    _steps: list[StepChange] = field(default_factory=list)
    _continuations: list[Callable[[Transaction], object]] = field(default_factory=list)

    def then(self, work: Callable[[Transaction], object]) -> None:
        """Continue in a transaction of its own after the commit; other threads can write in between.

        A process that dies before leaves the work undone. So what this transaction has stored must be valid
        without it.

        :param work: gets the next transaction, and can call `then` there. Its exceptions reach the caller of
            `Database.writing`, and end all work that is left.
        """
        self._continuations.append(work)

    def discard(self, path: Path) -> None:
        """Remove a folder after the commit; after a rollback it stays.

        :param path: a file or folder in the data folder; it need not exist.
        """
        self._add(deferred_file_changes.change(self.data_folder, path))

    def copy(self, source: Path, target: Path) -> None:
        """Copy a folder after the commit, if it exists and the target does not.

        :param source: the folder to copy, in the data folder.
        :param target: path of the copy, in the data folder.
        """
        self._add(deferred_file_changes.change(self.data_folder, target, source))

    def settle(self, path: Path) -> None:
        """Carry out the pending changes of earlier transactions to a folder, before it is created again.

        :param path: the folder.
        :raises OSError: a change cannot be carried out.
        """
        deferred_file_changes.settle(self.session, self.data_folder, path, self._file_changes)

    def update_repository(self, repository: Path) -> None:
        """Request that the metadata of a repository is written again after the commit.

        The request is a row, so it survives the process.

        :param repository: a folder below the results folder.
        :raises ValueError: the folder is not below the results folder.
        """
        directory = self.data_folder.relative(repository)
        if directory not in self._repository_updates:
            self._repository_updates[directory] = update = RepositoryUpdate(directory=directory)
            self.session.add(update)

    def send(self, message: OutgoingMessage) -> None:
        """Store a message, which is sent after the commit. It is a row, so it survives the process.

        :param message: the message.
        """
        self.session.add(message)
        self._messages.append(message)

    def step_changed(self, step: StepChange) -> None:
        """Let a step be counted and logged after the commit.

        :param step: the step.
        """
        self._steps.append(step)

    def _add(self, change: FileChange) -> None:
        """Add a change of files to the transaction."""
        self.session.add(change)
        self._file_changes.append(change)

    @property
    def needs_maintenance(self) -> bool:
        """True if the commit leaves something to do: files to remove, or metadata to write."""
        return bool(self._file_changes or self._repository_updates)

    @property
    def now(self) -> int:
        """The time in whole seconds, as the database stores it."""
        return int(self.time)


class Database:
    """The database of a data folder.

    :param data_folder: the data folder; another process may serve it meanwhile.
    :param clock: returns the current unix time in seconds, UTC.
    :param default_timeout: timeout of builds that set none, in seconds.
    :param url: URL of a PostgreSQL database; None for the one that the data folder has, or else SQLite.
    :param sender: URL of the service, if it sends messages about builds; otherwise None.
    :raises DataFolderError: it cannot be used, is another program's database, or has a newer version.
    """

    def __init__(
        self,
        data_folder: DataFolder,
        clock: Callable[[], float] = time.time,
        default_timeout: int = releases.TIMEOUT,
        url: str | None = None,
        sender: str | None = None,
    ) -> None:
        self.data_folder = data_folder
        self._clock = clock
        self._default_timeout = default_timeout
        self._sender = sender
        self._writer = threading.Lock()
        self._closed = False
        self._written = float("-inf")  # time.monotonic() of the last commit; -inf if a write failed after it
        self.committed: Callable[[Transaction], None] = lambda _transaction: None
        self.others_committed: Callable[[bool], None] = lambda _needs_maintenance: None
        self.sent: Callable[[Sequence[OutgoingMessage]], None] = lambda _messages: None
        self.steps_changed: Callable[[Sequence[StepChange]], None] = lambda _steps: None
        self._dialect = open_dialect(data_folder, url, SCHEMA_VERSION)
        self.name = self._dialect.name
        self._read = sessionmaker(self._dialect.readers, expire_on_commit=False)
        self._poll = sessionmaker(self._dialect.pollers, expire_on_commit=False)
        self._write = sessionmaker(self._dialect.writers, expire_on_commit=False)

    def join(self) -> None:
        """Become one of the service processes on this database.

        From now on, commits of other processes are followed by calls of `others_committed`, with True if
        maintenance is needed. If they have sent messages, `sent` is called, too, with no messages.

        :raises DataFolderError: the database cannot be used, or is used with another data folder.
        """
        self._dialect.join(self._hear, is_alone=self.data_folder.is_alone)

    def _hear(self, needs_maintenance: bool, has_messages: bool) -> None:
        self.others_committed(needs_maintenance)
        if has_messages:
            self.sent(())

    def is_leading(self) -> bool:
        """Return True if this process starts builds, and does all else that only one process may do.

        Ask again before each piece of such work: the connection to the database may be lost at any time.

        :returns: False if another service process does it, or if it is not known.
        """
        return self._dialect.is_leading()

    @contextmanager
    def reading(self, *, is_consistent: bool = True) -> Iterator[Transaction]:  # noqa: DOC402 - see below
        """Open a transaction that sees one state of the database and changes nothing.

        :param is_consistent: False if each query may see a newer state. With PostgreSQL this takes less time,
            since no transaction is begun and ended.
        :returns: a context manager that gives the transaction.
        """
        with (self._read if is_consistent else self._poll)() as session:
            yield self._transaction(session)

    @contextmanager
    def writing(self, *, is_of_builder: bool = False) -> Iterator[Transaction]:  # noqa: DOC402 - see below
        """Open a transaction that is committed at the end, or rolled back if an exception is raised.

        After the commit `sent` gets its messages, `steps_changed` its steps, and its changes of files
        are carried out. Then `committed` gets it on this thread, so that builders learn of new work. Last
        come the transactions that it requested by `then`.

        :param is_of_builder: True if it only records what a builder of this process does.
        :returns: a context manager that gives the transaction.
        :raises RuntimeError: the database is closed.
        :raises Outage: the disk is full, another program locks the database for too long, or the database
            cannot be reached.
        """
        with self._one(is_of_builder=is_of_builder) as transaction:
            yield transaction
        left = deque(transaction._continuations)
        while left:
            time.sleep(BREATH)
            with self._one() as transaction:
                left.popleft()(transaction)
            left.extend(transaction._continuations)

    @contextmanager
    def _one(self, *, is_of_builder: bool = False) -> Iterator[Transaction]:
        """Open a writing transaction, as `writing` does, without those that it requests by `then`."""
        with self._writer:
            if self._closed:
                raise RuntimeError("the database is closed: another process may serve its folder by now")
            try:
                with self._write.begin() as session:
                    transaction = self._transaction(session, is_of_builder=is_of_builder)
                    yield transaction
                    if transaction.needs_maintenance or transaction._messages:
                        self._dialect.notify(
                            session,
                            maintenance=transaction.needs_maintenance,
                            messages=bool(transaction._messages),
                        )
            except Outage:
                self._written = float("-inf")
                raise
            self._written = time.monotonic()
        if transaction._messages:
            self.sent(transaction._messages)
        if transaction._steps:
            self.steps_changed(transaction._steps)
        if transaction._file_changes:
            self.carry_out()
        self.committed(transaction)

    def carry_out(self) -> bool:
        """Carry out all committed changes of files; other threads can write in between.

        :returns: True if no change is pending. Changes that failed stay pending and are logged: call this
            again later.
        """
        try:
            return self._carry_out()
        except Outage as error:  # the rows are still stored, so the changes are repeated later
            log.warning("files cannot be removed or copied yet: %s", error.orig)
            return False

    def _carry_out(self) -> bool:
        """Do what `carry_out` does, but raise `Outage`."""
        reached: int | None = 0
        is_good = True
        while reached is not None:
            with self._writer:
                if self._closed:
                    return False
                with self._write.begin() as session:
                    progress = deferred_file_changes.carry_out(session, self.data_folder, reached)
            reached, is_good = progress.reached, is_good and progress.is_good
            if reached is not None:
                time.sleep(BREATH)
        return is_good

    def settle(self, path: Path) -> None:
        """Carry out the pending changes to a folder.

        :param path: the folder.
        :raises OSError: a change cannot be carried out yet.
        :raises Outage: the database cannot be used now.
        """
        if self._is_pending(path):
            self._carry_out()
            if self._is_pending(path):
                raise OSError(f"files of {path} cannot be removed or copied yet")

    def _is_pending(self, path: Path) -> bool:
        """Return True if a committed change to a folder is pending."""
        with self.reading() as tx:
            return bool(deferred_file_changes.pending(tx.session, self.data_folder, path))

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Block the writers of this process, so that the database and the files stay the same.

        :returns: a context manager that holds the write lock.
        """
        with self._writer:
            yield

    def save(self, path: Path) -> None:
        """Copy the database to a new SQLite file, also while others write to it.

        An error of SQLite may be raised as ``sqlite3.Error``.

        :param path: the file.
        :raises DBAPIError: the database cannot be read, or the file cannot be written.
        """
        self._dialect.save(path)

    def load(self, path: Path) -> None:
        """Replace the content of the database by that of a file which `save` has written.

        An error of SQLite may be raised as ``sqlite3.Error``.

        :param path: the file.
        :raises DBAPIError: the file cannot be read, or the database cannot be written.
        """
        self._dialect.load(path)

    def time(self) -> float:
        """Return the current time of the service's clock.

        :returns: unix time in seconds, UTC.
        """
        return self._clock()

    @property
    def seconds_since_write(self) -> float:
        """Seconds since this process has committed; infinite if it has not yet, or could not after that."""
        return time.monotonic() - self._written

    def version(self) -> int:
        """Return a number that changes with every commit of any process.

        :returns: the number; it only tells whether two calls have the same version.
        """
        return self._dialect.version()

    def close(self) -> None:
        """Close all connections; later writing transactions fail."""
        with self._writer:
            self._closed = True
        self._dialect.close()

    def _transaction(self, session: Session, *, is_of_builder: bool = False) -> Transaction:
        """Return a transaction on a session, with the current time."""
        return Transaction(
            session, self.data_folder, self._clock(), self._default_timeout, self._sender, is_of_builder
        )
