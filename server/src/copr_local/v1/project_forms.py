"""The form fields of a project, and the settings made from them."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form, StringField
from wtforms.validators import URL, Optional

from ..data.database import Transaction
from ..data.models import Project
from ..rules import checks, chroots, projects
from ..wire.fields import Words, rule
from .errors import Refused
from .forms import Fields, Required, chosen

# Columns of `Project`, by field of API v1.
_COLUMNS = {
    "homepage": "homepage",
    "contact": "contact",
    "description": "description",
    "instructions": "instructions",
    "repos": "additional_repos",
    "disable_createrepo": "devel_mode",
    "unlisted_on_hp": "unlisted_on_hp",
    "build_enable_net": "enable_net",
    "auto_prune": "auto_prune",
    "persistent": "persistent",
}


class ProjectForm(Form):
    """The fields of a project that a user can set when adding it and change later."""

    homepage = StringField(validators=[Optional(), URL(message="Invalid URL.")])
    contact = StringField(validators=[Optional(), rule(checks.contact)])
    description = StringField()
    instructions = StringField()
    repos = Words()
    disable_createrepo = BooleanField()
    unlisted_on_hp = BooleanField()
    build_enable_net = BooleanField()
    auto_prune = BooleanField()
    use_bootstrap_container = BooleanField()


class AddForm(ProjectForm):
    """The fields of a new project; `initial_pkgs` are URLs of source RPMs or spec files to build at once."""

    name = StringField(validators=[Required(), rule(checks.project_name)])
    initial_pkgs = Words(validators=[rule(checks.source_addresses)])
    persistent = BooleanField()


class ModifyForm(ProjectForm):
    """The fields of a request that changes a project; `chroots` replaces all chroots of the project."""

    chroots = Words()


class DeleteForm(Form):
    """The confirmation in a request that deletes a project; any text counts as a confirmation."""

    verify = StringField(validators=[Required()])


def add_form(tx: Transaction, ownername: str, fields: Fields) -> AddForm:
    """Return the form of a new project, after its checks.

    :param tx: the transaction.
    :param ownername: name of the new project's owner; a group's name starts with `@`.
    :param fields: the fields of the request.
    :returns: the valid form.
    :raises Refused: fields are not valid, no chroot is chosen, or the owner already has a project of this
        name; the text has one line for each field.
    """
    form = AddForm(fields)
    errors = _errors(tx, form)
    if "name" not in errors and projects.find(tx, ownername, form.name.data or ""):
        who = f"Group {ownername[1:]}" if ownername.startswith("@") else "You"
        errors["name"] = [f"{who} already have project named '{form.name.data}'."]
    if not chosen(fields, chroots.active_names(tx)):
        errors["chroots"] = ["At least one chroot must be selected"]
    if errors:
        lines = "".join("- {}: {}\n".format(name, "\n".join(texts)) for name, texts in errors.items())
        raise Refused("Validation error\n" + lines.replace('"', "'"))
    return form


def modify_form(tx: Transaction, fields: Fields) -> ModifyForm:
    """Return the form of a request that changes a project, after its checks.

    :param tx: the transaction.
    :param fields: the fields of the request.
    :returns: the valid form.
    :raises Refused: fields are not valid, or a chroot is not active.
    """
    form = ModifyForm(fields)
    errors = _errors(tx, form)
    missing = [name for name in form.chroots.data or () if name not in chroots.active_names(tx)]
    if missing:
        errors["chroots"] = [f"Such chroot is not available: {missing[0]}"]
    if errors:
        raise Refused(f"Invalid request: {errors}")
    return form


def settings(form: ProjectForm, fields: Fields) -> dict[str, Any]:
    """Return the settings that a request sets.

    :param form: the valid form of the request.
    :param fields: the fields of the request; settings that it does not have are left out.
    :returns: new values by column of `Project`.
    """
    found = {column: form[name].data for name, column in _COLUMNS.items() if name in fields and name in form}
    if "use_bootstrap_container" in fields:
        found["bootstrap"] = "on" if form.use_bootstrap_container.data else "default"
    return found


def uses_bootstrap_container(project: Project) -> bool:
    """Return the flag that API v1 has instead of the setting `bootstrap`.

    :param project: the project.
    :returns: True if `bootstrap` is "on".
    """
    return project.bootstrap == "on"


def _errors(tx: Transaction, form: ProjectForm) -> dict[str, list[str]]:
    """Validate a form, and return the errors by field."""

    def repositories(addresses: list[str]) -> None:
        checks.repositories(tx, addresses)

    form.validate(extra_validators={"repos": [rule(repositories)]})
    return {name: list(texts) for name, texts in form.errors.items()}


def check_verified(fields: Fields) -> None:
    """Check that a request to delete a project has the confirmation.

    :param fields: the fields of the request.
    :raises Refused: the field `verify` is missing or empty.
    """
    form = DeleteForm(fields)
    if not form.validate():
        raise Refused(f"Invalid request: {form.errors}")
