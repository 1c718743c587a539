"""What the legacy client returns: responses, their handles, and wrappers of the things in a response.

Rules: the `data` of a response is the service's document and nothing else. Its additional fields are made
when they are first read. A handle stores the names that its calls need, so that a script does not have to
pass them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from .._errors import CoprException, CoprRequestException
from .._typing import TYPE_CHECKING, Any, evaluable
from ..util import UnicodeMixin
from ._calls import owners_of
from ._handles import BaseHandle, BuildHandle, PackageHandle, ProjectChrootHandle, ProjectHandle
from ._response import CoprResponse, MissingField

__all__ = [
    "BaseHandle",
    "BuildHandle",
    "BuildWrapper",
    "CoprChrootWrapper",
    "CoprResponse",
    "MissingField",
    "PackageHandle",
    "PackageWrapper",
    "ProjectChrootHandle",
    "ProjectChrootWrapper",
    "ProjectHandle",
    "ProjectWrapper",
]


class ProjectWrapper(UnicodeMixin):
    """A project in a list.

    `handle` has methods for it.

    :param client: the client that the project is from.
    :param username: name of the user who created the project, if the list has it.
    :param projectname: name of the project.
    :param description: text of the project's page.
    :param instructions: how to use the project's packages.
    :param yum_repos: maps names of chroots to URLs of repositories.
    :param additional_repos: repositories that builds may install from.
    :param owner: owner whose projects were listed, for lists that do not name it.
    """

    def __init__(
        self,
        client: Any,
        username: str | None,
        projectname: str,
        description: str | None = None,
        instructions: str | None = None,
        yum_repos: Mapping[str, str] | None = None,
        additional_repos: Any = None,
        *,
        owner: str | None = None,
    ) -> None:
        self.username = username
        self.projectname = projectname
        self.description = description
        self.instructions = instructions
        self.yum_repos = yum_repos or {}
        self.additional_repos = additional_repos or {}
        self.handle = ProjectHandle(client, projectname, username=username, owner=owner)

    def get_project_details(self) -> CoprResponse:
        """Return the project, as `CoprClient.get_project_details` does.

        A list names the user who created a project, also if a group owns the project. In that case the
        service is asked for the group.

        :returns: its response.
        :raises CoprRequestException: as for that method.
        :source: ``GET /api/coprs/{username}/{projectname}/detail/``, ``GET /api_2/projects``
        """
        try:
            return self.handle.get_project_details()
        except CoprRequestException:
            if not (handle := self._handle_of_group()):
                raise
            return handle.get_project_details()

    def _handle_of_group(self) -> ProjectHandle | None:
        """Return a handle of the project under the group that owns it, or None if that is not one group."""
        client: Any = self.handle.client
        maker = self.username or self.handle.owner
        if not maker or maker.startswith("@"):
            return None
        try:
            owners = client._run(owners_of(maker, self.projectname))
        except CoprException:
            return None
        groups = [owner for owner in owners if owner.startswith("@")]
        return ProjectHandle(client, self.projectname, username=groups[0]) if len(groups) == 1 else None

    def __str__(self) -> str:
        lines = [f"Name: {self.projectname}", f"  Description: {self.description}"]
        if self.yum_repos:
            lines.append("  Yum repo(s):")
            lines += [f"    {name}: {self.yum_repos[name]}" for name in sorted(self.yum_repos)]
        if self.additional_repos:
            lines.append(f"  Additional repo: {self.additional_repos}")
        return "\n".join([*lines, ""])


class BuildWrapper:
    """A submitted build.

    `handle` has methods for it.

    :param client: the client that the build is from.
    :param username: owner of the project.
    :param projectname: name of the project.
    :param build_id: id of the build.
    :param status: state of the build, if it is known.
    """

    def __init__(
        self,
        client: Any,
        username: str | None,
        projectname: str | None,
        build_id: int,
        status: str | None = None,
    ) -> None:
        self.username = username
        self.projectname = projectname
        self.build_id = build_id
        self.status = status
        self.handle = BuildHandle(client, build_id, projectname=projectname, username=username)


class ProjectChrootWrapper:
    """A chroot of a project.

    `handle` has methods for it.

    :param client: the client that the chroot is from.
    :param username: owner of the project.
    :param projectname: name of the project.
    :param chrootname: name of the chroot.
    :param repo_url: URL of the chroot's repository.
    """

    def __init__(
        self,
        client: Any,
        username: str | None,
        projectname: str | None,
        chrootname: str,
        repo_url: str | None = None,
    ) -> None:
        self.username = username
        self.projectname = projectname
        self.chrootname = chrootname
        self.repo_url = repo_url
        self.handle = ProjectChrootHandle(client, chrootname, projectname=projectname, username=username)


class _Record(UnicodeMixin):
    """A thing whose fields are attributes.

    `data` has all of them.
    """

    def __init__(self, client: Any, ownername: str | None, projectname: str | None, **data: Any) -> None:
        self.client = client
        self.ownername = ownername
        self.projectname = projectname
        self.data = data
        self.handle: Any = None

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            try:
                return self.__dict__["data"][name]
            except KeyError:
                raise MissingField(f"{type(self).__name__} has no field `{name}`") from None

    else:

        def __getattr__(self, name: str) -> Any: ...

    def for_json(self) -> dict[str, Any]:
        """Return all fields.

        :returns: `data`, the same dict.
        """
        return self.data

    def __str__(self) -> str:
        return json.dumps(self.data, sort_keys=True)


class PackageWrapper(_Record):
    """A package.

    Its fields are attributes; `data` has all of them, and `handle` has its names.

    :param client: the client that the package is from.
    :param ownername: owner of the project.
    :param projectname: name of the project.
    :param data: the fields of the package.
    """

    def __init__(self, client: Any, ownername: str | None, projectname: str | None, **data: Any) -> None:
        super().__init__(client, ownername, projectname, **data)
        self.handle = PackageHandle(client, ownername, projectname, data.get("name", ""))


class CoprChrootWrapper(_Record):
    """A project's settings for one chroot.

    Its fields are attributes; `data` has all of them.
    """


evaluable(__name__)
