"""The page about builders on other machines."""

from __future__ import annotations

from typing import Any

from flask import render_template

from ..rules import builders
from ..wire.context import reading, service
from .of_project import pages


@pages.get("/builders/")
def builder_list() -> Any:
    """Show the builders on other machines: what they may, take and build, and when they were last heard.

    :returns: the HTML page.
    :source: `GET /builders/`
    """
    with reading() as tx:
        known = builders.in_list(tx)
        return render_template(
            "builders.html",
            builders=known,
            wishes={builder.name: builders.wish_of(builder) for builder in known},
            troubles={builder.name: builders.trouble_of(builder) for builder in known},
            building={builder.name: builders.building(tx, builder.name) for builder in known},
            silent={builder.name for builder in known if builders.is_silent(builder, service().clock())},
        )
