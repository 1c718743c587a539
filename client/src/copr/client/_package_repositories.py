"""The legacy client's calls that set the source of a package to a version control system."""

from __future__ import annotations

from collections.abc import Mapping

from .._typing import Any, evaluable
from . import _source_fields as fields
from ._calls import post, submit, switch
from ._packages import Packages
from .responses import CoprResponse


class PackageRepositories(Packages):
    """Calls that add and edit packages that are built from a version control system."""

    def add_package_tito(
        self,
        package_name: str,
        projectname: str,
        git_url: str,
        git_dir: str | None = None,
        git_branch: str | None = None,
        tito_test: bool | None = None,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Add a package that tito builds from a git repository.

        `add_package_scm` has more options.

        :param package_name: name of the new package.
        :param projectname: name of the project.
        :param git_url: URL of the git repository.
        :param git_dir: directory of the repository that has the package. Default: the top directory.
        :param git_branch: branch of the repository. Default: its default branch.
        :param tito_test: build the newest commit instead of the newest tag.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the package already exists, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/add/git_and_tito/``
        """
        source = fields.tito(git_url, git_dir, git_branch, switch(bool(tito_test)))
        return self._add(package_name, projectname, "git_and_tito", source, ownername, webhook_rebuild)

    def edit_package_tito(
        self,
        package_name: str,
        projectname: str,
        git_url: str,
        git_dir: str | None = None,
        git_branch: str | None = None,
        tito_test: bool | None = None,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Set the source of a package to a git repository that tito builds from.

        :param package_name: name of the package.
        :param projectname: name of the project.
        :param git_url: URL of the git repository.
        :param git_dir: directory of the repository that has the package. Default: the top directory.
        :param git_branch: branch of the repository. Default: its default branch.
        :param tito_test: build the newest commit instead of the newest tag.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called. None leaves this
            as it is.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the service refuses a
            value.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/{package_name}/edit/git_and_tito/``
        """
        source = fields.tito(git_url, git_dir, git_branch, switch(bool(tito_test)))
        return self._edit(package_name, projectname, "git_and_tito", source, ownername, webhook_rebuild)

    def add_package_mockscm(
        self,
        package_name: str,
        projectname: str,
        scm_type: str,
        scm_url: str,
        scm_branch: str | None,
        spec: str,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Add a package from a spec file in a repository.

        `add_package_scm` has more options.

        :param package_name: name of the new package.
        :param projectname: name of the project.
        :param scm_type: "git" or "svn".
        :param scm_url: URL of the repository.
        :param scm_branch: branch of the repository. None for its default branch.
        :param spec: path of the spec file in the repository.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the package already exists, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/add/mock_scm/``
        """
        source = fields.mock_scm(scm_type, scm_url, scm_branch, spec)
        return self._add(package_name, projectname, "mock_scm", source, ownername, webhook_rebuild)

    def edit_package_mockscm(
        self,
        package_name: str,
        projectname: str,
        scm_type: str,
        scm_url: str,
        scm_branch: str | None,
        spec: str,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Set the source of a package to a spec file in a repository.

        :param package_name: name of the package.
        :param projectname: name of the project.
        :param scm_type: "git" or "svn".
        :param scm_url: URL of the repository.
        :param scm_branch: branch of the repository. None for its default branch.
        :param spec: path of the spec file in the repository.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called. None leaves this
            as it is.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the service refuses a
            value.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/{package_name}/edit/mock_scm/``
        """
        source = fields.mock_scm(scm_type, scm_url, scm_branch, spec)
        return self._edit(package_name, projectname, "mock_scm", source, ownername, webhook_rebuild)

    def add_package_scm(
        self,
        package_name: str,
        projectname: str,
        clone_url: str,
        committish: str = "",
        subdirectory: str = "",
        spec: str = "",
        scm_type: str = "git",
        srpm_build_method: str = "rpkg",
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Add a package from a repository in a version control system.

        :param package_name: name of the new package.
        :param projectname: name of the project.
        :param clone_url: URL to clone the repository from.
        :param committish: branch, tag or commit. Default: the repository's default branch.
        :param subdirectory: directory of the repository that has the sources. Default: the top directory.
        :param spec: path of the spec file, relative to `subdirectory`. Default: the service searches for it.
        :param scm_type: "git" or "svn".
        :param srpm_build_method: how to make the source RPM: "rpkg", "tito", "tito_test" or "make_srpm".
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the package already exists, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/add/scm/``
        """
        source = fields.scm(clone_url, committish, subdirectory, spec, scm_type, srpm_build_method)
        return self._add(package_name, projectname, "scm", source, ownername, webhook_rebuild)

    def edit_package_scm(
        self,
        package_name: str,
        projectname: str,
        clone_url: str,
        committish: str = "",
        subdirectory: str = "",
        spec: str = "",
        scm_type: str = "git",
        srpm_build_method: str = "rpkg",
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Set the source of a package to a repository in a version control system.

        :param package_name: name of the package.
        :param projectname: name of the project.
        :param clone_url: URL to clone the repository from.
        :param committish: branch, tag or commit. Default: the repository's default branch.
        :param subdirectory: directory of the repository that has the sources. Default: the top directory.
        :param spec: path of the spec file, relative to `subdirectory`. Default: the service searches for it.
        :param scm_type: "git" or "svn".
        :param srpm_build_method: how to make the source RPM: "rpkg", "tito", "tito_test" or "make_srpm".
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called. None leaves this
            as it is.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the service refuses a
            value.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/{package_name}/edit/scm/``
        """
        source = fields.scm(clone_url, committish, subdirectory, spec, scm_type, srpm_build_method)
        return self._edit(package_name, projectname, "scm", source, ownername, webhook_rebuild)

    def _add(
        self,
        name: str,
        projectname: str,
        kind: str,
        source: Mapping[str, Any],
        ownername: str | None,
        webhook_rebuild: bool | None,
    ) -> CoprResponse:
        """Add a package with a source of one kind."""
        owner = self._owner(ownername)
        form = {
            "package_name": name,
            **source,
            "webhook_rebuild": switch(bool(webhook_rebuild)),
            "username": self.username,
        }
        call = submit("coprs", owner, projectname, "package", "add", kind, form=form)
        return self._about_package("post", call, owner, projectname)

    def _edit(
        self,
        name: str,
        projectname: str,
        kind: str,
        source: Mapping[str, Any],
        ownername: str | None,
        webhook_rebuild: bool | None,
    ) -> CoprResponse:
        """Set the source of a package to one of some kind."""
        owner = self._owner(ownername)
        form = {
            "package_name": name,
            **source,
            "webhook_rebuild": switch(webhook_rebuild),
            "username": self.username,
        }
        call = post("coprs", owner, projectname, "package", name, "edit", kind, form=form, again=True)
        return self._about_package("post", call, owner, projectname)


evaluable(__name__)
