"""Writing calls: safe paths, and functions that read responses.

Rules: shared by the calls of all generations of the API; knows no endpoint. A function that reads a response
raises the exception of an error response, and CoprUnknownResponseException for a body of the wrong shape. So
a call never returns something else than its result.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from ._errors import CoprValidationException, failure, misread
from ._list import List
from ._typing import Any, TypeVar
from ._wire import Call, FilePart, Reply

T = TypeVar("T")

#: Bytes from which on a response is large: its body is decoded piece by piece.
LARGE = 1024 * 1024

#: Characters of a name that are not quoted in a path, besides letters and digits (RFC 3986, `pchar`).
_PLAIN = "!$&'()*+,;=:@"

#: All characters that are not quoted. Importing what quotes the others takes longer than a call.
_UNQUOTED = frozenset(f"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~{_PLAIN}")

#: The fields of a response that is an error, even with the status 200.
_ERROR = {"error", "output"}


def path(*segments: object) -> str:
    """Return a path, with each segment quoted so that it stays one segment.

    Raise CoprValidationException for an empty name, "." and "..": proxies on the way would resolve them to
    another path; and for text that is not valid Unicode.
    """
    texts = [str(segment) for segment in segments]
    for text in texts:
        if text in ("", ".", ".."):
            raise CoprValidationException(f"{text!r} is not a valid name ({'/'.join(texts)}).")
    if all(map(_UNQUOTED.issuperset, texts)):
        return "/" + "/".join(texts)
    from urllib.parse import quote

    try:
        return "/" + "/".join(quote(text, safe=_PLAIN) for text in texts)
    except UnicodeEncodeError as cause:
        raise CoprValidationException(
            f"{cause.object!r} is not a valid name: it is not valid Unicode."
        ) from cause


def opened_file(field: str, file: Any, filename: str | None, content_type: str) -> FilePart:
    """Return the part for a file that the caller opened in binary mode.

    If the file was opened by a name and nothing was read yet, the part names it; otherwise the file is read
    to its end. `filename`: default the name that the file was opened by.
    """
    name = getattr(file, "name", None)
    if isinstance(name, str) and os.path.isfile(name) and file.tell() == 0:
        return FilePart(field, name, filename or os.path.basename(name), content_type)
    shown = filename or (os.path.basename(name) if isinstance(name, str) else field)
    return FilePart(field, shown, shown, content_type, content=file.read())


def record(call: Call[Any], reply: Reply) -> Any:
    """Read a response that is one object into a Record."""
    body = _object(call, reply)
    body.__response__ = reply.stored_origin
    return body


def listing(call: Call[Any], reply: Reply) -> Any:
    """Read a response that is a page of objects (`items` and `meta`) into a List of Records."""
    body = _object(call, reply)
    items = body.get("items")
    if items is None and hasattr(reply, "document"):
        body.__response__ = reply.origin  # a mock need not say what is on a page
        return body
    if not isinstance(items, list):
        raise misread(call, reply, "it has no list of items")
    if not all(issubclass(kind, dict) for kind in set(map(type, items))):
        raise misread(call, reply, "its items are not all objects")
    return List(items, meta=body.get("meta"), response=reply.stored_origin, call=call)


def needing(call: Call[T], *fields: str) -> Call[T]:
    """Return a call that raises CoprUnknownResponseException if its response lacks one of the fields."""
    return call.read_by(_Needing(call.decode, fields))


class _Needing:
    """A reader of responses that checks their fields; two with the same fields are equal."""

    __slots__ = ("_decode", "_fields")

    def __init__(self, decode: Callable[[Call[Any], Reply], Any], fields: tuple[str, ...]) -> None:
        self._decode = decode
        self._fields = fields

    def __call__(self, call: Call[Any], reply: Reply) -> Any:
        answer = self._decode(call, reply)
        for each in answer if isinstance(answer, list) else [answer]:
            for field in self._fields:
                if field not in each:
                    raise misread(call, reply, f"it has no field {field!r}")
        return answer

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Needing) and (other._decode, other._fields) == (self._decode, self._fields)

    def __hash__(self) -> int:
        return hash((self._decode, self._fields))


def _object(call: Call[Any], reply: Reply) -> Any:
    if not 200 <= reply.status < 300:
        raise failure(call, reply)
    if hasattr(reply, "document"):
        return _records(reply.document)  # of a mock in place of a response
    try:
        if reply.size > LARGE:
            from ._large import decode
            from ._private_attributes import drop_body
            from .results import Record

            drop_body(reply.made_response)
            body = decode(reply.take_blocks(), Record)
        else:
            from ._document import decoded

            body = decoded(reply.body)
    except (ValueError, RecursionError) as cause:
        raise misread(call, reply, "its body is not JSON") from cause
    if not isinstance(body, dict):
        raise misread(call, reply, f"its body is a JSON {type(body).__name__}, not an object")
    if body and body.keys() <= _ERROR:
        raise misread(call, reply, f"it says {body.get('error')!r}")
    return body


def _records(value: Any) -> Any:
    """Return a document with records in place of its dicts; an empty record for a mock of a document."""
    from .results import Record

    def convert(value: Any) -> Any:
        if isinstance(value, dict):
            return Record({name: convert(each) for name, each in value.items()})
        return [convert(each) for each in value] if isinstance(value, list) else value

    return convert(value) if isinstance(value, dict) else Record()
