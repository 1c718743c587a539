"""`copr-local doctor`: what this machine can build, and why not."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..releases import CHROOTS
from .addresses import address, broker_option
from .folder import data_option, default_data, has_database, table

if TYPE_CHECKING:
    from ..builders.diagnosis import Finding


@click.command()
@data_option
@click.option(
    "--events",
    metavar="URL",
    envvar="COPR_LOCAL_EVENTS",
    callback=address("amqp", "amqps"),
    help="Check this message broker, too; the URL is that of `copr-local serve`.",
)
@broker_option
def doctor(data: Path | None, events: str | None, broker: str | None) -> None:
    """Check what this machine can build, and what is missing.

    Lines that begin with `--` show what is missing or does not work, and what to install. The exit status
    is 1 if nothing can be built at all.
    """
    from ..builders import diagnosis
    from ..builders.sandbox.resource_usage import size

    folder = (data or default_data()).absolute()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    machine = f"{os.uname().machine}, {os.cpu_count()} cores"
    database, can_be_read = _database(folder)
    findings = [
        diagnosis.Finding("machine", True, machine),
        _data(folder, there),
        diagnosis.Finding("disk", True, f"{size(shutil.disk_usage(there).free)} free"),
        *database,
        *([_events(events)] if events else []),
        *([_broker(broker)] if broker else []),
        *diagnosis.examine(_chroots(folder) if can_be_read else list(CHROOTS), _with_roots(folder)),
        *(_sources(folder) if can_be_read else []),
        *(_builders(folder) if can_be_read else []),
    ]
    table(("", "", ""), [("ok" if one.is_well else "--", one.subject, one.text) for one in findings])
    if any(one.is_needed and not one.is_well for one in findings):
        sys.exit(1)


def _data(folder: Path, there: Path) -> Finding:
    """Check if the data folder can be written to; if it does not exist yet, report that."""
    from ..builders import diagnosis

    if there != folder:
        return diagnosis.Finding("data", False, f"{folder} does not exist yet")
    try:
        with tempfile.TemporaryFile(dir=folder):
            return diagnosis.Finding("data", True, str(folder))
    except OSError as error:
        return diagnosis.Finding("data", False, f"{folder} cannot be written ({error.strerror})", True)


def _database(folder: Path) -> tuple[list[Finding], bool]:
    """Check the database of a data folder. The second value is True if its tables can be read.

    Tables of an older version are not read, since opening them would upgrade them.
    """
    from ..builders import diagnosis
    from ..data.data_folder import DataFolderError
    from ..data.diagnosis import describe
    from .folder import data_folder

    if not has_database(folder):
        return [], False
    try:
        text, is_current, warning = describe(data_folder(folder))
    except (DataFolderError, OSError) as error:
        return [diagnosis.Finding("database", False, str(error), True)], False
    findings = [diagnosis.Finding("database", True, text)]
    return findings + ([diagnosis.Finding("connections", False, warning)] if warning else []), is_current


def _events(url: str) -> Finding:
    """Check if the broker of messages can be reached, and knows the user."""
    from ..builders import diagnosis
    from ..events.publisher import check

    try:
        return diagnosis.Finding("events", True, check(url))
    except ValueError as error:
        return diagnosis.Finding("events", False, str(error))


def _broker(url: str) -> Finding:
    """Check if the broker of builds can be reached, and has settings that delay no build."""
    from ..broker.diagnosis import check
    from ..builders import diagnosis

    try:
        text, warning = check(url)
    except ValueError as error:
        return diagnosis.Finding("broker", False, str(error))
    return diagnosis.Finding("broker", not warning, f"{text}; {warning}" if warning else text)


def _sources(folder: Path) -> list[Finding]:
    """Return where source RPMs are made; an empty list if that is this machine."""
    from ..builders import diagnosis
    from ..rules import source_chroots
    from .folder import opened

    with opened(folder) as database, database.reading() as tx:
        chroot = source_chroots.choose(tx, source_chroots.NEWEST, "", os.uname().machine)
    text = (
        f"are made in roots of {chroot}, which get the programs that they need, unless --source-chroot is set"
    )
    return [] if chroot is None else [diagnosis.Finding("source RPMs", True, text)]


def _builders(folder: Path) -> list[Finding]:
    """Return what is known about builders on other machines."""
    from ..builders import diagnosis
    from ..rules import builders
    from .folder import opened

    findings = []
    with opened(folder) as database, database.reading() as tx:
        for builder in builders.in_list(tx):
            is_silent = builders.is_silent(builder, tx.time)
            ago = None if builder.heard_on is None else tx.now - builder.heard_on
            heard = "never heard" if ago is None else f"last heard {ago} s ago"
            steps = builders.building(tx, builder.name)
            builds = ", ".join(f"{step.build_id} ({step.chroot or 'source'})" for step in steps)
            trouble = builders.trouble_of(builder)
            wish = builders.wish_of(builder)
            about = [" ".join(builder.arches), heard, f"builds {builds}" if steps else "builds nothing"]
            about += [f"takes {wish}"] if wish else []
            about += ["drained"] if builder.is_drained else []
            about += [trouble] if trouble else []
            is_well = not is_silent and not trouble
            findings.append(diagnosis.Finding(f"builder {builder.name}", is_well, "; ".join(about)))
    return findings


def _with_roots(folder: Path) -> set[str]:
    """Return the chroots of the data folder that have repositories."""
    return {path.name.removesuffix(".conf") for path in folder.glob("chroots/*.conf")}


def _chroots(folder: Path) -> list[str]:
    """Return the chroots of the data folder."""
    from ..rules import chroots
    from .folder import opened

    with opened(folder) as database, database.reading() as tx:
        return chroots.active_names(tx)
