"""The fields of a chroot of a project in a request, and the columns they are for. Errors in fields' order."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField, Form, StringField
from wtforms.validators import Optional

from ..data.database import Transaction
from ..rules import checks
from ..rules.errors import Invalid
from ..wire.fields import OneOf, Text, Words, check_form, rule
from ..wire.small_file import small_file
from .body import Body, form_data
from .build_forms import BOOTSTRAP, ISOLATION

# What requests call a field, and what errors call it.
_RENAMED = {
    "additional_modules": "module_toggle",
    "additional_packages": "buildroot_pkgs",
    "additional_repos": "repos",
}
CUSTOM_IMAGE = "custom_image"
CALLED = {field: name for name, field in _RENAMED.items()}


class ModuleList(StringField):
    """Modules to switch on or off, sent as a list or as one text with commas between them."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        words = (word.strip() for text in valuelist for word in str(text).split(","))
        self.data: Any = [word for word in words if word]


class ProjectChrootForm(Form):
    """Changes of a chroot of a project."""

    module_toggle = ModuleList(validators=[rule(checks.modules)])
    with_opts = Words()
    without_opts = Words()
    bootstrap = OneOf((*BOOTSTRAP, CUSTOM_IMAGE))
    bootstrap_image = Text(validators=[Optional()])
    isolation = OneOf(ISOLATION)
    reset_fields = Words()
    buildroot_pkgs = Words()
    repos = Words()
    delete_comps = BooleanField()


def checked(tx: Transaction, body: Body) -> ProjectChrootForm:
    """The form of changes to a chroot, checked.

    :raises Invalid: one line for each field that is wrong.
    """
    form = ProjectChrootForm(form_data({_RENAMED.get(name, name): value for name, value in body.items()}))
    check_form(form, repos=[rule(lambda addresses: checks.repositories(tx, addresses))])
    if form.bootstrap.data == CUSTOM_IMAGE and not form.bootstrap_image.data:
        raise Invalid("bootstrap_image: Custom image is selected, but not specified")
    return form


def settings(form: ProjectChrootForm, body: Body) -> dict[str, Any]:
    """Columns of the chroot and their new values: of those fields only that the body has.

    :raises Invalid: the comps file that came with the request is none.
    """
    columns: dict[str, Any] = {
        name: form[_RENAMED.get(name, name)].data
        for name in ("additional_repos", "additional_packages", "with_opts", "without_opts")
        if name in body
    }
    if body.get("additional_modules", []) != []:
        columns["additional_modules"] = form.module_toggle.data
    for name in ("bootstrap", "bootstrap_image", "isolation"):
        if form[name].data:
            columns[name] = form[name].data
    if "bootstrap_image" in columns:
        columns.setdefault("bootstrap", CUSTOM_IMAGE)
    if form.delete_comps.data:
        columns |= {"comps_name": None, "comps": None}
    if uploaded := request.files.get("upload_comps"):
        name = (uploaded.filename or "").rpartition("/")[2]
        columns |= {"comps_name": name, "comps": checks.comps(small_file(uploaded))}
    return columns
