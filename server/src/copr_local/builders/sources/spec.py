"""Makes a source RPM from a spec and the sources next to it; missing sources with a URL are downloaded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ..results import regular_files
from ..rpm import failure, undefined
from ..tasks import BuildFailed
from .workspace import Found, Workspace

_SOURCE = re.compile(r"(?:Source|Patch)\d*\s*:\s*(%\{.+\}|\S+)\s*", re.IGNORECASE)
_UNKNOWN = re.compile(r"%\{[!?]*([A-Za-z_]\w*)|^%([A-Za-z_]\w*)$")  # a macro that rpm did not replace
_SECTION = re.compile(r"%([a-z]+)")


def make_srpm(workspace: Workspace, found: Found) -> Path:
    """Make the source RPM of a spec.

    The spec is parsed and built in the place of the build, because its macros can run any program.

    :param workspace: the files and the log of the build.
    :param found: the spec; its sources are in the same folder.
    :returns: path of the source RPM, in the sandbox's home.
    :raises BuildFailed: the spec cannot be parsed, a source is missing and cannot be downloaded, or rpmbuild
        failed.
    :raises BuildCancelled: the build was cancelled.
    :source: rpmspec(8) and rpmbuild(8)
    """
    sandbox, log, place = workspace.sandbox, workspace.log, workspace.place
    spec, shown, folder = found.path, found.shown, found.path.parent
    if not spec.stat().st_size:
        raise BuildFailed(f"{shown} is empty")
    options = place.macros({**workspace.macros, "_sourcedir": sandbox.inside(folder)})
    command = ["rpmbuild", "-bs", *options, sandbox.inside(spec)]
    # Most often all sources are there. If not, rpmbuild says so at once, and the spec is parsed to find them.
    status, printed = place.read(command)
    if status != 0:
        status, parsed = place.read(["rpmspec", "--parse", *options, sandbox.inside(spec)])
        if status != 0:
            log.write(parsed.encode())
            raise failure(f"{shown} cannot be parsed: rpmspec", status, parsed)
        _fetch_sources(workspace, parsed, found)
        status, printed = place.read(command)
    log.line(f"Running rpmbuild -bs {spec.name}")
    log.write(printed.encode())
    made = regular_files(sandbox.home, "build/SRPMS", ".rpm")
    if status != 0:
        raise failure("rpmbuild", status, printed)
    if not made:
        raise BuildFailed("rpmbuild made no source RPM in its output folder")
    return made[0]


def _sources(parsed: str) -> Iterator[str]:
    """Yield the sources and patches of a spec that rpmspec has parsed: from its tags and from its lists."""
    section = "package"  # the start of a spec is like a section %package
    for line in parsed.splitlines():
        if begin := _SECTION.match(line):
            section = begin[1]
        elif section == "package" and (tag := _SOURCE.fullmatch(line)):
            yield tag[1]
        elif section in ("sourcelist", "patchlist") and line.strip():
            yield line.strip()


def _fetch_sources(workspace: Workspace, parsed: str, found: Found) -> None:
    """Download or make each source that is missing in the folder of the spec."""
    for source in dict.fromkeys(_sources(parsed)):
        target = found.path.parent / source.rpartition("/")[2]
        if os.path.lexists(target):
            continue
        if source.startswith(("http://", "https://")) and not _UNKNOWN.search(source):
            workspace.download(source.partition("#")[0], target)
        elif unknown := _UNKNOWN.search(source):
            reason = undefined(unknown[1] or unknown[2])
            raise BuildFailed(f"{found.shown} has the source {source}: {reason}")
        elif not found.supply(source, target):
            raise BuildFailed(
                f"{found.shown} needs {source}, which was not submitted with it: submit a source RPM instead"
            )
