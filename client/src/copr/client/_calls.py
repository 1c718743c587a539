"""Calls of API v1: how requests are written, and how responses are read.

Rules: paths start at the service's URL and end with a slash. Every POST needs login; the field `username`
names the user who sends it. Booleans are sent as "y" and "", which the service reads as true and false.
Values that are None are not sent. A response is a JSON object; if it has `output` "notok" or an error status,
its `error` becomes an exception.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping

from .._bridge import OldApi
from .._calls import path
from .._errors import (
    CoprLoginException,
    CoprRequestException,
    CoprUnknownResponseException,
    CoprValidationException,
    describe,
    next_step,
)
from .._submission import Submission
from .._typing import TYPE_CHECKING, Any
from .._wire import Call, FilePart, Reply

if TYPE_CHECKING:
    from .._bridge import Bridge

#: Largest number of characters of an unknown response in the text of an error.
SHOWN = 8000

Document = dict[str, Any]


def document(call: Call[Any], reply: Reply) -> Document:
    """Return the JSON object of a response.

    :param call: the call.
    :param reply: the response to it.
    :returns: the object.
    :raises CoprLoginException: the service does not accept the login and token (401).
    :raises CoprRequestException: the service reports another error. The text is the service's.
    :raises CoprUnknownResponseException: the response is not one of API v1.
    """
    body = _object(reply)
    if body is None or (not 200 <= reply.status < 300 and not body.get("error")):
        shown = reply.body[:SHOWN].decode("utf-8", "replace")
        text = f"Unknown response from the server. Code: {reply.status}, raw response: \n {shown}"
        raise describe(
            CoprUnknownResponseException(text, response=reply.origin), call, reply, next_step(reply)
        )
    if 200 <= reply.status < 300 and body.get("output") != "notok":
        return body
    kind = CoprLoginException if reply.status == 401 else CoprRequestException
    text = str(body.get("error") or "The service refused the call without a reason.")
    raise describe(kind(text, response=reply.origin), call, reply, next_step(reply))


def get(*segments: object, query: Mapping[str, Any] | None = None) -> Call[Document]:
    """Return a call that reads.

    :param segments: parts of the path below `/api`. Each is quoted.
    :param query: arguments of the query. Those that are None are not sent.
    :returns: the call.
    :raises CoprValidationException: a part of the path is empty, "." or "..".
    """
    return Call("GET", f"/api{path(*segments)}/", query=query, decode=document)


def owners_of(maker: str, projectname: str) -> Call[list[str]]:
    """Return a call for the owners of a user's projects with one name.

    API v1 does not tell them; API v2 does.

    :param maker: name of the user who created the projects.
    :param projectname: name of the projects.
    :returns: the call. Its result is a list of owners: the user, or groups as "@name".
    :source: ``GET /api_2/projects``
    """
    query = {"owner": maker, "name": projectname}
    return Call("GET", "/api_2/projects", query=query, decode=_owners)


def post(
    *segments: object, form: Mapping[str, Any] | None = None, again: bool = False, login: bool = True
) -> Call[Document]:
    """Return a call that changes something.

    :param segments: parts of the path below `/api`. Each is quoted.
    :param form: fields of the body. Those that are None are not sent.
    :param again: whether the call may be sent twice, because the second time changes nothing more.
    :param login: send the login and token.
    :returns: the call.
    :raises CoprValidationException: a part of the path is empty, "." or "..".
    """
    return Call(
        "POST",
        f"/api{path(*segments)}/",
        form=None if form is None else sent(form),
        login=login,
        repeatable=again,
        decode=document,
    )


def submit(
    *segments: object, form: Mapping[str, Any] | None, multipart: bool = False, progress: Any = None
) -> Submission[Document]:
    """Return a call that makes something new.

    It is never sent twice.

    :param segments: parts of the path below `/api`. Each is quoted.
    :param form: fields of the body, and files of a multipart body. Those that are None are not sent.
    :param multipart: send a multipart body.
    :param progress: called with a MultipartEncoderMonitor for each block of the body.
    :returns: the call.
    :raises CoprValidationException: a part of the path is empty, "." or "..".
    """
    return Submission(
        "POST",
        f"/api{path(*segments)}/",
        form=None if form is None else sent(form),
        files=() if multipart else None,
        progress=progress,
        decode=document,
    )


def upload(*segments: object, form: Mapping[str, Any]) -> Call[Document]:
    """Return a call that changes something with a file.

    It may be sent twice.

    :param segments: parts of the path below `/api`. Each is quoted.
    :param form: fields and files of the multipart body. Those that are None are not sent.
    :returns: the call.
    :raises CoprValidationException: a part of the path is empty, "." or "..".
    """
    return Call(
        "POST",
        f"/api{path(*segments)}/",
        form=sent(form),
        files=(),
        login=True,
        repeatable=True,
        decode=document,
    )


def sent(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a form that are not None.

    :param form: the fields.
    :returns: a new dict.
    """
    return {name: value for name, value in form.items() if value is not None}


def switch(value: Any) -> str | None:
    """Return a boolean as the service reads it.

    :param value: any value; its truth counts.
    :returns: "y", "", or None for None.
    """
    return None if value is None else "y" if value else ""


def words(value: Any) -> Any:
    """Return a list as the service reads it: one string with spaces between the items.

    :param value: a list, or such a string.
    :returns: the string; any value that is not a list, such as None, as it is.
    """
    return " ".join(value) if isinstance(value, Iterable) and not isinstance(value, str) else value


def chosen(chroots: str | Iterable[str] | None) -> dict[str, str]:
    """Return the form fields that choose chroots.

    :param chroots: names of chroots, or one name.
    :returns: a field with the value "y" for each chroot.
    """
    return dict.fromkeys([chroots] if isinstance(chroots, str) else chroots or (), "y")


def full_name(project: str) -> list[str]:
    """Return the owner and the name of a project.

    :param project: the full name, "owner/name".
    :returns: a list of the two.
    :raises CoprValidationException: `project` is not of this form.
    """
    parts = project.split("/")
    if len(parts) != 2 or not all(parts):
        raise CoprValidationException(
            f"{project!r} is not the full name of a project. Write it as owner/project."
        )
    return parts


def local_file(field: str, file: str | os.PathLike[str], content_type: str) -> FilePart:
    """Return the part of a multipart body for a local file.

    :param field: name of the form field.
    :param file: path of the file.
    :param content_type: MIME type of the file.
    :returns: the part.
    :raises CoprRequestException: the file cannot be read.
    """
    try:
        with open(file, "rb"):
            pass
    except OSError as cause:
        raise CoprRequestException(str(cause)) from cause
    return FilePart(field, file, os.path.basename(os.fspath(file)), content_type)


def _owners(call: Call[Any], reply: Reply) -> list[str]:
    """Return the owners of the projects in a response of API v2."""
    found = document(call, reply).get("projects")
    each = (
        [item.get("project") for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    )
    return [str(project.get("owner")) for project in each if isinstance(project, dict)]


def _object(reply: Reply) -> Document | None:
    """Return the JSON object of a response, or None if its body is something else."""
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _speaks(reply: Reply) -> bool:
    """Return whether a response is one of API v1."""
    body = _object(reply)
    return body is not None and "output" in body


def _bridge() -> Bridge:
    """Return the bridge from API v1 to API v3. It is imported when it is needed."""
    from .._bridge.v1.table import make_bridge

    return make_bridge()


#: API v1. Only a service that has it reports a missing build in the form of API v1; no build has id 0.
API_V1 = OldApi(1, get("coprs", "build", 0), _speaks, _bridge)
