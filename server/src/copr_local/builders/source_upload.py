"""Source type `upload`: a source RPM or a spec that the submitter sent."""

from __future__ import annotations

from pathlib import PurePosixPath

from .tasks import BuildFailed, SourceTask
from .workspace import Found, Workspace


def fetch(task: SourceTask, workspace: Workspace) -> Found:
    """Copy the uploaded file; `task.source["pkg"]` is the name it had at the submitter's, if it is there.

    Raises `BuildFailed`: the file is gone, or too large.
    """
    if task.uploaded is None:
        raise BuildFailed("nothing was uploaded")
    shown = PurePosixPath(str(task.source.get("pkg") or task.uploaded.name)).name
    target = workspace.folder / "upload"
    workspace.copy(task.uploaded, target)
    return workspace.adopt(target, shown)
