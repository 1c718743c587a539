"""Numbers about the service, in the text format of Prometheus.

What the database knows is read when somebody asks. Requests and the ends of steps are counted by this process
from its start on.
"""

from __future__ import annotations

import shutil
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from itertools import accumulate

from sqlalchemy import func, literal, select

from ..data.builders import Builder
from ..data.database import StepChange, Transaction
from ..data.models import Build, BuildChroot
from ..data.pending_work import OutgoingMessage
from ..rules import step_states

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STEP_SECONDS = (1, 5, 15, 60, 300, 900, 3600, 10800, 36000)
REQUEST_SECONDS = (0.005, 0.02, 0.1, 0.5, 2, 10)

_QUOTED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})

Labels = tuple[tuple[str, str], ...]


class Histogram:
    """A histogram for each combination of labels.

    :param name: name of the metric.
    :param description: what it measures.
    :param bounds: upper bounds of the buckets, in seconds.
    """

    def __init__(self, name: str, description: str, bounds: Sequence[float]) -> None:
        self._name, self._description, self._bounds = name, description, bounds
        self._lock = threading.Lock()
        self._counts: dict[Labels, list[int]] = {}
        self._sums: defaultdict[Labels, float] = defaultdict(float)

    def observe(self, seconds: float, **labels: str) -> None:
        """Count one more duration.

        :param seconds: the duration.
        :param labels: labels by name, always the same names in the same order.
        """
        key = tuple(labels.items())
        with self._lock:
            counts = self._counts.setdefault(key, [0] * (len(self._bounds) + 1))
            counts[bisect_left(self._bounds, seconds)] += 1
            self._sums[key] += seconds

    def lines(self) -> list[str]:
        """Return the lines of the metric.

        :returns: the lines.
        """
        with self._lock:
            seen = {key: (list(counts), self._sums[key]) for key, counts in self._counts.items()}
        lines = _head(self._name, "histogram", self._description)
        for key, (counts, total) in sorted(seen.items()):
            sums = list(accumulate(counts))
            for bound, number in zip((*map(str, self._bounds), "+Inf"), sums, strict=True):
                lines.append(_line(f"{self._name}_bucket", (*key, ("le", bound)), number))
            lines.append(_line(f"{self._name}_sum", key, total))
            lines.append(_line(f"{self._name}_count", key, sums[-1]))
        return lines


class Metrics:
    """The counts of one process."""

    def __init__(self) -> None:
        self.requests = Histogram(
            "copr_http_request_duration_seconds", "Duration of requests, without sending", REQUEST_SECONDS
        )
        self._steps = Histogram(
            "copr_step_duration_seconds", "Duration of steps that have run, by result", STEP_SECONDS
        )

    def steps_ended(self, steps: Iterable[StepChange]) -> None:
        """Count steps that have ended.

        :param steps: the steps; those that begin are not counted.
        """
        for step in steps:
            if step.seconds is not None:
                self._steps.observe(step.seconds, arch=step.arch, result=step.state)

    def text(self, tx: Transaction, *, is_leading: bool) -> str:
        """Return all metrics.

        :param tx: transaction to read from.
        :param is_leading: True if this process starts builds.
        :returns: the text.
        :raises OSError: the data folder cannot be read.
        """
        free = shutil.disk_usage(tx.data_folder.path).free
        waiting = tx.session.scalar(select(func.count()).select_from(OutgoingMessage)) or 0
        lines = [
            *_gauge(
                "copr_info",
                "The version of the service, always 1",
                {(("version", version("copr-local")),): 1},
            ),
            *_gauge("copr_is_leading", "1 if this process starts builds, else 0", {(): int(is_leading)}),
            *_gauge("copr_data_free_bytes", "Free space on the disk of the data folder", {(): free}),
            *_gauge("copr_steps", "Steps that have not finished", _steps(tx)),
            *_gauge(
                "copr_oldest_pending_timestamp_seconds",
                "When the oldest pending step was submitted",
                _oldest(tx),
            ),
            *_gauge("copr_builder_heard_timestamp_seconds", "When a builder elsewhere was heard", _heard(tx)),
            *_gauge(
                "copr_messages_waiting", "Messages about builds that are not published yet", {(): waiting}
            ),
        ]
        return "\n".join([*lines, *self._steps.lines(), *self.requests.lines(), ""])


def _steps(tx: Transaction) -> Mapping[Labels, int]:
    """Return the numbers of unfinished steps."""
    found = step_states.unfinished(tx)
    return {(("arch", arch), ("state", state)): number for (arch, state), number in found.items()}


def _oldest(tx: Transaction) -> Mapping[Labels, int]:
    """Return when the oldest build with a pending step was submitted; unix time, UTC."""
    submitted_on = func.min(Build.submitted_on)
    source = select(literal(step_states.SOURCE), submitted_on).where(Build.source_state == "pending")
    chroots = (
        select(BuildChroot.arch, submitted_on)
        .join(BuildChroot.build)
        .where(BuildChroot.state == "pending")
        .group_by(BuildChroot.arch)
    )
    found = [*tx.session.execute(source), *tx.session.execute(chroots)]
    return {(("arch", arch),): time for arch, time in found if time is not None}


def _heard(tx: Transaction) -> Mapping[Labels, int]:
    """Return when builders were heard; 0 for never, so that an alert for silent builders finds these too."""
    found = tx.session.execute(select(Builder.name, Builder.heard_on))
    return {(("builder", name),): heard_on or 0 for name, heard_on in found}


def _gauge(name: str, description: str, values: Mapping[Labels, float]) -> list[str]:
    """Return the lines of a metric that goes up and down."""
    lines = [_line(name, labels, value) for labels, value in sorted(values.items())]
    return [*_head(name, "gauge", description), *lines]


def _head(name: str, kind: str, description: str) -> list[str]:
    return [f"# HELP {name} {description}.", f"# TYPE {name} {kind}"]


def _line(name: str, labels: Labels, value: float) -> str:
    """Return one line."""
    text = ",".join(f'{label}="{each.translate(_QUOTED)}"' for label, each in labels)
    return f"{name}{{{text}}} {value}"
