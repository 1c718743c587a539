"""AppStream metadata of packages, by which software centers find programs, made by `appstreamcli compose`.

Each build leaves the components of its own packages in its folder. The update of the repository merges them.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element

from ..filesystem.layout import APPSTREAM_FILE
from . import tools
from .log import BuildLog
from .repository.appstream import document, read
from .results import regular_files
from .sandbox.sandbox import Sandbox

# Unpacks what describes a program; tar fails if the package has nothing of it.
_UNPACK = """\
tree=$1/tree
mkdir -p "$tree/usr/share"
rpm2archive - < "$2" | tar -xzf - -C "$tree" --no-same-owner --wildcards './usr/share/metainfo/*' \\
    './usr/share/appdata/*' './usr/share/applications/*.desktop' './usr/share/icons/*' \\
    './usr/share/pixmaps/*' 2> /dev/null
find "$tree" -type f \\( -name '*.metainfo.xml' -o -name '*.appdata.xml' \\) | grep -q .
"""


def compose(sandbox: Sandbox, log: BuildLog, packages: Mapping[str, Path], origin: str) -> Path | None:
    """Make the AppStream components of packages.

    A component that is not valid is not an error of the build: the log says what is wrong with it.

    :param sandbox: the sandbox of the build.
    :param log: the log of the build.
    :param packages: RPMs in the sandbox's home, by the names of their packages.
    :param origin: name of the repository.
    :returns: a file outside of the sandbox with compressed XML; None if there are no components, or if the
        program is not installed.
    :raises BuildCancelled: the build was cancelled.
    :raises BuildFailed: a limit of the build was exceeded.
    :raises OSError: the file cannot be written.
    :source: appstreamcli(1), command compose
    """
    found: list[Element] = []
    for number, (name, package) in enumerate(packages.items()):
        folder = sandbox.make_directory(sandbox.home / f"appstream-{number}")
        inside = sandbox.inside(folder)
        if sandbox.read(["sh", "-c", _UNPACK, "sh", inside, sandbox.inside(package)])[0] != 0:
            continue
        if tools.find_helper("appstreamcli-compose") is None:
            how = tools.HOW_TO_GET["appstreamcli-compose"]
            log.line(f"AppStream metadata is left out: appstreamcli compose is not installed: {how}")
            return None
        found += _composed(sandbox, log, folder, name, origin)
    if not found:
        log.line("AppStream: the packages have no valid component")
        return None
    file = sandbox.outside / APPSTREAM_FILE
    file.write_bytes(gzip.compress(document(found, origin), mtime=0))
    return file


def _composed(sandbox: Sandbox, log: BuildLog, folder: Path, package: str, origin: str) -> list[Element]:
    """Run `appstreamcli compose` for one unpacked package, and return its components."""
    inside = sandbox.inside(folder)
    log.line(f"Running appstreamcli compose for {package}")
    options = [f"--origin={origin}", "--prefix=/usr", "--print-report=full"]
    names = {"result-root": "result", "data-dir": "data", "hints-dir": "hints"}
    options += [f"--{option}={inside}/{name}" for option, name in names.items()]
    status = sandbox.run(["appstreamcli", "compose", *options, f"{inside}/tree"], log.write)
    made = regular_files(sandbox.home, f"{folder.name}/data", ".xml.gz")
    try:
        components = [component for file in made for component in read(file)]
    except ValueError as error:
        log.line(f"AppStream metadata of {package} is left out: {error}")
        return []
    if status != 0:
        log.line(f"appstreamcli compose exited with {status}")
    for component in components:  # the program does not know which package a file is of
        element = Element("pkgname")
        element.text = package
        element.tail = "\n    "
        component.insert(1, element)
    return components
