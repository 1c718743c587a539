"""`copr-local builder`: add, list, remove, drain."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from .folder import data_option, opened, table


@click.group("builder")
def builders() -> None:
    """Builders on other machines."""


@builders.command()
@click.argument("name")
@click.option(
    "--arch",
    "arches",
    multiple=True,
    required=True,
    help="An architecture of chroots that it may build for, such as x86_64; repeat the option for several.",
)
@click.option(
    "--chroot",
    "chroots",
    metavar="PATTERN",
    multiple=True,
    help="Chroots that it may build in, such as 'epel-*'; repeat the option for several. A source RPM is made"
    " in srpm-builds.  [default: all]",
)
@data_option
def add(name: str, arches: tuple[str, ...], chroots: tuple[str, ...], data: Path | None) -> None:
    """Add a builder, and print its token, which is not shown again.

    \b
        copr-local builder add big --arch x86_64 > token
    """
    from ..rules import builders

    with opened(data) as database, database.writing() as tx:
        token = builders.add(tx, name, arches, chroots)
    click.echo(token)


@builders.command("list")
@data_option
def list_builders(data: Path | None) -> None:
    """List builders, with what they may build, what they are building, and when they were last heard."""
    from ..rules import builders

    with opened(data) as database, database.reading() as tx:
        table(
            ("BUILDER", "FOR", "CHROOTS", "LAST HEARD", "BUILDS", ""),
            [
                (
                    builder.name,
                    " ".join(builder.arches),
                    " ".join(builder.chroots) or "all",
                    "never"
                    if builder.heard_on is None
                    else f"{datetime.fromtimestamp(builder.heard_on, UTC):%Y-%m-%d %H:%M:%S} UTC",
                    " ".join(str(step.build_id) for step in builders.building(tx, builder.name)) or "-",
                    "drained" if builder.is_drained else "",
                )
                for builder in builders.in_list(tx)
            ],
        )


@builders.command()
@click.argument("name")
@data_option
def remove(name: str, data: Path | None) -> None:
    """Remove a builder. Its token is refused, and another builder repeats what it builds now."""
    from ..rules import builders

    with opened(data) as database, database.writing() as tx:
        builders.remove(tx, name)


@builders.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="Give it builds again.")
@data_option
def drain(name: str, undo: bool, data: Path | None) -> None:
    """Give a builder no more builds, for example before its machine is switched off.

    It finishes those that it has: `copr-local builder list` shows them.
    """
    from ..rules import builders

    with opened(data) as database, database.writing() as tx:
        builders.drain(tx, name, not undo)
