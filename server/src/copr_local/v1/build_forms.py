"""The fields of a build submission, and the options that they become."""

from __future__ import annotations

from typing import TypeVar

from wtforms import BooleanField, Form, StringField
from wtforms.validators import NumberRange, Optional

from ..data.models import Project
from ..rules import checks
from ..rules.builds import Options
from ..wire.fields import Number, Words, rule
from .errors import Refused
from .forms import Fields, Required, chosen

LONGEST_TIMEOUT = 86_400  # seconds


class BuildForm(Form):
    """What every way to submit a build has; of `memory_reqs` (MiB) only the range is checked."""

    timeout = Number(validators=[Optional(), NumberRange(0, LONGEST_TIMEOUT)])
    memory_reqs = Number(validators=[Optional(), NumberRange(2048, 4096)])
    background = BooleanField()
    enable_net = BooleanField()


class UrlForm(BuildForm):
    """Source RPMs or spec files at URLs."""

    pkgs = Words(validators=[Required(), rule(checks.source_addresses)])


class UploadForm(BuildForm):
    """A source RPM or a spec file that comes with the request; `pkgs` is its name."""

    pkgs = StringField(validators=[Required(), rule(checks.uploaded_name)])


AnyForm = TypeVar("AnyForm", bound=BuildForm)


def checked(kind: type[AnyForm], fields: Fields) -> AnyForm:
    """The form of a build, checked.

    :raises Refused: fields are wrong; the text is that of a Python dictionary.
    """
    form = kind(fields)
    if not form.validate():
        raise Refused(f"Invalid request: bad request parameters: {form.errors}")
    return form


def options(form: BuildForm, project: Project, fields: Fields) -> Options:
    """How the build is to be done; chroots that the project does not have are left out."""
    return Options(
        chroots=chosen(fields, (chroot.name for chroot in project.chroots)) or None,
        timeout=form.timeout.data,
        is_background=form.background.data,
        enable_net=form.enable_net.data if "enable_net" in fields else None,
    )
