"""Files as responses, with ranges and validators."""

from __future__ import annotations

import os
import re
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.exceptions import PreconditionFailed, RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE | re.ASCII)


def file_response(path: Path, mimetype: str, etag: str | None = None) -> Response:
    """Return a file, or the range of it that the request names.

    The server gets the open file itself, so that it can send it without a thread.

    :param path: the file.
    :param mimetype: its type.
    :param etag: text that differs for every content of the file; None for one of its time, size and path.
    :returns: the response.
    :raises RequestedRangeNotSatisfiable: the file does not have the range.
    :raises PreconditionFailed: the request is for another content of the file.
    :raises OSError: the file cannot be read.
    :source: RFC 9110, chapters 13 and 14
    """
    file = path.open("rb")
    status = os.fstat(file.fileno())
    response = Response(wrap_file(request.environ, file), mimetype=mimetype, direct_passthrough=True)
    response.content_length = status.st_size
    response.last_modified = datetime.fromtimestamp(int(status.st_mtime), UTC)
    response.cache_control.no_cache = True
    response.set_etag(etag or f"{status.st_mtime_ns}-{status.st_size}-{zlib.adler32(os.fsencode(path))}")
    try:
        environ = _with_range(request.environ, status.st_size)
        response.make_conditional(environ, accept_ranges=True, complete_length=status.st_size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    if response.status_code == PreconditionFailed.code:
        file.close()
        raise PreconditionFailed
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
