"""The handles of the legacy client: they repeat calls about the project, build or chroot of a response.

Rules: a handle keeps the names that its calls need, so that a script need not give them again. Of the client
it knows only the methods that it calls (`Methods`), so that the client can import this module.
"""

from __future__ import annotations

from collections.abc import Iterable

from .._typing import Any, Protocol
from ._response import CoprResponse


class Methods(Protocol):
    """The methods of CoprClient that handles call."""

    def get_project_details(self, projectname: str, username: str | None = None) -> CoprResponse:
        """Return a project's details."""

    def modify_project(self, projectname: str, username: str | None = None, **kwargs: Any) -> CoprResponse:
        """Change a project."""

    def delete_project(self, projectname: str, username: str | None = None) -> CoprResponse:
        """Delete a project."""

    def create_new_build(
        self,
        projectname: str,
        pkgs: str | Iterable[str],
        username: str | None = None,
        *,
        chroots: str | Iterable[str] | None = None,
    ) -> CoprResponse:
        """Submit builds."""

    def get_build_details(
        self, build_id: int, projectname: str | None = None, username: str | None = None
    ) -> CoprResponse:
        """Return a build's details."""

    def cancel_build(
        self, build_id: int, projectname: str | None = None, username: str | None = None
    ) -> CoprResponse:
        """Cancel a build."""

    def get_project_chroot_details(
        self, projectname: str, chrootname: str, username: str | None = None
    ) -> CoprResponse:
        """Return the settings of a project's chroot."""

    def modify_project_chroot_details(
        self,
        projectname: str,
        chrootname: str,
        pkgs: str | Iterable[str] | None = None,
        username: str | None = None,
    ) -> CoprResponse:
        """Change the settings of a project's chroot."""


class BaseHandle:
    """Goes on with what a response is about.

    `client`: what makes the calls; `username`: whose the thing is, as far as the answer says; `response`:
    where the handle came from; what else is given becomes attributes.
    """

    #: Whose the thing is, if that is known from elsewhere than the answer.
    owner: str | None = None

    def __init__(self, client: Any, username: str | None = None, response: Any = None, **kwargs: Any) -> None:
        self.client: Methods = client
        self.username = username
        self.response = response
        for name, value in kwargs.items():
            setattr(self, name, value)

    @property
    def _whose(self) -> str | None:
        return self.username or self.owner


class ProjectHandle(BaseHandle):
    """Goes on with a project."""

    def __init__(self, client: Any, projectname: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(client, *args, **kwargs)
        self.projectname = projectname

    def get_project_details(self) -> CoprResponse:
        """As CoprClient.get_project_details."""
        return self.client.get_project_details(self.projectname, username=self._whose)

    def modify_project(self, **kwargs: Any) -> CoprResponse:
        """As CoprClient.modify_project."""
        return self.client.modify_project(self.projectname, username=self._whose, **kwargs)

    def delete_project(self) -> CoprResponse:
        """As CoprClient.delete_project."""
        return self.client.delete_project(self.projectname, username=self._whose)

    def create_new_build(
        self, src_pkgs: str | Iterable[str], chroots: Iterable[str] | None = None
    ) -> CoprResponse:
        """As CoprClient.create_new_build."""
        return self.client.create_new_build(self.projectname, src_pkgs, username=self._whose, chroots=chroots)


class BuildHandle(BaseHandle):
    """Goes on with a build."""

    def __init__(self, client: Any, build_id: int, *args: Any, **kwargs: Any) -> None:
        self.projectname: str | None = None
        super().__init__(client, *args, **kwargs)
        self.build_id = build_id

    @property
    def project_handle(self) -> ProjectHandle:
        """The handle of the build's project; the service is asked where that is not known yet."""
        if self.projectname is None:
            project: ProjectHandle = self.get_build_details().handle.project_handle
            return project
        return ProjectHandle(self.client, self.projectname, username=self.username, response=self.response)

    def get_build_details(self) -> CoprResponse:
        """As CoprClient.get_build_details."""
        return self.client.get_build_details(self.build_id, self.projectname, self.username)

    def cancel_build(self) -> CoprResponse:
        """As CoprClient.cancel_build."""
        return self.client.cancel_build(self.build_id, self.projectname, self.username)


class ProjectChrootHandle(BaseHandle):
    """Goes on with a chroot of a project."""

    projectname: str

    def __init__(self, client: Any, chrootname: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(client, *args, **kwargs)
        self.chrootname = chrootname

    @property
    def project_handle(self) -> ProjectHandle:
        """The handle of the chroot's project."""
        return ProjectHandle(self.client, self.projectname, username=self.username, response=self.response)

    def get_project_chroot_details(self) -> CoprResponse:
        """As CoprClient.get_project_chroot_details."""
        return self.client.get_project_chroot_details(
            self.projectname, self.chrootname, username=self.username
        )

    def modify_project_chroot_details(self, pkgs: str | Iterable[str] | None = None) -> CoprResponse:
        """As CoprClient.modify_project_chroot_details."""
        return self.client.modify_project_chroot_details(
            self.projectname, self.chrootname, pkgs=pkgs, username=self.username
        )


class PackageHandle(BaseHandle):
    """Names a package."""

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


for handle in (BaseHandle, ProjectHandle, BuildHandle, ProjectChrootHandle, PackageHandle):
    handle.__module__ = "copr.client.responses"  # their documented place
