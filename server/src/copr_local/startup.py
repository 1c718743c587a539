"""The data folder of a service: made, and prepared before the service accepts requests."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .builders.macros import parse_chroot
from .builders.roots.configuration import parse_configuration
from .builders.sandbox.leftovers import end_leftovers, mark_of
from .builders.tasks import BuildFailed
from .data import client_configuration
from .data.client_configuration import ClientConfiguration
from .data.data_folder import DataFolder
from .data.database import Database, Transaction
from .data.models import User
from .releases import CHROOTS, DISTGITS
from .rules import chroots, interruptions, sources, users
from .rules.errors import AuthenticationRequired
from .worker.dead_processes import clean_up

log = logging.getLogger(__name__)


@contextmanager
def temporary_data() -> Iterator[Path]:  # noqa: DOC402 - a context manager
    """Make the data folder of a service that keeps nothing; it is removed when the service has stopped.

    :returns: a context manager that gives the path of the folder.
    """
    with tempfile.TemporaryDirectory(prefix="copr-local-", ignore_cleanup_errors=True) as folder:
        data = Path(folder)
        if os.geteuid() == 0:
            data.chmod(0o755)  # builds are other users, and without a sandbox they need the path
        try:
            yield data
        finally:
            roots = data / "roots"
            if roots.exists():  # their files may belong to other ids than the service's
                from .builders.roots.store import remove_all

                remove_all(roots)


def prepare(
    database: Database,
    data_folder: DataFolder,
    url: str,
    username: str,
    offered: Mapping[str, str] | None,
    distgits: Mapping[str, str] | None,
) -> tuple[ClientConfiguration, bool]:
    """Prepare the data folder for serving: set it up, or recover it after a crash.

    :param database: the database in the data folder.
    :param data_folder: the data folder.
    :param url: the URL of this service, for the client configuration.
    :param username: name of the first user, if the data folder has no users.
    :param offered: comments of the chroots to offer, by name; None for those of an existing data folder,
        or else those of `copr_local.releases`.
    :param distgits: URLs of the dist-gits to offer, by name; None for those of an existing data folder,
        or else those of `copr_local.releases`.
    :returns: the first user's client configuration, which is now in its file, and True if its token is new.
    :raises Invalid: the name of the user or of a chroot is not valid, or `distgits` is empty.
    :raises OSError: the file of the client configuration cannot be read or written.
    """
    is_alone = data_folder.is_alone
    clean_up(database)
    if is_alone and data_folder.client_configuration.exists() and end_leftovers(mark_of(data_folder.path)):
        log.info("programs of builds that were interrupted were still running; they are ended")
    database.carry_out()
    with database.writing() as tx:
        if offered is not None:
            chroots.offer(tx, offered)
        elif not chroots.any_known(tx):
            chroots.offer(tx, CHROOTS)
        if distgits is not None or not sources.distgits(tx):
            sources.offer_distgits(tx, DISTGITS if distgits is None else distgits)
        # Steps of other processes are theirs, until their leases end.
        for step in interruptions.recover(tx) if is_alone else ():
            log.info("%s was interrupted; it is requeued", step)
        return _client_configuration(tx, data_folder, url, username)


def configure_chroots(
    data_folder: DataFolder, configurations: Mapping[str, str | os.PathLike[str] | None]
) -> None:
    """Store the dnf configurations of chroots, so that their builds run in installed roots.

    :param data_folder: the data folder.
    :param configurations: path of the configuration by the name of the chroot; None to build with the
        programs of this machine.
    :raises ValueError: a file is not a dnf configuration with repositories.
    :raises OSError: a file cannot be read or written.
    """
    for name, path in configurations.items():
        text = None if path is None else Path(path).read_text(encoding="utf-8")
        try:
            store_configuration(data_folder, name, text)
        except ValueError as error:
            raise ValueError(f"{path} cannot be used for {name}: {error}") from error


def store_configuration(data_folder: DataFolder, name: str, text: str | None) -> None:
    """Store the dnf configuration of a chroot.

    :param data_folder: the data folder.
    :param name: name of the chroot.
    :param text: the configuration; None to build with the programs of this machine.
    :raises ValueError: the text is not a dnf configuration with repositories.
    :raises OSError: the file cannot be written.
    """
    if text is not None:
        try:
            parse_configuration(text, parse_chroot(name))
        except BuildFailed as error:
            raise ValueError(str(error)) from error
    data_folder.write(data_folder.chroot_configuration(name), text)


def _client_configuration(
    tx: Transaction, data_folder: DataFolder, url: str, username: str
) -> tuple[ClientConfiguration, bool]:
    """Return the first user's client configuration, and True if its token is new.

    The database has only hashes of tokens, so a lost or wrong file gets a new token.
    """
    user = users.first(tx)
    kept = client_configuration.read(data_folder.client_configuration)
    if user is not None and kept is not None and _works(tx, user, kept):
        wanted = ClientConfiguration(user.name, kept.login, kept.token, url)
        if wanted != kept:
            client_configuration.write(data_folder.client_configuration, wanted, user.api_token_expiration)
        return wanted, False
    if user is None:
        user, made = users.add(tx, username)
    else:
        made = users.renew_token(tx, user)
    wanted = ClientConfiguration(user.name, made.login, made.token, url)
    client_configuration.write(data_folder.client_configuration, wanted, made.expiration)
    return wanted, True


def _works(tx: Transaction, user: User, kept: ClientConfiguration) -> bool:
    """Return True if the login and the token of a client configuration are valid for a user."""
    try:
        return users.authenticate(tx, kept.login, kept.token).id == user.id
    except AuthenticationRequired:
        return False
