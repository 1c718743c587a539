"""The form fields of a request to build, and the build options made from them."""

from __future__ import annotations

from typing import TypeVar

from wtforms import BooleanField, Form, StringField
from wtforms.validators import NumberRange, Optional

from ..data.models import Project
from ..rules import checks
from ..rules.submission import Options
from ..wire.fields import Number, Words, rule
from .errors import Refused
from .forms import Fields, Required, chosen

LONGEST_TIMEOUT = 86_400  # seconds


class BuildForm(Form):
    """The fields that all requests to build have.

    `timeout` is in seconds. `memory_reqs` is in MiB; only its range is checked, it has no effect.
    """

    timeout = Number(validators=[Optional(), NumberRange(0, LONGEST_TIMEOUT)])
    memory_reqs = Number(validators=[Optional(), NumberRange(2048, 4096)])
    background = BooleanField()
    enable_net = BooleanField()


class UrlForm(BuildForm):
    """The fields of a build from URLs; `pkgs` are URLs of source RPMs or spec files."""

    pkgs = Words(validators=[Required(), rule(checks.source_addresses)])


class UploadForm(BuildForm):
    """The fields of a build from an upload; `pkgs` is the name of the uploaded source RPM or spec file."""

    pkgs = StringField(validators=[Required(), rule(checks.uploaded_name)])


AnyForm = TypeVar("AnyForm", bound=BuildForm)


def checked(kind: type[AnyForm], fields: Fields) -> AnyForm:
    """Return the form of a request to build, after its checks.

    :param kind: the class of the form.
    :param fields: the fields of the request.
    :returns: the valid form.
    :raises Refused: fields are not valid; the text is a Python dictionary of the errors by field.
    """
    form = kind(fields)
    if not form.validate():
        raise Refused(f"Invalid request: bad request parameters: {form.errors}")
    return form


def options(form: BuildForm, project: Project, fields: Fields) -> Options:
    """Return the options of a build.

    :param form: the valid form of the request.
    :param project: the project to build in.
    :param fields: the fields of the request; a chroot that the project does not have is ignored.
    :returns: the options. Without any chroot in the request, its `chroots` is None: all of the project.
    """
    return Options(
        chroots=chosen(fields, (chroot.name for chroot in project.chroots)) or None,
        timeout=form.timeout.data,
        is_background=form.background.data,
        enable_net=form.enable_net.data if "enable_net" in fields else None,
    )
