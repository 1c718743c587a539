"""The fields that say where a build comes from, the same for a build and for a package."""

from __future__ import annotations

from collections.abc import Iterable

from .._typing import Any
from ._calls import words

Fields = dict[str, Any]


def tito(git_url: str, git_dir: str | None, git_branch: str | None, tito_test: str | None) -> Fields:
    """What tito makes of a git repository; builds and packages write `tito_test` differently."""
    return {
        "git_url": git_url,
        "git_directory": git_dir,
        "git_branch": git_branch,
        "tito_test": tito_test,
    }


def pypi(name: str, version: str | None, spec_template: str, python_versions: Iterable[int | str]) -> Fields:
    """A package of the Python package index."""
    return {
        "pypi_package_name": name,
        "pypi_package_version": version,
        "spec_template": spec_template,
        "python_versions": [str(each) for each in python_versions],
    }


def mock_scm(scm_type: str, scm_url: str, scm_branch: str | None, spec: str) -> Fields:
    """A spec file in a version control system."""
    return {"scm_type": scm_type, "scm_url": scm_url, "scm_branch": scm_branch, "spec": spec}


def scm(
    clone_url: str, committish: str, subdirectory: str, spec: str, scm_type: str, srpm_build_method: str
) -> Fields:
    """What is in a version control system."""
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
    """What a script makes."""
    return {
        "script": script,
        "chroot": script_chroot,
        "builddeps": words(script_builddeps),
        "resultdir": script_resultdir,
    }
