"""Runs the commands of a row in new processes, in turns.

Rules: a round runs each command of a row once, so that other load on the machine affects all of them. So
times of the same round are compared with each other, and of these ratios the median counts. A
command prints one line of JSON with its own `seconds`. If it prints nothing, it is timed from outside, with
start and end of the process. Its environment variables are set here, so that settings of the caller do not
change the result.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Job:
    """A command to measure.

    :param size: how much of the work of the row it does.
    :param leaves: a file that it creates; it is removed at once, so that every job has as much free memory.
    """

    command: Sequence[str | os.PathLike[str]]
    size: int = 1
    leaves: Path | None = None


@dataclass(frozen=True)
class Sample:
    """Result of one run: time in seconds, and peak memory in bytes at the end and before the work."""

    seconds: float
    peak: int = 0
    before: int = 0


def run(job: Job, environment: Mapping[str, str]) -> Sample:
    """Run a job once.

    :raises RuntimeError: the command failed.
    """
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - a command of `rows`
        job.command, check=False, env=environment, capture_output=True, text=True
    )
    seconds = time.perf_counter() - began
    if job.leaves is not None:
        job.leaves.unlink(missing_ok=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, job.command))} failed:\n{done.stderr}{done.stdout}")
    if not done.stdout:
        return Sample(seconds)
    return Sample(**json.loads(done.stdout))


def rounds(jobs: Mapping[str, Job], environment: Mapping[str, str], samples: int) -> list[dict[str, Sample]]:
    """Run jobs in turns, `samples` times each.

    :returns: for each round, the sample of each job.
    :raises RuntimeError: a command failed.
    """
    return [{name: run(job, environment) for name, job in jobs.items()} for _ in range(samples)]


def medians(samples: Sequence[Sample]) -> Sample:
    """Return a sample with the medians of samples."""
    return Sample(
        median(sample.seconds for sample in samples),
        round(median(sample.peak for sample in samples)),
        round(median(sample.before for sample in samples)),
    )
