"""`copr-local builder`: the builder program; and add, list, remove, drain for the builders of a service."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click

from .addresses import address, broker_option
from .folder import data_option, fail, opened, table
from .signals import catch_ends


def _arch_option(text: str, *, required: bool = False) -> Callable[[Any], Any]:
    """Return the option for architectures, with this help text."""
    default = "" if required else "  [default: this machine's]"
    text = f"An architecture of chroots {text}; repeat the option for several.{default}"
    return click.option("--arch", "arches", multiple=True, required=required, help=text)


def _chroot_option(text: str) -> Callable[[Any], Any]:
    """Return the option for patterns of chroots, with this help text."""
    return click.option(
        "--chroot", "chroots", metavar="PATTERN", multiple=True, help=f"{text}  [default: all]"
    )


@click.group("builder", invoke_without_command=True)
@click.option("--service", metavar="URL", callback=address("http", "https"), help="URL of the service.")
@click.option(
    "--token-file",
    type=click.File(),
    metavar="FILE",
    help="File with the token that `copr-local builder add` has printed at the service.",
)
@_arch_option("to build for")
@_chroot_option("Chroots to build in, such as 'epel-*'; repeat the option for several.")
@click.option(
    "--slots",
    type=click.IntRange(1),
    metavar="N",
    help="Largest number of builds at the same time.  [default: one for each processor core]",
)
@broker_option
@click.option(
    "--work",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for the builds and the roots of this builder.  "
    "[default: $XDG_CACHE_HOME/copr-local-builder]",
)
@click.pass_context
def builders(
    context: click.Context,
    service: str | None,
    token_file: IO[str] | None,
    arches: tuple[str, ...],
    chroots: tuple[str, ...],
    slots: int | None,
    broker: str | None,
    work: Path | None,
) -> None:
    """Build for a service on another machine, until Ctrl-C or SIGTERM.

    \b
        copr-local builder add big --arch x86_64 > token                  at the service
        copr-local builder --service https://copr.example.com --token-file token     here

    The builder asks the service for builds, or gets them by a message broker that the service uses too. It
    needs no open port. When it stops, its builds go to other builders. The other commands manage the builders
    of a service.
    """
    if context.invoked_subcommand is not None:
        return
    if service is None or token_file is None:
        raise click.UsageError("--service and --token-file are needed, or one of the commands")
    from ..agent.program import FolderInUse, Program

    logging.basicConfig(level=logging.INFO, format="copr-local: %(message)s")
    ends = catch_ends()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        program = Program(
            service,
            token_file.read().strip(),
            work or cache / "copr-local-builder",
            arches=arches or (os.uname().machine,),
            chroots=chroots,
            slots=slots or os.cpu_count() or 1,
            broker=broker,
        )
        program.start()
    except (FolderInUse, OSError, ValueError) as error:
        fail(error)
    click.echo(f"building for {service}; Ctrl-C ends it")
    sys.stdout.flush()
    os.read(ends, 1)
    program.stop()
    click.echo("stopped")


@builders.command()
@click.argument("name")
@_arch_option("that it may build for, such as x86_64", required=True)
@_chroot_option(
    "Chroots that it may build in, such as 'epel-*'; repeat the option for several. A source RPM is made in"
    " srpm-builds."
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
    """List builders: what they may build, what they take, when they were last heard, what they build.

    A builder polls, or gets builds by the message broker.
    """
    from ..rules import builders

    with opened(data) as database, database.reading() as tx:
        table(
            ("BUILDER", "FOR", "CHROOTS", "TAKES", "LAST HEARD", "BUILDS", ""),
            [
                (
                    builder.name,
                    " ".join(builder.arches),
                    " ".join(builder.chroots) or "all",
                    builders.wish_of(builder) or "-",
                    "never"
                    if builder.heard_on is None
                    else f"{datetime.fromtimestamp(builder.heard_on, UTC):%Y-%m-%d %H:%M:%S} UTC",
                    " ".join(str(step.build_id) for step in builders.building(tx, builder.name)) or "-",
                    "drained" if builder.is_drained else builders.trouble_of(builder),
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
