"""`copr-local gc` and `copr-local backup`."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import click

from .folder import data_option, default_data, fail, opened


@click.command()
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option(
    "--older-than",
    "hours",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    metavar="HOURS",
    help="Leave alone what is younger: somebody may just be writing it.",
)
@data_option
def gc(dry_run: bool, hours: float, data: Path | None) -> None:
    """Remove what nothing refers to any more.

    That is results of builds and projects that are gone, and uploads that no build waits for: what a crash or
    a full disk may leave. Builds, however old, are never removed by this; delete them through the API.
    """
    from ..builders.sandbox.resource_usage import size
    from ..data.garbage import find_orphans, remove_orphans

    with opened(data) as database:
        found = find_orphans(database, seconds=hours * 3600)
        for path in found:
            click.echo(path)
        if dry_run:
            click.echo(f"{len(found)} to remove")
        else:
            click.echo(f"{len(found)} removed, {size(remove_orphans(database, found))} freed")


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@data_option
def backup(target: Path, data: Path | None) -> None:
    """Copy the data folder, also while it is served.

    TARGET must not exist. When the copy is served, what was building is queued again, and repositories are
    written anew:

    \b
        copr-local backup /srv/backup/monday
        copr-local serve --data /srv/backup/monday
    """
    from ..data.backup import back_up

    if os.path.lexists(target):
        fail(f"{target} exists: name a folder that does not")
    if target.absolute().is_relative_to((data or default_data()).absolute()):
        fail(f"{target} is in the data folder itself: name a folder elsewhere")
    with opened(data) as database:
        try:
            back_up(database, target.absolute())
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            fail(f"cannot back up to {target}: {reason}")
    click.echo(f"copied to {target}")
