"""`copr-local chroot`: add, list, disable."""

from __future__ import annotations

from pathlib import Path

import click

from .folder import data_option, fail, opened, table


@click.group("chroot")
def chroots() -> None:
    """Chroots that projects can build for, such as fedora-45-x86_64.

    `copr-local doctor` shows for which of them this machine can build.
    """


@chroots.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--comment", default="", help="What clients show next to the name.")
@click.option(
    "--repos",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A dnf configuration with repositories: builds run in a root that is installed from them.",
)
@click.option("--public", is_flag=True, help="The same, with the public repositories of the distribution.")
@data_option
def add(names: tuple[str, ...], comment: str, repos: Path | None, public: bool, data: Path | None) -> None:
    """Offer chroots, after those that are offered already. A disabled chroot is enabled again.

    Without repositories, builds run with the programs of this machine.
    """
    from ..releases import public_configuration
    from ..rules import chroots
    from ..startup import store_configuration

    if repos is not None and public:
        fail("choose one of --repos and --public")
    texts = dict.fromkeys(names, repos.read_text(encoding="utf-8") if repos is not None else None)
    if public:
        texts = {name: public_configuration(name) if name.count("-") > 1 else None for name in names}
        if unknown := [name for name, text in texts.items() if text is None]:
            fail(f"the public repositories of {', '.join(unknown)} are not known: give a file with --repos")
    with opened(data) as database, database.writing() as tx:
        chroots.add(tx, names, comment)
        for name, text in texts.items():
            if text is not None:
                try:
                    store_configuration(tx.data_folder, name, text)
                except ValueError as error:
                    fail(f"{repos or name} cannot be used: {error}")


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
