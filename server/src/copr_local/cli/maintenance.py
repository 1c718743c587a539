"""`copr-local gc` and `copr-local backup`."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import click

from .folder import data_option, default_data, fail, opened


@click.command()
@click.option("-n", "--dry-run", is_flag=True, help="Only print what would be removed.")
@click.option(
    "--older-than",
    "hours",
    type=click.FloatRange(0),
    default=1.0,
    show_default=True,
    metavar="HOURS",
    help="Keep files newer than this: they may still be in use.",
)
@click.option(
    "--roots", "all_roots", is_flag=True, help="Remove all installed roots too; builds install them again."
)
@data_option
def gc(dry_run: bool, hours: float, all_roots: bool, data: Path | None) -> None:
    """Remove orphans: files that no build or project uses any more.

    A crash or a full disk can leave them: results of deleted builds and projects, and uploads without
    a build. Builds are never removed, however old they are; delete them through the API.
    """
    from ..builders.roots.store import remove_idle, remove_unused
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
            with database.reading() as tx:
                roots = tx.data_folder.roots
            if not roots.exists():
                return
            if all_roots:
                click.echo(f"{remove_idle(roots)} installed roots removed")
            elif count := remove_unused(roots):
                click.echo(f"{count} installed roots removed, which no build has used for 15 days")


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@data_option
def backup(target: Path, data: Path | None) -> None:
    """Copy the data folder, also while it is served.

    TARGET must not exist. When the copy is served, unfinished builds are requeued, and the metadata of
    repositories is written again:

    \b
        copr-local backup /srv/backup/monday
        copr-local serve --data /srv/backup/monday
    """
    from ..data.backup import back_up

    if os.path.lexists(target):
        fail(f"{target} exists already: choose another folder")
    if target.absolute().is_relative_to((data or default_data()).absolute()):
        fail(f"{target} is inside the data folder: choose a folder outside")
    with opened(data) as database:
        try:
            back_up(database, target.absolute())
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            fail(f"cannot back up to {target}: {reason}")
    click.echo(f"copied to {target}")
