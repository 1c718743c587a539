"""The configuration file that copr-local writes for clients; the token is stored in clear only there.

The client reads the same format from `~/.config/copr`: one section `[copr-cli]`, and a comment with the day
on which the token expires. Only the owner can read the file. It is replaced in one step.
"""

from __future__ import annotations

import configparser
import os
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

SECTION = "copr-cli"


@dataclass(frozen=True)
class ClientConfiguration:
    """The settings with which a client calls a Copr as one of its users.

    :param username: name of the user.
    :param login: API login of the user, a random string.
    :param token: API token, not encrypted.
    :param copr_url: URL of the Copr, without a slash at the end.
    """

    username: str
    login: str
    token: str
    copr_url: str

    def as_dict(self) -> dict[str, Any]:
        """Return the configuration as the client's `Client(config)` takes it.

        :returns: the four settings, and `encrypted`, which is False.
        """
        return {
            "copr_url": self.copr_url,
            "login": self.login,
            "token": self.token,
            "username": self.username,
            "encrypted": False,
        }


def read(path: Path) -> ClientConfiguration | None:
    """Return the configuration in a file.

    :param path: the file.
    :returns: the configuration; None if the file does not exist or has no complete section `[copr-cli]`.
    :raises OSError: the file exists, but cannot be read.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with path.open() as file:
            parser.read_file(file)
        section = parser[SECTION]
        return ClientConfiguration(
            section["username"], section["login"], section["token"], section["copr_url"]
        )
    except (FileNotFoundError, configparser.Error, KeyError, UnicodeDecodeError):
        return None


def text(configuration: ClientConfiguration, expiration: date) -> str:
    """Return a configuration in the format of the client's file.

    :param configuration: the configuration.
    :param expiration: last day on which the token is valid; the file has it as a comment.
    :returns: the text of the file.
    :source: ``GET /api/`` of a Copr frontend, which shows such a file
    """
    return (
        f"[{SECTION}]\n"
        f"username = {configuration.username}\n"
        f"login = {configuration.login}\n"
        f"token = {configuration.token}\n"
        f"copr_url = {configuration.copr_url}\n"
        "encrypted = False\n"
        f"# expiration date: {expiration.isoformat()}\n"
    )


def write(path: Path, configuration: ClientConfiguration, expiration: date) -> None:
    """Write a configuration file in one step, so that only its owner can read it.

    :param path: the file; an old one is replaced.
    :param configuration: the configuration.
    :param expiration: last day on which the token is valid.
    :raises OSError: the file cannot be written.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text(configuration, expiration))
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
