"""Source type `pypi`: a project of a Python package index, with a spec that pyp2spec writes.

The JSON API of the index gives the URL of the source archive, and the checksum that the archive must have.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..log import Tail
from ..tasks import BuildFailed, SourceTask
from . import bounded_file
from .place import Helper
from .workspace import Found, Workspace

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,200}[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,100}")
_ARCHIVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,200}\.(tar\.gz|zip)")
_FATAL = re.compile(r"^Fatal exception occurred: (.+)$|^([\w.]*Error: .+)$", re.MULTILINE)
_PROGRAM = Path(__file__).with_name("pypi_spec.py")


@dataclass(frozen=True)
class _Release:
    """A version of a project; the file name, URL and SHA-256 (hex digits) of its source archive."""

    version: str
    archive: str
    url: str
    sha256: str


def fetch(task: SourceTask, workspace: Workspace) -> Found:
    """Download the source archive of a Python project, and write a spec for it.

    :param task: its `source` has `pypi_package_name` and, optional, `pypi_package_version` (by default the
        newest) and `spec_generator` (only `pyp2spec` is supported). Other keys are ignored.
    :param workspace: the files and the log of the build.
    :returns: the spec, with the source archive next to it.
    :raises BuildFailed: pyp2spec is not installed or failed, or the index does not have the project, the
        version, or a source archive of it.
    :raises BuildCancelled: the build was cancelled.
    :source: PyPI JSON API, ``GET /pypi/{project}/json`` and ``GET /pypi/{project}/{version}/json``
    """
    name = str(task.source.get("pypi_package_name") or "")
    version = str(task.source.get("pypi_package_version") or "")
    generator = str(task.source.get("spec_generator") or "pyp2spec")
    if generator != "pyp2spec":
        raise BuildFailed(f"the spec generator {generator} is not supported here: use pyp2spec")
    helper = workspace.place.helper(_PROGRAM, "pyp2spec")
    if not _NAME.fullmatch(name):
        raise BuildFailed(f"{name!r} is not a valid name of a Python project")
    if version and not _VERSION.fullmatch(version):
        raise BuildFailed(f"{version!r} is not a valid version of a Python project")
    release = _release(workspace, name, version)
    workspace.download(
        release.url, workspace.folder / release.archive, ("sha256", release.sha256), is_index=True
    )
    spec = workspace.folder / "package.spec"
    workspace.sandbox.place(_write_spec(workspace, helper, name, release.version), spec)
    return Found(spec, f"the spec of {name}")


def _release(workspace: Workspace, name: str, version: str) -> _Release:
    """Request a version of a project from the index; an empty version is the newest."""
    index = workspace.settings.pypi.rstrip("/")
    url = f"{index}/pypi/{name}/{version}/json" if version else f"{index}/pypi/{name}/json"
    answer = workspace.fetch(url)
    try:
        return _read(json.loads(bounded_file.read(answer, url)))
    except LookupError as error:
        raise BuildFailed(f"{url} lists no source archive of {name} {version}".rstrip()) from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BuildFailed(f"{url} did not respond like a Python package index: {error}") from error


def _read(answer: Any) -> _Release:
    """Read a response of the JSON API; raise LookupError if it lists no source archive."""
    archives = [
        file
        for file in answer["urls"]
        if file["packagetype"] == "sdist" and _ARCHIVE.fullmatch(file["filename"])
    ]
    if not archives:
        raise LookupError
    chosen = archives[0]
    version = answer["info"]["version"]
    if not _VERSION.fullmatch(version):
        raise ValueError(f"its version is {version!r}")
    return _Release(version, chosen["filename"], chosen["url"], chosen["digests"]["sha256"])


def _write_spec(workspace: Workspace, helper: Helper, name: str, version: str) -> Path:
    """Run pyp2spec, and return the path of the spec."""
    spec = helper.folder / "package.spec"
    arguments = [name, "--version", version, "--automode", "--spec-output", helper.inside(spec)]
    arguments += ["--config-output", helper.inside(helper.folder / "package.conf")]
    workspace.log.line(f"Running pyp2spec {' '.join(arguments)}")
    tail = Tail(workspace.log)
    status = helper.run([workspace.settings.pypi, *arguments], tail)
    if status != 0 or spec.is_symlink() or not spec.is_file():
        reasons = [f"it exited with {status}", *("".join(found) for found in _FATAL.findall(tail.text))]
        raise BuildFailed(f"pyp2spec cannot write a spec for {name}: {reasons[-1]}")
    spec.chmod(0o644)
    return spec
