"""`copr-local chroot`: add, list, disable."""

from __future__ import annotations

from pathlib import Path

import click

from .folder import data_option, opened, table


@click.group("chroot")
def chroots() -> None:
    """Chroots that projects can build for, such as fedora-45-x86_64.

    `copr-local doctor` shows for which of them this machine can build.
    """


@chroots.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--comment", default="", help="Comment that clients show next to the name.")
@data_option
def add(names: tuple[str, ...], comment: str, data: Path | None) -> None:
    """Offer more chroots to projects. A disabled chroot is enabled again."""
    from ..rules import chroots

    with opened(data) as database, database.writing() as tx:
        chroots.add(tx, names, comment)


@chroots.command()
@click.argument("names", nargs=-1, required=True)
@data_option
def disable(names: tuple[str, ...], data: Path | None) -> None:
    """Stop offering chroots. Packages that were built for them stay."""
    from ..rules import chroots

    with opened(data) as database, database.writing() as tx:
        chroots.disable(tx, names)


@chroots.command("list")
@click.option("--all", "everything", is_flag=True, help="Include disabled chroots.")
@data_option
def list_chroots(everything: bool, data: Path | None) -> None:
    """List chroots, in the order in which clients show them."""
    from ..rules import chroots

    with opened(data) as database, database.reading() as tx:
        table(
            ("CHROOT", "", "COMMENT"),
            [
                (chroot.name, "" if chroot.is_active else "disabled", chroot.comment)
                for chroot in (chroots.known(tx) if everything else chroots.active(tx))
            ],
        )
