"""The settings of a package in a request; `source_forms.py` has the fields of its source."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form
from wtforms.validators import NumberRange, Optional

from ..data.database import Transaction
from ..data.models import Package
from ..releases import LONGEST_TIMEOUT
from ..rules import packages
from ..rules.errors import Invalid
from ..rules.sources import Source
from .fields import InvalidFields, Number, Text, rule
from .form_data import Body, form_data
from .source_forms import FORMS, package_name, renamed


class PackageForm(Form):
    """The fields that packages of all source types have."""

    package_name = package_name()
    chroot_denylist = Text()
    max_builds = Number(validators=[Optional(), NumberRange(min=0, max=packages.MOST_BUILDS)])
    timeout = Number(validators=[Optional(), NumberRange(min=0, max=LONGEST_TIMEOUT)])
    webhook_rebuild = BooleanField()


Settings = dict[str, Any]  # values by column name of a package


def added(tx: Transaction, source_type: str, body: Body) -> tuple[str, Source, Settings]:
    """Return the name, source and settings of a new package.

    :param tx: the open transaction.
    :param source_type: source type from the request's path.
    :param body: fields of the request.
    :returns: the name, the source, and the settings that the body has.
    :raises Invalid: packages cannot have this source type, or fields are invalid; the text has one line for
        each error.
    """
    source, settings = _checked(tx, source_type, body)
    return str(form_data(body)["package_name"]).strip(), source, settings


def edited(tx: Transaction, package: Package, source_type: str | None, body: Body) -> tuple[Source, Settings]:
    """Return the source and settings of a package after a change.

    :param tx: the open transaction.
    :param package: the package; it is not changed here.
    :param source_type: the new source type; None to keep the package's own.
    :param body: fields of the request; source parameters that it lacks keep their values.
    :returns: the whole source, and the settings that the body has.
    :raises Invalid: packages cannot have this source type, or fields are invalid; the text has one line for
        each error.
    """
    whole = {**renamed(package.source), **renamed(body)}
    return _checked(tx, source_type or package.source_type, whole)


def _checked(tx: Transaction, source_type: str, body: Body) -> tuple[Source, Settings]:
    """Return the source and settings from valid fields."""
    if source_type not in FORMS:
        raise Invalid(f"Unsupported package source type {source_type}")
    form = PackageForm(form_data(body))
    source = FORMS[source_type](tx, body)
    denylist = rule(lambda patterns: packages.check_denylist(tx, patterns))
    is_valid = form.validate(extra_validators={"chroot_denylist": [denylist]})
    if not (source.validate() and is_valid):
        wrong = {**form.errors, **source.errors, **form.errors}  # in the order of the fields
        raise InvalidFields(wrong)
    return source.source(), _settings(form, body)


def _settings(form: PackageForm, body: Body) -> Settings:
    """Return the settings that the body has, by column name."""
    settings: Settings = {
        "chroot_denylist": form.chroot_denylist.data or "",
        "max_builds": form.max_builds.data or 0,
        "timeout": form.timeout.data or None,
        "webhook_rebuild": form.webhook_rebuild.data,
    }
    return {name: value for name, value in settings.items() if name in body}
