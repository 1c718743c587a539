"""`copr-local group`: add, join, leave, remove, list."""

from __future__ import annotations

from pathlib import Path

import click

from .folder import data_option, opened, table


@click.group("group")
def groups() -> None:
    """Groups of users, who own projects together.

    As the owner of a project, a group is written @NAME; in these commands, NAME.
    """


@groups.command()
@click.argument("name")
@click.argument("members", nargs=-1)
@data_option
def add(name: str, members: tuple[str, ...], data: Path | None) -> None:
    """Add a group with its first members."""
    from ..rules import groups, users

    with opened(data) as database, database.writing() as tx:
        groups.add(tx, name, [users.get(tx, member) for member in members])


@groups.command()
@click.argument("name")
@click.argument("members", nargs=-1, required=True)
@data_option
def join(name: str, members: tuple[str, ...], data: Path | None) -> None:
    """Add users to a group."""
    from ..rules import groups, users

    with opened(data) as database, database.writing() as tx:
        groups.join(users.get_group(tx, name), [users.get(tx, member) for member in members])


@groups.command()
@click.argument("name")
@click.argument("members", nargs=-1, required=True)
@data_option
def leave(name: str, members: tuple[str, ...], data: Path | None) -> None:
    """Remove users from a group. Their builds stay."""
    from ..rules import groups, users

    with opened(data) as database, database.writing() as tx:
        groups.leave(users.get_group(tx, name), [users.get(tx, member) for member in members])


@groups.command()
@click.argument("name")
@data_option
def remove(name: str, data: Path | None) -> None:
    """Remove a group that owns no projects.

    Its members stay users. `copr-local group leave` removes single members.
    """
    from ..rules import groups, users

    with opened(data) as database, database.writing() as tx:
        groups.remove(tx, users.get_group(tx, name))


@groups.command("list")
@data_option
def list_groups(data: Path | None) -> None:
    """List groups and their members."""
    from ..rules import groups

    with opened(data) as database, database.reading() as tx:
        table(
            ("GROUP", "MEMBERS"),
            [(f"@{name}", " ".join(members) or "-") for name, members in groups.members(tx).items()],
        )
