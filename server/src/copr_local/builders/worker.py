"""The worker: hands the queue's steps to builders, and brings back what they made.

    dispatcher   one thread: claims steps while a builder is free, and tells those of cancelled steps to stop
    builders     one thread for each step at work, at most as many as asked for
    housekeeper  one thread: what is not urgent (`housekeeper.py`)

- The database says what is to be done; the threads only look. They look after every commit of this process
  (`wake`), so a submission starts within milliseconds, and every few seconds in case that was missed.
- A chroot is reported as built once its repository's metadata is written: who reads `succeeded` can install.
- A step that this program itself cannot go on with, through a fault in it, fails and says so in its log:
  nothing else waits for it.
- `stop` puts unfinished steps back into the queue. A process that dies has them put back at the next start.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.exc import OperationalError

from ..db import Database, Transaction
from ..rules import queue, results
from ..rules.errors import Conflict, NotFound
from ..rules.queue import Step
from .housekeeper import LOOK_ANYWAY, Housekeeper
from .log import LIVE, add_event, add_line
from .results import read_results, withdraw
from .settings import DEFAULTS, Settings
from .steps import directory_of, repository_of, task_of
from .tasks import (
    BuildCancelled,
    BuildFailed,
    BuildSkipped,
    BuiltPackage,
    ChrootTask,
    SourceResult,
    SourceTask,
)

REPORT_AGAIN = 1.0  # seconds
TIME_TO_STOP = 1.5  # seconds for builders to end what they are at

AnyTask = SourceTask | ChrootTask

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Builder:
    """The three things that a builder does.

    A build raises `BuildFailed`, `BuildSkipped` or `BuildCancelled`. Several threads may ask for the metadata
    of one folder at once.
    """

    build_source: Callable[[SourceTask], SourceResult]
    build_chroot: Callable[[ChrootTask], list[BuiltPackage]]
    update_repository: Callable[[Path], None]
    settings: Settings = DEFAULTS


def rpm_builder(settings: Settings | None = None) -> Builder:
    """The builder that really builds: rpmbuild, and createrepo_c."""
    from . import repository, rpmbuild, source

    settings = settings or DEFAULTS
    return Builder(
        partial(source.build_source, settings=settings),
        partial(rpmbuild.build_chroot, settings=settings),
        repository.update_repository,
        settings,
    )


@dataclass
class _AtWork:
    """A step in the hands of a builder."""

    task: AnyTask
    thread: threading.Thread


class Worker:
    """Runs the builders of one data folder.

    :param database: where the queue is; the worker hears of every commit there.
    :param builders: how many steps may run at once; 0 lets everything wait.
    """

    def __init__(self, database: Database, builder: Builder, builders: int) -> None:
        self._database = database
        self._builder = builder
        self._builders = builders
        self._at_work: dict[Step, _AtWork] = {}
        self._turns: dict[int, int] = {}  # project -> number of its last turn
        self._counter = itertools.count(1)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._news = threading.Event()
        self._litter = threading.Event()
        self._dispatcher = self._thread("dispatcher", self._news, self._dispatch)
        self._house = Housekeeper(database, builder.update_repository)
        self._housekeeper = self._thread("housekeeper", self._litter, self._house.look)

    def start(self) -> None:
        """Start the threads."""
        self._database.committed = self.wake
        self.wake()
        self._dispatcher.start()
        self._housekeeper.start()

    def wake(self) -> None:
        """Say that there may be something to do."""
        self._news.set()
        self._litter.set()

    def stop(self) -> None:
        """End the threads; steps at work are cancelled and put back into the queue."""
        self._stopping.set()
        self.wake()
        deadline = time.monotonic() + TIME_TO_STOP
        self._dispatcher.join()
        with self._lock:
            at_work = dict(self._at_work)
        for work in at_work.values():
            work.task.cancelled.set()
        for thread in (self._housekeeper, *(work.thread for work in at_work.values())):
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            stuck = list(self._at_work)
        for step in stuck:
            log.warning("%s does not stop; it is queued again", step)
            with suppress(OperationalError):  # then the next start queues it
                self._carry_out(step, queue.requeue)

    def _thread(self, name: str, news: threading.Event, look: Callable[[], float]) -> threading.Thread:
        return threading.Thread(target=self._loop, args=(news, look), name=f"copr-local-{name}", daemon=True)

    def _loop(self, news: threading.Event, look: Callable[[], float]) -> None:
        pause = LOOK_ANYWAY
        while not self._stopping.is_set():
            news.wait(pause)
            news.clear()
            if self._stopping.is_set():
                return
            try:
                pause = look()
            except Exception:
                pause = LOOK_ANYWAY
                log.exception("the worker goes on after an error")

    # The dispatcher

    def _dispatch(self) -> float:
        self._stop_cancelled()
        while self._start_one():
            pass
        return LOOK_ANYWAY

    def _stop_cancelled(self) -> None:
        with self._lock:
            at_work = dict(self._at_work)
        if not at_work:
            return
        with self._database.reading() as tx:
            cancelled = queue.cancelled(tx, at_work)
        for step in cancelled:
            at_work[step].task.cancelled.set()

    def _start_one(self) -> bool:
        """Hand one step to a builder, if there is a step and a builder."""
        with self._lock:
            if self._stopping.is_set() or len(self._at_work) >= self._builders:
                return False
        with self._database.reading() as tx:
            step = queue.next_step(tx, self._turns)
        if step is None:
            return False
        try:
            self._start(step)
        except OperationalError:
            raise  # the database cannot be written: later
        except Exception as error:
            self._give_up(step, error)
        return True

    def _start(self, step: Step) -> None:
        tasks: list[AnyTask] = []

        def take(tx: Transaction, step: Step) -> None:
            self._turns[queue.claim(tx, step)] = next(self._counter)
            tasks.append(task_of(tx, step, self._builder.settings))

        if not self._carry_out(step, take):
            return  # it was cancelled this very moment
        task = tasks[0]
        thread = threading.Thread(
            target=self._run, args=(step, task), name=f"copr-local-{step.build_id}-{step.chroot}", daemon=True
        )
        with self._lock:
            self._at_work[step] = _AtWork(task, thread)
        try:
            thread.start()
        except RuntimeError:  # this machine has no room for another thread
            with self._lock:
                del self._at_work[step]
            raise

    # The builders

    def _run(self, step: Step, task: AnyTask) -> None:
        try:
            self._tell(task, "A builder has claimed this")
            if self._advance(step, task, queue.begin):
                self._tell(task, "Begun")
                self._build(step, task)
        except OperationalError as error:
            log.warning("the service ends before %s; the next begins with it anew: %s", step, error.orig)
        except Exception as error:
            self._give_up(step, error)
        finally:
            with self._lock:
                del self._at_work[step]
            self.wake()

    def _give_up(self, step: Step, fault: Exception) -> None:
        """End a step that cannot be brought on its way, or to an end, through a fault of this program."""
        log.error("%s is given up", step, exc_info=fault)
        if self._stopping.is_set():
            return  # the next start begins with it anew, and may have begun already
        try:
            with self._database.reading() as tx:
                directory = directory_of(tx, step)
            _note_fault(directory, fault)
        except Exception:
            log.exception("the log of %s does not say why", step)
        try:
            self._report(step, queue.abandon)
        except Exception:
            log.exception("%s stays as it is until the next start", step)

    def _build(self, step: Step, task: AnyTask) -> None:
        try:
            if isinstance(task, SourceTask):
                self._source_built(step, task, self._builder.build_source(task))
            else:
                self._build_chroot(step, task)
        except BuildCancelled:
            self._ended_early(step, task)
        except BuildSkipped as reason:
            log.info("%s is skipped: %s", step, reason)
            self._end(step, task, queue.skip, f"Skipped: {reason}")
        except BuildFailed as reason:
            log.info("%s failed: %s", step, reason)
            self._end(step, task, queue.fail, f"Failed: {reason}")
        except OperationalError:
            raise
        except Exception as fault:
            log.exception("%s failed", step)
            if not task.cancelled.is_set():
                _note_fault(task.directory, fault)
            self._end(step, task, queue.fail, f"Failed by a fault of the local Copr: {fault!r}")

    def _source_built(self, step: Step, task: SourceTask, result: SourceResult) -> None:
        with result.srpm.open("rb") as file:
            digest = hashlib.file_digest(file, "sha1").hexdigest()

        def bring(tx: Transaction, step: Step) -> None:
            queue.source_built(
                tx,
                step,
                package=result.name,
                version=result.version,
                srpm=result.srpm.name,
                srpm_digest=digest,
                exclusive_arch=result.exclusive_arch,
                exclude_arch=result.exclude_arch,
            )

        if self._end(step, task, bring, f"Succeeded: {result.srpm.name}"):
            self._advance(step, task, queue.imported)

    def _results(self, task: ChrootTask) -> list[BuiltPackage]:
        """What was built already, by a service that was killed before it could say so."""
        packages = read_results(task.directory)
        if packages:
            _note(
                task.directory, "The service was ended here. It found the results complete when it came back."
            )
        return packages

    def _build_chroot(self, step: Step, task: ChrootTask) -> None:
        def bring(tx: Transaction, step: Step) -> None:
            queue.chroot_built(tx, step, [asdict(package) for package in packages])

        try:
            packages = self._results(task) or self._builder.build_chroot(task)
            self._house.update_repository(repository_of(task))
            done = self._end(step, task, bring, "Succeeded: the packages are in the repository")
        except OperationalError:
            raise  # the next start finds the packages
        except Exception:
            self._withdraw(step, task)
            raise
        if not done:
            self._withdraw(step, task)

    def _withdraw(self, step: Step, task: ChrootTask) -> None:
        """Take packages back that are not to be published after all."""
        if withdraw(task.directory):
            self._report(step, lambda tx, _: results.update_repository(tx, repository_of(task)))

    def _end(
        self, step: Step, task: AnyTask, transition: Callable[[Transaction, Step], None], event: str
    ) -> bool:
        """Bring a step to its end, as its `backend.log` says by then; the answer is that of `_advance`."""
        self._tell(task, event)
        return self._advance(step, task, transition)

    def _tell(self, task: AnyTask, event: str) -> None:
        """Write into the `backend.log` of a task, unless the service stops: then the task begins anew."""
        if not self._stopping.is_set():
            try:
                add_event(task.directory, self._database.time(), event)
            except OSError as error:
                log.warning("%s is not in the log of build %d: %s", event, task.build_id, error)

    def _advance(self, step: Step, task: AnyTask, transition: Callable[[Transaction, Step], None]) -> bool:
        """Carry out a transition of a step at work; False if the step was ended from outside meanwhile."""
        done = self._report(step, transition)
        if not done:
            self._ended_early(step, task)
        return done

    def _ended_early(self, step: Step, task: AnyTask) -> None:
        """A step was cancelled, or the service stops, or the build was deleted meanwhile."""
        self._tell(task, "Cancelled")
        if self._report(step, queue.acknowledge_cancel) or self._report(step, queue.requeue):
            return

        def forget(tx: Transaction, _step: Step) -> None:
            tx.discard(task.directory)
            if isinstance(task, ChrootTask):
                results.update_repository(tx, repository_of(task))

        self._report(step, forget)

    def _report(self, step: Step, transition: Callable[[Transaction, Step], None]) -> bool:
        """Carry out a transition, however long the database cannot be written: a full disk has its end.

        Where the service stops before that, the next one begins with the step anew.
        """
        while True:
            try:
                return self._carry_out(step, transition)
            except OperationalError as error:
                log.warning("what became of %s cannot be written yet: %s", step, error.orig)
                if self._stopping.wait(REPORT_AGAIN):
                    raise

    def _carry_out(self, step: Step, transition: Callable[[Transaction, Step], None]) -> bool:
        """Carry out a transition; False if the step is not in a state for it any more."""
        try:
            with self._database.writing() as tx:
                transition(tx, step)
        except (Conflict, NotFound) as error:
            log.debug("%s: %s", step, error)
            return False
        return True


def _note_fault(directory: Path, fault: Exception) -> None:
    _note(directory, f"This is a fault of the local Copr, and not of the package: {fault!r}")


def _note(directory: Path, line: str) -> None:
    """Put a line at the end of the log that people read."""
    try:
        add_line(directory / LIVE, line)
    except OSError as error:
        log.warning("%s is not in its log: %s", line, error)
