"""Forms of projects: new project, settings, chroots, permissions, webhooks, fork and deletion.

Each form gives its fields to the form class of API v3, and calls the same rules.
"""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from ..data.database import Transaction
from ..data.models import Project, User
from ..rules import (
    builds,
    chroots,
    deliveries,
    forks,
    permissions,
    projects,
    users,
    webhooks,
)
from ..rules.errors import NotFound
from ..wire import project_forms
from ..wire.context import reading, service, writing
from ..wire.fields import Errors, InvalidFields
from ..wire.form_data import Body
from .display import address, group_chroots, owner_address
from .of_project import of_project, pages, show
from .viewer import answer, caller, done, needs_sign_in, viewer

TEXTS = (
    *("name", "homepage", "contact", "description", "instructions", "repos", "runtime_dependencies"),
    *("bootstrap", "isolation", "repo_priority", "delete_after_days"),
)
FLAGS = (
    *("unlisted_on_hp", "enable_net", "devel_mode", "multilib", "module_hotfixes", "appstream"),
    *("fedora_review", "follow_fedora_branching"),
)
OF_ADMINS = ("auto_prune",)  # flags that only administrators may change
CLEARED = ("homepage", "contact")  # an empty text removes the value, which the API cannot do
NO_CHROOTS = "Choose at least one."

FORM = {"methods": ["GET", "POST"]}


def _body(*names: str) -> Body:
    """Return the text fields that the form has."""
    return {name: request.form[name] for name in names if name in request.form}


def _project_body() -> Body:
    """Return the fields of a project; a box that is not checked is not in the form, and means no."""
    known = viewer()
    flags = (*FLAGS, *(OF_ADMINS if known and known.admin else ()))
    chosen = request.form.getlist("chroots")
    return {**_body(*TEXTS), **{name: name in request.form for name in flags}, "chroots": chosen}


@pages.route("/new-project/", **FORM)
@needs_sign_in
def new_project() -> Any:
    """Show the form for a new project, or add it.

    :returns: the HTML page; after the addition a redirect to the new project.
    :source: `GET /new-project/`, `POST /new-project/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            offered = group_chroots(chroots.active_names(tx))
        return render_template("new_project.html", errors=errors, offered=offered, project=None)

    def act() -> Any:
        body = _project_body()
        with writing() as tx:
            user = caller(tx)
            owner = request.form.get("owner") or user.name
            projects.check_owner(tx, user, owner)
            form = _new_project(tx, body, owner)
            settings = project_forms.settings(tx, form, body)
            name, chosen = form.name.data or "", form.chroots.data or []
            return done(address(projects.add(tx, user, owner, name, chosen, settings)))

    return answer(shown, act)


@of_project("settings/", **FORM)
@needs_sign_in
def settings(ownername: str, name: str) -> Any:
    """Show the settings of a project, or change them.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page; after the change a redirect to the project.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the user may not change the project.
    :source: `GET /coprs/{ownername}/{name}/settings/`, `POST /coprs/{ownername}/{name}/settings/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            project = _editable(tx, ownername, name)
            offered = group_chroots(chroots.active_names(tx))
            return show(tx, "settings.html", project, "settings/", errors=errors, offered=offered)

    def act() -> Any:
        body = _project_body()
        with writing() as tx:
            project = projects.get(tx, ownername, name)
            form = project_forms.edit_form(tx, body)
            _check_chroots(form.chroots.data)
            cleared = {field: None for field in CLEARED if body.get(field) == ""}
            changed = {**project_forms.settings(tx, form, body), **cleared}
            projects.edit(tx, caller(tx), project, form.chroots.data or [], changed)
            return done(address(project))

    return answer(shown, act)


def _new_project(tx: Transaction, body: Body, owner: str) -> project_forms.AddForm:
    """Return the valid form of a new project; if no chroot is chosen, the error says so in plain words."""
    try:
        return project_forms.add_form(tx, body, owner)
    except InvalidFields as error:
        if body["chroots"]:
            raise
        raise InvalidFields({**error.errors, "chroots": [NO_CHROOTS]}) from error


def _check_chroots(names: list[str] | None) -> None:
    """Raise `InvalidFields` if no chroot is chosen, which for the API means that they do not change."""
    if not names:
        raise InvalidFields({"chroots": [NO_CHROOTS]})


def _editable(tx: Transaction, ownername: str, name: str) -> Project:
    """Return a project that the user may change."""
    project = projects.get(tx, ownername, name)
    permissions.check_update(caller(tx), project)
    return project


@of_project("permissions/", **FORM)
@needs_sign_in
def permissions_of_project(ownername: str, name: str) -> Any:
    """Show who has roles in a project, and change them; others can request roles here.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page; after a change a redirect to it.
    :raises NotFound: the project does not exist.
    :source: `GET /coprs/{ownername}/{name}/permissions/`, `POST /coprs/{ownername}/{name}/permissions/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            user = caller(tx)
            own = next((given for given in project.permissions if given.user_id == user.id), None)
            is_own = user.id == project.user_id
            return show(tx, "permissions.html", project, "settings/", errors=errors, own=own, is_own=is_own)

    def act() -> Any:
        with writing() as tx:
            project = projects.get(tx, ownername, name)
            user = caller(tx)
            if request.form.get("user") is None:
                wanted = {role: role in request.form for role in permissions.ROLES}
                own = next((given for given in project.permissions if given.user_id == user.id), None)
                changed = {
                    role: want
                    for role, want in wanted.items()
                    if want != (own is not None and getattr(own, role) != permissions.NOTHING)
                }
                permissions.request(tx, user, project, changed)
            else:
                permissions.check_admin(user, project)
                permissions.set_roles(tx, project, _named_user(tx), _body(*permissions.ROLES))
            return done(f"{address(project)}permissions/")

    return answer(shown, act)


def _named_user(tx: Transaction) -> User:
    """Return the user whose name is in the form."""
    try:
        return users.get(tx, request.form["user"].strip())
    except NotFound as error:
        raise InvalidFields({"user": [str(error)]}) from error


@of_project("webhooks/", **FORM)
@needs_sign_in
def webhooks_of_project(ownername: str, name: str) -> Any:
    """Show the URLs for webhooks of a project and their last deliveries, or replace their secret.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page; after the change a redirect to it.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the user may not change the project.
    :source: `GET /coprs/{ownername}/{name}/webhooks/`, `POST /coprs/{ownername}/{name}/webhooks/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            project = _editable(tx, ownername, name)
            newest = deliveries.newest(tx, project)
            started = builds.some(tx, {build_id for delivery in newest for build_id in delivery.builds})
            return show(
                tx,
                "webhooks.html",
                project,
                "settings/",
                errors=errors,
                host=service().public_url,
                deliveries=newest,
                started={build.id: build for build in started},
            )

    def act() -> Any:
        with writing() as tx:
            project = projects.get(tx, ownername, name)
            webhooks.new_secret(caller(tx), project)
            return done(f"{address(project)}webhooks/")

    return answer(shown, act)


@of_project("fork/", **FORM)
@needs_sign_in
def fork(ownername: str, name: str) -> Any:
    """Show the form to fork a project, or fork it.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page; after the fork a redirect to the new project.
    :raises NotFound: the project does not exist.
    :source: `GET /coprs/{ownername}/{name}/fork/`, `POST /coprs/{ownername}/{name}/fork/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            return show(tx, "fork.html", projects.get(tx, ownername, name), "", errors=errors)

    def act() -> Any:
        body: Body = {**_body("ownername", "name"), "confirm": "confirm" in request.form}
        with writing() as tx:
            user = caller(tx)
            source = projects.get(tx, ownername, name)
            form = project_forms.fork_form(tx, user, body)
            target = forks.fork(tx, user, source, form.owner.data or "", form.name.data or "")
            return done(address(target))

    return answer(shown, act)


def check_word(word: str) -> None:
    """Check the word that a user has to type before something is deleted.

    :param word: the word that the page asks for.
    :raises InvalidFields: another word was typed.
    """
    if request.form.get("word", "").strip() != word:
        raise InvalidFields({"word": [f"Type {word} to delete it."]})


@of_project("delete/", **FORM)
@needs_sign_in
def delete(ownername: str, name: str) -> Any:
    """Ask for the name of a project, and delete it with its builds and results.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page; after the deletion a redirect to the owner.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the user may not delete the project.
    :source: `GET /coprs/{ownername}/{name}/delete/`, `POST /coprs/{ownername}/{name}/delete/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            permissions.check_delete(caller(tx), project)
            return show(
                tx,
                "delete.html",
                project,
                "settings/",
                errors=errors,
                what=f"project {project.full_name}",
                word=project.full_name,
                back=f"{address(project)}settings/",
            )

    def act() -> Any:
        with writing() as tx:
            project = projects.get(tx, ownername, name)
            check_word(project.full_name)
            projects.delete(tx, caller(tx), project)
            return done(owner_address(ownername))

    return answer(shown, act)
