"""The page of a build: its steps, why they failed, and its results; and the pages of its logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import make_response, render_template, request

from ..data.database import Transaction
from ..data.models import Build, BuildChroot
from ..rules import builds, repeats, results, states
from ..rules.errors import NotFound
from ..wire.context import reading
from ..wire.urls import chroot_results_url, source_results_url
from . import build_logs
from .of_project import pages, show

SOURCE = "source"  # name of the source step, in URLs of logs
LINES = 300  # of a log on a page
TAIL = 15  # lines of the log of a step that failed
SHOWN = 3  # failed steps whose logs the page shows
MATCHES = 200  # lines that a search in a log shows


@dataclass(frozen=True)
class Step:
    """One step of a build.

    :param name: `source`, or the name of the chroot.
    :param state: its state.
    :param started: when it started, unix time in seconds, UTC; None before that.
    :param ended: when it ended; None before that, or if it is not known.
    :param folder: folder of the results; None before it has started.
    :param url: URL of that folder, with a slash at its end; None before it has started.
    :param packages: names and architectures of the built packages, such as `hello.x86_64`.
    """

    name: str
    state: str
    started: int | None
    ended: float | None
    folder: Path | None
    url: str | None
    packages: list[str]

    @property
    def is_finished(self) -> bool:
        """True if the step has finished."""
        return self.state in states.FINISHED

    def took(self, now: float) -> float | None:
        """Return how long the step has run.

        :param now: the current unix time in seconds, UTC.
        :returns: seconds; None if it is not known.
        """
        if self.started is None or (self.is_finished and self.ended is None):
            return None
        return (self.ended if self.is_finished and self.ended else now) - self.started


@dataclass(frozen=True)
class Failure:
    """Why a step failed.

    :param step: the step.
    :param reason: the last line of its log; empty if there is no log.
    :param lines: the last lines before it.
    :param error: the first line that looks like an error; None if none does, or if it was not searched.
    """

    step: Step
    reason: str
    lines: list[build_logs.Line]
    error: build_logs.Line | None


def _source_step(tx: Transaction, build: Build) -> Step:
    """Return the source step of a build."""
    started = build.source_started_on
    folder = results.of_source(tx, build) if started is not None else None
    return Step(
        SOURCE,
        build.source_state,
        started,
        build.source_ended_on,
        folder,
        f"{source_results_url(build)}/" if folder else None,
        [build.srpm] if build.srpm else [],
    )


def _chroot_step(tx: Transaction, chroot: BuildChroot) -> Step:
    """Return the step of one chroot of a build."""
    url = chroot_results_url(chroot)
    return Step(
        chroot.name,
        chroot.state,
        chroot.started_on,
        chroot.ended_on,
        results.of_chroot(tx, chroot) if url else None,
        url,
        [f"{package['name']}.{package['arch']}" for package in chroot.packages],
    )


def _steps(tx: Transaction, build: Build) -> list[Step]:
    """Return the steps of a build."""
    return [_source_step(tx, build), *(_chroot_step(tx, chroot) for chroot in build.chroots)]


def build_page(tx: Transaction, build: Build) -> str:
    """Return the page of a build.

    :param tx: transaction to read in.
    :param build: the build.
    :returns: the HTML page.
    """
    steps = _steps(tx, build)
    return show(
        tx,
        "build.html",
        build.project,
        "builds/",
        build=build,
        now=tx.now,
        steps=steps,
        source=parameters(build.source),
        is_finished=build.state in states.FINISHED,
        can_be_repeated=repeats.can_be_repeated(build),
        failed_chroots=repeats.failed_chroots(build),
        failures=list(_failures(steps)),
        files={step.name: _rpms(step.folder) for step in steps if step.folder and step.is_finished},
    )


def parameters(source: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the parameters of a source that a page shows.

    :param source: the parameters of a build or package.
    :returns: names for people, and values; those without a value are left out, and the folder of an upload.
    """
    shown = {("file" if name == "pkg" else name): value for name, value in source.items() if name != "tmp"}
    return [(name.replace("_", " "), value) for name, value in shown.items() if value]


def _failures(steps: list[Step]) -> Iterator[Failure]:
    """Yield why steps failed; the log of only the first of them, so that the page stays small."""
    failed = [step for step in steps if step.state == "failed"]
    for place, step in enumerate(failed):
        if step.folder is None:
            yield Failure(step, "", [], None)
            continue
        total = build_logs.count(step.folder)
        wanted = TAIL if place < SHOWN else 1
        lines = build_logs.window(step.folder, max(total - wanted + 1, 1), wanted)
        reason = lines[-1].text.removeprefix("Build failed: ") if lines else ""
        error = build_logs.first_error(step.folder) if place < SHOWN else None
        yield Failure(step, reason, lines if place < SHOWN else [], error)


def _rpms(folder: Path) -> list[tuple[str, int]]:
    """Return the names and sizes in bytes of the RPMs in a folder."""
    try:
        return sorted((path.name, path.stat().st_size) for path in folder.glob("*.rpm"))
    except OSError:
        return []


@pages.get("/coprs/build/<int:build_id>/log/<name>/")
def log_of_build(build_id: int, name: str) -> Any:
    """Show lines of the log of one step of a build: by default the last ones.

    The query `first` is the number of the first line to show, and `q` a text: then the page shows the lines
    that have it. `after` is for the script that follows a log: the response has only the lines after this
    one, and the header `Log-Finished` once no more will come.

    :param build_id: id of the build.
    :param name: `source`, or the name of a chroot of the build.
    :returns: the HTML page.
    :raises NotFound: the build or the chroot does not exist, or the step has not started.
    :source: `GET /coprs/build/{build_id}/log/{name}/`
    """
    with reading() as tx:
        build = builds.get(tx, build_id)
        step = next((step for step in _steps(tx, build) if step.name == name), None)
        if step is None:
            raise NotFound(f"Build {build_id} was not submitted to {name} chroot.")
        folder = step.folder or Path("/nonexistent")
        if "after" in request.args:
            return _more(step, folder)
        total = build_logs.count(folder)
        query = request.args.get("q", "").strip()
        first = min(max(request.args.get("first", max(total - LINES + 1, 1), int), 1), max(total, 1))
        grows = not step.is_finished
        lines = build_logs.matching(folder, query, MATCHES) if query else None
        return show(
            tx,
            "log.html",
            build.project,
            "builds/",
            build=build,
            step=step,
            total=total,
            first=first,
            limit=LINES,
            text=query,
            lines=build_logs.window(folder, first, LINES, grows=grows) if lines is None else lines,
            error=build_logs.first_error(folder),
        )


def _more(step: Step, folder: Path) -> Any:
    """Return the lines of a log after a line, for the script that follows it.

    A last line that is not complete is left out while the step runs.
    """
    after = max(request.args.get("after", 0, int), 0)
    lines = build_logs.window(folder, after + 1, LINES, grows=not step.is_finished)
    response = make_response(render_template("log_lines.html", lines=lines, build=None))
    if step.is_finished and len(lines) < LINES:
        response.headers["Log-Finished"] = "yes"
    return response
