"""What the legacy client hands out: responses, handles to go on with, and wrappers of what is in a response.

Rules: a response's `data` is the service's document and nothing else; its additional fields are made when
they are asked for. A handle has the names that its calls need, so they need not be given again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from .._errors import CoprException, CoprRequestException
from .._typing import TYPE_CHECKING, Any
from ..util import UnicodeMixin
from ._calls import owners_of

if TYPE_CHECKING:
    from .client import CoprClient

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


class MissingField(AttributeError, KeyError):
    """A field that an answer does not have; a KeyError too, as scripts for the legacy client expect."""

    __str__ = Exception.__str__


class CoprResponse(UnicodeMixin):
    """An answer of the service.

    `client`: who asked; `method`: the name of what was asked; `data`: the service's document;
    `request_kwargs`: the names that it is about; `parsers`: make the additional fields; `handle`: goes on
    with what the answer is about (a BaseHandle, or None).
    """

    def __init__(
        self,
        client: Any,
        method: str,
        data: dict[str, Any],
        request_kwargs: Mapping[str, Any] | None = None,
        parsers: Iterable[Any] | None = None,
    ) -> None:
        self.client: CoprClient = client
        self.method = method
        self.data = data
        self.request_kwargs = request_kwargs
        self.parsers = list(parsers or [])
        self.handle: Any = None
        self._owner: str | None = None

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            for parser in self.__dict__.get("parsers", ()):
                if name in parser.provided_fields:
                    asked = {"owner": self._owner, **(self.request_kwargs or {})}
                    value = parser.parse(self.data, name, client=self.client, **asked)
                    setattr(self, name, value)
                    return value
            raise MissingField(f"This response to {self.__dict__.get('method')} has no field `{name}`")

    else:

        def __getattr__(self, name: str) -> Any: ...

    def __str__(self) -> str:
        return str(self.data)


class BaseHandle:
    """Goes on with what a response is about.

    `client`: what makes the calls; `username`: whose the thing is, as far as the answer says; `response`:
    where the handle came from; what else is given becomes attributes.
    """

    #: Whose the thing is, if that is known from elsewhere than the answer.
    owner: str | None = None

    def __init__(self, client: Any, username: str | None = None, response: Any = None, **kwargs: Any) -> None:
        self.client: CoprClient = client
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
        client, maker = self.handle.client, self.username or self.handle.owner
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
        self.client: CoprClient = client
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
