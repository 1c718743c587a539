"""Who looks at a page: the user of the session, and what pages need to let that user change something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import g, redirect, request
from flask_wtf.csrf import validate_csrf
from sqlalchemy.exc import DBAPIError
from wtforms.validators import ValidationError

from ..data.database import Transaction
from ..data.models import Project, User
from ..rules import permissions, sessions
from ..rules.errors import Invalid, RuleError
from ..wire.context import reading, service
from ..wire.credentials import browser_cookie
from ..wire.fields import Errors
from .statuses import status_of

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Viewer:
    """The user of the session.

    :param id: id of the user.
    :param name: name of the user.
    :param admin: True for an administrator of the service.
    :param owners: names under which the user can add projects: the own one, and groups with their @.
    """

    id: int
    name: str
    admin: bool
    owners: tuple[str, ...]


@dataclass(frozen=True)
class Allowed:
    """What the viewer may do in a project.

    :param build: True to submit builds.
    :param edit: True to change the project.
    :param delete: True to delete the project.
    """

    build: bool = False
    edit: bool = False
    delete: bool = False


def viewer() -> Viewer | None:
    """Return the user of the session; the result is kept for the rest of the request.

    :returns: the user; None without a valid session.
    """
    if "viewer" not in g:
        key = request.cookies.get(browser_cookie(service().public_url))
        g.viewer = _of_session(key) if key else None
    found: Viewer | None = g.viewer
    return found


def _of_session(key: str) -> Viewer | None:
    """Return the user of a session; None also if the database cannot be read, for pages that say so."""
    try:
        with reading() as tx:
            user = sessions.find(tx, key)
            if user is None:
                return None
            owners = (user.name, *(f"@{group.name}" for group in user.groups))
            return Viewer(user.id, user.name, user.admin, owners)
    except DBAPIError:
        return None


def caller(tx: Transaction) -> User:
    """Return the user of the session, for the rules; only for views with `needs_sign_in`.

    :param tx: the open transaction.
    :returns: the user.
    """
    known = viewer()
    assert known is not None
    return tx.session.get_one(User, known.id)


def allowed(tx: Transaction, project: Project) -> Allowed:
    """Return what the viewer may do in a project.

    :param tx: the open transaction.
    :param project: the project.
    :returns: nothing without a valid session.
    """
    if viewer() is None:
        return Allowed()
    user = caller(tx)
    return Allowed(
        permissions.can_build(user, project),
        permissions.can_edit(user, project),
        user.admin or permissions.is_owner(user, project),
    )


def needs_sign_in(view: View) -> View:
    """Send browsers without a valid session to the page where users sign in.

    :param view: view that can then use `caller`.
    :returns: the view with the check.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if viewer() is None:
            return redirect(f"{request.script_root}/login/?next={request.path}", 303)
        return view(*args, **kwargs)

    return checked  # type: ignore[return-value]


def check_form() -> None:
    """Check that a form was sent by a page of this service, and not by another website.

    :raises Invalid: the token in the form is missing, or is not that of the browser.
    """
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise Invalid(
            "This form has become too old, or your browser sends no cookies. Nothing was changed."
            " Please send it again."
        ) from error


def answer(show: Callable[[Errors], Any], act: Callable[[], Any]) -> Any:
    """Return the response of a page with a form.

    :param show: returns the page with the form, and with errors by the name of a field; errors of no field
        have the empty name.
    :param act: does what a valid form asks for, and returns the response.
    :returns: the page, or the response of `act`. If a rule refuses the form, the page has its errors and
        the texts that were typed.
    """
    if request.method != "POST":
        return show({})
    try:
        check_form()
        return act()
    except RuleError as error:
        errors = getattr(error, "errors", None) or {"": [str(error)]}
        return show(errors), status_of(error)


def done(path: str) -> Any:
    """Return the redirect after a form has been carried out.

    :param path: path of the next page, as templates write it.
    :returns: the redirect, with status 303.
    """
    return redirect(path, 303)
