"""The parameters of a source as fields of a request: a form for each source type.

A form knows the names that requests have for them; `source` gives them the names that builders know.
"""

from __future__ import annotations

from typing import Any, ClassVar

from wtforms import Form
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from ..data.database import Transaction
from ..rules import checks, packages, sources
from ..rules.errors import Invalid
from ..rules.sources import Source
from ..wire.fields import OneOf, SomeOf, Text, WholeText, Words, rule
from .body import Body, form_data

LONGEST_SCRIPT = 4096  # characters

# What a body may call a field, and what a stored parameter is called as a field.
_OTHER_NAMES = {
    "source_build_method": "srpm_build_method",
    "type": "scm_type",
    "script_chroot": "chroot",
    "script_builddeps": "builddeps",
    "script_resultdir": "resultdir",
    "script_repos": "repos",
}


def renamed(body: Body) -> Body:
    """The body with the fields' own names; a null stands for nothing."""
    return {_OTHER_NAMES.get(name, name): value for name, value in body.items() if value is not None}


def package_name() -> Any:
    """The field for the name of a package; without it, an empty name is refused."""
    return Text(validators=[Length(max=packages.LONGEST_NAME), PackageName()])


class PackageName:
    """A validator of names of packages."""

    field_flags: ClassVar[dict[str, Any]] = {"required": True}

    def __call__(self, _form: Form, field: Text) -> None:
        try:
            packages.check_name(field.data or "")
        except Invalid as error:
            raise ValidationError(str(error)) from error


def _shorter_by(prefix: str) -> Length:
    """A validator for what becomes the name of a package, with something before it."""
    return Length(max=packages.LONGEST_NAME - len(prefix))


class SourceForm(Form):
    """What the forms of all source types can do.

    :param body: the fields by any of their names.
    """

    def __init__(self, tx: Transaction, body: Body) -> None:
        super().__init__(form_data(renamed(body)))
        self.tx = tx

    def source(self) -> Source:
        """The source that a valid form describes."""
        raise NotImplementedError

    def of_build(self) -> Source:
        """The source of a build that is of no package yet, where that is another one."""
        return self.source()


class ScmForm(SourceForm):
    """A repository of a version control system."""

    scm_type = OneOf(sources.SCM_TYPES, default="git")
    clone_url = Text(validators=[DataRequired(), rule(checks.clone_address)])
    committish = Text()
    subdirectory = Text()
    spec = Text(validators=[Optional(), Regexp(r"^.+\.spec$", message="RPM spec file must end with .spec")])
    srpm_build_method = OneOf(sources.SCM_METHODS, default="rpkg")

    def source(self) -> Source:
        return sources.scm(
            _text(self.clone_url),
            scm_type=self.scm_type.data,
            committish=_text(self.committish),
            subdirectory=_text(self.subdirectory),
            spec=_text(self.spec),
            method=self.srpm_build_method.data,
        )


class PyPIForm(SourceForm):
    """A project of the Python package index."""

    pypi_package_name = Text(validators=[DataRequired(), _shorter_by("python-")])
    pypi_package_version = Text(validators=[Optional()])
    spec_generator = OneOf(sources.SPEC_GENERATORS, default="pyp2spec")
    spec_template = OneOf(sources.SPEC_TEMPLATES, default="")
    python_versions = SomeOf(choices=list(sources.PYTHON_VERSIONS))

    def source(self) -> Source:
        return sources.pypi(
            _text(self.pypi_package_name),
            self.pypi_package_version.data,
            generator=self.spec_generator.data,
            template=self.spec_template.data,
            python_versions=self.python_versions.data or (),
        )

    def of_build(self) -> Source:
        self.python_versions.data = self.python_versions.data or [sources.PYTHON_VERSIONS[0]]
        return self.source()


class RubyGemsForm(SourceForm):
    """A gem of RubyGems."""

    gem_name = Text(validators=[DataRequired(), _shorter_by("rubygem-")])

    def source(self) -> Source:
        return sources.rubygems(_text(self.gem_name))


class CustomForm(SourceForm):
    """A script that makes the source."""

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
        rule(lambda addresses: checks.repositories(self.tx, addresses))(self, field)

    def source(self) -> Source:
        return sources.custom(
            self.script.data or "",
            chroot=self.chroot.data,
            builddeps=" ".join(self.builddeps.data) or None,
            resultdir=self.resultdir.data,
            repos=" ".join(self.repos.data),
        )


class DistGitForm(SourceForm):
    """A package's repository in a dist-git."""

    package_name = package_name()
    distgit = OneOf()
    namespace = Text()
    committish = Text()

    def __init__(self, tx: Transaction, body: Body) -> None:
        super().__init__(tx, body)
        self.known = [distgit.name for distgit in sources.distgits(tx)]
        self.distgit.offer(self.known)

    def validate_distgit(self, field: OneOf) -> None:
        if field.data not in self.known:
            raise ValidationError(f"DistGit ID must be one of: {', '.join(self.known)}")

    def source(self) -> Source:
        return sources.distgit(
            self.tx,
            _text(self.package_name),
            instance=self.distgit.data or None,
            namespace=_text(self.namespace),
            committish=_text(self.committish),
        )

    def of_build(self) -> Source:
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
    return field.data or ""
