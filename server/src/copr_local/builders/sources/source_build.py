"""The source step of a build: makes one source RPM from the submitted source.

A source type is a function that puts a file into the workspace and returns it: either a source RPM, or a spec
with its sources next to it. The other steps are the same for every type and are done here: make the source
RPM, read its header, publish it. To add a type, write its module and add it to `SOURCES`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from .. import tools
from ..log import BuildLog, build_log
from ..macros import project_macros
from ..results import clear, publish
from ..rpm import macros_in, read_built_header, read_source_header, undefined
from ..sandbox.sandbox import Confinement, Sandbox
from ..settings import DEFAULTS, Settings
from ..tasks import BuildFailed, SourceResult, SourceTask
from . import custom, distgit, link, pypi, rubygems, scm, upload
from .machine import MachineSources
from .place import SourcePlace
from .spec import make_srpm
from .workspace import Found, Workspace

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._+~^-]+")

SOURCES: Mapping[str, Callable[[SourceTask, Workspace], Found]] = {
    "custom": custom.fetch,
    "distgit": distgit.fetch,
    "link": link.fetch,
    "pypi": pypi.fetch,
    "rpm_upload": upload.fetch_built,
    "rubygems": rubygems.fetch,
    "scm": scm.fetch,
    "upload": upload.fetch,
}


def build_source(
    task: SourceTask, *, settings: Settings = DEFAULTS, confinement: Confinement | None = None
) -> SourceResult:
    """Make the source RPM of a build, and publish it in `task.directory`, next to `builder-live.log`.

    For the source type `rpm_upload`, the built RPM is published instead.

    :param task: the build.
    :param settings: where sources come from.
    :param confinement: how programs are confined; None for the strictest that works on this machine.
    :returns: the published file, and tags of its header.
    :raises BuildFailed: the build failed; the text is also the last line of the log.
    :raises BuildCancelled: the event `task.cancelled` was set.
    :raises OSError: the folder cannot be created or cleared.
    """
    began = time.monotonic()
    task.directory.mkdir(parents=True, exist_ok=True)
    clear(task.directory)
    with (
        build_log(task.directory, task.limits.log) as log,
        Sandbox(
            task.directory / ".work",
            task.limits,
            task.cancelled,
            timeout=task.timeout,
            network=task.network,
            confinement=confinement,
            mark=task.mark,
            private_networks=settings.private_networks,
        ) as sandbox,
        ExitStack() as stack,
    ):
        log.line(f"Source of build {task.build_id}, type {task.source_type}")
        log.line(f"Sandbox: {sandbox}")
        result = _build(task, sandbox, log, settings, _place(task, sandbox, log, settings, stack))
        log.line(f"Built {result.srpm.name} in {time.monotonic() - began:.1f} s")
        return result


def _place(
    task: SourceTask, sandbox: Sandbox, log: BuildLog, settings: Settings, stack: ExitStack
) -> SourcePlace:
    """Return the place of a build: a root if one is chosen for source builds, else this machine."""
    if task.root is None:
        return MachineSources(sandbox, log, settings)
    from ..roots.sources import RootSources  # not needed by other builds

    return RootSources(task, task.root, sandbox, log, settings, stack)


def _build(
    task: SourceTask, sandbox: Sandbox, log: BuildLog, settings: Settings, place: SourcePlace
) -> SourceResult:
    """Fetch the source, make a source RPM if it is a spec, check the header, and publish the file."""
    fetch = SOURCES.get(task.source_type)
    if fetch is None:
        raise BuildFailed(f"source type {task.source_type!r} is not supported yet by this service")
    tools.require("rpmbuild")
    folder = sandbox.make_directory(sandbox.home / "source")
    workspace = Workspace(
        sandbox,
        log,
        folder,
        place,
        largest=task.limits.disk,
        settings=settings,
        macros=project_macros(task.build_id, task.project),
    )
    found = fetch(task, workspace)
    srpm, shown = found.path, found.shown
    if srpm.suffix == ".spec":
        srpm = make_srpm(workspace, found)
        shown = srpm.name
    return publish_source(task, sandbox, srpm, shown, is_built=found.is_built)


def publish_source(
    task: SourceTask, sandbox: Sandbox, srpm: Path, shown: str, *, is_built: bool = False
) -> SourceResult:
    """Check the header of a source RPM, and publish the file under the name that belongs to it.

    :param task: the build.
    :param sandbox: the build's sandbox.
    :param srpm: the source RPM, in the sandbox's home; it is moved.
    :param shown: name of the file, as the submitter knows it.
    :param is_built: True for a built RPM, which is published instead of a source RPM.
    :returns: the published file, and tags of its header.
    :raises BuildFailed: it is not a source RPM, or its name has a macro that was not defined.
    :raises BuildCancelled: the build was cancelled.
    :raises OSError: the file cannot be moved.
    """
    # rpm would take some file names for patterns, such as those with a macro that is not defined.
    made = sandbox.home / "made.rpm"
    sandbox.place(srpm, made)
    header = (read_built_header if is_built else read_source_header)(sandbox, made, shown)
    if macros := macros_in(header.name):
        reason = undefined(macros[0])
        raise BuildFailed(f"the name of {shown} is {header.name}: {reason}")
    named = made.rename(sandbox.outside / _NOT_PLAIN.sub("_", header.file_name))
    publish([named], task.directory)
    is_for_one = is_built and header.arch != "noarch"
    return SourceResult(
        name=header.name,
        version=header.full_version,
        srpm=task.directory / named.name,
        exclusive_arch=(header.arch,) if is_for_one else (),
    )
