"""The fields of a project in a request, and their columns. Errors have the order of the fields."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form
from wtforms.validators import URL, DataRequired, Length, NumberRange, Optional

from ..data.database import Transaction
from ..data.models import User
from ..rules import checks, chroots, projects
from .fields import InvalidFields, Number, OneOf, SomeOf, Text, Validator, WholeText, Words, check_form, rule
from .form_data import Body, form_data

BOOTSTRAP = ("default", "on", "off", "image")
ISOLATION = ("default", "simple", "nspawn")
STORAGE = ("backend", "pulp")
_DAY = 86_400  # seconds


class ProjectForm(Form):
    """The fields that new projects and changes of projects have in common."""

    homepage = Text(validators=[Optional(), URL()])
    contact = Text(validators=[Optional(), rule(checks.contact)])
    description = WholeText()
    instructions = WholeText()
    repos = Words()
    runtime_dependencies = Words()
    packit_forge_projects_allowed = Words()
    unlisted_on_hp = BooleanField()
    auto_prune = BooleanField()
    enable_net = BooleanField()
    devel_mode = BooleanField()
    multilib = BooleanField()
    module_hotfixes = BooleanField()
    appstream = BooleanField()
    fedora_review = BooleanField()
    follow_fedora_branching = BooleanField()
    bootstrap = OneOf(BOOTSTRAP)
    bootstrap_image = Text(validators=[Optional()])
    isolation = OneOf(ISOLATION)
    repo_priority = Number(validators=[Optional(), NumberRange(min=1)])


def project_name() -> Any:
    """Return the form field for the name of a new project.

    :returns: the field; its maximum length is in the API's documentation too.
    """
    longest = Length(max=checks.LONGEST_NAME)
    return Text(validators=[DataRequired(), rule(checks.project_name), longest])


class AddForm(ProjectForm):
    """The fields of a new project."""

    name = project_name()
    persistent = BooleanField()
    storage = OneOf(STORAGE)
    delete_after_days = Number(validators=[Optional(), NumberRange(min=-1, max=720)])
    chroots = SomeOf(required=True)


class EditForm(ProjectForm):
    """The fields of changes to a project."""

    delete_after_days = Number(validators=[Optional(), NumberRange(min=-1, max=720)])
    chroots = SomeOf()


class ForkForm(Form):
    """The target of a fork, and the confirmation for a project that exists."""

    owner = OneOf(default="")
    name = project_name()
    confirm = BooleanField()


# Fields that are not columns with the same name.
_NOT_COLUMNS = frozenset({"name", "storage", "chroots", "repos", "delete_after_days"})
# An empty text in these fields means "do not change".
_NEVER_CLEARED = frozenset({"homepage", "contact", "bootstrap", "bootstrap_image", "isolation"})


def add_form(tx: Transaction, body: Body, ownername: str) -> AddForm:
    """Return the valid form of a new project.

    :param tx: the open transaction.
    :param body: fields of the request.
    :param ownername: owner of the new project; a group has an @.
    :returns: the form, with no errors.
    :raises InvalidFields: fields are invalid.
    """
    form = AddForm(form_data(_renamed(body)))
    _check(tx, form, name=[rule(lambda name: projects.check_name_is_free(tx, ownername, name))])
    if form.persistent.data and (form.delete_after_days.data or 0) > 0:
        raise InvalidFields({"delete_after_days": ["'delete after' can not be combined with persistent"]})
    return form


def edit_form(tx: Transaction, body: Body) -> EditForm:
    """Return the valid form of changes to a project.

    :param tx: the open transaction.
    :param body: fields of the request.
    :returns: the form, with no errors.
    :raises Invalid: fields are invalid; the text has one line for each error.
    """
    form = EditForm(form_data(_renamed(body)))
    _check(tx, form)
    return form


def fork_form(tx: Transaction, caller: User, body: Body) -> ForkForm:
    """Return the valid form of a fork.

    :param tx: the open transaction.
    :param caller: user who sent the request.
    :param body: fields of the request; `ownername` is the owner of the target.
    :returns: the form, with no errors.
    :raises InvalidFields: fields are invalid, or the target exists and is not confirmed.
    """
    form = ForkForm(form_data({**body, "owner": body.get("ownername", "")}))
    form.owner.offer([caller.name, *(f"@{group.name}" for group in caller.groups)])
    check_form(form)
    name = form.name.data or ""
    # As in the real Copr frontend, this checks the caller's own project of that name, even if the fork
    # goes to a group.
    if projects.find(tx, caller.name, name) is not None and not form.confirm.data:
        text = (
            f"You are about to fork into existing project: {name}\n"
            "Please use --confirm if you really want to do this"
        )
        raise InvalidFields({"confirm": [f"A project {name} exists. Confirm to fork into it."]}, text)
    return form


def settings(tx: Transaction, form: AddForm | EditForm, body: Body) -> dict[str, Any]:
    """Return the new values of a project's settings.

    :param tx: the open transaction; its time counts for `delete_after_days`.
    :param form: the valid form.
    :param body: fields of the request; settings that it lacks are left out.
    :returns: values by column name; `delete_after` is unix time in seconds, UTC, or None.
    """
    given = _renamed(body)
    columns = {
        name: field.data
        for name, field in form._fields.items()
        if name in given and name not in _NOT_COLUMNS and (field.data or name not in _NEVER_CLEARED)
    }
    if "repos" in given:
        columns["additional_repos"] = form.repos.data
    if "packit_forge_projects_allowed" in columns:
        allowed = form.packit_forge_projects_allowed.data
        columns["packit_forge_projects_allowed"] = [name.partition("://")[2] or name for name in allowed]
    if form.delete_after_days.data is not None:
        days = form.delete_after_days.data
        # Deletion is at midnight UTC, so that this number of whole days is left during all of today.
        midnight = (tx.now // _DAY + days + 1) * _DAY
        columns["delete_after"] = None if days < 0 else midnight
    return columns


def _renamed(body: Body) -> Body:
    """Return the body with the form's name for additional repositories, as in the real Copr frontend."""
    return {"repos" if name == "additional_repos" else name: value for name, value in body.items()}


def _check(tx: Transaction, form: AddForm | EditForm, **extra: list[Validator]) -> None:
    """Validate the form with checks that need the database."""
    form.chroots.offer(chroots.active_names(tx))
    repositories = rule(lambda addresses: checks.repositories(tx, addresses))
    check_form(form, repos=[repositories], runtime_dependencies=[repositories], **extra)
