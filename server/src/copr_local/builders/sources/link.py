"""Source type `link`: the URL of a source RPM or of a spec."""

from __future__ import annotations

import urllib.parse
from pathlib import Path, PurePosixPath

from ..tasks import BuildFailed, SourceTask
from .workspace import Found, Workspace


def fetch(task: SourceTask, workspace: Workspace) -> Found:
    """Download a source RPM or a spec, or copy it from this machine.

    :param task: its `source` has `url`: an http or https URL, or a file URL for a file on this machine.
    :param workspace: the files and the log of the build.
    :returns: the source RPM or the spec.
    :raises BuildFailed: the URL has another scheme, does not name a source RPM or spec, or cannot be fetched.
    :raises BuildCancelled: the build was cancelled.
    """
    url = str(task.source.get("url") or "")
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise BuildFailed(f"{url!r} is not a valid URL: {error}") from error
    path = urllib.parse.unquote(parts.path)
    shown = PurePosixPath(path).name
    if not shown.endswith((".src.rpm", ".nosrc.rpm", ".spec")):
        raise BuildFailed(f"the URL does not end with .src.rpm, .nosrc.rpm or .spec: {url!r}")
    target = workspace.folder / "download"
    match parts.scheme:
        case "http" | "https":
            workspace.download(url, target)
        case "file" if parts.netloc in ("", "localhost"):
            workspace.copy(Path(path), target)
        case _:
            raise BuildFailed(f"only http, https and file URLs can be fetched, not {url!r}")
    return workspace.adopt(target, shown)
