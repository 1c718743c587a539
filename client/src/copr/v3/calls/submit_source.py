"""Calls that submit builds of sources that the service fetches or makes itself.

These are version control systems, dist-gits, package indexes and scripts. The rules are those of `submit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..._calls import record
from ..._submission import Submission
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call
from . import _search

if TYPE_CHECKING:
    from ...results import Build


def create_from_scm(
    ownername: str,
    projectname: str,
    clone_url: str,
    committish: str = "",
    subdirectory: str = "",
    spec: str = "",
    scm_type: str = "git",
    source_build_method: str = "rpkg",
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of a repository in a version control system.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param clone_url: URL to clone the repository from.
    :param committish: branch, tag or commit. Default: the repository's default branch.
    :param subdirectory: directory of the repository that has the sources. Default: the top directory.
    :param spec: path of the spec file, relative to `subdirectory`. Default: the service searches for it.
    :param scm_type: "git" or "svn".
    :param source_build_method: how to make the source RPM: "rpkg", "tito", "tito_test", "make_srpm" or
        "packit".
    :param buildopts: build options, as for `create_from_file`.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: the new build's record.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a parameter or an option.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /build/create/scm``
    """
    source = {
        "clone_url": clone_url,
        "committish": committish,
        "subdirectory": subdirectory,
        "spec": spec,
        "scm_type": scm_type,
        "source_build_method": source_build_method,
    }
    is_source = _search.has_parameters(
        {
            "type": scm_type,
            "clone_url": clone_url,
            "committish": committish,
            "subdirectory": subdirectory,
            "spec": spec,
            "source_build_method": source_build_method,
        }
    )
    return _create("scm", ownername, projectname, source, is_source, buildopts, project_dirname)


def create_from_distgit(
    ownername: str,
    projectname: str,
    packagename: str,
    committish: str | None = None,
    namespace: str | None = None,
    distgit: str | None = None,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of a package from a dist-git.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param packagename: name of the package in the dist-git.
    :param committish: branch, tag or commit. Default: the repository's default branch.
    :param namespace: namespace of the package in the dist-git, such as "forks/alice".
    :param distgit: name of the dist-git instance, such as "fedora". Default: the service's choice.
    :param buildopts: build options, as for `create_from_file`.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: the new build's record.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a parameter or an option.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /build/create/distgit``
    """
    source = {
        "distgit": distgit,
        "namespace": namespace,
        "package_name": packagename,
        "committish": committish,
    }
    is_source = _search.is_of_dist_git(packagename, namespace, committish)
    return _create("distgit", ownername, projectname, source, is_source, buildopts, project_dirname)


def create_from_pypi(
    ownername: str,
    projectname: str,
    pypi_package_name: str,
    pypi_package_version: str | None = None,
    spec_template: str = "",
    python_versions: str | Iterable[int] | None = None,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
    spec_generator: str | None = None,
) -> Call[Build]:
    """Submit a build of a Python package from the Python Package Index.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param pypi_package_name: name of the package on the index.
    :param pypi_package_version: version of the package. Default: the newest.
    :param spec_template: template of the spec file generator. Default: the generator's own.
    :param python_versions: major versions of Python to build for. Default: 3 and 2.
    :param buildopts: build options, as for `create_from_file`.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :param spec_generator: what writes the spec file: "pyp2spec" or "pyp2rpm". Default: the service's choice.
    :returns: the new build's record.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a parameter or an option.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /build/create/pypi``
    """
    versions = python_versions if isinstance(python_versions, str) else list(python_versions or (3, 2))
    source = {
        "pypi_package_name": pypi_package_name,
        "pypi_package_version": pypi_package_version,
        "spec_generator": spec_generator,
        "spec_template": spec_template,
        "python_versions": versions,
    }
    wanted = {name: value for name, value in source.items() if name != "spec_generator"}
    is_source = _search.has_parameters(wanted)
    return _create("pypi", ownername, projectname, source, is_source, buildopts, project_dirname)


def create_from_rubygems(
    ownername: str,
    projectname: str,
    gem_name: str,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of a gem from RubyGems.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param gem_name: name of the gem.
    :param buildopts: build options, as for `create_from_file`.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: the new build's record.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a parameter or an option.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /build/create/rubygems``
    """
    source = {"gem_name": gem_name}
    is_source = _search.has_parameters(source)
    return _create("rubygems", ownername, projectname, source, is_source, buildopts, project_dirname)


def create_from_custom(
    ownername: str,
    projectname: str,
    script: str,
    script_chroot: str | None = None,
    script_builddeps: str | Sequence[str] | None = None,
    script_resultdir: str | None = None,
    script_repos: str | Sequence[str] | None = None,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of the sources that a script makes: a spec file with its sources, or a source RPM.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param script: text of the script. Its first line names the interpreter, as "#!/bin/sh" does.
    :param script_chroot: name of the chroot to run the script in. Default: the service's choice.
    :param script_builddeps: packages that the script needs: a list, or one string with spaces in between.
    :param script_resultdir: directory in which the script leaves its results. Default: the directory that it
        starts in.
    :param script_repos: URLs of repositories that have these packages: a list, or one string with spaces in
        between.
    :param buildopts: build options, as for `create_from_file`.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: the new build's record.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a parameter or an option.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /build/create/custom``
    """
    source = {
        "script": script,
        "chroot": script_chroot,
        "builddeps": script_builddeps,
        "resultdir": script_resultdir,
        "project_dirname": project_dirname,  # in the place where the released client has it
        "repos": script_repos,
    }
    is_source = _search.has_parameters({"script": script})
    return _create("custom", ownername, projectname, source, is_source, buildopts, project_dirname)


def document_of(
    ownername: str, projectname: str, buildopts: Mapping[str, Any] | None, **rest: Any
) -> tuple[dict[str, Any], Any]:
    """Return the JSON body of a submission, and the progress callback, which is not sent.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param buildopts: build options of the caller. The dict is not changed.
    :param rest: other fields of the body.
    :returns: the body and the callback; None if there is no callback.
    """
    options = dict(buildopts or {})
    progress = options.pop("progress_callback", None)
    return {"ownername": ownername, "projectname": projectname, **rest, **options}, progress


def _create(
    kind: str,
    ownername: str,
    projectname: str,
    source: Mapping[str, Any],
    is_source: _search.IsSource,
    buildopts: Mapping[str, Any] | None,
    project_dirname: str | None,
) -> Submission[Build]:
    """Return the call that submits a source of one kind, which `is_source` finds again."""
    fields = {**source, "project_dirname": project_dirname}
    document, _ = document_of(ownername, projectname, buildopts, **fields)
    return Submission(
        "POST",
        f"/build/create/{kind}",
        json=document,
        decode=record,
        search=_search.builds(document, [is_source], several=False),
    )
