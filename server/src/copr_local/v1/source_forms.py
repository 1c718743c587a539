"""The form fields of each source type.

`TitoForm` and `MockForm` are types of API v1 only. Builders get both as version control sources.
"""

from __future__ import annotations

from wtforms import BooleanField, Form, StringField, TextAreaField
from wtforms.validators import URL

from ..rules import sources
from ..rules.sources import Source
from .forms import OneOf, Required, SomeOf

_address = URL(message="Invalid URL.", require_tld=False)


class SourceForm(Form):
    """The fields of one source type."""

    def source(self) -> Source:
        """Return the source that the fields describe.

        :returns: the source.
        :raises NotImplementedError: a subclass does not define this method.
        """
        raise NotImplementedError


class ScmForm(SourceForm):
    """The fields of a source in a version control repository."""

    scm_type = OneOf(sources.SCM_TYPES, default="git")
    clone_url = StringField(validators=[Required(), _address])
    committish = StringField()
    subdirectory = StringField()
    spec = StringField()
    srpm_build_method = OneOf(sources.SCM_METHODS, default="rpkg")

    def source(self) -> Source:
        """Return the source that the fields describe.

        :returns: the source, of the type `scm`.
        """
        return sources.scm(
            self.clone_url.data or "",
            scm_type=self.scm_type.data,
            committish=self.committish.data or "",
            subdirectory=self.subdirectory.data or "",
            spec=self.spec.data or "",
            method=self.srpm_build_method.data,
        )


class TitoForm(SourceForm):
    """The fields of a source in a git repository that is released with tito."""

    git_url = StringField(validators=[Required(), _address])
    git_directory = StringField()
    git_branch = StringField()
    tito_test = BooleanField()

    def source(self) -> Source:
        """Return the source that the fields describe.

        :returns: the source, of the type `scm`.
        """
        return sources.scm(
            self.git_url.data or "",
            committish=self.git_branch.data or "",
            subdirectory=self.git_directory.data or "",
            method="tito_test" if self.tito_test.data else "tito",
        )


class MockForm(SourceForm):
    """The fields of a source in a version control repository, under the names of mock's SCM plug-in."""

    scm_type = OneOf(sources.SCM_TYPES, default="git")
    scm_url = StringField(validators=[Required(), _address])
    scm_branch = StringField()
    scm_subdir = StringField()
    spec = StringField()

    def source(self) -> Source:
        """Return the source that the fields describe.

        :returns: the source, of the type `scm`.
        """
        return sources.scm(
            self.scm_url.data or "",
            scm_type=self.scm_type.data,
            committish=self.scm_branch.data or "",
            subdirectory=self.scm_subdir.data or "",
            spec=self.spec.data or "",
        )


class DistGitForm(SourceForm):
    """The fields of a source in a dist-git repository, given by its URL."""

    clone_url = StringField(validators=[Required()])
    branch = StringField()

    def source(self) -> Source:
        """Return the source that the fields describe.

        :returns: the source, of the type `scm`.
        """
        return sources.scm(self.clone_url.data or "", committish=self.branch.data or "")


class PypiForm(SourceForm):
    """The fields of a source in the Python Package Index."""

    pypi_package_name = StringField(validators=[Required()])
    pypi_package_version = StringField()
    spec_template = OneOf(sources.SPEC_TEMPLATES, default="")
    python_versions = SomeOf(sources.PYTHON_VERSIONS)

    def source(self) -> Source:
        """Return the source that the fields describe.

        :returns: the source, of the type `pypi`; pyp2rpm makes the spec file.
        """
        return sources.pypi(
            self.pypi_package_name.data or "",
            self.pypi_package_version.data or None,
            generator="pyp2rpm",
            template=self.spec_template.data or "",
            python_versions=self.python_versions.data or (),
        )


class RubyGemsForm(SourceForm):
    """The fields of a source in RubyGems."""

    gem_name = StringField(validators=[Required()])

    def source(self) -> Source:
        """Return the source that the fields describe.

        :returns: the source, of the type `rubygems`.
        """
        return sources.rubygems(self.gem_name.data or "")


class CustomForm(SourceForm):
    """The fields of a source that a script makes: a spec file with its sources, or a source RPM."""

    script = TextAreaField(validators=[Required()])
    chroot = StringField()
    builddeps = StringField()
    resultdir = StringField()

    def source(self) -> Source:
        """Return the source that the fields describe.

        :returns: the source, of the type `custom`; the lines of its script end in a newline character.
        """
        script = (self.script.data or "").replace("\r\n", "\n")
        return sources.custom(
            script if script.endswith("\n") else f"{script}\n",
            **({"chroot": self.chroot.data} if self.chroot.data else {}),
            builddeps=self.builddeps.data or None,
            resultdir=self.resultdir.data or None,
        )
