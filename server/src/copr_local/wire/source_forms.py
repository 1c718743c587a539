"""The parameters of a source as form fields: one form for each source type.

The forms have the field names of requests. `source` returns the parameters with the names that builders use.
"""

from __future__ import annotations

from typing import Any, ClassVar

from wtforms import Form
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from ..data.database import Transaction
from ..rules import checks, packages, sources
from ..rules.errors import Invalid
from ..rules.sources import Source
from .fields import OneOf, SomeOf, Text, WholeText, Words, rule
from .form_data import Body, form_data

LONGEST_SCRIPT = 4096  # characters

# Field names of the forms, by other names in requests and in stored parameters.
_OTHER_NAMES = {
    "source_build_method": "srpm_build_method",
    "type": "scm_type",
    "script_chroot": "chroot",
    "script_builddeps": "builddeps",
    "script_resultdir": "resultdir",
    "script_repos": "repos",
}


def renamed(body: Body) -> Body:
    """Return the fields with the names that the forms use, without nulls.

    :param body: fields of a request, or stored parameters of a source.
    :returns: the fields.
    """
    return {_OTHER_NAMES.get(name, name): value for name, value in body.items() if value is not None}


def package_name() -> Any:
    """Return the form field for the name of a package.

    :returns: the field; an empty name is invalid.
    """
    return Text(validators=[Length(max=packages.LONGEST_NAME), PackageName()])


class PackageName:
    """A validator for names of packages."""

    field_flags: ClassVar[dict[str, Any]] = {"required": True}

    def __call__(self, _form: Form, field: Text) -> None:
        try:
            packages.check_name(field.data or "")
        except Invalid as error:
            raise ValidationError(str(error)) from error


def _shorter_by(prefix: str) -> Length:
    """Return a validator for a name that becomes a package name after a prefix."""
    return Length(max=packages.LONGEST_NAME - len(prefix))


class SourceForm(Form):
    """The base of the forms of all source types.

    :param tx: the open transaction.
    :param body: fields of the request; all of their names are accepted.
    """

    def __init__(self, tx: Transaction, body: Body) -> None:
        super().__init__(form_data(renamed(body)))
        self.tx = tx

    def source(self) -> Source:
        """Return the source that a valid form describes.

        :returns: the source type and its parameters.
        """
        raise NotImplementedError

    def of_build(self) -> Source:
        """Return the source of a direct build, which some source types submit with other parameters.

        :returns: the source type and its parameters.
        """
        return self.source()


class ScmForm(SourceForm):
    """A Git or Subversion repository."""

    scm_type = OneOf(sources.SCM_TYPES, default="git")
    clone_url = Text(validators=[DataRequired(), rule(checks.clone_address)])
    committish = Text()
    subdirectory = Text()
    spec = Text(validators=[Optional(), Regexp(r"^.+\.spec$", message="RPM spec file must end with .spec")])
    srpm_build_method = OneOf(sources.SCM_METHODS, default="rpkg")

    def source(self) -> Source:
        """Return the source that the form describes: a repository.

        :returns: the source type `scm` and its parameters.
        """
        return sources.scm(
            _text(self.clone_url),
            scm_type=self.scm_type.data,
            committish=_text(self.committish),
            subdirectory=_text(self.subdirectory),
            spec=_text(self.spec),
            method=self.srpm_build_method.data,
        )


class PyPIForm(SourceForm):
    """A project of the Python Package Index."""

    pypi_package_name = Text(validators=[DataRequired(), _shorter_by("python-")])
    pypi_package_version = Text(validators=[Optional()])
    spec_generator = OneOf(sources.SPEC_GENERATORS, default="pyp2spec")
    spec_template = OneOf(sources.SPEC_TEMPLATES, default="")
    python_versions = SomeOf(choices=list(sources.PYTHON_VERSIONS))

    def source(self) -> Source:
        """Return the source that the form describes: a Python project.

        :returns: the source type `pypi` and its parameters.
        """
        return sources.pypi(
            _text(self.pypi_package_name),
            self.pypi_package_version.data,
            generator=self.spec_generator.data,
            template=self.spec_template.data,
            python_versions=self.python_versions.data or (),
        )

    def of_build(self) -> Source:
        """Return the source of a direct build, by default for the first of `PYTHON_VERSIONS`.

        :returns: the source type `pypi` and its parameters.
        """
        self.python_versions.data = self.python_versions.data or [sources.PYTHON_VERSIONS[0]]
        return self.source()


class RubyGemsForm(SourceForm):
    """A gem of RubyGems."""

    gem_name = Text(validators=[DataRequired(), _shorter_by("rubygem-")])

    def source(self) -> Source:
        """Return the source that the form describes: a gem.

        :returns: the source type `rubygems` and its parameters.
        """
        return sources.rubygems(_text(self.gem_name))


class CustomForm(SourceForm):
    """A script that generates the source.

    :param tx: the open transaction.
    :param body: fields of the request; all of their names are accepted.
    """

    script = WholeText(
        validators=[DataRequired(), Length(max=LONGEST_SCRIPT, message="Maximum script size is 4kB")]
    )
    chroot = OneOf(default=sources.SCRIPT_CHROOT)
    builddeps = Words()
    resultdir = Text()
    repos = Words()

    def __init__(self, tx: Transaction, body: Body) -> None:
        super().__init__(tx, body)
        self.chroot.offer(sources.script_chroots(tx))

    def validate_repos(self, field: Words) -> None:
        """Check the additional repositories of the script.

        :param field: the field with the URLs.
        :raises StopValidation: a URL is not valid, or its project does not exist.
        """
        rule(lambda addresses: checks.repositories(self.tx, addresses))(self, field)

    def source(self) -> Source:
        """Return the source that the form describes: a script.

        :returns: the source type `custom` and its parameters.
        """
        return sources.custom(
            self.script.data or "",
            chroot=self.chroot.data,
            builddeps=" ".join(self.builddeps.data) or None,
            resultdir=self.resultdir.data,
            repos=" ".join(self.repos.data),
        )


class DistGitForm(SourceForm):
    """A package's dist-git repository.

    :param tx: the open transaction.
    :param body: fields of the request; all of their names are accepted.
    """

    package_name = package_name()
    distgit = OneOf()
    namespace = Text()
    committish = Text()

    def __init__(self, tx: Transaction, body: Body) -> None:
        super().__init__(tx, body)
        self.known = [distgit.name for distgit in sources.distgits(tx)]
        self.distgit.offer(self.known)

    def validate_distgit(self, field: OneOf) -> None:
        """Check that the dist-git instance is known.

        :param field: the field with the instance's name.
        :raises ValidationError: no instance has this name.
        """
        if field.data not in self.known:
            raise ValidationError(f"DistGit ID must be one of: {', '.join(self.known)}")

    def source(self) -> Source:
        """Return the source that the form describes: a dist-git repository.

        :returns: the source type `distgit` and its parameters.
        :raises Invalid: the service has no dist-git instances.
        """
        return sources.distgit(
            self.tx,
            _text(self.package_name),
            instance=self.distgit.data or None,
            namespace=_text(self.namespace),
            committish=_text(self.committish),
        )

    def of_build(self) -> Source:
        """Return the source of a direct build, with only the clone URL and the committish.

        :returns: the source type `distgit` and these parameters.
        :raises Invalid: the service has no dist-git instances.
        """
        whole = self.source()
        address = {
            name: whole.parameters[name] for name in ("clone_url", "committish") if name in whole.parameters
        }
        return Source(whole.type, address)


FORMS: dict[str, type[SourceForm]] = {
    "scm": ScmForm,
    "pypi": PyPIForm,
    "rubygems": RubyGemsForm,
    "custom": CustomForm,
    "distgit": DistGitForm,
}


def _text(field: Text) -> str:
    """Return the text of a field; empty if the request lacks it."""
    return field.data or ""
