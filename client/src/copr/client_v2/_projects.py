"""The handles of client v2 for projects and for project chroots.

Rules: those of `handlers`, where the documentation has these classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._calls import path
from .._typing import Any, Protocol, evaluable
from . import _calls as calls
from ._builds import BuildHandle, BuildTaskHandle, HasBuildTasks
from ._handle import AbstractHandle, CollectionHandle, names_of, number_of
from .entities import ProjectChrootEntity, ProjectCreateEntity, ProjectEntity
from .net_client import NetClient
from .resources import OperationResult, Project, ProjectChroot, ProjectChrootList, ProjectList


class HasHandles(HasBuildTasks, Protocol):
    """A client that has handles for what belongs to a project."""

    @property
    def builds(self) -> BuildHandle:
        """The handle for builds."""

    @property
    def project_chroots(self) -> ProjectChrootHandle:
        """The handle for project chroots."""


class ProjectHandle(CollectionHandle):
    """Methods for projects: read, create, update and delete.

    :param client: the client, which sends the calls.
    :param nc: the login and token of the client.
    :param root_url: URL of the service.
    :param projects_href: path of the resources on the service.
    """

    _client: HasHandles

    def __init__(self, client: HasHandles, nc: NetClient, root_url: str, projects_href: str) -> None:
        super().__init__(client, nc, root_url, projects_href)

    def get_list(
        self,
        search_query: str | None = None,
        owner: str | None = None,
        name: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
        *,
        group: str | None = None,
    ) -> ProjectList:
        """Return projects, in the order of their ids.

        :param search_query: return only projects that match this search. `owner` and `name` may then be parts
            of names.
        :param owner: return only projects of this user, or of a group as "@name".
        :param name: return only projects with this name.
        :param limit: largest number of projects on the page. Default: 100.
        :param offset: number of projects before the page.
        :param group: return only projects of this group, as `owner` "@group" does.
        :returns: a list of projects, empty if the owner does not exist.
        :raises RequestError: the service refuses a value, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/projects``
        """
        if owner and owner.startswith("@"):
            group, owner = owner[1:], None
        options = {
            "search_query": search_query,
            "owner": owner,
            "group": group,
            "name": name,
            "limit": limit,
            "offset": offset,
        }
        return self._list(ProjectList, "/projects", options)

    def get_one(self, project_id: int) -> Project:
        """Return one project.

        :param project_id: id of the project.
        :returns: the project.
        :raises RequestError: no project has this id, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/projects/{project_id}``
        """
        return self._one(Project, path("projects", project_id))

    def create(
        self,
        name: str,
        owner: str | None,
        chroots: str | Iterable[str],
        description: str | None = None,
        instructions: str | None = None,
        homepage: str | None = None,
        contact: str | None = None,
        disable_createrepo: bool | None = None,
        build_enable_net: bool | None = None,
        repos: Sequence[str] | None = None,
    ) -> Project:
        """Create a project.

        :param name: name of the new project.
        :param owner: the user who sends the request (or None), or a group as "@name".
        :param chroots: names of chroots to build in, or one name.
        :param description: text for the project's page.
        :param instructions: how to use the project's packages.
        :param homepage: URL of the project's website.
        :param contact: email address or URL of the people who maintain the project.
        :param disable_createrepo: update the metadata of the repositories only on request.
        :param build_enable_net: whether builds may use the network.
        :param repos: URLs of repositories that builds may install from.
        :returns: the new project.
        :raises CoprValidationException: `homepage` is not a URL.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the project exists (409), the service refuses a value, or the service reports
            another error.
        :raises SubmissionUnknown: the response was lost, and a search for the result found nothing.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``POST /api_2/projects``
        """
        project = ProjectCreateEntity(
            name=name,
            owner=owner,
            group=owner[1:] if owner and owner.startswith("@") else None,
            chroots=names_of(chroots),
            description=description,
            instructions=instructions,
            homepage=homepage,
            contact=contact,
            disable_createrepo=disable_createrepo,
            build_enable_net=build_enable_net,
            repos=repos,
        )
        project.check()
        return self.get_one(number_of(self._ask(calls.create_project(project.to_dict()))))

    def update(self, project_entity: ProjectEntity) -> OperationResult:
        """Change a project.

        :param project_entity: the project's entity, with the values that the project shall have.
        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises CoprValidationException: `homepage` is not a URL.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the project does not exist, the service refuses a value, or the service reports
            another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``PUT /api_2/projects/{id}``
        """
        project_entity.check()
        endpoint = path("projects", project_entity.id)
        return self._change(calls.put(endpoint, project_entity.to_dict()), 204)

    def delete(self, project_id: int) -> OperationResult:
        """Delete a project, its builds and its repositories.

        :param project_id: id of the project.
        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: no project has this id, one of its builds has not finished, or the service
            reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``DELETE /api_2/projects/{project_id}``
        """
        return self._change(calls.delete(path("projects", project_id)), 204)

    def get_builds_handle(self) -> BuildHandle:
        """Return the handle for builds.

        :returns: the handle.
        """
        return self._client.builds

    def get_build_tasks_handle(self) -> BuildTaskHandle:
        """Return the handle for build tasks.

        :returns: the handle.
        """
        return self._client.build_tasks

    def get_project_chroots_handle(self) -> ProjectChrootHandle:
        """Return the handle for project chroots.

        :returns: the handle.
        """
        return self._client.project_chroots


class ProjectChrootHandle(AbstractHandle):
    """Methods for a project's chroots: read, enable, update and disable."""

    def get_base_url(self, project: Project, **kwargs: Any) -> str:
        """Return the URL of a project's chroots.

        :param project: the project.
        :param kwargs: ignored.
        :returns: the URL.
        :raises KeyError: the service sent no link for the chroots.
        """
        return self.root_url.rstrip("/") + project.get_href_by_name("chroots")

    def get_one(self, project: Project, name: str) -> ProjectChroot:
        """Return a project's settings for one chroot.

        :param project: the project.
        :param name: name of the chroot, such as "fedora-45-x86_64".
        :returns: the settings.
        :raises RequestError: the project does not have this chroot (404), or the service reports another
            error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/projects/{id}/chroots/{name}``
        """
        return self._one(ProjectChroot, _chroot(project, name), project=project)

    def get_list(self, project: Project) -> ProjectChrootList:
        """Return a project's settings for each of its chroots.

        :param project: the project.
        :returns: a list of settings.
        :raises RequestError: the project does not exist, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/projects/{id}/chroots``
        """
        call = calls.get_list(path("projects", project.id, "chroots"), "chroots", "chroot")
        return ProjectChrootList.from_response(self, self._ask(call), project)

    def disable(self, project: Project, name: str) -> OperationResult:
        """Remove a chroot from a project.

        It is no error if the project does not have it.

        :param project: the project.
        :param name: name of the chroot, such as "fedora-45-x86_64".
        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the service does not know the chroot, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``DELETE /api_2/projects/{id}/chroots/{name}``
        """
        return self._change(calls.delete(_chroot(project, name)), 204)

    def enable(
        self, project: Project, name: str, buildroot_pkgs: Sequence[str] | None = None
    ) -> OperationResult:
        """Add a chroot to a project.

        :param project: the project.
        :param name: name of the chroot, such as "fedora-45-x86_64".
        :param buildroot_pkgs: packages to install before each build.
        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the project has this chroot (409), the service does not have it (400), or the
            service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``POST /api_2/projects/{id}/chroots``
        """
        chroot = ProjectChrootEntity(name=name, buildroot_pkgs=list(buildroot_pkgs or ()))
        return self._change(calls.enable_chroot(project.id, chroot.to_dict()), 201)

    def update(self, project: Project, chroot_entity: ProjectChrootEntity) -> OperationResult:
        """Change a project's settings for one chroot.

        :param project: the project.
        :param chroot_entity: the entity of the settings, with the values that they shall have.
        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the project does not have this chroot, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``PUT /api_2/projects/{id}/chroots/{name}``
        """
        endpoint = _chroot(project, chroot_entity.name)
        return self._change(calls.put(endpoint, chroot_entity.to_dict()), 200)


def _chroot(project: Project, name: str) -> str:
    """Return the path of a project's chroot."""
    return path("projects", project.id, "chroots", name)


evaluable(__name__)
ProjectHandle.__module__ = ProjectChrootHandle.__module__ = (
    "copr.client_v2.handlers"  # their documented place
)
