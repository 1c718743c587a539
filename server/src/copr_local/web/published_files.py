"""Published files: the results of builds, and uploaded sources until their source build has finished.

Responses support range requests and validators (ETag, Last-Modified): a client can read a growing log piece
by piece, and downloads the metadata of a repository only when it changed. Clients must revalidate every
response, because the next build can replace a file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request

from ..wire.context import service
from ..wire.file_response import file_response
from .security_headers import isolate

files = Blueprint("files", __name__, template_folder="templates")

# With fixed types, Flask does not add a Content-Encoding to compressed files. Clients would unpack them.
_TYPES = {
    ".log": "text/plain",
    ".spec": "text/plain",
    ".repo": "text/plain",
    ".json": "application/json",
    ".xml": "application/xml",
    ".rpm": "application/x-rpm",
}
_ANY_TYPE = "application/octet-stream"


@files.get("/results/", defaults={"path": ""})
@files.get("/results/<path:path>")
def result(path: str) -> Any:
    """Serve a file below the results, or list a folder.

    :param path: path below the results folder; empty for that folder itself.
    :returns: the file, or a list of the folder. Status 301 if the slash after a folder is missing, 404 if
        the path does not exist or is hidden.
    :source: `GET /results/{path}`
    """
    return _published(service().data_folder.results, path)


@files.get("/tmp/<folder>/<name>")  # noqa: S108  (an address, not a path)
def upload(folder: str, name: str) -> Any:
    """Serve an uploaded source; it exists until the source build has finished.

    :param folder: name of the folder that was created for the upload.
    :param name: name of the uploaded file.
    :returns: the file; status 404 if it does not exist.
    :source: `GET /tmp/{folder}/{name}`
    """
    return _published(service().data_folder.uploads, f"{folder}/{name}")


def _published(root: Path, path: str) -> Any:
    if _is_hidden(path):
        abort(404)
    try:
        found = (root / path).resolve(strict=True)
    except (OSError, ValueError):
        abort(404)
    if not found.is_relative_to(root.resolve()):
        abort(404)
    if found.is_dir():
        if not request.path.endswith("/"):
            return redirect(f"{request.script_root}{request.path}/", 301)
        return _index(found, root)
    if not found.is_file():
        abort(404)
    response = file_response(found, _TYPES.get(found.suffix, _ANY_TYPE))
    if found.name.endswith(".log.gz"):
        # A browser then shows the log instead of downloading it. The real Copr does the same.
        response.headers["Content-Encoding"] = "gzip"
        response.mimetype = "text/plain"
    return isolate(response)


def _is_hidden(path: str) -> bool:
    """Return True for unfinished work, locks, and paths with `.` or `..`; names of owners and projects may
    start with a dot.
    """
    parts = [part for part in path.split("/") if part]
    return any(part.startswith(".") for part in parts[2:]) or not {".", ".."}.isdisjoint(parts)


def _index(folder: Path, root: Path) -> str:
    place = folder.relative_to(root.resolve()).as_posix()
    entries = []
    for entry in sorted(folder.iterdir(), key=lambda entry: (not entry.is_dir(), entry.name)):
        if _is_hidden(f"{place}/{entry.name}".removeprefix("./")):
            continue
        try:
            entry.name.encode()  # a URL is text: it cannot name files that have other bytes
            status = entry.stat()
        except (OSError, UnicodeEncodeError):
            continue
        name, size = (f"{entry.name}/", "") if entry.is_dir() else (entry.name, str(status.st_size))
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        entries.append((name, f"{modified:%Y-%m-%d %H:%M}", size))
    return render_template("index.html", path=request.path, entries=entries)
