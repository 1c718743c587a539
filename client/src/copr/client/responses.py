"""What the legacy client hands out: responses, handles to go on with, and wrappers of what is in a response.

Rules: a response's `data` is the service's document and nothing else; its additional fields are made when
they are asked for. A handle has the names that its calls need, so they need not be given again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from .._errors import CoprException, CoprRequestException
from .._typing import TYPE_CHECKING, Any
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
    """A project in a list; `handle` goes on with it. `owner`: who was asked for, where the list does not
    say."""

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
        """As CoprClient.get_project_details.

        A user's list and a search name who made a project, also where it is a group's; the group is looked
        for.
        """
        try:
            return self.handle.get_project_details()
        except CoprRequestException:
            if not (handle := self._handle_of_group()):
                raise
            return handle.get_project_details()

    def _handle_of_group(self) -> ProjectHandle | None:
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
    """A build that was submitted; `handle` goes on with it."""

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
    """A chroot of a project; `handle` goes on with it."""

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
    """A thing whose fields are attributes; `data` has them all."""

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
        """All fields, as a dict."""
        return self.data

    def __str__(self) -> str:
        return json.dumps(self.data, sort_keys=True)


class PackageWrapper(_Record):
    """A package; `handle` names it, `data` has all its fields, which are attributes too."""

    def __init__(self, client: Any, ownername: str | None, projectname: str | None, **data: Any) -> None:
        super().__init__(client, ownername, projectname, **data)
        self.handle = PackageHandle(client, ownername, projectname, data.get("name", ""))


class CoprChrootWrapper(_Record):
    """A project's settings for one chroot; `data` has all its fields, which are attributes too."""
