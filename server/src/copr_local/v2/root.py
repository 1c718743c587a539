"""The root endpoint of API v2."""

from __future__ import annotations

from typing import Any

from flask import url_for

from . import render
from .routes import api


@api.get("/")
def root() -> Any:
    """Return links to all listings.

    :returns: the JSON response with the links.
    :source: ``GET /api_2/``
    """
    links = render.links(
        self=url_for("v2.root"),
        projects=url_for("v2.list_projects"),
        mock_chroots=url_for("v2.list_mock_chroots"),
        builds=url_for("v2.list_builds"),
        build_tasks=url_for("v2.list_build_tasks"),
    )
    owner = {"name": "owner", "type": "string", "description": "Select only project owned by the user"}
    links["projects"]["query_params"] = [owner]
    return {"_links": links}
