"""The life of one claim on a builder: download the source, build, send the log meanwhile, then the files.

The log is sent by a thread of its own, which is also the sign of life. What the service answers to it ends
the build if it was cancelled, or if the claim is lost. Then nothing of the build is left here.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..builders import documents
from ..builders.builder import Builder
from ..builders.documents import TaskContext
from ..builders.log import LIVE, add_line
from ..builders.result_logs import is_expected
from ..builders.settings import Settings
from ..builders.tasks import AnyTask, BuildCancelled, BuildFailed, BuildSkipped, Outcome, SourceTask
from .disk import DISK_ERRORS, Disk, Unwritable
from .service import PIECE, Lost, Refused, Service, Stopped

log = logging.getLogger(__name__)


class Claim:
    """A claim of this builder.

    :param path: path of the claim at the service.
    :param document: the task.
    :param context: the folders for the task, and more.
    :param service: the service.
    :param builder: makes the builder for the settings of the task.
    :param interval: seconds between two parts of the log.
    :param disk: the disk with the folders.
    """

    def __init__(
        self,
        path: str,
        document: Mapping[str, Any],
        context: TaskContext,
        service: Service,
        builder: Callable[[Settings], Builder],
        interval: float,
        disk: Disk,
    ) -> None:
        self._path = path
        self._document = document
        self._context = context
        self._service = service
        self._builder_for = builder
        self._interval = interval
        self._disk = disk
        self._shortage = ""  # of the disk, while the build ran
        self._live = context.directory / LIVE
        self._sent = 0  # bytes of the log
        self._sending_log = threading.Lock()
        self._is_lost = False

    def run(self) -> None:
        """Build, and send the results; or give the step back if the disk is full or cannot be written.

        :raises Lost: the claim is lost; the build was ended.
        :raises Stopped: the builder is stopped, and could not tell the service.
        :raises Refused: the service does not know this builder any more, or has another version.
        :raises OSError: a result cannot be read.
        """
        if trouble := self._disk.trouble():
            self._give_back(trouble)
            return
        try:
            self._context.directory.mkdir(parents=True)
            self._context.source.mkdir(parents=True)
            task = documents.task_of(self._document, self._context)
            builder = self._builder_for(documents.settings_of(self._document))
        except (LookupError, TypeError) as error:
            reason = f"the builder {documents.OTHER_VERSION} ({error!r})"
            self._give_back(reason)
            raise Refused(reason) from error
        except OSError as error:
            self._give_back(f"the builder cannot write its folder: {error.strerror}")
            return
        with self._sending(task):
            outcome, reason = self._build(task, builder)
            if outcome == "failed" and (trouble := self._shortage or self._disk.trouble()):
                outcome, reason = "cancelled", trouble
            if outcome == "cancelled" and reason:
                self._give_back(reason)
                return
            if not self._is_lost:
                try:
                    self._end(outcome, reason, self._files(task) if outcome != "cancelled" else {})
                except Refused as refused:  # the results are too large, for example
                    self._end("failed", f"the service refuses the results: {refused}", {})
                return
        raise Lost("the service has given the step to another builder")

    def _build(self, task: AnyTask, builder: Builder) -> tuple[Outcome, str]:
        """Download the source and build; return how it ended, and why."""
        try:
            file = documents.source_of(task)
            if file is not None:
                self._service.download(self._path, file)
            if isinstance(task, SourceTask):
                builder.build_source(task)
            else:
                builder.build_chroot(task)
        except BuildSkipped as reason:
            return "skipped", str(reason)
        except BuildFailed as reason:
            return "failed", str(reason)
        except (BuildCancelled, Stopped):
            return "cancelled", ""
        except Lost:
            self._is_lost = True
            return "cancelled", ""
        except Unwritable as trouble:
            return "cancelled", str(trouble)
        except Exception as fault:
            if isinstance(fault, OSError) and fault.errno in DISK_ERRORS:
                return "cancelled", f"the builder cannot write its folder: {fault.strerror}"
            log.exception("%s failed", self._path)
            self._say(f"This is an error in the builder, not in the package: {fault!r}")
            return "failed", f"an error in the builder: {fault!r}"
        return "succeeded", ""

    def _say(self, line: str) -> None:
        with contextlib.suppress(OSError):
            add_line(self._live, line)

    @contextlib.contextmanager
    def _sending(self, task: AnyTask) -> Iterator[None]:
        """Send the log while the body runs; end the build if it was cancelled, or the claim is lost."""
        ended = threading.Event()

        def send() -> None:
            try:
                while not ended.wait(self._interval):
                    self._shortage = self._shortage or self._disk.shortage()
                    if self._service.stopping.is_set() or self._send_log():
                        task.cancelled.set()
                        return
            except Lost:
                self._is_lost = True
            except (Stopped, Refused) as error:
                log.warning("%s: %s", self._path, error)
            finally:
                self._service.close()
            if not ended.is_set():
                task.cancelled.set()

        thread = threading.Thread(target=send, name=f"log of {self._path}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _send_log(self) -> bool:
        """Send what is new in the log; return True if the build was cancelled."""
        with self._sending_log:
            while True:
                data = _read(self._live, self._sent)
                end = self._sent + len(data)
                self._sent, is_cancelled = self._service.append_log(self._path, self._sent, data)
                if is_cancelled or (len(data) < PIECE and self._sent == end):
                    return is_cancelled

    def _files(self, task: AnyTask) -> dict[str, dict[str, Any]]:
        """Return the size and the digest of each result."""
        is_source = isinstance(task, SourceTask)
        found = {}
        for file in sorted(self._context.directory.iterdir()):
            if is_expected(file.name, is_source=is_source) and file.is_file():
                with file.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                found[file.name] = {"size": file.stat().st_size, "sha256": digest}
        return found

    def _end(self, outcome: Outcome, reason: str, files: Mapping[str, Any]) -> None:
        """Send the rest of the log and all files, and say how the build ended."""
        size = self._live.stat().st_size if self._live.exists() else 0
        end = {"outcome": outcome, "reason": reason, "log": size, "files": files}
        missing: Mapping[str, Any] | None = {"log": self._sent, "files": dict.fromkeys(files, 0)}
        while missing is not None:
            with self._sending_log:
                self._sent = missing["log"]
            self._send_log()
            if outcome != "cancelled":
                for name, offset in missing["files"].items():
                    self._send_file(self._context.directory / name, offset)
            missing = self._service.finish(self._path, end)

    def _give_back(self, reason: str) -> None:
        """Let another builder do the step, since this one cannot."""
        log.warning("%s is given back: %s", self._path, reason)
        with contextlib.suppress(Lost):  # the step is queued again, so this claim has ended
            self._end("cancelled", reason, {})

    def _send_file(self, file: Path, offset: int) -> None:
        size = file.stat().st_size
        while True:  # an empty file has one part, too
            offset = self._service.append_file(self._path, file.name, offset, _read(file, offset))
            if offset >= size:
                return


def _read(file: Path, offset: int) -> bytes:
    """Return the next part of a file; nothing if it does not exist yet."""
    try:
        with file.open("rb") as stream:
            stream.seek(offset)
            return stream.read(PIECE)
    except FileNotFoundError:
        return b""
