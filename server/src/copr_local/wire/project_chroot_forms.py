"""The fields of a project's chroot in a request, and their columns. Errors have the order of the fields."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField, Form, StringField
from wtforms.validators import Optional

from ..data.database import Transaction
from ..rules import checks
from .build_forms import BOOTSTRAP, ISOLATION
from .fields import InvalidFields, OneOf, Text, Words, check_form, rule
from .form_data import Body, form_data
from .small_file import small_file

# Field names in forms and error texts, by the names in requests.
_RENAMED = {
    "additional_modules": "module_toggle",
    "additional_packages": "buildroot_pkgs",
    "additional_repos": "repos",
}
CUSTOM_IMAGE = "custom_image"
CALLED = {field: name for name, field in _RENAMED.items()}


class ModuleList(StringField):
    """Modules to enable or disable, sent as a list or as one text with commas."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Split the submitted texts into names of modules.

        :param valuelist: the submitted values.
        """
        words = (word.strip() for text in valuelist for word in str(text).split(","))
        self.data: Any = [word for word in words if word]


class ProjectChrootForm(Form):
    """The fields of changes to a project's chroot."""

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
    """Return the valid form of changes to a chroot.

    :param tx: the open transaction.
    :param body: fields of the request.
    :returns: the form, with no errors.
    :raises InvalidFields: fields are invalid.
    """
    form = ProjectChrootForm(form_data({_RENAMED.get(name, name): value for name, value in body.items()}))
    check_form(form, repos=[rule(lambda addresses: checks.repositories(tx, addresses))])
    if form.bootstrap.data == CUSTOM_IMAGE and not form.bootstrap_image.data:
        raise InvalidFields({"bootstrap_image": ["Custom image is selected, but not specified"]})
    return form


def settings(form: ProjectChrootForm, body: Body) -> dict[str, Any]:
    """Return the new values of a chroot's settings.

    :param form: the valid form.
    :param body: fields of the request; settings that it lacks are left out.
    :returns: values by column name.
    :raises Invalid: the uploaded comps file is not valid.
    :raises RequestEntityTooLarge: the uploaded comps file is larger than `LARGEST_BODY` bytes.
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
