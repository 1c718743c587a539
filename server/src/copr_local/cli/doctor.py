"""`copr-local doctor`: what this machine can build, and why not."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from .folder import data_option, default_data, table


@click.command()
@data_option
def doctor(data: Path | None) -> None:
    """Say what this machine can build, and why not.

    Lines that begin with `--` are things that are not there or do not work, with what to install. The exit
    status is 1 if nothing can be built at all.
    """
    from ..builders import diagnosis
    from ..builders.usage import size

    folder = (data or default_data()).absolute()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    machine = f"{os.uname().machine}, {os.cpu_count()} cores"
    findings = [
        diagnosis.Finding("machine", True, machine),
        diagnosis.Finding(
            "data", there == folder, str(folder) if there == folder else f"{folder} is not there yet"
        ),
        diagnosis.Finding("disk", True, f"{size(shutil.disk_usage(there).free)} free"),
        *diagnosis.examine(_chroots(folder)),
    ]
    table(("", "", ""), [("ok" if one.is_well else "--", one.subject, one.text) for one in findings])
    if any(one.is_needed and not one.is_well for one in findings):
        sys.exit(1)


def _chroots(folder: Path) -> list[str]:
    """The chroots of the data folder; those of a new one, if there is none."""
    from ..defaults import CHROOTS
    from ..rules import chroots
    from .folder import opened

    if not (folder / "copr.db").exists():
        return list(CHROOTS)
    with opened(folder) as database, database.reading() as tx:
        return [chroot.name for chroot in chroots.active(tx)]
