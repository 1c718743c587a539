"""The logs of one chroot of a build besides `builder-live.log`, with the names that they have in a real Copr.

    build.log.gz           output of rpmbuild
    root.log.gz            output of dnf and rpm, if the build has an installed root
    state.log.gz           what was done, and when
    hw_info.log.gz         processor, memory and disk of this machine
    installed_pkgs.log.gz  the packages of the installed root
    success                exists if the build succeeded

The output goes to `builder-live.log` at the same time. The files are compressed when the build ends.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from .log import BuildLog, compress

BUILD, ROOT, STATE, HARDWARE, PACKAGES = (
    f"{name}.log" for name in ("build", "root", "state", "hw_info", "installed_pkgs")
)
SUCCESS = "success"
CONFIGURATION = "configs.tar.gz"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+~^-]{0,250}", re.ASCII)
_OTHERS = frozenset({*(f"{name}.gz" for name in (BUILD, ROOT, STATE, HARDWARE, PACKAGES)), CONFIGURATION})


class PartLog:
    """A log that has one part of a build's output; all of it goes to the live log, too.

    :param live: the live log.
    :param path: the file; an existing one is emptied.
    :raises OSError: the file cannot be written.
    """

    def __init__(self, live: BuildLog, path: Path) -> None:
        self._live = live
        self._file = path.open("wb")

    def write(self, data: bytes) -> None:
        """Append output of a program.

        :param data: the next bytes of the output.
        :raises BuildFailed: the output of the build is larger than its limit.
        :raises OSError: a file cannot be written.
        """
        self._live.write(data)
        self._file.write(data)

    def line(self, text: str) -> None:
        """Append a line of the service itself.

        :param text: the line, without a line break at its end.
        :raises OSError: a file cannot be written.
        """
        self._live.line(text)
        self._file.write(f"{text}\n".encode(errors="replace"))

    def close(self) -> None:
        """Close the file.

        :raises OSError: the rest cannot be written.
        """
        self._file.close()


class ResultLogs:
    """The logs of one chroot of a build.

    :param directory: the build's folder.
    :param live: the live log.
    :raises OSError: a file cannot be written.
    """

    def __init__(self, directory: Path, live: BuildLog) -> None:
        self._directory = directory
        self.build = PartLog(live, directory / BUILD)
        self.root = PartLog(live, directory / ROOT)
        self.write(HARDWARE, _hardware(directory))

    def state(self, event: str) -> None:
        """Append an event to the state log.

        :param event: one line of text.
        :raises OSError: the file cannot be written.
        """
        with (self._directory / STATE).open("a") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} - {event}\n")

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:  # noqa: DOC402 - a context manager
        """Note in the state log when the body of the `with` statement begins and ends.

        :param name: name of the phase.
        :returns: a context manager.
        :raises OSError: the file cannot be written.
        """
        self.state(f"Start: {name}")
        yield
        self.state(f"Finish: {name}")

    def write(self, name: str, text: str) -> None:
        """Write a whole log.

        :param name: name of the file.
        :param text: its content.
        :raises OSError: the file cannot be written.
        """
        (self._directory / name).write_text(text)

    def close(self) -> None:
        """Compress the logs that are not empty, and remove the plain files.

        On a full disk, logs stay plain or lose their end; the build does not fail for that.
        """
        for part in (self.build, self.root):
            with contextlib.suppress(OSError):
                part.close()
        for name in (BUILD, ROOT, STATE, HARDWARE, PACKAGES):
            path = self._directory / name
            with contextlib.suppress(OSError):
                if path.exists() and path.stat().st_size:
                    compress(path)
                path.unlink(missing_ok=True)


def is_expected(name: str, *, is_source: bool) -> bool:
    """Return True if a builder elsewhere may send a file, as a result of a build.

    :param name: name of the file.
    :param is_source: True for a source step, which makes one RPM.
    :returns: True for a package, or for one of the logs that a build has.
    """
    if not _NAME.fullmatch(name):
        return False
    return name.endswith(".rpm") or (not is_source and (name in _OTHERS or name.endswith(".spec")))


def clear_logs(directory: Path) -> None:
    """Remove the files of this module that an earlier attempt at the same build left.

    :param directory: the build's folder.
    :raises OSError: a file cannot be removed.
    """
    for name in (BUILD, ROOT, STATE, HARDWARE, PACKAGES):
        for path in (directory / name, directory / f"{name}.gz"):
            path.unlink(missing_ok=True)
    for path in (directory / CONFIGURATION, *directory.glob("*.spec")):
        path.unlink(missing_ok=True)


def _hardware(directory: Path) -> str:
    """Return what this machine has."""
    machine = os.uname()
    lines = [f"Kernel: {machine.sysname} {machine.release} {machine.machine}", f"Cores: {os.cpu_count()}"]
    with contextlib.suppress(OSError):
        processor = Path("/proc/cpuinfo").read_text(errors="replace").partition("\n\n")[0]
        lines += [line for line in processor.splitlines() if line.startswith(("model name", "Model"))]
        memory = Path("/proc/meminfo").read_text().splitlines()
        lines += [line for line in memory if line.startswith(("MemTotal", "MemAvailable", "SwapTotal"))]
    with contextlib.suppress(OSError):
        lines.append("System: " + platform.freedesktop_os_release().get("PRETTY_NAME", ""))
    usage = shutil.disk_usage(directory)
    lines.append(f"Disk: {usage.free // 1024**2} MiB free of {usage.total // 1024**2} MiB")
    return "\n".join(lines) + "\n"
