"""Accounts: sign in and out, and the page of the API token."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import render_template, request

from ..data import client_configuration
from ..data.client_configuration import ClientConfiguration
from ..data.database import Transaction
from ..data.models import User
from ..rules import sessions, users
from ..rules.errors import AuthenticationRequired
from ..wire.context import reading, service, writing
from ..wire.credentials import browser_cookie
from ..wire.fields import Errors, InvalidFields
from ..wire.session_cookie import remove_cookie, set_cookie
from .of_project import pages
from .viewer import answer, caller, check_form, done, needs_sign_in, viewer

OLD_LINK = (
    "This link was used, or is older than ten minutes. Each start of copr-local serve prints a new one."
)


@pages.route("/login/", methods=["GET", "POST"])
def login() -> Any:
    """Show the form to sign in with an API login and token, or start a session.

    With the key of a link, the form is only a button. So programs that open links do not use it up.

    :returns: the HTML page; after a valid login a redirect to the page in the query `next`.
    :source: `GET /login/?next={path}&key={key}`, `POST /login/?next={path}`
    """

    def show(errors: Errors) -> str:
        kerberos = service().remote_user_header is not None
        key = request.args.get("key", "")
        name = service().sign_in_links.user(key, service().clock())
        if key and not name and not errors:
            errors = {"": [OLD_LINK]}
        return render_template("login.html", errors=errors, kerberos=kerberos, key=key, name=name)

    def act() -> Any:
        with writing() as tx:
            return set_cookie(tx, done(_next()), sessions.start(tx, _authenticated(tx)))

    return answer(show, act)


def _authenticated(tx: Transaction) -> User:
    """Return the user with the login and token in the form, or of the link."""
    if "key" in request.form:
        name = service().sign_in_links.user(request.form["key"], service().clock(), use=True)
        if name is None:
            raise InvalidFields({"": [OLD_LINK]})
        return users.get(tx, name)
    try:
        return users.authenticate(tx, *(request.form.get(name, "").strip() for name in ("login", "token")))
    except AuthenticationRequired as error:
        raise InvalidFields({"token": ["This login and token are not valid, or have expired."]}) from error


def _next() -> str:
    """Return the page to show after the login: one of ours, whatever the query says."""
    path = request.args.get("next", "")
    parts = urlsplit(path)
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc
    return f"{request.script_root}{path if is_ours and path.isprintable() else '/'}"


@pages.post("/logout/")
def logout() -> Any:
    """End the session.

    :returns: a redirect to the first page.
    :raises Invalid: the form was not sent by a page of this service.
    :source: `POST /logout/`
    """
    check_form()
    with writing() as tx:
        sessions.end(tx, request.cookies.get(browser_cookie(service().public_url), ""))
    return remove_cookie(done(f"{request.script_root}/"))


@pages.get("/api/")
def token() -> Any:
    """Show until when the user's token is valid, or how to get one; errors of all APIs refer to this page.

    :returns: the HTML page.
    :source: `GET /api/`
    """
    if viewer() is None:
        return render_template("token.html")
    with reading() as tx:
        user = caller(tx)
        return render_template("token.html", login=user.api_login, expiration=user.api_token_expiration)


@pages.post("/api/new/")
@needs_sign_in
def new_token() -> Any:
    """Give the user a new token, and show it once.

    :returns: the HTML page, with a client configuration.
    :raises Invalid: the form was not sent by a page of this service.
    :source: `POST /api/new/`
    """
    check_form()
    with writing() as tx:
        user = caller(tx)
        made = users.renew_token(tx, user)
        configuration = ClientConfiguration(user.name, made.login, made.token, service().public_url)
    page = render_template(
        "token.html",
        login=made.login,
        expiration=made.expiration,
        configuration=client_configuration.text(configuration, made.expiration),
    )
    return page, 200, {"Cache-Control": "no-store"}
