"""Twelve small packages in the style of real ones, for tests of roots. They are in the folder `specs`.

Each can be built in a root of the distribution for tests, when what it requires is installed. Two require
another one: `tallyuser` needs `tally`, and `python-painter` needs `python-rainbow`.
"""

from __future__ import annotations

import lzma
import shutil
import tarfile
import zipfile
from pathlib import Path

FOLDER = Path(__file__).with_name("specs")

#: The names of the RPMs that each makes, besides its source RPM. What one requires comes before it.
RPMS = {
    "tally": ("tally", "tally-devel", "tally-libs"),
    "tallyuser": ("tallyuser",),
    "gridlib": ("gridlib", "gridlib-devel"),
    "inireader": ("inireader",),
    "python-rainbow": ("python3-rainbow",),
    "python-painter": ("python3-painter",),
    "perl-Text-Flip": ("perl-Text-Flip",),
    "unitdata": ("unitdata",),
    "greeter": ("greeter",),
    "dynamic": ("dynamic",),
    "countd": ("countd", "countd-data"),
    "archives": ("archives",),
}

#: The archives that are not called FOLDER.tar.gz, by the folder or file that is in them.
ARCHIVES = {
    "archives-0123456789abcdef0123456789abcdef01234567": "archives-0123456.tar.gz",
    "gridlib-2.0.1": "gridlib-2.0.1.tar.xz",
    "more": "more.zip",
    "unitdata-0.388": "unitdata-0.388.tar.bz2",
    "words": "words.xz",
}


def write_sources(name: str, folder: Path) -> Path:
    """Write the spec of a package and its sources to a folder.

    :param name: one of `RPMS`.
    :param folder: the folder to write to; it is made if it does not exist.
    :returns: the path of the spec.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((FOLDER / name).iterdir()):
        if path.is_dir():
            _pack(path, folder / ARCHIVES.get(path.name, f"{path.name}.tar.gz"))
        elif path.name in ARCHIVES:
            (folder / ARCHIVES[path.name]).write_bytes(lzma.compress(path.read_bytes()))
        else:
            shutil.copy(path, folder)
    return folder / f"{name}.spec"


def _pack(source: Path, archive: Path) -> None:
    """Pack a folder into an archive, in the form that the archive's name says."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as packed:
            for path in sorted(source.rglob("*")):
                packed.write(path, path.relative_to(source.parent))
    else:
        with tarfile.open(archive, f"w:{archive.suffix[1:]}") as packed:
            packed.add(source, source.name)
