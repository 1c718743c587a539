"""The legacy client's calls that submit builds from version control systems, package indexes and scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._typing import Any, evaluable
from . import _source_fields as fields
from ._builds import Builds, Progress
from ._calls import sent
from .responses import CoprResponse


class BuildSources(Builds):
    """Calls that submit builds from version control systems, package indexes and scripts."""

    def create_new_build_pypi(
        self,
        projectname: str,
        pypi_package_name: str,
        pypi_package_version: str | None = None,
        spec_template: str = "",
        python_versions: Iterable[int | str] = (3, 2),
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a Python package from the Python Package Index.

        :param projectname: name of the project.
        :param pypi_package_name: name of the package on the index.
        :param pypi_package_version: version of the package. Default: the newest.
        :param spec_template: template of the spec file generator. Default: the generator's own.
        :param python_versions: major versions of Python to build for.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param timeout: seconds after which the build is stopped. Default: the service's choice.
        :param memory: memory for the build, in MB. Default: the service's choice.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param background: let other builds go first.
        :param progress_callback: ignored; no file is sent.
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the user may not build in it, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/new_build_pypi/``
        """
        source = fields.pypi(pypi_package_name, pypi_package_version, spec_template, python_versions)
        return self._create("pypi", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_tito(
        self,
        projectname: str,
        git_url: str,
        git_dir: str | None = None,
        git_branch: str | None = None,
        tito_test: bool | None = None,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a git repository with tito.

        `create_new_build_scm` has more options.

        :param projectname: name of the project.
        :param git_url: URL of the git repository.
        :param git_dir: directory of the repository that has the package. Default: the top directory.
        :param git_branch: branch of the repository. Default: its default branch.
        :param tito_test: build the newest commit instead of the newest tag.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param timeout: seconds after which the build is stopped. Default: the service's choice.
        :param memory: memory for the build, in MB. Default: the service's choice.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param background: let other builds go first.
        :param progress_callback: ignored; no file is sent.
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the user may not build in it, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/new_build_tito/``
        """
        # The service reads every text except "" and "false" as true.
        test = None if tito_test is None else tito_test or ""
        source = fields.tito(git_url, git_dir, git_branch, test)
        return self._create("tito", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_mock(
        self,
        projectname: str,
        scm_url: str,
        spec: str,
        scm_type: str = "git",
        scm_branch: str | None = None,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a spec file in a repository.

        `create_new_build_scm` has more options.

        :param projectname: name of the project.
        :param scm_url: URL of the repository.
        :param spec: path of the spec file in the repository.
        :param scm_type: "git" or "svn".
        :param scm_branch: branch of the repository. Default: its default branch.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param timeout: seconds after which the build is stopped. Default: the service's choice.
        :param memory: memory for the build, in MB. Default: the service's choice.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param background: let other builds go first.
        :param progress_callback: ignored; no file is sent.
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the user may not build in it, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/new_build_mock/``
        """
        source = fields.mock_scm(scm_type, scm_url, scm_branch, spec)
        return self._create("mock", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_scm(
        self,
        projectname: str,
        clone_url: str,
        committish: str = "",
        subdirectory: str = "",
        spec: str = "",
        scm_type: str = "git",
        srpm_build_method: str = "rpkg",
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a repository in a version control system.

        :param projectname: name of the project.
        :param clone_url: URL to clone the repository from.
        :param committish: branch, tag or commit. Default: the repository's default branch.
        :param subdirectory: directory of the repository that has the sources. Default: the top directory.
        :param spec: path of the spec file, relative to `subdirectory`. Default: the service searches for it.
        :param scm_type: "git" or "svn".
        :param srpm_build_method: how to make the source RPM: "rpkg", "tito", "tito_test" or "make_srpm".
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param timeout: seconds after which the build is stopped. Default: the service's choice.
        :param memory: memory for the build, in MB. Default: the service's choice.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param background: let other builds go first.
        :param progress_callback: ignored; no file is sent.
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the user may not build in it, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/new_build_scm/``
        """
        source = fields.scm(clone_url, committish, subdirectory, spec, scm_type, srpm_build_method)
        return self._create("scm", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_rubygems(
        self,
        projectname: str,
        gem_name: str,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a gem from RubyGems.

        :param projectname: name of the project.
        :param gem_name: name of the gem.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param timeout: seconds after which the build is stopped. Default: the service's choice.
        :param memory: memory for the build, in MB. Default: the service's choice.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param background: let other builds go first.
        :param progress_callback: ignored; no file is sent.
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the user may not build in it, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/new_build_rubygems/``
        """
        source = {"gem_name": gem_name}
        return self._create("rubygems", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_custom(
        self,
        projectname: str,
        script: str,
        script_chroot: str | None = None,
        script_builddeps: str | Iterable[str] | None = None,
        script_resultdir: str | None = None,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of the sources that a script makes.

        :param projectname: name of the project.
        :param script: text of the script. Its first line names the interpreter, as "#!/bin/sh" does.
        :param script_chroot: name of the chroot to run the script in. Default: the service's choice.
        :param script_builddeps: packages that the script needs: a list, or one string with spaces in between.
        :param script_resultdir: directory in which the script leaves its results. Default: the directory that
            it starts in.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param timeout: seconds after which the build is stopped. Default: the service's choice.
        :param memory: memory for the build, in MB. Default: the service's choice.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param background: let other builds go first.
        :param progress_callback: ignored; no file is sent.
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the user may not build in it, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/new_build_custom/``
        """
        source = fields.custom(script, script_chroot, script_builddeps, script_resultdir)
        return self._create("custom", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_distgit(
        self,
        projectname: str,
        clone_url: str,
        branch: str | None = None,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a package from a dist-git.

        :param projectname: name of the project.
        :param clone_url: URL of the package's repository.
        :param branch: branch of the repository. Default: its default branch.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param timeout: seconds after which the build is stopped. Default: the service's choice.
        :param memory: memory for the build, in MB. Default: the service's choice.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param background: let other builds go first.
        :param progress_callback: ignored; no file is sent.
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the user may not build in it, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/new_build_distgit/``
        """
        source = {"clone_url": clone_url, "branch": branch}
        return self._create("distgit", projectname, source, username, timeout, memory, chroots, background)

    def _create(
        self,
        kind: str,
        projectname: str,
        source: Mapping[str, Any],
        username: str | None,
        timeout: int | str | None,
        memory: int | str | None,
        chroots: str | Iterable[str] | None,
        background: bool,
    ) -> CoprResponse:
        """Submit a build of a source of one kind."""
        data = sent({"memory_reqs": memory, "timeout": timeout, **source})
        return self.process_creating_new_build(
            projectname, data, f"new_build_{kind}", username, chroots, background
        )


evaluable(__name__)
