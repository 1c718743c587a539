"""Published files: the results of builds, and uploaded sources until their source build has finished.

Responses support range requests and validators (ETag, Last-Modified): a client can read a growing log piece
by piece, and downloads the metadata of a repository only when it changed. Clients must revalidate every
response, because the next build can replace a file.
"""

from __future__ import annotations

import os
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from ..wire.context import service
from .security_headers import isolate

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

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
_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE | re.ASCII)


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
    response = _file(found)
    if found.name.endswith(".log.gz"):
        # A browser then shows the log instead of downloading it. The real Copr does the same.
        response.headers["Content-Encoding"] = "gzip"
        response.mimetype = "text/plain"
    return isolate(response)


def _file(path: Path) -> Response:
    """Return a file, or the range of it that the request names.

    The server gets the open file itself, so that it can send it without a thread.
    """
    file = path.open("rb")
    status = os.fstat(file.fileno())
    mimetype = _TYPES.get(path.suffix, _ANY_TYPE)
    response = Response(wrap_file(request.environ, file), mimetype=mimetype, direct_passthrough=True)
    response.content_length = status.st_size
    response.last_modified = datetime.fromtimestamp(int(status.st_mtime), UTC)
    response.cache_control.no_cache = True
    response.set_etag(f"{status.st_mtime_ns}-{status.st_size}-{zlib.adler32(os.fsencode(path))}")
    try:
        environ = _with_range(request.environ, status.st_size)
        response.make_conditional(environ, accept_ranges=True, complete_length=status.st_size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    if response.status_code == 206 and "wsgi.file_wrapper" in request.environ:
        file.seek(response.content_range.start or 0)
        response.response = wrap_file(request.environ, file)
        response.direct_passthrough = True
    return response


def _with_range(environ: WSGIEnvironment, size: int) -> WSGIEnvironment:
    """Return the environment of a request without a header `Range` that has to be ignored.

    Several ranges at once are ignored too, as servers may do; werkzeug would refuse all of these. It would
    also refuse the last N bytes of a file that has fewer: they are all of its bytes.

    :source: RFC 9110, sections 14.1.2 and 14.2
    """
    given = _RANGE.fullmatch(environ.get("HTTP_RANGE", ""))
    first, last = given.groups() if given else ("", "")
    if first and not (last and int(last) < int(first)):
        return {**environ, "HTTP_RANGE": f"bytes={first}-{last}"}
    if last and not first:
        return {**environ, "HTTP_RANGE": f"bytes=-{min(int(last), size)}"}
    return {name: value for name, value in environ.items() if name != "HTTP_RANGE"}


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
