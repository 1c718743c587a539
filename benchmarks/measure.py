"""How it is measured: commands in fresh processes, in turns, and the medians of what they took.

Rules: a round runs each command of a row once, so that what else the machine does meets all of them. A
command prints one line of JSON with its own `seconds`; one that prints nothing is timed from outside, start
and end included. Its environment is made here, so that no setting of the caller's changes what is measured.
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
    """A command to measure; `size` is how much of the row's work it does, `leaves` a file that it makes and
    that is removed at once: the next job shall find as much free memory."""

    command: Sequence[str | os.PathLike[str]]
    size: int = 1
    leaves: Path | None = None


@dataclass(frozen=True)
class Sample:
    """What a job took: seconds, and the most memory in bytes until its end and until the work began."""

    seconds: float
    peak: int = 0
    before: int = 0


def run(job: Job, environment: Mapping[str, str]) -> Sample:
    """Run a job once.

    Raises RuntimeError where it fails.
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


def rounds(jobs: Mapping[str, Job], environment: Mapping[str, str], samples: int) -> dict[str, Sample]:
    """Run jobs in turns, `samples` times each.

    Returns the medians of each. Raises RuntimeError where one fails.
    """
    taken: dict[str, list[Sample]] = {name: [] for name in jobs}
    for _ in range(samples):
        for name, job in jobs.items():
            taken[name].append(run(job, environment))
    return {name: _medians(samples_of_job) for name, samples_of_job in taken.items()}


def _medians(samples: list[Sample]) -> Sample:
    return Sample(
        median(sample.seconds for sample in samples),
        round(median(sample.peak for sample in samples)),
        round(median(sample.before for sample in samples)),
    )
