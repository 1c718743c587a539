"""What a service does before it answers: it makes a new data folder usable, or an old one sound again."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from .data import client_configuration
from .data.client_configuration import ClientConfiguration
from .data.data_folder import DataFolder
from .data.database import Database, Transaction
from .data.models import User
from .releases import CHROOTS, DISTGITS
from .rules import chroots, queue, sources, users
from .rules.errors import AuthenticationRequired

log = logging.getLogger(__name__)


def prepare(
    database: Database,
    data_folder: DataFolder,
    url: str,
    username: str,
    offered: Mapping[str, str] | None,
    distgits: Mapping[str, str] | None,
) -> tuple[ClientConfiguration, bool]:
    """Make the data folder ready to be served.

    :param url: the address for the client client_configuration.
    :param username: the first user of a folder that has none.
    :param offered: the chroots to offer, with comments; None for those that the folder has, or the defaults.
    :param distgits: the dist-gits to offer, with addresses; None as for the chroots.
    :returns: the first user's client_configuration, which is in its file now, and whether its token is new.
    :raises RuleError: the user's name or a chroot's is none, or there is no dist-git.
    """
    database.carry_out()
    with database.writing() as tx:
        if offered is not None:
            chroots.offer(tx, offered)
        elif not chroots.any_known(tx):
            chroots.offer(tx, CHROOTS)
        if distgits is not None or not sources.distgits(tx):
            sources.offer_distgits(tx, DISTGITS if distgits is None else distgits)
        for step in queue.recover(tx):
            log.info("%s did not come to its end; it is queued again", step)
        return _client_configuration(tx, data_folder, url, username)


def _client_configuration(
    tx: Transaction, data_folder: DataFolder, url: str, username: str
) -> tuple[ClientConfiguration, bool]:
    """The first user's configuration; a new token where the file has none that works.

    Only hashes of tokens are in the database, so a file that was lost cannot be written again.
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
    try:
        return users.authenticate(tx, kept.login, kept.token).id == user.id
    except AuthenticationRequired:
        return False
