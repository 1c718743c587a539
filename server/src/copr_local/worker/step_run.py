"""The run of one step, from its claim to its final state.

    claimed ─> begun ─> built ─> outcome recorded
       │         │        │          │
       └─────────┴────────┴──────────┴─ cancelled or deleted meanwhile: ended early

- The result or the error of a builder becomes an `Outcome`: a line for `backend.log`, and changes to record.
- A chroot is recorded as built after the metadata of its repository is written. So a client that reads the
  state `succeeded` can install the packages.
- An error in this program fails the step, and its text is added to the log. Other steps are not affected.
- A run whose step was claimed again, because its lease ended, changes nothing any more.
- If the database fails while a step runs, the step is requeued as soon as the database works again.
- If the service stops while the database cannot be written, the state of the step does not change. The next
  start requeues the step.
- If the results of a requeued chroot are complete, they are used instead of building again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ..builders.builder import Builder
from ..builders.log import LIVE, add_events, add_line
from ..builders.results import read_results, withdraw
from ..builders.tasks import (
    AnyTask,
    BuildCancelled,
    BuildFailed,
    BuildSkipped,
    BuiltPackage,
    ChrootTask,
    SourceTask,
)
from ..data.database import Transaction
from ..data.outages import Outage
from ..rules import interruptions, queue
from ..rules.errors import NotFound, Overtaken
from ..rules.queue import Step
from .setbacks import MOST, Setbacks
from .step_tasks import repository_of
from .transitions import Transition, Transitions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """The outcome of a build attempt.

    :param event: line for `backend.log`.
    :param transition: the change of the step's state to record.
    :param is_success: True if the build succeeded; otherwise its packages are removed.
    """

    event: str
    transition: Transition
    is_success: bool = False


class StepRun:
    """The run of one step, in its own thread.

    :param step: the step, already claimed.
    :param task: the builder's input, made from the step.
    :param builder: functions that build sources and chroots.
    :param update_repository: writes the metadata of the repository in a folder, and returns the RPMs that
        cannot be listed; raises OSError or BuildFailed if it is not possible.
    :param transitions: records changes of the step's state in the database.
    :param setbacks: counts runs of steps without an outcome.
    :param clock: returns the current unix time of the service, in seconds, UTC.
    :param is_received: True for a step that a builder elsewhere has begun, and whose results are to be
        checked and published now.
    """

    def __init__(
        self,
        step: Step,
        task: AnyTask,
        *,
        builder: Builder,
        update_repository: Callable[[Path], Mapping[str, str]],
        transitions: Transitions,
        setbacks: Setbacks,
        clock: Callable[[], float],
        is_received: bool = False,
    ) -> None:
        self.step = step
        self.task = task
        self._builder = builder
        self._update_repository = update_repository
        self._transitions = transitions
        self._setbacks = setbacks
        self._clock = clock
        self._is_received = is_received
        self._is_given_back = False  # True if a builder elsewhere was stopped

    def cancel(self) -> None:
        """Ask the builder to stop this step; do not wait for it."""
        self.task.cancelled.set()

    def run(self) -> None:
        """Build the step and record its final state.

        If the service stops before the state can be recorded, its next start requeues the step.
        Errors are logged, not raised.
        """
        try:
            if self._run():
                self._setbacks.forget(self.step)
            # After a stop, a builder elsewhere sends its results again.
            elif not (self._is_received and self._transitions.is_stopping):
                self._end_early()
        except Overtaken as error:
            log.warning("what became of a step is ignored: %s", error)
        except Outage as error:
            log.warning("the service stops before the state of %s is recorded: %s", self.step, error.orig)
        except Exception as fault:
            abandon(self.step, self.task.directory, fault, self._transitions)

    def _run(self) -> bool:
        """Build, and record the outcome; return False if the step was cancelled or deleted.

        A step whose outcome is unknown because the database failed is requeued.
        """
        try:
            if self._is_received:
                self._log_events("The builder has sent its results")
            else:
                self._log_events("Claimed by a builder", "Started")
            return self._attempt_and_finish()
        except Outage as error:
            log.warning("the database failed while %s ran; the step is requeued: %s", self.step, error.orig)
            if self._transitions.pause():
                raise
            return self._record(interruptions.resume)

    def _attempt_and_finish(self) -> bool:
        """Build, and record the outcome; return False if the step was cancelled or deleted."""
        try:
            return self._finish(self._attempt())
        except BuildCancelled as reason:
            self._is_given_back = self._is_received and not self.task.cancelled.is_set()
            if self._is_given_back and str(reason):
                return self._given_back(str(reason))
            return False
        except (Outage, Overtaken):
            raise
        except Exception as fault:
            log.exception("%s failed", self.step)
            if not self.task.cancelled.is_set():
                _note_fault(self.task.directory, fault)
            event = f"Failed because of an error in the local Copr: {fault!r}"
            return self._finish(Outcome(event, queue.fail))

    def _given_back(self, reason: str) -> bool:
        """Let a step fail that builders gave back too often; return False if it is to be requeued."""
        log.warning("%s is given back by its builder: %s", self.step, reason)
        if self._setbacks.add(self.step) is not None:
            return False
        self._setbacks.forget(self.step)
        text = f"builders have given it back {MOST} times, at last because {reason}"
        _note(self.task.directory, f"Build failed: {text}")
        return self._finish(Outcome(f"Failed: {text}", queue.fail))

    def _attempt(self) -> Outcome:
        try:
            if isinstance(self.task, SourceTask):
                return self._build_source(self.task)
            return self._build_chroot(self.task)
        except BuildSkipped as reason:
            log.info("%s is skipped: %s", self.step, reason)
            return Outcome(f"Skipped: {reason}", queue.skip)
        except BuildFailed as reason:
            log.info("%s failed: %s", self.step, reason)
            return Outcome(f"Failed: {reason}", queue.fail)

    def _build_source(self, task: SourceTask) -> Outcome:
        result = self._builder.build_source(task)
        with result.srpm.open("rb") as file:
            digest = hashlib.file_digest(file, "sha1").hexdigest()

        def built(tx: Transaction, step: Step) -> None:
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
            queue.imported(tx, step)

        return Outcome(f"Succeeded: {result.srpm.name}", built, is_success=True)

    def _build_chroot(self, task: ChrootTask) -> Outcome:
        packages = self._packages_of_last_run(task) or self._builder.build_chroot(task)
        skipped = self._update_repository(repository_of(task))
        folder = f"{task.directory.name}/"
        if mine := [path for path in skipped if path.startswith(folder)]:
            names = ", ".join(path.removeprefix(folder) for path in mine)
            reason = f"the repository cannot list {names}: {skipped[mine[0]]}"
            _note(task.directory, f"Build failed: {reason}")
            raise BuildFailed(reason)

        def built(tx: Transaction, step: Step) -> None:
            queue.chroot_built(tx, step, [asdict(package) for package in packages])

        return Outcome("Succeeded: the packages are in the repository", built, is_success=True)

    def _packages_of_last_run(self, task: ChrootTask) -> list[BuiltPackage]:
        """Return the packages that an interrupted run has built but not recorded."""
        packages = read_results(task.directory)
        if packages:
            line = "The build was interrupted here. Its results are complete, so it is not repeated."
            _note(task.directory, line)
        return packages

    def _finish(self, outcome: Outcome) -> bool:
        """Record an outcome; return False if the step was cancelled or deleted meanwhile."""
        if not outcome.is_success:
            self._record(self._withdraw)
        self._log_events(outcome.event)
        return self._record(outcome.transition)

    def _withdraw(self, tx: Transaction, step: Step) -> None:
        """Remove the packages of a failed or cancelled step, and keep the logs.

        They are removed in the transaction: no other builder can claim the step meanwhile.
        """
        queue.check_claim(tx, step)
        if isinstance(self.task, ChrootTask) and withdraw(self.task.directory):
            tx.update_repository(repository_of(self.task))

    def _end_early(self) -> None:
        """Record the end of a step that was cancelled, is to be requeued, or belongs to a deleted build."""
        self._log_events("Cancelled")
        if not (self._record(self._cancelled) or self._try_again()):
            self._record(self._forget)

    def _try_again(self) -> bool:
        """Requeue the step after a pause, or let it fail; return False if its build was deleted."""
        if not (self._transitions.is_stopping or self._is_given_back):
            pause = self._setbacks.add(self.step)
            if pause is None:
                self._setbacks.forget(self.step)
                text = f"it was started {MOST} times, and its outcome could not be recorded"
                abandon(self.step, self.task.directory, RuntimeError(text), self._transitions)
                return True
            self.task.cancelled.wait(pause)
        is_requeued = self._record(interruptions.requeue)
        if not is_requeued:
            self._setbacks.forget(self.step)
        return is_requeued

    def _cancelled(self, tx: Transaction, step: Step) -> None:
        """Record that a cancelled step has stopped."""
        queue.acknowledge_cancel(tx, step)
        self._withdraw(tx, step)

    def _forget(self, tx: Transaction, step: Step) -> None:
        """Remove the results of a deleted build."""
        with suppress(NotFound):
            queue.check_claim(tx, step)
            return  # it exists, and its end is recorded
        tx.discard(self.task.directory)
        if isinstance(self.task, ChrootTask):
            tx.update_repository(repository_of(self.task))

    def _record(self, transition: Transition) -> bool:
        return self._transitions.record(self.step, transition)

    def _log_events(self, *events: str) -> None:
        """Write lines to `backend.log`, unless the service is stopping: then the step will run again."""
        if not self._transitions.is_stopping:
            try:
                add_events(self.task.directory, self._clock(), *events)
            except OSError as error:
                log.warning("cannot log %r of build %d: %s", events, self.task.build_id, error)


def abandon(step: Step, directory: Path | None, fault: Exception, transitions: Transitions) -> None:
    """Record a step as failed because an error in this program prevents its start or its end.

    Errors are logged, not raised.

    :param step: the step.
    :param directory: folder of its results; None if it is not known.
    :param fault: the error; its text becomes the last line of the build's `builder-live.log`.
    :param transitions: records the state in the database.
    """
    log.error("%s is abandoned", step, exc_info=fault)
    if transitions.is_stopping:
        return  # the next start requeues it, and may have done so already
    if directory is not None:
        _note_fault(directory, fault)
    try:
        transitions.record(step, queue.abandon)
    except Exception:
        log.exception("cannot record the state of %s; it is requeued when its lease ends", step)


def _note_fault(directory: Path, fault: Exception) -> None:
    _note(directory, f"This is an error in the local Copr, not in the package: {fault!r}")


def _note(directory: Path, line: str) -> None:
    """Append a line to the `builder-live.log` of a build."""
    try:
        add_line(directory / LIVE, line)
    except OSError as error:
        log.warning("cannot log %r: %s", line, error)
