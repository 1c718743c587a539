"""`copr-local build`: list, log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .folder import data_option, fail, moment, opened, table
from .follow_log import GrowingLog, visible

if TYPE_CHECKING:
    from ..data.database import Database

SOURCE = "source"
STATES = (
    *("pending", "starting", "importing", "waiting", "running"),
    *("succeeded", "failed", "canceled", "skipped", "forked"),
)
POLL_INTERVAL = 0.2  # seconds between two polls


@click.group("build")
def builds() -> None:
    """Builds. They are submitted, cancelled and deleted through the API."""


@builds.command("list")
@click.argument("project", required=False)
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Only builds in this state.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="Number of builds.")
@data_option
def list_builds(project: str | None, state: str | None, limit: int, data: Path | None) -> None:
    """List the newest builds, or those of a PROJECT (OWNER/NAME)."""
    from ..rules import builds, projects, summaries
    from ..rules.listing import Page

    with opened(data) as database, database.reading() as tx:
        if project is None:
            found = summaries.newest_builds(tx, limit, state)
        else:
            ownername, _, name = project.partition("/")
            if not (ownername and name):
                fail(f"'{project}' is not a project: write OWNER/NAME, as `copr-local project list` shows it")
            wanted = projects.get(tx, ownername, name)
            found = builds.in_list(tx, wanted, Page(limit), state=state)
        table(
            ("BUILD", "STATE", "PROJECT", "PACKAGE", "SUBMITTED", "BY"),
            [
                (
                    build.id,
                    build.state,
                    build.project.full_name,
                    f"{build.package.name} {build.version}" if build.package else "-",
                    moment(build.submitted_on),
                    build.user.name if build.user else "-",
                )
                for build in found
            ],
        )


@builds.command("log")
@click.argument("build", type=click.IntRange(1))
@click.argument("chroot", required=False)
@click.option("-f", "--follow", is_flag=True, help="Keep printing until the build has finished.")
@data_option
def show_log(build: int, chroot: str | None, follow: bool, data: Path | None) -> None:
    """Print the log of a build: of its source step, then of each chroot.

    With CHROOT, print only the log of this chroot; `source` is the source step.
    """
    with opened(data) as database:
        if follow and not _are_finished(_steps(database, build)):
            _warn_if_not_served(database)
        shown: set[str] = set()
        while True:
            steps = _steps(database, build)
            if chroot is not None and chroot not in steps and _are_finished(steps):
                fail(f"build {build} has no chroot {chroot}; it has {', '.join(steps)}")
            unread = [name for name in steps if name not in shown and chroot in (None, name)]
            if unread:
                shown.add(unread[0])
                _print_log(database, build, unread[0], follow, heading=chroot is None)
            elif not follow or chroot in shown or _are_finished(steps):
                return
            else:
                time.sleep(POLL_INTERVAL)


def _warn_if_not_served(database: Database) -> None:
    with database.reading() as tx:
        data_folder = tx.data_folder
    if not data_folder.is_served():
        note = f"{data_folder.path} is not served: the build continues when `copr-local serve` runs"
        click.echo(f"copr-local: {note}", err=True)


@dataclass(frozen=True)
class _Step:
    """One step of a build: the folder of its log (None before it has started), and if it is finished."""

    folder: Path | None
    is_finished: bool


def _are_finished(steps: dict[str, _Step]) -> bool:
    return all(step.is_finished for step in steps.values())


def _steps(database: Database, build_id: int) -> dict[str, _Step]:
    from ..rules import builds, results, states

    with database.reading() as tx:
        build = builds.get(tx, build_id)
        is_finished = build.source_state in states.FINISHED
        began = build.source_started_on is not None
        steps = {SOURCE: _Step(results.of_source(tx, build) if began else None, is_finished)}
        for chroot in build.chroots:
            began = chroot.started_on is not None and build.package is not None
            folder = results.of_chroot(tx, chroot) if began else None
            steps[chroot.name] = _Step(folder, chroot.state in states.FINISHED)
        return steps


def _print_log(database: Database, build: int, name: str, follow: bool, heading: bool) -> None:
    if heading:
        click.echo(f"==> {name} <==")
    for piece in _pieces(database, build, name, follow):
        sys.stdout.buffer.write(visible(piece) if sys.stdout.isatty() else piece)
        sys.stdout.buffer.flush()


def _pieces(database: Database, build: int, name: str, follow: bool) -> Iterator[bytes]:
    """Yield the log of one step, piece by piece as it grows."""
    with closing(GrowingLog(again=f"==> {name}, started again <==")) as log:
        while True:
            step = _steps(database, build).get(name)
            if step is None:
                # A build that starts again may lose its chroots: it finds them again after the source step.
                return
            piece = log.more(step.folder)
            yield piece
            if not follow or (step.is_finished and not piece):
                return
            if not piece:
                time.sleep(POLL_INTERVAL)
