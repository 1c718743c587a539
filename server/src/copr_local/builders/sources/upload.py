"""Source types `upload`, for an uploaded source RPM or spec, and `rpm_upload`, for an uploaded built RPM."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ..tasks import BuildFailed, SourceTask
from .workspace import Found, Workspace


def fetch(task: SourceTask, workspace: Workspace) -> Found:
    """Copy an uploaded source RPM or spec into the workspace.

    :param task: it has `uploaded`; its `source` can have `pkg`, the file's name on the submitter's machine.
    :param workspace: the files and the log of the build.
    :returns: the copy.
    :raises BuildFailed: nothing was uploaded, or the file is missing or too large.
    """
    target, shown = _copy(task, workspace)
    return workspace.adopt(target, shown)


def fetch_built(task: SourceTask, workspace: Workspace) -> Found:
    """Copy an uploaded built RPM into the workspace.

    :param task: it has `uploaded`; its `source` can have `pkg`, the file's name on the submitter's machine.
    :param workspace: the files and the log of the build.
    :returns: the copy, with `is_built` set.
    :raises BuildFailed: nothing was uploaded, or the file is missing or too large.
    """
    return Found(*_copy(task, workspace), is_built=True)


def _copy(task: SourceTask, workspace: Workspace) -> tuple[Path, str]:
    """Copy the uploaded file; return the path of the copy, and the name to show to the submitter."""
    if task.uploaded is None:
        raise BuildFailed("nothing was uploaded")
    target = workspace.folder / "upload"
    workspace.copy(task.uploaded, target)
    return target, PurePosixPath(str(task.source.get("pkg") or task.uploaded.name)).name
