"""`copr-local serve`: the service in the foreground, until a signal stops it."""

from __future__ import annotations

import gc
import getpass
import os
import re
import sys
from pathlib import Path
from typing import IO

import click

from ..builders.settings import Settings
from ..local_copr import APIS, OLD_V3, LocalCopr, LocalCoprError
from .addresses import address, broker_option, named_addresses, public_address
from .build_options import build_options
from .folder import data_option, default_data, fail
from .json_log import configure_logs
from .signals import catch_ends

DEFAULT_PORT = 2677  # "COPR" on the keypad of a telephone
SHORTEST_SECRET = 20  # characters
#: New objects, searches and searches after which Python searches new, older and all objects for cycles.
SEARCHES = 10_000, 10, 100
SWITCH_INTERVAL = 0.001  # seconds
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@click.command()
@data_option
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Unless it is a loopback address, other machines can connect, unencrypted.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen on; 0 for any free port.",
)
@click.option(
    "--public-url",
    metavar="URL",
    callback=public_address(),
    help="URL that clients use for this service, if it differs from the address to listen on.",
)
@click.option(
    "--builders",
    type=click.IntRange(0),
    metavar="N",
    help="Largest number of build steps that run at once; with 0, all are left to builders elsewhere.  "
    "[default: one for each processor core]",
)
@click.option(
    "--distgit",
    "distgits",
    multiple=True,
    metavar="NAME=URL",
    callback=named_addresses("http", "https", "git", "file"),
    help="A dist-git that has packages at URL/rpms/PACKAGE; repeat the option for several, the default one"
    " first. The data folder keeps them.  [default: Fedora's]",
)
@click.option(
    "--api",
    "apis",
    type=click.Choice([*APIS, OLD_V3]),
    multiple=True,
    help="An API version to serve; repeat the option for several.  [default: v1, v2 and v3]",
)
@click.option(
    "--remote-user-header",
    metavar="NAME",
    help="Header in which a web server in front of this service sends the user name from Kerberos. It must"
    " remove this header from the requests of clients. Needs --remote-user-secret.  [default: none]",
)
@click.option(
    "--remote-user-secret",
    type=click.File(),
    metavar="FILE",
    help="File with a secret that this web server sends in the header X-Copr-Secret, at least 20 characters.",
)
@click.option(
    "--database",
    metavar="URL",
    envvar="COPR_LOCAL_DATABASE",
    help="URL of a PostgreSQL database, such as postgresql+psycopg://copr@db.example.com/copr, for a new data"
    " folder. The folder keeps it.  [default: $COPR_LOCAL_DATABASE, or a file in the data folder]",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the log on standard error; json has one object in each line, also for each request.",
)
@click.option(
    "--events",
    metavar="URL",
    envvar="COPR_LOCAL_EVENTS",
    callback=address("amqp", "amqps"),
    help="Message broker to publish messages about builds to, such as amqp://USER:PASSWORD@HOST/VHOST."
    " For TLS, amqps://HOST/VHOST?cacertfile=FILE&certfile=FILE&keyfile=FILE.  [default:"
    " $COPR_LOCAL_EVENTS, or none]",
)
@click.option(
    "--topic-prefix",
    metavar="PREFIX",
    default="",
    help="What the topics of these messages begin with, such as org.example.prod.  [default: nothing]",
)
@broker_option
@build_options
def serve(
    data: Path | None,
    host: str,
    port: int,
    public_url: str | None,
    builders: int | None,
    distgits: dict[str, str],
    apis: tuple[str, ...],
    remote_user_header: str | None,
    remote_user_secret: IO[str] | None,
    log_format: str,
    events: str | None,
    topic_prefix: str,
    broker: str | None,
    database: str | None,
    settings: Settings,
) -> None:
    """Serve a data folder until Ctrl-C or SIGTERM.

    The first start makes the folder, a user with your login name, and a client configuration with that
    user's token. Any Copr client works with it:

    \b
        copr-cli --config DIR/client.conf whoami
        Client(config_from_file("DIR/client.conf"))     # from copr.v3

    Closing the terminal stops it too, unless it was started with `nohup`. If the service stops or is killed,
    its next start on the same folder runs the unfinished builds again.
    """
    configure_logs(log_format == "json")
    if host not in LOOPBACK:
        click.echo(
            f"copr-local: warning: on {host}, other machines can connect, without encryption, and anyone with"
            " a token can run programs here. If clients use another URL for this service, set --public-url.",
            err=True,
        )
    secret = _secret(remote_user_header, remote_user_secret)
    ends = catch_ends()
    try:
        _warn_of_missing_protection()
        service = LocalCopr(
            data or default_data(),
            host=host,
            port=port,
            username=login_name(),
            builders=builders,
            public_url=public_url,
            distgits=distgits or None,
            apis=apis or APIS,
            remote_user_header=remote_user_header,
            remote_user_secret=secret,
            events=events or False,
            topic_prefix=topic_prefix,
            broker=broker,
            settings=settings,
            database=database,
        )
        with service:
            _let_all_threads_run()
            announce(service)
            os.read(ends, 1)
    except (LocalCoprError, OSError) as error:
        fail(error)
    click.echo("stopped")


def _let_all_threads_run() -> None:
    """Set up Python so that a thread with much to do, such as a long listing, does not hold up the others.

    - Threads take turns more often, since each of many that wait for a turn adds to the wait of the others.
    - Cycles are searched seldom, and only among objects that are made from now on. All threads stop
      meanwhile: for 75 ms if all modules and tables are searched, and for 250 ms if a long listing is in
      memory. By default, each long listing would cause such a search.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.freeze()
    gc.set_threshold(*SEARCHES)


def _warn_of_missing_protection() -> None:
    """Say which protection from builds this machine lacks; `copr-local doctor` says it, too."""
    from ..builders.sandbox.protection import protections

    for protection in protections():
        if not protection.exists:
            click.echo(f"copr-local: warning: {protection.text}", err=True)


def _secret(header: str | None, file: IO[str] | None) -> str | None:
    """Return the secret of the web server in front; it is required if that server names users."""
    secret = file.read().strip() if file is not None else ""
    if header is None or len(secret) >= SHORTEST_SECRET:
        return secret or None
    raise click.UsageError(
        "--remote-user-header needs --remote-user-secret FILE with a secret of at least"
        f" {SHORTEST_SECRET} characters. Without it, every program here could claim to be any user."
    )


def announce(service: LocalCopr) -> None:
    """Print the URL and the paths. Programs wait for these lines, so they are flushed.

    A terminal also shows a link that signs the first user in. Log files do not get it.

    :param service: the running service.
    """
    fresh = " (new token)" if service.token_is_new else ""
    click.echo(f"URL:     {service.url}")
    click.echo(f"data:    {service.data}")
    click.echo(f"client:  {service.config_path}{fresh}")
    if sys.stdout.isatty():
        click.echo(f"sign in: {service.sign_in_url()}  (once, within ten minutes)")
    click.echo("ready; Ctrl-C ends it")
    sys.stdout.flush()


def login_name() -> str:
    """Return the login name of the user who runs the command, as a valid user name.

    :returns: the name, with invalid characters replaced by `-`; `local` if there is none.
    """
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # OSError since Python 3.13
        return "local"
    return re.sub(r"[^A-Za-z0-9_.-]", "-", name).lstrip(".-")[:64] or "local"
