"""`copr-local doctor`: what this machine can build, and why not."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .folder import data_option, default_data, table

if TYPE_CHECKING:
    from ..builders.diagnosis import Finding


@click.command()
@data_option
def doctor(data: Path | None) -> None:
    """Check what this machine can build, and what is missing.

    Lines that begin with `--` show what is missing or does not work, and what to install. The exit status
    is 1 if nothing can be built at all.
    """
    from ..builders import diagnosis
    from ..builders.sandbox.resource_usage import size

    folder = (data or default_data()).absolute()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    machine = f"{os.uname().machine}, {os.cpu_count()} cores"
    findings = [
        diagnosis.Finding("machine", True, machine),
        _data(folder, there),
        diagnosis.Finding("disk", True, f"{size(shutil.disk_usage(there).free)} free"),
        *diagnosis.examine(_chroots(folder), _with_roots(folder)),
        *_sources(folder),
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


def _sources(folder: Path) -> list[Finding]:
    """Return where source RPMs are made; an empty list if that is this machine."""
    from ..builders import diagnosis
    from ..rules import source_chroots
    from .folder import opened

    if not (folder / "copr.db").exists():
        return []
    with opened(folder) as database, database.reading() as tx:
        chroot = source_chroots.choose(tx, source_chroots.NEWEST, "", os.uname().machine)
    text = (
        f"are made in roots of {chroot}, which get the programs that they need, unless --source-chroot is set"
    )
    return [] if chroot is None else [diagnosis.Finding("source RPMs", True, text)]


def _with_roots(folder: Path) -> set[str]:
    """Return the chroots of the data folder that have repositories."""
    return {path.name.removesuffix(".conf") for path in folder.glob("chroots/*.conf")}


def _chroots(folder: Path) -> list[str]:
    """Return the chroots of the data folder; the default ones if it does not exist yet."""
    from ..releases import CHROOTS
    from ..rules import chroots
    from .folder import opened

    if not (folder / "copr.db").exists():
        return list(CHROOTS)
    with opened(folder) as database, database.reading() as tx:
        return chroots.active_names(tx)
