"""The fields of a project in a request, and the columns they are for. Errors come in the fields' order."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form
from wtforms.validators import URL, DataRequired, Length, NumberRange, Optional

from ..data.database import Transaction
from ..rules import checks, chroots, projects
from ..rules.errors import Invalid
from ..wire.fields import Number, OneOf, SomeOf, Text, Validator, WholeText, Words, check_form, rule
from .body import Body, form_data

SECONDS_PER_DAY = 86_400

BOOTSTRAP = ("default", "on", "off", "image")
ISOLATION = ("default", "simple", "nspawn")
STORAGE = ("backend", "pulp")


class ProjectForm(Form):
    """What can be set when a project is added, and changed later."""

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
    """The field for the name of a new project; how long it may be is in its description too."""
    longest = Length(max=checks.LONGEST_NAME)
    return Text(validators=[DataRequired(), rule(checks.project_name), longest])


class AddForm(ProjectForm):
    """A new project."""

    name = project_name()
    persistent = BooleanField()
    storage = OneOf(STORAGE)
    delete_after_days = Number(validators=[Optional(), NumberRange(min=-1, max=720)])
    chroots = SomeOf(required=True)


class EditForm(ProjectForm):
    """Changes of a project."""

    delete_after_days = Number(validators=[Optional(), NumberRange(min=-1, max=720)])
    chroots = SomeOf()


# Fields that are not simply columns of the same name.
_NOT_COLUMNS = frozenset({"name", "storage", "chroots", "repos", "delete_after_days"})
# An empty text in these means "leave it".
_NEVER_CLEARED = frozenset({"homepage", "contact", "bootstrap", "bootstrap_image", "isolation"})


def add_form(tx: Transaction, body: Body, ownername: str) -> AddForm:
    """The form of a new project of an owner, checked.

    :raises Invalid: one line for each field that is wrong.
    """
    form = AddForm(form_data(_renamed(body)))
    _check(tx, form, name=[rule(lambda name: projects.check_name_is_free(tx, ownername, name))])
    if form.persistent.data and (form.delete_after_days.data or 0) > 0:
        raise Invalid("delete_after_days: 'delete after' can not be combined with persistent")
    return form


def edit_form(tx: Transaction, body: Body) -> EditForm:
    """The form of changes to a project, checked.

    :raises Invalid: one line for each field that is wrong.
    """
    form = EditForm(form_data(_renamed(body)))
    _check(tx, form)
    return form


def settings(tx: Transaction, form: AddForm | EditForm, body: Body) -> dict[str, Any]:
    """Columns of a project and their new values: of those fields only that the body has."""
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
        # At midnight, so that what is left is that many whole days today.
        midnight = (tx.now // SECONDS_PER_DAY + days + 1) * SECONDS_PER_DAY
        columns["delete_after"] = None if days < 0 else midnight
    return columns


def _renamed(body: Body) -> Body:
    """The body with the one name that the original's form has for additional repositories."""
    return {"repos" if name == "additional_repos" else name: value for name, value in body.items()}


def _check(tx: Transaction, form: AddForm | EditForm, **extra: list[Validator]) -> None:
    form.chroots.offer(chroots.active_names(tx))
    repositories = rule(lambda addresses: checks.repositories(tx, addresses))
    check_form(form, repos=[repositories], runtime_dependencies=[repositories], **extra)
