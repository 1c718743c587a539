"""All that this folder serves, put together for the application."""

from __future__ import annotations

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf

from ..wire.context import service
from ..wire.credentials import browser_cookie, cookie_path
from ..wire.session_cookie import is_https
from . import (
    accounts,
    build_page,
    builder_list,
    chroot_settings,
    display,
    feeds,
    of_project,
    pages,
    project_settings,
    several_builds,
    submissions,
    viewer,
)
from .published_files import files
from .repo_files import repo_files
from .webhooks import hooks

# These modules add their pages to one blueprint when they are imported.
PAGES = (
    accounts,
    build_page,
    builder_list,
    chroot_settings,
    feeds,
    pages,
    project_settings,
    several_builds,
    submissions,
)


class FormsCookie(SecureCookieSessionInterface):
    """The cookie that the hidden field of each form belongs to."""

    def get_cookie_name(self, app: Flask) -> str:
        """Return the name of the cookie.

        :param app: the application of the request.
        :returns: a name that differs between the services of one host.
        """
        return browser_cookie(service().public_url, "forms")

    def get_cookie_path(self, app: Flask) -> str:
        """Return the path that browsers send the cookie to.

        :param app: the application of the request.
        :returns: the path of the public URL.
        """
        return cookie_path(service().public_url)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return True if browsers may send the cookie over HTTPS only.

        :param app: the application of the request.
        :returns: True if clients reach the service with HTTPS.
        """
        return is_https()


def attach(app: Flask) -> None:
    """Let an application serve pages, published files, `.repo` files and webhooks.

    :param app: the Flask application.
    """
    display.attach(app)
    # Only forms of open pages depend on this key: they have to be sent again after a restart.
    app.session_interface = FormsCookie()
    app.config.update(SESSION_COOKIE_SAMESITE="Lax", WTF_CSRF_TIME_LIMIT=None)
    app.jinja_env.globals.update(viewer=viewer.viewer, csrf_token=generate_csrf)
    for blueprint in (files, repo_files, of_project.pages, hooks):
        app.register_blueprint(blueprint)
