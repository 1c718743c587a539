"""The form fields that describe a source. They are the same for a build and for a package."""

from __future__ import annotations

from collections.abc import Iterable

from .._typing import Any
from ._calls import words

Fields = dict[str, Any]


def tito(git_url: str, git_dir: str | None, git_branch: str | None, tito_test: bool | str | None) -> Fields:
    """Return the fields for a git repository that tito builds from.

    :param git_url: URL of the git repository.
    :param git_dir: directory of the repository that has the package.
    :param git_branch: branch of the repository.
    :param tito_test: whether to build the newest commit, as the request spells it. Builds and packages spell
        it differently.
    :returns: the fields.
    """
    return {
        "git_url": git_url,
        "git_directory": git_dir,
        "git_branch": git_branch,
        "tito_test": tito_test,
    }


def pypi(name: str, version: str | None, spec_template: str, python_versions: Iterable[int | str]) -> Fields:
    """Return the fields for a package of the Python Package Index.

    :param name: name of the package on the index.
    :param version: version of the package, or None for the newest.
    :param spec_template: template of the spec file generator.
    :param python_versions: major versions of Python to build for.
    :returns: the fields.
    """
    return {
        "pypi_package_name": name,
        "pypi_package_version": version,
        "spec_template": spec_template,
        "python_versions": [str(each) for each in python_versions],
    }


def mock_scm(scm_type: str, scm_url: str, scm_branch: str | None, spec: str) -> Fields:
    """Return the fields for a spec file in a repository.

    :param scm_type: "git" or "svn".
    :param scm_url: URL of the repository.
    :param scm_branch: branch of the repository.
    :param spec: path of the spec file in the repository.
    :returns: the fields.
    """
    return {"scm_type": scm_type, "scm_url": scm_url, "scm_branch": scm_branch, "spec": spec}


def scm(
    clone_url: str, committish: str, subdirectory: str, spec: str, scm_type: str, srpm_build_method: str
) -> Fields:
    """Return the fields for a repository in a version control system.

    :param clone_url: URL to clone the repository from.
    :param committish: branch, tag or commit.
    :param subdirectory: directory of the repository that has the sources.
    :param spec: path of the spec file, relative to `subdirectory`.
    :param scm_type: "git" or "svn".
    :param srpm_build_method: how to make the source RPM.
    :returns: the fields.
    """
    return {
        "clone_url": clone_url,
        "committish": committish,
        "subdirectory": subdirectory,
        "spec": spec,
        "scm_type": scm_type,
        "srpm_build_method": srpm_build_method,
    }


def custom(
    script: str,
    script_chroot: str | None,
    script_builddeps: str | Iterable[str] | None,
    script_resultdir: str | None,
) -> Fields:
    """Return the fields for a script that makes the sources.

    :param script: text of the script.
    :param script_chroot: name of the chroot to run the script in.
    :param script_builddeps: packages that the script needs: a list, or one string with spaces in between.
    :param script_resultdir: directory in which the script leaves its results.
    :returns: the fields.
    """
    return {
        "script": script,
        "chroot": script_chroot,
        "builddeps": words(script_builddeps),
        "resultdir": script_resultdir,
    }
