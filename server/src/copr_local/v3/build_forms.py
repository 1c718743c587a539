"""The fields of a build submission, and the options that they become. Errors come in the fields' order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from wtforms import BooleanField, Form
from wtforms.validators import DataRequired, NumberRange, Optional, ValidationError

from ..data.database import Transaction
from ..data.models import Project, ProjectDir
from ..releases import LONGEST_TIMEOUT
from ..rules import builds, checks, projects
from ..rules.builds import Options
from ..rules.errors import Invalid
from ..wire.fields import Number, OneOf, SomeOf, Text, Words, check_form, rule
from .body import Body, form_data
from .login import caller
from .source_forms import SourceForm

BOOTSTRAP = ("unchanged", "default", "on", "off", "image")
ISOLATION = ("unchanged", "default", "simple", "nspawn")


class BuildForm(Form):
    """What every way to submit a build has."""

    project_dirname = Text(validators=[Optional()])
    timeout = Number(validators=[Optional(), NumberRange(min=0, max=LONGEST_TIMEOUT)])
    background = BooleanField()
    bootstrap = OneOf(BOOTSTRAP)
    isolation = OneOf(ISOLATION)
    after_build_id = Number(validators=[Optional()])
    with_build_id = Number(validators=[Optional()])
    enable_net = BooleanField()
    packit_forge_project = Text(validators=[Optional()])
    chroots = SomeOf()
    exclude_chroots = SomeOf()

    check_batch: Callable[[int, bool], None]

    def validate_after_build_id(self, field: Number) -> None:
        self._validate_batch(field, self.with_build_id, joins=False)

    def validate_with_build_id(self, field: Number) -> None:
        self._validate_batch(field, self.after_build_id, joins=True)

    def _validate_batch(self, field: Number, other: Number, *, joins: bool) -> None:
        if other.data:
            raise ValidationError("Only one batch option can be specified")
        if field.data:
            try:
                self.check_batch(field.data, joins)
            except Invalid as error:
                raise ValidationError(str(error)) from error


class UrlForm(BuildForm):
    """Source RPMs or spec files at URLs."""

    pkgs = Words(
        validators=[
            DataRequired(message="URLs to packages are required"),
            rule(checks.web_addresses, checks.source_files),
        ]
    )


class UploadForm(BuildForm):
    """A source RPM or a spec file that comes with the request; `pkgs` is its name."""

    pkgs = Text(validators=[DataRequired(), rule(checks.uploaded_name)])

    def check_beginning(self, _beginning: bytes) -> None:
        """Anything may be in the file: the source step finds out."""


class RpmUploadForm(UploadForm):
    """A binary RPM that comes with the request."""

    pkgs = Text(validators=[DataRequired(), rule(checks.uploaded_rpm_name)])

    def check_beginning(self, beginning: bytes) -> None:
        """:raises Invalid: it is not a binary RPM, so there would be nothing to publish."""
        try:
            checks.binary_rpm(beginning)
        except Invalid as error:
            raise Invalid(f"Bad request parameters: {{'pkgs': ['{error}']}}") from error


AnyForm = TypeVar("AnyForm", bound=BuildForm)


def checked(
    tx: Transaction, kind: type[AnyForm], project: Project, body: Body, source: SourceForm | None = None
) -> AnyForm:
    """The form of a build in a project, checked.

    :param source: the form of its source, checked with it.
    :raises Invalid: fields are wrong; the text is that of a Python dictionary, as the original's.
    """
    form = _form(tx, kind, project, body)
    errors = {}
    for part in (source, form):
        if part is not None and not part.validate():
            errors.update(part.errors)
    if errors:
        raise Invalid(f"Bad request parameters: {errors}")
    return form


def checked_for_rebuild(tx: Transaction, project: Project, body: Body) -> BuildForm:
    """The form of a package's rebuild, checked.

    :raises Invalid: one line for each field that is wrong.
    """
    form = _form(tx, BuildForm, project, body)
    check_form(form)
    return form


def _form(tx: Transaction, kind: type[AnyForm], project: Project, body: Body) -> AnyForm:
    form = kind(form_data(body))
    for field in (form.chroots, form.exclude_chroots):
        field.offer(chroot.name for chroot in project.chroots)
    form.check_batch = partial(builds.check_batch, tx, caller(tx))
    return form


def options(form: BuildForm, project: Project, body: Body) -> Options:
    """How the build is to be done.

    :raises Invalid: all chroots are excluded.
    """
    return Options(
        chroots=_chroots(form, project),
        timeout=form.timeout.data,
        is_background=form.background.data,
        enable_net=form.enable_net.data if "enable_net" in body else None,
        bootstrap=form.bootstrap.data or "unchanged",
        isolation=form.isolation.data or "unchanged",
        after_build_id=form.after_build_id.data,
        with_build_id=form.with_build_id.data,
        packit_forge_project=form.packit_forge_project.data or None,
    )


def _chroots(form: BuildForm, project: Project) -> list[str] | None:
    """The chroots that were asked for, less those that were excluded; None where neither was said."""
    excluded: Any = form.exclude_chroots.data or ()
    if not form.chroots.data and not excluded:
        return None
    names = form.chroots.data or [chroot.name for chroot in project.chroots]
    left = [name for name in names if name not in excluded]
    if not left:
        raise Invalid("Bad request parameters: {'exclude_chroots': ['No chroot is left.']}")
    return left


def directory(tx: Transaction, form: BuildForm, project: Project) -> ProjectDir:
    """The project's folder that the build is for.

    :raises Invalid: that is no name for one.
    """
    return projects.get_dir(tx, project, form.project_dirname.data or project.name)
