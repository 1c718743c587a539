"""All that this folder serves, put together for the application."""

from __future__ import annotations

from flask import Flask

from . import build_page, display, feeds, pages
from .published_files import files
from .repo_files import repo_files
from .webhooks import hooks

PAGES = (build_page, feeds, pages)  # these modules add their pages to one blueprint when they are imported


def attach(app: Flask) -> None:
    """Let an application serve pages, published files, `.repo` files and webhooks.

    :param app: the Flask application.
    """
    display.attach(app)
    for blueprint in (files, repo_files, pages.pages, hooks):
        app.register_blueprint(blueprint)
