"""The fields of a package in a request: its settings here, its source in `source_forms`."""

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
from ..wire.fields import Number, Text, rule
from .body import Body, form_data
from .source_forms import FORMS, package_name, renamed


class PackageForm(Form):
    """What packages of all source types have."""

    package_name = package_name()
    chroot_denylist = Text()
    max_builds = Number(validators=[Optional(), NumberRange(min=0, max=packages.MOST_BUILDS)])
    timeout = Number(validators=[Optional(), NumberRange(min=0, max=LONGEST_TIMEOUT)])
    webhook_rebuild = BooleanField()


Settings = dict[str, Any]  # columns of a package, and their values


def added(tx: Transaction, source_type: str, body: Body) -> tuple[str, Source, Settings]:
    """The name, source and settings of a new package.

    :raises Invalid: one line for each field that is wrong; or packages have no such source type.
    """
    source, settings = _checked(tx, source_type, body)
    return str(form_data(body)["package_name"]).strip(), source, settings


def edited(tx: Transaction, package: Package, source_type: str | None, body: Body) -> tuple[Source, Settings]:
    """What a package's source and settings become; parameters that the body does not name stay as they are.

    :param source_type: None for the one that the package has.
    :raises Invalid: one line for each field that is wrong; or packages have no such source type.
    """
    whole = {**renamed(package.source), **renamed(body)}
    return _checked(tx, source_type or package.source_type, whole)


def _checked(tx: Transaction, source_type: str, body: Body) -> tuple[Source, Settings]:
    if source_type not in FORMS:
        raise Invalid(f"Unsupported package source type {source_type}")
    form = PackageForm(form_data(body))
    source = FORMS[source_type](tx, body)
    denylist = rule(lambda patterns: packages.check_denylist(tx, patterns))
    is_valid = form.validate(extra_validators={"chroot_denylist": [denylist]})
    if not (source.validate() and is_valid):
        wrong = {**form.errors, **source.errors, **form.errors}  # in the order of the fields
        raise Invalid("\n".join(f"{name}: {text}" for name, texts in wrong.items() for text in texts))
    return source.source(), _settings(form, body)


def _settings(form: PackageForm, body: Body) -> Settings:
    """Those settings that the body has."""
    settings: Settings = {
        "chroot_denylist": form.chroot_denylist.data or "",
        "max_builds": form.max_builds.data or 0,
        "timeout": form.timeout.data or None,
        "webhook_rebuild": form.webhook_rebuild.data,
    }
    return {name: value for name, value in settings.items() if name in body}
