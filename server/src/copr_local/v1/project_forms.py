"""The fields of a project in a request, and the columns they are for."""

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

# Fields of API v1, and columns of a project.
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
    """What can be set when a project is added, and changed later."""

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
    """A new project, and the URLs of what is to be built in it first."""

    name = StringField(validators=[Required(), rule(checks.project_name)])
    initial_pkgs = Words(validators=[rule(checks.source_addresses)])
    persistent = BooleanField()


class ModifyForm(ProjectForm):
    """Changes of a project; `chroots` are those that it is to have from now on."""

    chroots = Words()


class DeleteForm(Form):
    """The word that says that a project is to be deleted indeed."""

    verify = StringField(validators=[Required()])


def add_form(tx: Transaction, ownername: str, fields: Fields) -> AddForm:
    """The form of a new project, checked.

    :raises Refused: it has errors, one line for each field.
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
    """The form of changes to a project, checked.

    :raises Refused: it has errors.
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
    """Columns of a project and their new values, of the fields that were sent."""
    found = {column: form[name].data for name, column in _COLUMNS.items() if name in fields and name in form}
    if "use_bootstrap_container" in fields:
        found["bootstrap"] = "on" if form.use_bootstrap_container.data else "default"
    return found


def uses_bootstrap_container(project: Project) -> bool:
    """The flag that `bootstrap` has grown from."""
    return project.bootstrap == "on"


def _errors(tx: Transaction, form: ProjectForm) -> dict[str, list[str]]:
    def repositories(addresses: list[str]) -> None:
        checks.repositories(tx, addresses)

    form.validate(extra_validators={"repos": [rule(repositories)]})
    return {name: list(texts) for name, texts in form.errors.items()}


def check_verified(fields: Fields) -> None:
    """:raises Refused: the word that says so is missing."""
    form = DeleteForm(fields)
    if not form.validate():
        raise Refused(f"Invalid request: {form.errors}")
