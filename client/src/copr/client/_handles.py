"""The handles of the legacy client: they repeat calls on the project, build or chroot of a response.

Rules: a handle stores the names that its calls need, so that a script does not have to pass them again. It
uses only those methods of the client that `Methods` lists, so that the client can import this module.
"""

from __future__ import annotations

from collections.abc import Iterable

from .._typing import Any, Protocol, evaluable
from ._response import CoprResponse


class Methods(Protocol):
    """The methods of CoprClient that handles call."""

    def get_project_details(self, projectname: str, username: str | None = None) -> CoprResponse:
        """Return one project.

        :param projectname: name of the project.
        :param username: owner of the project.
        :returns: the response.
        """

    def modify_project(self, projectname: str, username: str | None = None, **kwargs: Any) -> CoprResponse:
        """Change a project's settings.

        :param projectname: name of the project.
        :param username: owner of the project.
        :param kwargs: the settings to change.
        :returns: the response.
        """

    def delete_project(self, projectname: str, username: str | None = None) -> CoprResponse:
        """Delete a project.

        :param projectname: name of the project.
        :param username: owner of the project.
        :returns: the response.
        """

    def create_new_build(
        self,
        projectname: str,
        pkgs: str | Iterable[str],
        username: str | None = None,
        *,
        chroots: str | Iterable[str] | None = None,
    ) -> CoprResponse:
        """Submit builds.

        :param projectname: name of the project.
        :param pkgs: URLs or local paths of source RPMs or spec files.
        :param username: owner of the project.
        :param chroots: names of chroots to build in.
        :returns: the response.
        """

    def get_build_details(
        self, build_id: int, projectname: str | None = None, username: str | None = None
    ) -> CoprResponse:
        """Return one build.

        :param build_id: id of the build.
        :param projectname: name of the build's project.
        :param username: owner of the build's project.
        :returns: the response.
        """

    def cancel_build(
        self, build_id: int, projectname: str | None = None, username: str | None = None
    ) -> CoprResponse:
        """Cancel a build.

        :param build_id: id of the build.
        :param projectname: name of the build's project.
        :param username: owner of the build's project.
        :returns: the response.
        """

    def get_project_chroot_details(
        self, projectname: str, chrootname: str, username: str | None = None
    ) -> CoprResponse:
        """Return the settings of a project for one chroot.

        :param projectname: name of the project.
        :param chrootname: name of the chroot.
        :param username: owner of the project.
        :returns: the response.
        """

    def modify_project_chroot_details(
        self,
        projectname: str,
        chrootname: str,
        pkgs: str | Iterable[str] | None = None,
        username: str | None = None,
    ) -> CoprResponse:
        """Change the settings of a project for one chroot.

        :param projectname: name of the project.
        :param chrootname: name of the chroot.
        :param pkgs: names of packages to install before builds.
        :param username: owner of the project.
        :returns: the response.
        """


class BaseHandle:
    """Repeats calls on the thing that a response is about.

    :param client: the client that sends the calls.
    :param username: owner of the thing, if the response has it.
    :param response: the response that the handle belongs to.
    :param kwargs: other attributes of the handle.
    """

    #: Owner of the thing, if the response does not have it but the call does.
    owner: str | None = None

    def __init__(self, client: Any, username: str | None = None, response: Any = None, **kwargs: Any) -> None:
        self.client: Methods = client
        self.username = username
        self.response = response
        for name, value in kwargs.items():
            setattr(self, name, value)

    @property
    def _whose(self) -> str | None:
        """The owner of the thing."""
        return self.username or self.owner


class ProjectHandle(BaseHandle):
    """Repeats calls on a project.

    :param client: the client that sends the calls.
    :param projectname: name of the project.
    :param args: as for BaseHandle.
    :param kwargs: as for BaseHandle.
    """

    def __init__(self, client: Any, projectname: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(client, *args, **kwargs)
        self.projectname = projectname

    def get_project_details(self) -> CoprResponse:
        """Return the project, as `CoprClient.get_project_details` does.

        :returns: its response.
        :raises CoprRequestException: as for that method.
        """
        return self.client.get_project_details(self.projectname, username=self._whose)

    def modify_project(self, **kwargs: Any) -> CoprResponse:
        """Change the project's settings, as `CoprClient.modify_project` does.

        :param kwargs: the settings to change.
        :returns: its response.
        :raises CoprRequestException: as for that method.
        """
        return self.client.modify_project(self.projectname, username=self._whose, **kwargs)

    def delete_project(self) -> CoprResponse:
        """Delete the project and its builds, as `CoprClient.delete_project` does.

        :returns: its response.
        :raises CoprRequestException: as for that method.
        """
        return self.client.delete_project(self.projectname, username=self._whose)

    def create_new_build(
        self, src_pkgs: str | Iterable[str], chroots: Iterable[str] | None = None
    ) -> CoprResponse:
        """Submit builds in the project, as `CoprClient.create_new_build` does.

        :param src_pkgs: URLs that the service can download, and paths of local files: a list, or one of them.
        :param chroots: names of chroots to build in. Default: all chroots of the project.
        :returns: its response.
        :raises CoprValidationException: `src_pkgs` is empty.
        :raises CoprRequestException: as for that method.
        """
        return self.client.create_new_build(self.projectname, src_pkgs, username=self._whose, chroots=chroots)


class BuildHandle(BaseHandle):
    """Repeats calls on a build.

    :param client: the client that sends the calls.
    :param build_id: id of the build.
    :param args: as for BaseHandle.
    :param kwargs: as for BaseHandle, with `projectname`: name of the build's project.
    """

    def __init__(self, client: Any, build_id: int, *args: Any, **kwargs: Any) -> None:
        self.projectname: str | None = None
        super().__init__(client, *args, **kwargs)
        self.build_id = build_id

    @property
    def project_handle(self) -> ProjectHandle:
        """The handle of the build's project.

        If the project is not known yet, the service is asked.

        :raises CoprRequestException: as for `get_build_details`, if the service is asked.
        """
        if self.projectname is None:
            project: ProjectHandle = self.get_build_details().handle.project_handle
            return project
        return ProjectHandle(self.client, self.projectname, username=self.username, response=self.response)

    def get_build_details(self) -> CoprResponse:
        """Return the build, as `CoprClient.get_build_details` does.

        :returns: its response.
        :raises CoprRequestException: as for that method.
        """
        return self.client.get_build_details(self.build_id, self.projectname, self.username)

    def cancel_build(self) -> CoprResponse:
        """Cancel the build, as `CoprClient.cancel_build` does.

        :returns: its response.
        :raises CoprRequestException: as for that method.
        """
        return self.client.cancel_build(self.build_id, self.projectname, self.username)


class ProjectChrootHandle(BaseHandle):
    """Repeats calls on a chroot of a project.

    :param client: the client that sends the calls.
    :param chrootname: name of the chroot.
    :param args: as for BaseHandle.
    :param kwargs: as for BaseHandle, with `projectname`: name of the project.
    """

    projectname: str

    def __init__(self, client: Any, chrootname: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(client, *args, **kwargs)
        self.chrootname = chrootname

    @property
    def project_handle(self) -> ProjectHandle:
        """The handle of the chroot's project."""
        return ProjectHandle(self.client, self.projectname, username=self.username, response=self.response)

    def get_project_chroot_details(self) -> CoprResponse:
        """Return the chroot's packages, as `CoprClient.get_project_chroot_details` does.

        :returns: its response.
        :raises CoprRequestException: as for that method.
        """
        return self.client.get_project_chroot_details(
            self.projectname, self.chrootname, username=self.username
        )

    def modify_project_chroot_details(self, pkgs: str | Iterable[str] | None = None) -> CoprResponse:
        """Set the chroot's packages, as `CoprClient.modify_project_chroot_details` does.

        :param pkgs: names of packages: a list, or one string with spaces in between. None removes all.
        :returns: its response.
        :raises CoprRequestException: as for that method.
        """
        return self.client.modify_project_chroot_details(
            self.projectname, self.chrootname, pkgs=pkgs, username=self.username
        )


class PackageHandle(BaseHandle):
    """Has the names of a package.

    :param client: the client that the package is from.
    :param ownername: owner of the project.
    :param projectname: name of the project.
    :param name: name of the package.
    :param args: as for BaseHandle.
    :param kwargs: as for BaseHandle.
    """

    def __init__(
        self,
        client: Any,
        ownername: str | None,
        projectname: str | None,
        name: str,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(client, *args, **kwargs)
        self.ownername = ownername
        self.projectname = projectname
        self.name = name


evaluable(__name__)
for handle in (BaseHandle, ProjectHandle, BuildHandle, ProjectChrootHandle, PackageHandle):
    handle.__module__ = "copr.client.responses"  # their documented place
