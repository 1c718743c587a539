"""Steps that builders on other machines build: their offers, their claims, and the results that they send.

A builder elsewhere offers a slot, and waits. The dispatcher answers offers in their order, each with the
claim of a step for its architectures and chroots, or with nothing when its time is up. Or a message broker
carries claims: then the builder has said how many slots it has, and free ones count as offers. The builder
accepts the claim before its lease ends. The claim is in the database, with its builder and its lease. So a
service can be restarted while builders build. Only the check of the results runs in this process
(`step_run.py`, with the functions of `builders.received`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..builders.tasks import Received
from ..filesystem.layout import SOURCE_BUILDS
from ..rules.queue import Step


class Signal:
    """Something that happens once, and that a thread or a request without a thread can wait for."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    def then(self, callback: Callable[[], None]) -> None:
        """Call a function when it happens, or now if it has happened.

        :param callback: the function; another thread may call it.
        """
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()

    def set(self) -> None:
        """Let it happen."""
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def wait(self, seconds: float) -> bool:
        """Wait for it in this thread.

        :param seconds: longest time to wait.
        :returns: True if it has happened.
        """
        return self._event.wait(seconds)


@dataclass(eq=False)
class Offer:
    """A free slot of a builder elsewhere.

    :param builder: name of the builder.
    :param arches: architectures that it builds for.
    :param limits: lists of patterns of chroots, as `queue_order.next_step` takes them.
    :param until: when it wants an answer, by the monotonic clock.
    :param ended: signal for the answer.
    :param step: the step that it gets, with its claim; None until then, and if there is none.
    :param queue: the builder's queue at the message broker; None for a request that waits.
    """

    builder: str
    arches: tuple[str, ...]
    limits: tuple[tuple[str, ...], ...] = ()
    until: float = 0.0
    ended: Signal = field(default_factory=Signal)
    step: Step | None = None
    queue: str | None = None


def path_of(step: Step) -> str:
    """Return the path of a claim, which all requests about it begin with.

    :param step: the step, with the claim of the builder.
    :returns: the path at this service.
    """
    return f"/builder/claims/{step.build_id}/{step.chroot or SOURCE_BUILDS}/{step.claim}"


def files_of(received: Path, step: Step) -> Path:
    """Return the folder for the files that a builder sends. It may send them to several service processes.

    :param received: folder of the unfinished files of all processes.
    :param step: the step, with the claim of the builder.
    :returns: the folder; it need not exist.
    """
    return received / f"claim-{step.build_id}-{step.chroot or SOURCE_BUILDS}-{step.claim}"


class Carrier(Protocol):
    """A message broker that carries claims to builders."""

    @property
    def is_ready(self) -> bool:
        """True if it can take claims now."""

    def send(self, queue: str, path: str) -> None:
        """Send a claim; return at once.

        :param queue: name of the builder's queue.
        :param path: path of the claim.
        """


class RemoteSteps:
    """The offers that wait, and the results that are checked now.

    `changed` is called after each new offer or result, and when the carrier can take claims; the dispatcher
    sets it. `carrier` is None without a message broker.
    """

    def __init__(self) -> None:
        self.changed: Callable[[], None] = lambda: None
        self.carrier: Carrier | None = None
        self._lock = threading.Lock()
        self._offers: list[Offer] = []
        self._results: dict[Step, tuple[Received, Signal]] = {}
        self._new: list[Step] = []

    def wake(self) -> None:
        """Say that something has changed."""
        self.changed()

    def add(self, offer: Offer) -> None:
        """Let an offer wait for a step.

        :param offer: the offer.
        """
        with self._lock:
            self._offers.append(offer)
        self.changed()

    def withdraw(self, offer: Offer) -> None:
        """Remove an offer that nobody waits for any more.

        :param offer: the offer; it may have been answered.
        """
        with self._lock:
            if offer in self._offers:
                self._offers.remove(offer)

    def waiting(self) -> list[Offer]:
        """Return the offers that wait, in their order; answer those whose time is up.

        :returns: the offers.
        """
        now = time.monotonic()
        with self._lock:
            late = [offer for offer in self._offers if offer.until <= now]
            self._offers = [offer for offer in self._offers if offer.until > now]
            left = list(self._offers)
        for offer in late:
            offer.ended.set()
        return left

    def answer(self, offer: Offer, step: Step) -> None:
        """Answer an offer with a step, or send the step to the builder.

        :param offer: the offer.
        :param step: the step, with the claim of the builder.
        """
        if offer.queue is not None and self.carrier is not None:
            self.carrier.send(offer.queue, path_of(step))
            return
        self.withdraw(offer)
        offer.step = step
        offer.ended.set()

    def pause(self) -> float:
        """Return the seconds until the time of the next offer is up.

        :returns: the seconds; infinity without an offer.
        """
        with self._lock:
            soonest = min((offer.until for offer in self._offers), default=float("inf"))
        return max(0.0, soonest - time.monotonic())

    def receive(self, step: Step, received: Received) -> Signal:
        """Let the results of a step be checked and published; those of one claim only once.

        :param step: the step, with the claim of its builder.
        :param received: the results.
        :returns: a signal for the end of it.
        """
        with self._lock:
            if step not in self._results:
                self._results[step] = received, Signal()
                self._new.append(step)
            _, signal = self._results[step]
        self.changed()
        return signal

    def take_results(self) -> list[tuple[Step, Received]]:
        """Return the results that have arrived since the last call.

        :returns: the steps with their results, each once.
        """
        with self._lock:
            new, self._new = self._new, []
            return [(step, self._results[step][0]) for step in new]

    def finished(self, step: Step) -> None:
        """Say that the results of a step are dealt with.

        :param step: the step.
        """
        with self._lock:
            _, signal = self._results.pop(step, (None, None))
        if signal is not None:
            signal.set()
