"""The data folder that a command is about, and how a command fails: one line on standard error, status 1."""

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
    from ..data.database import Database


class _Folder(click.Path):
    """A folder. An empty name, as an unset variable makes it, would be the folder of the caller."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Take a name as it is."""
        if value == "":
            self.fail("an empty name is no folder", param, ctx)
        return super().convert(value, param, ctx)


data_option = click.option(
    "--data",
    type=_Folder(path_type=Path),
    metavar="DIR",
    envvar="COPR_LOCAL_DATA",
    help="The folder that keeps everything: database, results, client configuration.  "
    "[default: $COPR_LOCAL_DATA, or copr-local in $XDG_DATA_HOME, or in ~/.local/share]",
)


def default_data() -> Path:
    """The data folder where none is named."""
    try:
        home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    except RuntimeError:
        fail("this user has no home folder: name a data folder with --data, or in COPR_LOCAL_DATA")
    return Path(home) / "copr-local"


def fail(text: object) -> NoReturn:
    """End the command."""
    click.echo(f"copr-local: {text}", err=True)
    sys.exit(1)


@contextmanager
def opened(data: Path | None) -> Iterator[Database]:
    """The database of a data folder, which somebody may be serving; what goes wrong ends the command."""
    from sqlalchemy.exc import DBAPIError

    from ..data.data_folder import DataFolder, DataFolderError
    from ..data.database import Database
    from ..rules.errors import RuleError

    folder = (data or default_data()).absolute()
    if not (folder / "copr.db").exists():
        fail(f"there is no Copr in {folder}: `copr-local serve` makes one; or name its folder with --data")
    data_folder = DataFolder(folder, _never)
    try:
        database = Database(data_folder)
        try:
            yield database
        finally:
            database.close()
    except BrokenPipeError:
        raise
    except (RuleError, DataFolderError, OSError) as error:
        fail(error)
    except DBAPIError as error:
        fail(
            f"{data_folder.database} cannot be used ({error.orig}): try again, or look at `copr-local doctor`"
        )


def _never(repository: Path) -> None:
    raise AssertionError(f"metadata is the service's to write, also that of {repository}")


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows in columns, with a heading where standard output is a terminal."""
    lines = [[str(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        lines.insert(0, list(heading))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def moment(when: int | None) -> str:
    """A unix time, in UTC, for people."""
    return "-" if when is None else f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M:%S}"
