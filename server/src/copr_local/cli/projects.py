"""`copr-local project`: list."""

from __future__ import annotations

from pathlib import Path

import click

from .folder import data_option, fail, moment, opened, table


@click.group("project")
def projects() -> None:
    """Projects. They are added and changed by their owners, through the API."""


@projects.command("list")
@click.argument("owner", required=False)
@data_option
def list_projects(owner: str | None, data: Path | None) -> None:
    """List projects, or those of an OWNER (a user, or @GROUP): name, chroots, builds, the newest build."""
    from ..rules import summaries, users
    from ..rules.errors import NotFound

    with opened(data) as database, database.reading() as tx:
        try:
            if owner is not None:
                users.get_owner(tx, owner)
        except NotFound:
            fail(f"'{owner}' is not a user or group: write NAME for a user, @NAME for a group")
        table(
            ("PROJECT", "CHROOTS", "BUILDS", "NEWEST BUILD"),
            [
                (one.project.full_name, len(one.project.chroots), one.builds, moment(one.newest))
                for one in summaries.projects(tx, owner)
            ],
        )
