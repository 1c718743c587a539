"""The dispatcher: starts steps of the queue while a builder is free, and cancels steps of cancelled builds.

    dispatcher   one thread: claims steps, and cancels running ones
    builders     one thread for each running step (`step_run.py`), up to a limit
    maintenance  one thread: work that is not urgent (`maintenance.py`)

- The queue is in the database. The dispatcher polls it after every commit of this process, so a new build
  starts within milliseconds. Maintenance polls it after a commit that leaves something to do. Both also poll
  it every few seconds, for commits of other processes and for what has expired.
- `stop` requeues unfinished steps. If the process dies, the next start requeues them.
- The dispatcher renews the leases of the running steps. It requeues steps whose leases have ended: those of a
  worker that is frozen or dead, and those whose end could not be recorded.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..builders.builder import Builder
from ..data.database import Database, Transaction
from ..data.outages import Outage
from ..rules import leases, queue, queue_order
from ..rules.errors import Overtaken
from ..rules.queue import Step
from .maintenance import POLL_INTERVAL, Maintenance
from .setbacks import Setbacks
from .step_run import StepRun, abandon
from .step_tasks import AnyTask, directory_of, task_of
from .transitions import Transitions

TIME_TO_STOP = 1.5  # seconds that `stop` waits for the builders
RENEWALS = 3  # how often a lease is renewed before it would end

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Running:
    """A running step and its thread."""

    run: StepRun
    thread: threading.Thread


class Worker:
    """The threads that build the queued steps of one data folder.

    :param database: the database with the queue; each commit of this process wakes the threads.
    :param builder: functions that build sources and chroots, and write repository metadata.
    :param builders: largest number of steps that run at the same time; with 0, all steps stay in the queue.
    """

    def __init__(self, database: Database, builder: Builder, builders: int) -> None:
        self._database = database
        self._builder = builder
        self._builders = builders
        self._running: dict[Step, _Running] = {}
        self._next_renewal = time.monotonic()  # of the leases
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._transitions = Transitions(database, self._stopping)
        self._setbacks = Setbacks()
        self._work = threading.Event()
        self._chores = threading.Event()
        self._maintenance = Maintenance(database, builder.update_repository)
        self._dispatcher_thread = self._thread("dispatcher", self._work, self._dispatch)
        self._maintenance_thread = self._thread("maintenance", self._chores, self._maintenance.run)

    def start(self) -> None:
        """Start the threads."""
        self._database.committed = self._committed
        self.wake()
        self._dispatcher_thread.start()
        self._maintenance_thread.start()

    def wake(self) -> None:
        """Make the threads poll the database now."""
        self._work.set()
        self._chores.set()

    def _committed(self, transaction: Transaction) -> None:
        """Wake the threads that may have work after a commit of this process."""
        self._work.set()
        if transaction.needs_maintenance:
            self._chores.set()

    def stop(self) -> None:
        """Stop the threads, and requeue the running steps.

        Builders get `TIME_TO_STOP` seconds to end. A step that still runs after that is requeued too.
        """
        self._stopping.set()
        self.wake()
        deadline = time.monotonic() + TIME_TO_STOP
        self._dispatcher_thread.join()
        with self._lock:
            running = list(self._running.values())
        for each in running:
            each.run.cancel()
        for thread in (self._maintenance_thread, *(each.thread for each in running)):
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            stuck = list(self._running)
        for step in stuck:
            log.warning("%s does not stop; it is requeued", step)
            with suppress(Outage, Overtaken):  # then the next start requeues it
                self._transitions.apply(step, queue.requeue)

    def _thread(self, name: str, news: threading.Event, poll: Callable[[], float]) -> threading.Thread:
        return threading.Thread(target=self._loop, args=(news, poll), name=f"copr-local-{name}", daemon=True)

    def _loop(self, news: threading.Event, poll: Callable[[], float]) -> None:
        """Call `poll` at each event, and after the seconds that it returned, until the worker stops."""
        pause = POLL_INTERVAL
        while not self._stopping.is_set():
            news.wait(pause)
            news.clear()
            if self._stopping.is_set():
                return
            try:
                pause = poll()
            except Exception:
                pause = POLL_INTERVAL
                log.exception("an error in the worker; it continues")

    def _dispatch(self) -> float:
        self._keep_leases()
        self._cancel()
        while self._start_one():
            pass
        return max(0.0, min(POLL_INTERVAL, self._next_renewal - time.monotonic()))

    def _keep_leases(self) -> None:
        """Renew the leases of the running steps, and requeue the steps of others whose leases have ended."""
        if time.monotonic() < self._next_renewal:
            return
        with self._lock:
            running = set(self._running)
        with self._database.reading() as tx:
            expired = leases.expired(tx) - running
        if running:
            with self._database.writing() as tx:
                leases.renew(tx, running)
        for step in expired:
            self._requeue_expired(step)
        self._next_renewal = time.monotonic() + leases.LEASE / RENEWALS

    def _requeue_expired(self, step: Step) -> None:
        log.warning("the lease of %s has ended; the step is requeued", step)
        try:
            self._transitions.apply(step, queue.resume)
        except (Outage, Overtaken) as error:
            log.warning("%s cannot be requeued: %s", step, error)
        except Exception as fault:
            abandon(step, self._find_directory(step), fault, self._transitions)

    def _cancel(self) -> None:
        """Cancel the running steps that were overtaken, or whose builds were cancelled or deleted."""
        with self._lock:
            running = dict(self._running)
        if not running:
            return
        with self._database.reading(is_consistent=False) as tx:
            cancelled = queue.cancelled(tx, running)
        for step in cancelled:
            running[step].run.cancel()

    def _start_one(self) -> bool:
        """Start the next step; return False if no step is queued or no builder is free."""
        with self._lock:
            if self._stopping.is_set() or len(self._running) >= self._builders:
                return False
        with self._database.reading(is_consistent=False) as tx:
            step = queue_order.next_step(tx)
        if step is None:
            return False
        try:
            self._start(step)
        except Outage:
            raise  # the database cannot be written; the next poll tries again
        except Exception as fault:
            abandon(step, self._find_directory(step), fault, self._transitions)
        return True

    def _start(self, step: Step) -> None:
        """Claim a step, and start a thread that runs it."""
        claimed: list[tuple[Step, AnyTask]] = []

        def claim(tx: Transaction, step: Step) -> None:
            claimed.append((queue.claim(tx, step, leases.LEASE), task_of(tx, step, self._builder.settings)))

        if not self._transitions.apply(step, claim):
            if self._setbacks.add(step) is None:
                raise RuntimeError("it is next in the queue, but cannot be claimed")
            return  # the step was cancelled meanwhile
        ((step, task),) = claimed
        run = StepRun(
            step,
            task,
            builder=self._builder,
            update_repository=self._maintenance.update_repository,
            transitions=self._transitions,
            setbacks=self._setbacks,
            clock=self._database.time,
        )
        name = f"copr-local-{step.build_id}-{step.chroot}"
        thread = threading.Thread(target=self._run, args=(run,), name=name, daemon=True)
        with self._lock:
            self._running[step] = _Running(run, thread)
        try:
            thread.start()
        except RuntimeError:  # the system cannot start another thread
            with self._lock:
                del self._running[step]
            raise

    def _run(self, run: StepRun) -> None:
        try:
            run.run()
        finally:
            with self._lock:
                del self._running[run.step]
            self._work.set()

    def _find_directory(self, step: Step) -> Path | None:
        try:
            with self._database.reading() as tx:
                return directory_of(tx, step)
        except Exception:
            log.exception("cannot find the folder of %s", step)
            return None
