"""The data folder of a command, and how a command fails: one line on standard error, exit status 1."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from ..data.data_folder import DataFolder
    from ..data.database import Database


class _Folder(click.Path):
    """A folder. An empty name, for example from an unset variable, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the folder as a path, or refuse an empty name."""
        if value == "":
            self.fail("the name of the folder is empty", param, ctx)
        return super().convert(value, param, ctx)


data_option = click.option(
    "--data",
    type=_Folder(path_type=Path),
    metavar="DIR",
    envvar="COPR_LOCAL_DATA",
    help="Data folder: database, results, client configuration.  "
    "[default: $COPR_LOCAL_DATA, or copr-local in $XDG_DATA_HOME, or in ~/.local/share]",
)


def default_data() -> Path:
    """Return the data folder that commands use by default; end the command if the user has no home folder.

    :returns: `copr-local` in `$XDG_DATA_HOME`, or in `~/.local/share`.
    :source: https://specifications.freedesktop.org/basedir-spec/latest/
    """
    try:
        home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    except RuntimeError:
        fail("this user has no home folder: give a data folder with --data or COPR_LOCAL_DATA")
    return Path(home) / "copr-local"


def fail(text: object) -> NoReturn:
    """End the command with an error message and exit status 1.

    :param text: the message, in one line.
    :raises SystemExit: always.
    """
    click.echo(f"copr-local: {text}", err=True)
    sys.exit(1)


def has_database(folder: Path) -> bool:
    """Return True if a folder is a data folder with a database.

    :param folder: the folder; it need not exist.
    :returns: False for a folder that no service was started on.
    """
    return data_folder(folder).has_database()


def data_folder(folder: Path) -> DataFolder:
    """Return a data folder for a command, which writes no metadata of repositories.

    :param folder: the folder; it need not exist.
    :returns: the data folder.
    """
    from ..data.data_folder import DataFolder

    return DataFolder(folder, _never)


@contextmanager
def opened(data: Path | None) -> Iterator[Database]:  # noqa: DOC402 - a context manager
    """Open the database of a data folder, also while the folder is served.

    Errors of rules, files and the database end the command with a message.

    :param data: the data folder; None for the default one.
    :returns: a context manager that gives the database, and closes it at the end.
    :raises SystemExit: the folder has no database, or an error ended the command.
    """
    from sqlalchemy.exc import DBAPIError

    from ..data.data_folder import DataFolderError
    from ..data.database import Database
    from ..rules.errors import RuleError

    folder = (data or default_data()).absolute()
    if not has_database(folder):
        fail(f"{folder} is not a data folder: create it with `copr-local serve`, or give another with --data")
    try:
        database = Database(data_folder(folder))
        try:
            yield database
        finally:
            database.close()
    except BrokenPipeError:
        raise
    except (RuleError, DataFolderError, OSError) as error:
        fail(error)
    except DBAPIError as error:
        fail(f"the database cannot be used ({error.orig}): try again, or run `copr-local doctor`")


def _never(repository: Path) -> None:
    raise AssertionError(f"a command may not write the metadata of {repository}")


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows in columns; on a terminal, with a heading.

    :param heading: titles of the columns.
    :param rows: the rows; each has as many cells as the heading.
    """
    lines = [[str(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        lines.insert(0, list(heading))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def moment(when: int | None) -> str:
    """Format a time for people.

    :param when: unix time in seconds, UTC; None if it is not known.
    :returns: the time in UTC, as `2026-01-31 12:00:00`; `-` for None.
    """
    return "-" if when is None else f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M:%S}"
