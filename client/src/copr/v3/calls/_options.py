"""The body of a request that submits a build: what all kinds of sources have in common."""

from __future__ import annotations

from collections.abc import Mapping

from ..._typing import Any


def document_of(
    ownername: str, projectname: str, buildopts: Mapping[str, Any] | None, **rest: Any
) -> tuple[dict[str, Any], Any]:
    """Return the JSON body of a submission, and the progress callback, which is not sent.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param buildopts: build options of the caller. The dict is not changed.
    :param rest: other fields of the body.
    :returns: the body and the callback; None if there is no callback.
    """
    options = dict(buildopts or {})
    progress = options.pop("progress_callback", None)
    return {"ownername": ownername, "projectname": projectname, **rest, **options}, progress
