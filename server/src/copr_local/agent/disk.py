"""The disk of a builder: what it lacks, so that builds cannot be built here."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
from pathlib import Path

from ..builders.sandbox.resource_usage import size

LEAST_FREE = 1024**3  # bytes
LEAST_FILES = 1000
#: Errors that a disk causes, and nothing that a build does.
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
_BLOCK = b"\0" * 4096

log = logging.getLogger(__name__)


class Unwritable(Exception):
    """A file of a claim cannot be written on this builder; the text says why."""


class Disk:
    """The disk with the folder of a builder.

    :param folder: the folder.
    :param least_free: bytes that must be free, so that a build may begin.
    """

    def __init__(self, folder: Path, least_free: int = LEAST_FREE) -> None:
        self._folder = folder
        self._least_free = least_free
        self._said = ""

    def trouble(self) -> str:
        """Return what is wrong with the disk. A change is logged.

        :returns: one line; empty if builds can be built.
        """
        found = self.shortage() or self._unwritable()
        if bool(found) != bool(self._said):
            if found:
                log.warning("%s; no builds are taken until this has changed", found)
            else:
                log.warning("the folder %s can be used again; builds are taken", self._folder)
        self._said = found
        return found

    def shortage(self) -> str:
        """Return what the disk has too little of. This takes no time.

        :returns: one line; empty if there is enough.
        """
        try:
            status = os.statvfs(self._folder)
        except OSError as error:
            return self._text(error)
        free = status.f_bavail * status.f_frsize
        if free < self._least_free:
            return f"the disk of the builder has {size(free)} free, and builds need {size(self._least_free)}"
        if status.f_files and status.f_favail < LEAST_FILES:  # some file systems do not count files
            return f"the disk of the builder has room for {status.f_favail} more files only"
        return ""

    def _unwritable(self) -> str:
        """Return why no file can be written."""
        try:
            with tempfile.TemporaryFile(dir=self._folder, buffering=0) as file:
                file.write(_BLOCK)
        except OSError as error:
            return self._text(error)
        return ""

    def _text(self, error: OSError) -> str:
        return f"the builder cannot write to {self._folder}: {error.strerror}"
