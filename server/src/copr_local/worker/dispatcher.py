"""The dispatcher: starts steps of the queue while a builder is free, and cancels steps of cancelled builds.

    dispatcher   one thread: claims steps, and cancels running ones
    builders     one thread for each running step (`step_run.py`), up to a limit; also one for each step
                 that a builder elsewhere has built, and whose results are checked (`remote_steps.py`)
    maintenance  one thread: work that is not urgent (`maintenance.py`)

- The queue is in the database. The dispatcher polls it after every commit of this process, and with
  PostgreSQL of other ones, so a new build starts within milliseconds. Maintenance polls it after a commit
  that leaves something to do. Both also poll it every few seconds, for what has expired.
- Of several service processes, only the leader starts builds of its own, requeues lost steps, and does
  maintenance. All give steps to the builders elsewhere that ask them, and check what these send.
- `stop` requeues unfinished steps. If the process dies, the next start or the next leader requeues them: it
  finds their claims next to the lock of the dead process (`dead_processes.py`).
- The dispatcher renews the leases of the running steps. It requeues steps whose leases have ended: those of a
  worker that is frozen or dead, and those whose end could not be recorded.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import IO

from ..builders.builder import Builder
from ..builders.log import add_events
from ..builders.tasks import AnyTask, ChrootTask, Received
from ..data.database import Database, Transaction
from ..data.outages import Outage
from ..filesystem.file_lock import try_lock
from ..filesystem.layout import complete_results
from ..rules import builders, interruptions, leases, queue, queue_order, step_states
from ..rules.errors import NotFound, Overtaken
from ..rules.queue import Step
from .maintenance import POLL_INTERVAL, Maintenance
from .remote_steps import Offer, RemoteSteps, files_of
from .setbacks import Setbacks
from .step_run import StepRun, abandon
from .step_tasks import directory_of, task_of
from .transitions import Transitions

TIME_TO_STOP = 1.5  # seconds that `stop` waits for the builders
RENEWALS = 3  # how often a lease is renewed before it would end

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Running:
    """A running step and its thread.

    `is_received` is True if a builder elsewhere has built it, and its results are checked now.
    """

    run: StepRun
    thread: threading.Thread
    is_received: bool


class Worker:
    """The threads that build the queued steps of one data folder.

    :param database: the database with the queue; each commit of this process wakes the threads.
    :param builder: functions that build sources and chroots, and write repository metadata.
    :param builders: largest number of steps that run at the same time; with 0, all steps stay in the queue,
        or are left to builders elsewhere.
    :param remote: the steps of builders elsewhere; None without them.
    """

    def __init__(
        self, database: Database, builder: Builder, builders: int, remote: RemoteSteps | None = None
    ) -> None:
        self._database = database
        self._builder = builder
        self._builders = builders
        self._remote = remote or RemoteSteps()
        self._running: dict[Step, _Running] = {}
        self._received: dict[Step, IO[bytes]] = {}  # locks of the results that this process checks
        self._next_renewal = self._next_cancel = time.monotonic()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._transitions = Transitions(database, self._stopping)
        self._setbacks = Setbacks()
        self._work = threading.Event()
        self._may_be_cancelled = threading.Event()  # set if running steps may have been cancelled
        self._chores = threading.Event()
        self._maintenance = Maintenance(database, builder.update_repository)
        self._dispatcher_thread = self._thread("dispatcher", self._work, self._dispatch)
        self._maintenance_thread = self._thread("maintenance", self._chores, self._maintenance.run)

    def start(self) -> None:
        """Start the threads."""
        self._database.committed = self._committed
        self._database.others_committed = self._others_committed
        self._remote.changed = self._work.set
        self.wake()
        self._dispatcher_thread.start()
        self._maintenance_thread.start()

    @property
    def is_alive(self) -> bool:
        """True if the threads run that start builds and do maintenance."""
        return self._dispatcher_thread.is_alive() and self._maintenance_thread.is_alive()

    def wake(self) -> None:
        """Make the threads poll the database now."""
        self._may_be_cancelled.set()
        self._work.set()
        self._chores.set()

    def _committed(self, transaction: Transaction) -> None:
        """Wake the threads that may have work after a commit of this process."""
        if not transaction.is_of_builder:
            self._may_be_cancelled.set()
        self._work.set()
        if transaction.needs_maintenance:
            self._chores.set()

    def _others_committed(self, needs_maintenance: bool) -> None:
        """Do the same after a commit of another process."""
        self._may_be_cancelled.set()
        self._work.set()
        if needs_maintenance:
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
            stuck = [step for step, each in self._running.items() if not each.is_received]
        for step in stuck:
            log.warning("%s does not stop; it is requeued", step)
            with suppress(Outage, Overtaken):  # then the next start requeues it
                self._transitions.apply(step, interruptions.requeue)

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
        for step, received in self._remote.take_results():
            self._receive(step, received)
        while self._database.is_leading() and self._start_one():
            pass
        self._answer_offers()
        return max(0.0, min(POLL_INTERVAL, self._next_renewal - time.monotonic(), self._remote.pause()))

    def _keep_leases(self) -> None:
        """Renew the leases of the running steps. The leader requeues the steps whose leases have ended."""
        if time.monotonic() < self._next_renewal:
            return
        with self._lock:
            running = set(self._running)
        with self._database.reading() as tx:
            expired = leases.expired(tx) - running if self._database.is_leading() else set()
        if running:
            with self._database.writing() as tx:
                leases.renew(tx, running)
        for step in expired:
            self._requeue_expired(step)
        self._next_renewal = time.monotonic() + leases.LEASE / RENEWALS

    def _requeue_expired(self, step: Step) -> None:
        log.warning("the lease of %s has ended; the step is requeued", step)
        self._forget(step)
        try:
            self._transitions.apply(step, interruptions.resume)
        except (Outage, Overtaken) as error:
            log.warning("%s cannot be requeued: %s", step, error)
        except Exception as fault:
            abandon(step, self._find_directory(step), fault, self._transitions)

    def _cancel(self) -> None:
        """Cancel the running steps that were overtaken, or whose builds were cancelled or deleted."""
        if not self._may_be_cancelled.is_set() and time.monotonic() < self._next_cancel:
            return
        self._may_be_cancelled.clear()
        self._next_cancel = time.monotonic() + POLL_INTERVAL  # for commits of other processes
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
            own = [each for each in self._running.values() if not each.is_received]
            if self._stopping.is_set() or len(own) >= self._builders:
                return False
        with self._database.reading(is_consistent=False) as tx:
            step = queue_order.next_step(tx)
            if step is not None and step.chroot is not None:
                step = self._own(tx, step)
        if step is None:
            return False
        with self._abandoning(step):
            if claimed := self._claim(step):
                self._start(*claimed, self._builder)
        return True

    def _own(self, tx: Transaction, step: Step) -> Step | None:
        """Return another step if builders elsewhere are there for the architecture of this one."""
        left = builders.arches_left_by(tx, os.uname().machine, str(step.chroot))
        return step if left is None else queue_order.next_step(tx, left)

    def _answer_offers(self) -> None:
        """Give steps to the builders elsewhere that wait for one, or have free slots."""
        in_vain = set()
        for offer in (*self._remote.waiting(), *self._free_slots()):
            wish = (offer.arches, offer.limits)
            if wish in in_vain:
                continue
            with self._database.reading() as tx:
                if not builders.is_taking(tx, offer.builder):
                    continue
                step = queue_order.next_step(tx, *wish)
            if step is None:
                in_vain.add(wish)
                continue
            with self._abandoning(step):
                self._hand_out(step, offer)

    def _free_slots(self) -> list[Offer]:
        """Return an offer for each free slot that a message broker brings steps to; idle builders first."""
        carrier = self._remote.carrier
        if carrier is None or not carrier.is_ready or not self._database.is_leading():
            return []
        found = []
        with self._database.reading() as tx:
            for builder, free in builders.with_free_slots(tx):
                wish = builder.offer or {}
                limits = (tuple(builder.chroots), tuple(wish["chroots"]))
                offer = partial(Offer, builder.name, tuple(wish["arches"]), limits)
                queue = builders.queue_of(builder)
                found += [(number, builder.name, offer(queue=queue)) for number in free]
        return [offer for _, _, offer in sorted(found, key=itemgetter(0, 1))]

    def _hand_out(self, step: Step, offer: Offer) -> None:
        """Claim a step for a builder elsewhere, which has to accept it before the lease ends."""
        claimed = self._claim(step, offer)
        if claimed is None:
            return
        step, task = claimed
        if isinstance(task, ChrootTask) and complete_results(task.directory):
            # An interrupted run has built it; it only has to be recorded.
            if self._transitions.apply(step, queue.begin):
                self._receive(step, Received("succeeded", "", files=Path()))
            return
        with suppress(OSError):
            add_events(task.directory, self._database.time(), f"Claimed by the builder {offer.builder}")
        self._remote.answer(offer, step)

    def _claim(self, step: Step, offer: Offer | None = None) -> tuple[Step, AnyTask] | None:
        """Claim a step; return None if it was cancelled, or another process was faster.

        A step of this process runs with that.
        """
        claimed: list[tuple[Step, AnyTask]] = []

        def claim(tx: Transaction, step: Step) -> None:
            step = queue.claim(tx, step, leases.LEASE, None if offer is None else offer.builder)
            if offer is None:
                queue.begin(tx, step)
            claimed.append((step, task_of(tx, step, self._builder.settings)))

        if self._transitions.apply(step, claim):
            return claimed[0]
        with self._database.reading() as tx:
            is_waiting = step_states.is_waiting(tx, step)
        if is_waiting and self._setbacks.add(step) is None:
            raise RuntimeError("it is next in the queue, but cannot be claimed")
        return None

    def _receive(self, step: Step, received: Received) -> None:
        """Start to check and publish the results of a builder elsewhere, unless another process does."""
        lock = try_lock(_lock_of(files_of(self._database.data_folder.received, step)))
        if lock is None:
            self._remote.finished(step)
            return
        self._received[step] = lock
        try:
            with self._database.reading() as tx:
                queue.check_claim(tx, step)
                task = None if step_states.has_ended(tx, step) else task_of(tx, step, self._builder.settings)
        except (NotFound, Overtaken):
            task = None
        if task is None:
            self._forget(step)
            return
        from ..builders.received import receiver  # a service without builders elsewhere does not need it

        with self._abandoning(step):
            self._start(step, task, receiver(self._builder, received), is_received=True)

    @contextmanager
    def _abandoning(self, step: Step) -> Iterator[None]:
        """Let a step fail if an error in this program prevents its start."""
        try:
            yield
        except Outage:
            raise  # the database cannot be used; the next poll tries again
        except Exception as fault:
            abandon(step, self._find_directory(step), fault, self._transitions)
            self._forget(step)

    def _start(self, step: Step, task: AnyTask, builder: Builder, *, is_received: bool = False) -> None:
        """Start a thread that runs a claimed step."""
        run = StepRun(
            step,
            task,
            builder=builder,
            update_repository=self._maintenance.update_repository,
            transitions=self._transitions,
            setbacks=self._setbacks,
            clock=self._database.time,
            is_received=is_received,
        )
        name = f"copr-local-{step.build_id}-{step.chroot}"
        thread = threading.Thread(target=self._run, args=(run, is_received), name=name, daemon=True)
        with self._lock:
            self._running[step] = _Running(run, thread, is_received)
            self._store_claims()
        try:
            thread.start()
        except RuntimeError:  # the system cannot start another thread
            with self._lock:
                del self._running[step]
                self._store_claims()
            raise

    def _store_claims(self) -> None:
        """Store what this process builds, for the one that finds it dead; the lock is held."""
        own = [step for step, each in self._running.items() if not each.is_received]
        claims = [(step.build_id, step.chroot, step.claim) for step in own]
        with suppress(OSError):  # then the steps wait for the end of their leases
            self._database.data_folder.store_claims(claims)

    def _run(self, run: StepRun, is_received: bool) -> None:
        try:
            run.run()
        finally:
            with self._lock:
                del self._running[run.step]
                self._store_claims()
            if is_received:
                self._forget(run.step)
            self._work.set()

    def _forget(self, step: Step) -> None:
        """Remove the files that a builder elsewhere has sent, and say that its results are dealt with."""
        data_folder = self._database.data_folder
        files = files_of(data_folder.received, step)
        # The lock ends here, also if the files cannot be removed: the builder sends its results again.
        with suppress(OSError), self._received.pop(step, None) or nullcontext() as lock:
            data_folder.discard(files)
            if lock is not None:
                _lock_of(files).unlink()
        self._remote.finished(step)

    def _find_directory(self, step: Step) -> Path | None:
        try:
            with self._database.reading() as tx:
                return directory_of(tx, step)
        except Exception:
            log.exception("cannot find the folder of %s", step)
            return None


def _lock_of(files: Path) -> Path:
    """Return the lock of the files that a builder elsewhere has sent."""
    return files.with_name(f"{files.name}.lock")
