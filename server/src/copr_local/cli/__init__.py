"""The command `copr-local`.

folder.py       the data folder of a command, and how a command fails
follow_log.py   reads a growing log, for `build log`
addresses.py    checks of URLs on the command line
serve.py  build_options.py    serve, and its options for builds
users.py  groups.py  chroots.py  projects.py  builds.py  builders.py    the content of a data folder
maintenance.py  gc, backup
doctor.py       what this machine can build
json_log.py     log lines for programs
signals.py      the signals that end serve and builder

Commands use the data folder directly, also while it is served: SQLite allows several processes, and a running
service sees their changes. The commands import the service only when they run, so `--help` is quick.
"""

from __future__ import annotations

import os
import signal
from typing import Any

import click

from .builders import builders
from .builds import builds
from .chroots import chroots
from .doctor import doctor
from .groups import groups
from .maintenance import backup, gc
from .projects import projects
from .serve import login_name, serve
from .users import users

__all__ = ["login_name", "main"]


class Commands(click.Group):
    """Commands that end silently when nothing reads their output, as in `copr-local ... | head`."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; on a broken pipe, end the process without an error message.

        :param ctx: context of the command.
        :returns: the result of the command, which nothing uses.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGPIPE)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="copr-local", prog_name="copr-local")
def main() -> None:
    """A Copr build service on this machine.

    It speaks the API of a public Copr, builds RPMs with rpmbuild, and publishes dnf repositories.
    All its data is in one folder.

    \b
        copr-local serve                       start the service
        copr-local doctor                      check what this machine can build
        copr-local user add bob > bob.conf     add a second user, and keep the client configuration
        copr-local build log -f 7              follow the log of a build

    All commands except `serve` work with a running service and without one.
    """


for command in (serve, users, groups, chroots, projects, builds, builders, gc, backup, doctor):
    main.add_command(command)
