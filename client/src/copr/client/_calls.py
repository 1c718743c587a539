"""Calls of API v1: how they are written, and how their answers are read.

Rules: paths begin at the service's address and end in a slash. Whatever is posted needs login, and says as
`username` who asks. Switches are "y" and "", which the service takes for true and false; what is None is not
sent. An answer is a JSON object; `output` "notok" or a failed status make its `error` an exception.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from .._bridge import OldApi
from .._calls import path
from .._errors import (
    CoprLoginException,
    CoprRequestException,
    CoprUnknownResponseException,
    describe,
    next_step,
)
from .._submission import Submission
from .._typing import TYPE_CHECKING, Any
from .._wire import Call, FilePart, Reply

if TYPE_CHECKING:
    from .._bridge import Bridge

#: Characters of an answer that is not the API's, in the text of an error.
SHOWN = 8000

Document = dict[str, Any]


def document(call: Call[Any], reply: Reply) -> Document:
    """Read an answer.

    Raises CoprRequestException with the service's text where it refuses (CoprLoginException: the login), and
    CoprUnknownResponseException where the answer is not the API's.
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
    text = str(body.get("error") or "The service refused, and did not say why.")
    raise describe(kind(text, response=reply.origin), call, reply, next_step(reply))


def get(*segments: object, query: Mapping[str, Any] | None = None) -> Call[Document]:
    """A call that reads."""
    return Call("GET", f"/api{path(*segments)}/", query=query, decode=document)


def owners_of(maker: str, projectname: str) -> Call[list[str]]:
    """A call for whose the projects of a name are that a user made; API v2 tells what API v1 does not."""
    query = {"owner": maker, "name": projectname}
    return Call("GET", "/api_2/projects", query=query, decode=_owners)


def post(*segments: object, form: Mapping[str, Any] | None = None, again: bool = False) -> Call[Document]:
    """A call that changes; `again`: asking twice does no more than asking once."""
    return Call(
        "POST",
        f"/api{path(*segments)}/",
        form=None if form is None else sent(form),
        login=True,
        repeatable=again,
        decode=document,
    )


def submit(
    *segments: object,
    form: Mapping[str, Any] | None,
    files: Sequence[FilePart] | None = None,
    progress: Any = None,
) -> Submission[Document]:
    """A call that makes something new, and is not sent twice."""
    return Submission(
        "POST",
        f"/api{path(*segments)}/",
        form=None if form is None else sent(form),
        files=files,
        progress=progress,
        decode=document,
    )


def upload(*segments: object, form: Mapping[str, Any], files: Sequence[FilePart]) -> Call[Document]:
    """A call that changes something with a file; asking twice does no more than asking once."""
    return Call(
        "POST",
        f"/api{path(*segments)}/",
        form=sent(form),
        files=files,
        login=True,
        repeatable=True,
        decode=document,
    )


def sent(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form without what is None."""
    return {name: value for name, value in form.items() if value is not None}


def switch(value: Any) -> str | None:
    """A switch as the service reads it; None stays None."""
    return None if value is None else "y" if value else ""


def words(value: str | Iterable[str] | None) -> str | None:
    """A list as the service reads it, or the text that was given instead of one."""
    return value if value is None or isinstance(value, str) else " ".join(value)


def chosen(chroots: str | Iterable[str] | None) -> dict[str, str]:
    """The fields that choose chroots."""
    return dict.fromkeys([chroots] if isinstance(chroots, str) else chroots or (), "y")


def _owners(call: Call[Any], reply: Reply) -> list[str]:
    found = document(call, reply).get("projects")
    each = (
        [item.get("project") for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    )
    return [str(project.get("owner")) for project in each if isinstance(project, dict)]


def _object(reply: Reply) -> Document | None:
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _speaks(reply: Reply) -> bool:
    body = _object(reply)
    return body is not None and "output" in body


def _bridge() -> Bridge:
    from .._bridge.v1 import bridge

    return bridge()


#: API v1: a build that cannot be there is refused in its words, by no other service.
API_V1 = OldApi(1, get("coprs", "build", 0), _speaks, _bridge)
