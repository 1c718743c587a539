"""`copr-local user`: add, list, token."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .folder import data_option, opened, table

if TYPE_CHECKING:
    from ..data.database import Transaction
    from ..data.models import User
    from ..rules.users import Credentials


@click.group("user")
def users() -> None:
    """Users and their tokens."""


@users.command()
@click.argument("name")
@click.option("--admin", is_flag=True, help="Make the user an administrator, who may change all projects.")
@data_option
def add(name: str, admin: bool, data: Path | None) -> None:
    """Add a user, and print the configuration for the client.

    The configuration has the user's token, which is not shown again:

    \b
        copr-local user add bob > bob.conf
        copr-cli --config bob.conf whoami
    """
    from ..rules import users

    with opened(data) as database, database.writing() as tx:
        _print_configuration(tx, *users.add(tx, name, admin=admin))


@users.command()
@click.argument("name")
@data_option
def token(name: str, data: Path | None) -> None:
    """Give a user a new token, and print the configuration for the client.

    The old token stops working.
    """
    from ..rules import users

    with opened(data) as database, database.writing() as tx:
        user = users.get(tx, name)
        _print_configuration(tx, user, users.renew_token(tx, user))


@users.command("list")
@data_option
def list_users(data: Path | None) -> None:
    """List users, with groups and the last day of their tokens."""
    from ..rules import users

    with opened(data) as database, database.reading() as tx:
        table(
            ("USER", "GROUPS", "TOKEN UNTIL", ""),
            [
                (
                    user.name,
                    " ".join(f"@{group.name}" for group in user.groups) or "-",
                    user.api_token_expiration,
                    "administrator" if user.admin else "",
                )
                for user in users.in_list(tx)
            ],
        )


def _print_configuration(tx: Transaction, user: User, made: Credentials) -> None:
    """Print a user's client configuration; update the file in the data folder too if it is for this user."""
    from ..data import client_configuration

    file = tx.data_folder.client_configuration
    kept = client_configuration.read(file)
    url = kept.copr_url if kept else "http://127.0.0.1:2677"
    wanted = client_configuration.ClientConfiguration(user.name, made.login, made.token, url)
    if kept and kept.username == user.name:
        client_configuration.write(file, wanted, made.expiration)
    click.echo(client_configuration.text(wanted, made.expiration), nl=False)
