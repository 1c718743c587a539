"""The client configuration that a local Copr writes: the only place where a token is kept in clear.

The file is what the client reads from `~/.config/copr`: one section `[copr-cli]`, and a comment that says
when the token stops working. Nobody but its owner can read it, and it is never seen half written.
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
    """What a client needs to call a Copr as one of its users."""

    username: str
    login: str
    token: str
    copr_url: str

    def as_dict(self) -> dict[str, Any]:
        """The configuration as the client's `Client(config)` takes it."""
        return {
            "copr_url": self.copr_url,
            "login": self.login,
            "token": self.token,
            "username": self.username,
            "encrypted": False,
        }


def read(path: Path) -> ClientConfiguration | None:
    """The configuration in a file; None if there is no usable one."""
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
    """A configuration as the file that clients read."""
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
    """Write a configuration, in one step, so that only its owner can read it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text(configuration, expiration))
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
