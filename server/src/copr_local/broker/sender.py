"""Sends claims to builders by a broker: one thread, so that nothing else waits for the broker."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from . import diagnosis
from .application import ANSWER, TASK, application, host_of, queue_of

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds between two attempts to reach the broker
TIME_TO_STOP = 2.0  # seconds

log = logging.getLogger(__name__)


class Sender:
    """The thread that sends claims.

    :param url: URL of the broker.
    :param ready: called after all claims were sent, and the broker can take more; another thread calls it.
    :param lease: seconds that a claim can be accepted; the broker drops messages that have waited longer.
    :raises ValueError: Celery is not installed, or the URL is not valid.
    """

    def __init__(self, url: str, ready: Callable[[], None], lease: float) -> None:
        self._app = application(url, ANSWER)
        self._host = host_of(url)
        self._ready = ready
        self._lease = lease
        self._messages: deque[tuple[str, str]] = deque()
        self._connection: Any = None
        self._producer: Any = None
        self._is_connected = False
        self._stopping = threading.Event()
        self._work = threading.Event()
        self._thread = threading.Thread(target=self._run, name="copr-local-sender", daemon=True)

    def start(self) -> None:
        """Start the thread, which connects to the broker."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread. The steps of claims that were not sent are queued again after their leases."""
        self._stopping.set()
        self._work.set()
        self._thread.join(TIME_TO_STOP)

    @property
    def is_ready(self) -> bool:
        """True if the broker answers, and has confirmed all claims that were sent."""
        return self._is_connected and not self._messages

    def send(self, queue: str, path: str) -> None:
        """Send a claim to a builder; return at once.

        :param queue: name of the builder's queue.
        :param path: path of the claim.
        """
        self._messages.append((queue, path))
        self._work.set()

    def _run(self) -> None:
        pause, said = FIRST_PAUSE, ""
        while not self._stopping.is_set():
            try:
                self._connect()
                pause, said = FIRST_PAUSE, ""
                self._send_all()
                self._ready()
                self._work.wait()
                self._work.clear()
            except Exception as error:  # kombu and its transports have many classes of errors
                self._disconnect()
                if str(error) != said:
                    log.warning(
                        "the broker %s does not answer, so builders get no builds by it: %s",
                        self._host,
                        error,
                    )
                said = str(error)
                self._stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        self._disconnect()

    def _connect(self) -> None:
        if not self._is_connected:
            self._connection = self._app.connection_for_write(heartbeat=0)
            self._connection.ensure_connection(max_retries=1, interval_start=0)
            self._producer = self._app.amqp.Producer(self._connection, auto_declare=False)
            self._is_connected = True
            log.info("connected to the broker %s", self._host)
            if text := diagnosis.warning(self._connection):
                log.warning("the broker %s: %s", self._host, text)

    def _send_all(self) -> None:
        while self._messages and not self._stopping.is_set():
            queue, path = self._messages[0]
            self._app.send_task(
                TASK,
                [path],
                producer=self._producer,
                queue=queue_of(queue),
                retry=False,
                expiration=self._lease,
            )
            self._messages.popleft()

    def _disconnect(self) -> None:
        self._is_connected = False
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.release()
        except Exception as error:
            log.debug("the connection to %s was lost: %s", self._host, error)
