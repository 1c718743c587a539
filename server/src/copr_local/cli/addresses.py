"""Checks of URLs on the command line: callbacks for options, which refuse what is not a valid URL."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import click


def address(*schemes: str) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """Return the callback of an optional option that takes a URL.

    :param schemes: allowed schemes, such as `https`.
    :returns: a callback that returns the URL, or None if the option is not given. It raises
        `click.BadParameter` for a URL that is not valid.
    """

    def check(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
        return None if url is None else _checked(url, schemes)

    return check


broker_option = click.option(
    "--broker",
    metavar="URL",
    envvar="COPR_LOCAL_BROKER",
    callback=address("amqp", "amqps", "redis", "rediss"),
    help="Message broker that carries builds to builders elsewhere, which the service and the builders use:"
    " amqp://USER:PASSWORD@HOST/VHOST of RabbitMQ, or redis://:PASSWORD@HOST/0. For TLS,"
    " amqps://HOST/VHOST?cacertfile=FILE&certfile=FILE&keyfile=FILE, or rediss.  [default:"
    " $COPR_LOCAL_BROKER, or none: builders ask the service]",
)


def public_address() -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """Return the callback of an optional option that takes the URL by which clients reach the service.

    :returns: a callback that returns the URL, or None if the option is not given. It raises
        `click.BadParameter` for a URL that is not valid, or has parts to which no path can be appended.
    """

    def check(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(_checked(url, ("http", "https")))
        if parts.username is not None or parts.query or parts.fragment:
            shown = _without_password(url)
            raise click.BadParameter(
                f"{shown} has a user name, a query or a fragment, but paths are appended to it"
            )
        return url

    return check


def named_addresses(
    *schemes: str,
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    """Return the callback of an option that takes NAME=URL any number of times.

    :param schemes: allowed schemes, such as `https`.
    :returns: a callback that returns the URLs by name. It raises `click.BadParameter` for a value that is not
        NAME=URL, or a URL that is not valid.
    """

    def check(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
        return dict(_named(each, schemes) for each in given)

    return check


def _named(text: str, schemes: tuple[str, ...]) -> tuple[str, str]:
    name, sign, url = text.partition("=")
    if not (name and sign):
        raise click.BadParameter(f"{text!r} is not NAME=URL, such as fedora=https://src.fedoraproject.org")
    return name, _checked(url, schemes)


def _checked(url: str, schemes: tuple[str, ...]) -> str:
    shown = _without_password(url)
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises the same error
    except ValueError as error:
        raise click.BadParameter(f"{shown} is not a valid URL: {error}") from error
    if not url.isprintable() or " " in url:
        raise click.BadParameter(f"{shown!r} is not a valid URL: it has blanks or control characters")
    if parts.scheme not in schemes or (parts.scheme == "file") == bool(parts.netloc):
        raise click.BadParameter(f"{shown} is not a URL with the scheme {' or '.join(schemes)}")
    return url


def _without_password(url: str) -> str:
    """Return a URL for messages, which may go to logs."""
    return re.sub(r"://([^/:@]*):[^/]*@", r"://\1:***@", url)
