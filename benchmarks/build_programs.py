"""What runs and measures builds: programs by hand, and a process with a local Copr. For `builds.py`.

Processor time is that of all programs, with those that sandboxes have started and left behind: this process
is the one that the kernel gives them to.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from .environments import ROOT

PR_SET_CHILD_SUBREAPER = 36
TICKS = os.sysconf("SC_CLK_TCK")
NICENESS = 5  # that of the programs of a build


@dataclass(frozen=True)
class Sample:
    """One run: times in seconds, and the peak of the service's memory in bytes."""

    seconds: float
    processor: float = 0.0
    peak: int = 0


class Programs:
    """Runs programs and measures their processor time, with that of all that they have started."""

    def __init__(self) -> None:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.kept: set[int] = set()  # processes that go on

    def collect(self) -> float:
        """Return the processor time of the processes that have ended since the last call, in seconds."""
        total = 0.0
        for child in self._children():
            if child not in self.kept:
                _, _, used = os.wait4(child, 0)
                total += used.ru_utime + used.ru_stime
        return total

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> Sample:
        """Run a program as the service runs programs of a build, and wait for its end."""
        self.collect()
        began = time.perf_counter()
        with tempfile.TemporaryFile() as output:
            started = subprocess.Popen(  # noqa: S603 - a script of this module
                ["nice", "-n", str(NICENESS), *command],  # noqa: S607 - it becomes the command
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            with Path(f"/proc/{started.pid}/autogroup").open("w") as group:
                group.write(str(NICENESS))
            _, status, used = os.wait4(started.pid, 0)
            seconds = time.perf_counter() - began
            started.returncode = os.waitstatus_to_exitcode(status)
            if started.returncode:
                output.seek(0)
                raise RuntimeError(output.read().decode(errors="replace"))
        return Sample(seconds, used.ru_utime + used.ru_stime + self.collect())

    def _children(self) -> list[int]:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        return [int(word) for word in text.split()]


class Service:
    """A process of `local_service.py`."""

    def __init__(self, programs: Programs, builders: int, configuration: Path | None = None) -> None:
        self._programs = programs
        arguments = [str(builders), *([] if configuration is None else [str(configuration)])]
        self._process = subprocess.Popen(  # noqa: S603 - a module of ours
            [sys.executable, "-m", "benchmarks.local_service", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        programs.kept.add(self._process.pid)
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        self._programs.kept.remove(self._process.pid)

    def build(
        self, spec: Path, *, count: int = 1, at_once: int = 1, without: Sequence[str] = (), project: str = "p"
    ) -> Sample:
        """Build a spec so many times."""
        told = {"spec": str(spec), "count": count, "at_once": at_once, "without": without, "project": project}
        self._programs.collect()
        before = self._processor()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        used = self._processor() - before + self._programs.collect()
        return Sample(answer["seconds"], used, answer["peak"])

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the service has ended; its error message is above")
        return json.loads(line)

    def _processor(self) -> float:
        """Return the processor time of the process and of the children that it has waited for."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICKS
