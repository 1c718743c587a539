"""How the claims of steps come to a builder: as answers to requests that wait, or by a message broker.

Whatever brings a claim, the builder accepts it over HTTP before it builds.
"""

from __future__ import annotations

import logging
import queue
import re
import threading
from typing import TYPE_CHECKING, Any, Protocol

from ..broker.application import TASK, application, host_of, queue_of
from .disk import Disk
from .service import LONGEST_PAUSE, Refused, Service, Stopped, Wish

if TYPE_CHECKING:
    from celery import Celery

POLL = 20.0  # seconds that one request waits for a step
ANNOUNCE = 20.0  # seconds after which the service is told again how many slots there are
TIME_TO_STOP = 3.0  # seconds
FLAG_INTERVAL = 0.5  # seconds
_CLAIM = re.compile(r"/builder/claims/[0-9]+/[A-Za-z0-9._+-]+/[0-9]+")

log = logging.getLogger(__name__)


class Courier(Protocol):
    """Brings claims to the slots of a builder."""

    def start(self) -> None:
        """Begin to take claims."""

    def next(self) -> str | None:
        """Wait for a claim.

        :returns: the path of the claim; None if there is none yet.
        :raises Stopped: the builder is stopped.
        :raises Refused: the service does not take such a builder.
        """

    def stop(self) -> None:
        """End the waiting, after `stopping` of the service was set."""


class LongPolls:
    """Requests to the service that wait for a claim, one for each slot.

    :param service: the service.
    :param wish: what the builder wants to build.
    :param disk: the disk of the builder; if something is wrong with it, no claims are taken.
    """

    def __init__(self, service: Service, wish: Wish, disk: Disk) -> None:
        self._service = service
        self._wish = wish
        self._disk = disk

    def start(self) -> None:
        """Do nothing: each slot sends a request."""

    def next(self) -> str | None:
        """Wait for a claim.

        :returns: the path of the claim; None if there is none yet.
        :raises Stopped: the builder is stopped.
        :raises Refused: the service does not take such a builder.
        """
        trouble = self._disk.trouble()
        if not trouble:
            return self._service.claim(self._wish, POLL)
        self._service.report(self._wish, trouble)
        self._service.stopping.wait(LONGEST_PAUSE)
        return None

    def stop(self) -> None:
        """End the requests."""
        self._service.end_polls()


class QueueConsumer:
    """A Celery worker that reads claims from the queue of this builder at a message broker.

    The service is told how many slots there are while the worker is connected to the broker, and zero while
    it is not. It sends no more claims than there are free slots.

    :param url: URL of the broker.
    :param service: the service.
    :param wish: what the builder wants to build.
    :param slots: number of slots.
    :param disk: the disk of the builder; if something is wrong with it, no claims are taken.
    :raises ValueError: Celery is not installed, or the URL is not valid.
    """

    def __init__(self, url: str, service: Service, wish: Wish, slots: int, disk: Disk) -> None:
        self._app = application(url)
        self._host = host_of(url)
        self._service = service
        self._wish = wish
        self._slots = slots
        self._disk = disk
        self._claims: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._is_connected = False
        self._changed = threading.Event()
        self._worker: Any = None
        self._queue = ""
        self._announcing = threading.Thread(target=self._announce, name="copr-local-slots", daemon=True)
        self._consuming = threading.Thread(target=self._consume, name="copr-local-broker", daemon=True)
        self._app.task(self._take, name=TASK, shared=False)
        self._app.steps["consumer"].add(_step_that_says(self._connected))

    def start(self) -> None:
        """Start to tell the service about the slots; the worker starts when the service has answered."""
        self._announcing.start()

    def next(self) -> str | None:
        """Wait for a claim.

        :returns: the path of the claim; None if the builder is stopped.
        """
        return self._claims.get()

    def stop(self) -> None:
        """Tell the service that there are no more slots, and stop the worker."""
        self._changed.set()
        for _ in range(self._slots):
            self._claims.put(None)
        self._announcing.join(TIME_TO_STOP)
        if self._consuming.is_alive():
            _stop_worker(self._consuming)

    def _take(self, path: str) -> None:
        """Carry out the task of a message: give the claim to a slot."""
        if _CLAIM.fullmatch(path):
            self._claims.put(path)

    def _connected(self, is_connected: bool) -> None:
        self._is_connected = is_connected
        self._changed.set()

    def _announce(self) -> None:
        while not self._service.stopping.is_set():
            pause = ANNOUNCE
            try:
                trouble = self._disk.trouble()
                count = self._slots if self._is_connected and not trouble else 0
                name = self._service.offer(self._wish, count, trouble)
                if self._worker is None:
                    self._start_worker(name)
            except Stopped:
                break
            except Refused as refused:
                log.error("%s", refused)  # noqa: TRY400 - it is not an error of this program
                pause = LONGEST_PAUSE
            except Exception:
                log.exception("an error in the builder; it continues")
                pause = LONGEST_PAUSE
            self._changed.wait(pause)
            self._changed.clear()
        try:
            self._service.offer(self._wish, 0)
        except (Stopped, Refused):
            log.debug("the service was not told that this builder stops")
        self._service.close()

    def _start_worker(self, name: str) -> None:
        queues = self._app.amqp.queues
        queues.default_exchange = None  # Celery would bind the queue to an exchange that all programs share
        queues.add(queue_of(name))
        self._queue = name
        self._worker = _worker(self._app, name)
        self._consuming.start()

    def _consume(self) -> None:
        """Run the worker; it connects again when it has lost the broker."""
        self._app.set_current()  # of this thread: Celery looks for tasks there
        while True:
            self._worker.start()
            self._connected(False)
            if self._service.stopping.wait(LONGEST_PAUSE):
                return
            log.warning("the connection to the broker %s has ended; trying again", self._host)
            self._worker = _worker(self._app, self._queue)


def _worker(app: Celery, name: str) -> Any:
    """Return a worker for one queue, whose tasks run in its own thread: they only hand over a claim."""
    return app.WorkController(
        app=app,
        pool_cls="solo",
        concurrency=1,
        queues=[name],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )


def _stop_worker(thread: threading.Thread) -> None:
    """Stop the worker in a thread. Celery has one flag for this in a process; the worker looks at it.

    The flag is the exit status that Celery's own program would have, so 0 stops the worker, too.
    """
    from celery.worker import state

    state.should_stop = 0
    thread.join(TIME_TO_STOP)
    state.should_stop = None  # for other builders in this process


def _step_that_says(connected: Any) -> Any:
    """Return a step of Celery's consumer that says when the connection to the broker comes and goes."""
    from celery.bootsteps import StartStopStep

    class Connected(StartStopStep):  # type: ignore[misc]  # Celery has no types
        requires = ("celery.worker.consumer.tasks:Tasks",)

        def __init__(self, parent: Any, **options: Any) -> None:
            super().__init__(parent, **options)

        def start(self, parent: Any) -> None:
            # The loop of the consumer looks at the flag for its end at least this often.
            parent.timer.call_repeatedly(FLAG_INTERVAL, lambda: None)
            connected(True)

        def stop(self, parent: Any) -> None:
            connected(False)

    return Connected
