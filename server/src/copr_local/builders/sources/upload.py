"""Source types `upload`, a source RPM or a spec that the submitter sent, and `rpm_upload`, a built RPM."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ..tasks import BuildFailed, SourceTask
from .workspace import Found, Workspace


def fetch(task: SourceTask, workspace: Workspace) -> Found:
    """Copy the uploaded file; `task.source["pkg"]` is the name it had at the submitter's, if it is there.

    Raises `BuildFailed`: the file is gone, or too large.
    """
    target, shown = _copy(task, workspace)
    return workspace.adopt(target, shown)


def fetch_built(task: SourceTask, workspace: Workspace) -> Found:
    """Copy the uploaded file, a built RPM.

    Raises `BuildFailed`: the file is gone, or too large.
    """
    return Found(*_copy(task, workspace), is_built=True)


def _copy(task: SourceTask, workspace: Workspace) -> tuple[Path, str]:
    if task.uploaded is None:
        raise BuildFailed("nothing was uploaded")
    target = workspace.folder / "upload"
    workspace.copy(task.uploaded, target)
    return target, PurePosixPath(str(task.source.get("pkg") or task.uploaded.name)).name
