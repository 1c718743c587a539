"""Source type `rubygems`: the newest version of a gem, with a spec that gem2rpm writes."""

from __future__ import annotations

import json
import re

from ..log import Tail
from ..rpm import last_error
from ..tasks import BuildFailed, SourceTask
from . import bounded_file
from .workspace import Found, Workspace

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,200}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.]{0,100}")


def fetch(task: SourceTask, workspace: Workspace) -> Found:
    """Download a gem, and write a spec for it.

    :param task: its `source` has `gem_name`.
    :param workspace: the files and the log of the build.
    :returns: the spec, with the gem next to it.
    :raises BuildFailed: gem2rpm is not installed or failed, or the gem does not exist or cannot be
        downloaded.
    :raises BuildCancelled: the build was cancelled.
    :source: RubyGems.org API, ``GET /api/v1/gems/{name}.json``
    """
    name = str(task.source.get("gem_name") or "")
    if not _NAME.fullmatch(name):
        raise BuildFailed(f"{name!r} is not a valid name of a gem")
    program = workspace.place.require("gem2rpm")
    sandbox, log = workspace.sandbox, workspace.log
    index = workspace.settings.rubygems.rstrip("/")
    url = f"{index}/api/v1/gems/{name}.json"
    try:
        answer = json.loads(bounded_file.read(workspace.fetch(url), url))
        version, checksum = str(answer["version"]), str(answer["sha"])
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise BuildFailed(f"{url} did not respond like an index of gems: {error}") from error
    if not _VERSION.fullmatch(version):
        raise BuildFailed(f"{url} lists a version that is not valid: {version!r}")
    gem = workspace.folder / f"{name}-{version}.gem"
    workspace.download(f"{index}/gems/{gem.name}", gem, ("sha256", checksum), is_index=True)
    spec = workspace.folder / f"rubygem-{name}.spec"
    command = [program, "--output", sandbox.inside(spec), sandbox.inside(gem)]
    log.line(f"Running gem2rpm {' '.join(command[1:])}")
    tail = Tail(log)
    status = workspace.place.run(command, tail, directory=workspace.folder)
    if status != 0 or spec.is_symlink() or not spec.is_file():
        reason = last_error(tail.text) or tail.last_line or f"it exited with {status}"
        raise BuildFailed(f"gem2rpm cannot write a spec for {name}: {reason}")
    return Found(spec, spec.name)
