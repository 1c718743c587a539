"""The fields of a build submission, and the build options from them. Errors have the order of the fields."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from wtforms import BooleanField, Form
from wtforms.validators import DataRequired, NumberRange, Optional, ValidationError

from ..data.database import Transaction
from ..data.models import Project, ProjectDir, User
from ..releases import LONGEST_TIMEOUT
from ..rules import checks, project_dirs, submission
from ..rules.errors import Invalid
from ..rules.submission import Options
from .fields import Errors, InvalidFields, Number, OneOf, SomeOf, Text, Words, check_form, rule
from .form_data import Body, form_data
from .source_forms import SourceForm

BOOTSTRAP = ("unchanged", "default", "on", "off", "image")
ISOLATION = ("unchanged", "default", "simple", "nspawn")


class BuildForm(Form):
    """The fields that all build submissions have."""

    project_dirname = Text(validators=[Optional()])
    timeout = Number(validators=[Optional(), NumberRange(min=0, max=LONGEST_TIMEOUT)])
    background = BooleanField()
    bootstrap = OneOf(BOOTSTRAP)
    isolation = OneOf(ISOLATION)
    after_build_id = Number(validators=[Optional()])
    with_build_id = Number(validators=[Optional()])
    enable_net = BooleanField()
    packit_forge_project = Text(validators=[Optional()])
    chroots = SomeOf(patterns=True)
    exclude_chroots = SomeOf(patterns=True)

    check_batch: Callable[[int, bool], None]

    def validate_after_build_id(self, field: Number) -> None:
        """Check that the new build can run after another build.

        :param field: the field with the id of the other build.
        :raises ValidationError: the request has both batch options, or the other build does not allow this.
        """
        self._validate_batch(field, self.with_build_id, joins=False)

    def validate_with_build_id(self, field: Number) -> None:
        """Check that the new build can join the batch of another build.

        :param field: the field with the id of the other build.
        :raises ValidationError: the request has both batch options, or the other build does not allow this.
        """
        self._validate_batch(field, self.after_build_id, joins=True)

    def _validate_batch(self, field: Number, other: Number, *, joins: bool) -> None:
        """Check one of the two batch options."""
        if other.data:
            raise ValidationError("Only one batch option can be specified")
        if field.data:
            try:
                self.check_batch(field.data, joins)
            except Invalid as error:
                raise ValidationError(str(error)) from error


class UrlForm(BuildForm):
    """The fields of builds from URLs of source RPMs or spec files."""

    pkgs = Words(
        validators=[
            DataRequired(message="URLs to packages are required"),
            rule(checks.web_addresses, checks.source_files),
        ]
    )


class UploadForm(BuildForm):
    """The fields of a build from an uploaded source RPM or spec file; `pkgs` is the file's name."""

    pkgs = Text(validators=[DataRequired(), rule(checks.uploaded_name)])

    def check_beginning(self, _beginning: bytes) -> None:
        """Accept any file; the source build finds errors in it."""


class RpmUploadForm(UploadForm):
    """The fields of a build from an uploaded binary RPM."""

    pkgs = Text(validators=[DataRequired(), rule(checks.uploaded_rpm_name)])

    def check_beginning(self, beginning: bytes) -> None:
        """Check that the uploaded file is a binary RPM.

        :param beginning: the first 8 bytes of the file.
        :raises Invalid: they are not those of a binary RPM.
        """
        try:
            checks.binary_rpm(beginning)
        except Invalid as error:
            raise _bad_request({"pkgs": [str(error)]}) from error


AnyForm = TypeVar("AnyForm", bound=BuildForm)


def checked(
    tx: Transaction,
    caller: User,
    kind: type[AnyForm],
    project: Project,
    body: Body,
    source: SourceForm | None = None,
) -> AnyForm:
    """Return the valid form of a new build in a project.

    :param tx: the open transaction.
    :param caller: user who sent the request.
    :param kind: class of the form.
    :param project: the project of the build.
    :param body: fields of the request.
    :param source: form of the build's source, to validate with it; None if the source has no form.
    :returns: the form, with no errors.
    :raises Invalid: fields are invalid; the text has a Python dictionary, as in the real Copr frontend.
    """
    form = _form(tx, caller, kind, project, body)
    errors = {}
    for part in (source, form):
        if part is not None and not part.validate():
            errors.update(part.errors)
    if errors:
        raise _bad_request(errors)
    return form


def _bad_request(errors: Errors) -> InvalidFields:
    """Return the error for invalid fields, with the text of the real Copr frontend."""
    return InvalidFields(errors, f"Bad request parameters: {errors}")


def checked_for_rebuild(tx: Transaction, caller: User, project: Project, body: Body) -> BuildForm:
    """Return the valid form of a package's rebuild.

    :param tx: the open transaction.
    :param caller: user who sent the request.
    :param project: the project of the package.
    :param body: fields of the request.
    :returns: the form, with no errors.
    :raises Invalid: fields are invalid; the text has one line for each error.
    """
    form = _form(tx, caller, BuildForm, project, body)
    check_form(form)
    return form


def _form(tx: Transaction, caller: User, kind: type[AnyForm], project: Project, body: Body) -> AnyForm:
    """Return the form with the project's chroots as allowed choices, before its validation."""
    form = kind(form_data(body))
    for field in (form.chroots, form.exclude_chroots):
        field.offer(chroot.name for chroot in project.chroots)
    form.check_batch = partial(submission.check_batch, tx, caller)
    return form


def options(form: BuildForm, project: Project, body: Body) -> Options:
    """Return the build options from a valid form.

    :param form: the form.
    :param project: the project of the build.
    :param body: fields of the request; without `enable_net`, the project decides about the network.
    :returns: the options.
    :raises Invalid: the request excludes all chroots.
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
    """Return the selected chroots without the excluded ones; None if the request has neither."""
    excluded: Any = form.exclude_chroots.data or ()
    if not form.chroots.data and not excluded:
        return None
    names = form.chroots.data or [chroot.name for chroot in project.chroots]
    left = [name for name in names if name not in excluded]
    if not left:
        raise _bad_request({"exclude_chroots": ["All chroots are excluded."]})
    return left


def directory(tx: Transaction, form: BuildForm, project: Project) -> ProjectDir:
    """Return the project directory for the results of the build, and create it if it does not exist.

    :param tx: the open transaction.
    :param form: the form; without `project_dirname`, the main directory is used.
    :param project: the project of the build.
    :returns: the project directory.
    :raises Invalid: the directory's name is not valid for this project.
    """
    return project_dirs.get_dir(tx, project, form.project_dirname.data or project.name)
