"""The parameters of a source as fields of a request: a form for each source type.

A form knows the names that requests have for them; `source` gives them the names that builders know.
"""

from __future__ import annotations

from typing import Any

from wtforms import Form, StringField
from wtforms.validators import InputRequired, Optional, ValidationError

from ..db import Transaction
from ..rules import checks, sources
from ..rules.sources import Source
from .body import Body, form_data
from .fields import OneOf, SomeOf, Words, rule

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


class ScmForm(SourceForm):
    """A repository of a version control system."""

    scm_type = OneOf(sources.SCM_TYPES)
    clone_url = StringField(validators=[InputRequired(), rule(checks.clone_address)])
    committish = StringField()
    subdirectory = StringField()
    spec = StringField()
    srpm_build_method = OneOf(sources.SCM_METHODS)

    def source(self) -> Source:
        return sources.scm(
            _text(self.clone_url),
            scm_type=self.scm_type.data or "git",
            committish=_text(self.committish),
            subdirectory=_text(self.subdirectory),
            spec=_text(self.spec),
            method=self.srpm_build_method.data or "rpkg",
        )


class PyPIForm(SourceForm):
    """A project of the Python package index."""

    pypi_package_name = StringField(validators=[InputRequired()])
    pypi_package_version = StringField(validators=[Optional()])
    spec_generator = OneOf(sources.SPEC_GENERATORS)
    spec_template = OneOf(sources.SPEC_TEMPLATES)
    python_versions = SomeOf(choices=list(sources.PYTHON_VERSIONS))

    def source(self) -> Source:
        return sources.pypi(
            _text(self.pypi_package_name),
            self.pypi_package_version.data,
            generator=self.spec_generator.data or "pyp2spec",
            template=self.spec_template.data or "",
            python_versions=self.python_versions.data or (),
        )


class RubyGemsForm(SourceForm):
    """A gem of RubyGems."""

    gem_name = StringField(validators=[InputRequired()])

    def source(self) -> Source:
        return sources.rubygems(_text(self.gem_name))


class CustomForm(SourceForm):
    """A script that makes the source."""

    script = StringField(validators=[InputRequired()])
    chroot = OneOf()
    builddeps = Words()
    resultdir = StringField()
    repos = Words()

    def __init__(self, tx: Transaction, body: Body) -> None:
        super().__init__(tx, body)
        self.chroot.offer(sources.script_chroots(tx))

    def source(self) -> Source:
        chosen: dict[str, Any] = {"chroot": self.chroot.data} if self.chroot.data else {}
        return sources.custom(
            (self.script.data or "").replace("\r\n", "\n"),
            builddeps=" ".join(self.builddeps.data) or None,
            resultdir=self.resultdir.data,
            repos=" ".join(self.repos.data),
            **chosen,
        )


class DistGitForm(SourceForm):
    """A package's repository in a dist-git."""

    package_name = StringField(validators=[InputRequired()])
    distgit = OneOf()
    namespace = StringField()
    committish = StringField()

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


FORMS: dict[str, type[SourceForm]] = {
    "scm": ScmForm,
    "pypi": PyPIForm,
    "rubygems": RubyGemsForm,
    "custom": CustomForm,
    "distgit": DistGitForm,
}


def _text(field: StringField) -> str:
    return (field.data or "").strip()
