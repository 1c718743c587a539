"""The body of a request that submits a build: what all kinds of sources have in common."""

from __future__ import annotations

from collections.abc import Mapping

from ..._typing import Any


def document_of(
    ownername: str, projectname: str, buildopts: Mapping[str, Any] | None, **rest: Any
) -> tuple[dict[str, Any], Any]:
    """Return the JSON body of a submission, and the progress callback, which is not sent."""
    options = dict(buildopts or {})
    progress = options.pop("progress_callback", None)
    return {"ownername": ownername, "projectname": projectname, **rest, **options}, progress
