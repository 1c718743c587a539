"""The program of a builder: its slots, and its folder.

    lock          held by the process that uses the folder
    chroots/      dnf configurations of chroots, as the service has sent them
    roots/        installed roots, which can be made again
    claims/N/     one claim: the source, the results and the log; removed when it has ended

Nothing in the folder is needed after a crash: the next start ends the programs that are left, and removes the
claims. The service gives their steps to the next builder when their leases end.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from ..builders.builder import Builder, rpm_builder
from ..builders.documents import TaskContext
from ..builders.sandbox.leftovers import end_leftovers, mark_of
from ..builders.settings import Settings
from ..filesystem.file_lock import try_lock
from ..filesystem.remove_tree import remove_tree
from .claim import Claim
from .couriers import Courier, LongPolls, QueueConsumer
from .disk import LEAST_FREE, Disk
from .service import LONGEST_PAUSE, Lost, Refused, Service, Stopped, Wish

TIME_TO_STOP = 5.0  # seconds that `stop` waits for the slots

log = logging.getLogger(__name__)


class FolderInUse(Exception):
    """Another builder uses the folder."""


class Program:
    """A builder with its slots.

    :param url: URL of the service.
    :param token: the builder's token.
    :param folder: folder of the builder; it is created if it does not exist.
    :param arches: architectures that this machine builds for.
    :param chroots: patterns of chroots; empty for all.
    :param slots: largest number of builds at the same time.
    :param builder: returns a builder for the settings of a task.
    :param interval: seconds between two parts of a log, which are also the signs of life.
    :param broker: URL of the message broker that brings claims; None to ask the service for them.
    :param least_free: bytes of the disk that must be free, so that a build may begin.
    :raises ValueError: a URL is not valid, or Celery is not installed.
    """

    def __init__(
        self,
        url: str,
        token: str,
        folder: Path,
        *,
        arches: tuple[str, ...],
        chroots: tuple[str, ...] = (),
        slots: int = 1,
        builder: Callable[[Settings], Builder] = rpm_builder,
        interval: float = 0.5,
        broker: str | None = None,
        least_free: int = LEAST_FREE,
    ) -> None:
        self._stopping = threading.Event()
        self._service = Service(url, token, self._stopping)
        self._folder = folder
        self._wish = Wish(arches, chroots)
        self._disk = Disk(folder, least_free)
        self._courier: Courier = LongPolls(self._service, self._wish, self._disk)
        if broker is not None:
            self._courier = QueueConsumer(broker, self._service, self._wish, slots, self._disk)
        self._builder = builder
        self._interval = interval
        self._numbers = itertools.count(1)
        self._threads = [
            threading.Thread(target=self._slot, name=f"copr-local-slot-{number}", daemon=True)
            for number in range(slots)
        ]

    def start(self) -> None:
        """Prepare the folder, and start the slots.

        :raises FolderInUse: another builder uses the folder.
        :raises OSError: the folder cannot be written.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = try_lock(self._folder / "lock")
        if lock is None:
            raise FolderInUse(f"another builder uses {self._folder}")
        self._lock = lock
        if end_leftovers(mark_of(self._folder)):
            log.warning("programs of builds that were interrupted were still running; they are ended")
        remove_tree(self._folder / "claims")
        self._courier.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the builds, give their steps back to the service, and stop the slots."""
        self._stopping.set()
        self._courier.stop()
        for thread in self._threads:
            thread.join(TIME_TO_STOP)
        self._lock.close()

    def _slot(self) -> None:
        try:
            self._work()
        finally:
            self._service.close()

    def _work(self) -> None:
        """Take steps and build them until the builder stops."""
        while not self._stopping.is_set():
            try:
                found = self._courier.next()
                if found is not None:
                    self._build(found)
            except Stopped:
                return
            except Lost as lost:
                log.warning("a build was ended: %s", lost)
            except Refused as refused:
                log.error("%s", refused)  # noqa: TRY400 - it is not an error of this program
                self._stopping.wait(LONGEST_PAUSE)
            except Exception:
                log.exception("an error in the builder; it continues")
                self._stopping.wait(LONGEST_PAUSE)

    def _build(self, path: str) -> None:
        document = self._service.accept(path, self._wish)
        work = self._folder / "claims" / str(next(self._numbers))
        context = TaskContext(
            directory=work / "results",
            source=work / "source",
            chroots=self._folder / "chroots",
            roots=self._folder / "roots",
            service=self._service.url,
            mark=mark_of(self._folder),
        )
        log.info("building %s", path)
        try:
            Claim(path, document, context, self._service, self._builder, self._interval, self._disk).run()
        finally:
            remove_tree(work)
