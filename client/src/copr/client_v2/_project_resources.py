"""The resources of client v2 for projects and project chroots.

Rules: those of `resources`, where the documentation has these classes.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._typing import TYPE_CHECKING, Any, Protocol, Self, evaluable
from ._build_resources import Build, BuildList, BuildMethods, BuildTaskList, BuildTaskMethods
from ._operation import OperationResult
from ._resource import CollectionResource, Field, IndividualResource
from .entities import ProjectChrootEntity, ProjectEntity

if TYPE_CHECKING:
    from .net_client import ResponseWrapper


class ProjectChrootMethods(Protocol):
    """The methods of ProjectChrootHandle that resources call."""

    def get_one(self, project: Project, name: str) -> ProjectChroot:
        """Return the settings of one chroot.

        :param project: the project.
        :param name: name of the chroot.
        :returns: the settings.
        """

    def get_list(self, project: Project) -> ProjectChrootList:
        """Return the settings of all chroots.

        :param project: the project.
        :returns: a list of settings.
        """

    def enable(self, project: Project, name: str) -> OperationResult:
        """Add a chroot to a project.

        :param project: the project.
        :param name: name of the chroot.
        :returns: the result.
        """

    def disable(self, project: Project, name: str) -> OperationResult:
        """Remove a chroot from a project.

        :param project: the project.
        :param name: name of the chroot.
        :returns: the result.
        """

    def update(self, project: Project, chroot_entity: ProjectChrootEntity) -> OperationResult:
        """Change the settings of a chroot.

        :param project: the project.
        :param chroot_entity: entity of the settings.
        :returns: the result.
        """


class ProjectMethods(Protocol):
    """The methods of ProjectHandle that resources call."""

    def get_one(self, project_id: int) -> Project:
        """Return one project.

        :param project_id: id of the project.
        :returns: the project.
        """

    def update(self, project_entity: ProjectEntity) -> OperationResult:
        """Change a project.

        :param project_entity: entity of the project.
        :returns: the result.
        """

    def delete(self, project_id: int) -> OperationResult:
        """Delete a project.

        :param project_id: id of the project.
        :returns: the result.
        """

    def get_builds_handle(self) -> BuildMethods:
        """Return the handle for builds.

        :returns: the handle.
        """

    def get_build_tasks_handle(self) -> BuildTaskMethods:
        """Return the handle for build tasks.

        :returns: the handle.
        """

    def get_project_chroots_handle(self) -> ProjectChrootMethods:
        """Return the handle for project chroots.

        :returns: the handle.
        """


class Project(IndividualResource):
    """A project.

    The table "Project entity attributes" of the documentation has its fields, and those that `update`
    changes.
    """

    _key = "project"
    _entity_class = ProjectEntity

    id = Field[int]()
    owner = Field[str]()
    group = Field["str | None"]()
    name = Field[str]()
    description = Field["str | None"]()
    instructions = Field["str | None"]()
    homepage = Field["str | None"]()
    contact = Field["str | None"]()
    disable_createrepo = Field[bool]()
    build_enable_net = Field[bool]()
    repos = Field["list[str]"]()
    last_modified = Field["int | None"]()

    _entity: ProjectEntity
    _handle: ProjectMethods

    def update(self) -> OperationResult:
        """Change the project on the service to the values of its fields.

        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises CoprValidationException: `homepage` is not a URL.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the service refuses a value, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``PUT /api_2/projects/{id}``
        """
        return self._handle.update(self._entity)

    def delete(self) -> OperationResult:
        """Delete the project, its builds and its repositories.

        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: one of its builds has not finished, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``DELETE /api_2/projects/{id}``
        """
        return self._handle.delete(self.id)

    def get_self(self) -> Project:
        """Request the project again.

        :returns: the project as it is now.
        :raises RequestError: the project no longer exists, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/projects/{id}``
        """
        return self._handle.get_one(self.id)

    def get_builds(self, **query_options: Any) -> BuildList:
        """Return the project's builds, newest first.

        :param query_options: options of BuildHandle.get_list, such as `limit`.
        :returns: a list of builds.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/builds``
        """
        return self._handle.get_builds_handle().get_list(project_id=self.id, **query_options)

    def get_build_tasks(self, **query_options: Any) -> BuildTaskList:
        """Return the tasks of the project's builds.

        :param query_options: options of BuildTaskHandle.get_list, such as `state`.
        :returns: a list of build tasks.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/build_tasks``
        """
        return self._handle.get_build_tasks_handle().get_list(project_id=self.id, **query_options)

    def get_project_chroot(self, name: str) -> ProjectChroot:
        """Return the project's settings for one chroot.

        :param name: name of the chroot.
        :returns: the settings.
        :raises RequestError: the project does not have this chroot, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/projects/{id}/chroots/{name}``
        """
        return self._handle.get_project_chroots_handle().get_one(self, name)

    def get_project_chroot_list(self) -> ProjectChrootList:
        """Return the project's settings for each of its chroots.

        :returns: a list of settings.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/projects/{id}/chroots``
        """
        return self._handle.get_project_chroots_handle().get_list(self)

    def enable_project_chroot(self, name: str) -> OperationResult:
        """Add a chroot to the project.

        :param name: name of the chroot.
        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the project has this chroot (409), the service does not have it (400), or the
            service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``POST /api_2/projects/{id}/chroots``
        """
        return self._handle.get_project_chroots_handle().enable(self, name)

    def create_build_from_file(self, *args: Any, **kwargs: Any) -> Build:
        """Submit a build of a local source RPM in the project, as BuildHandle.create_from_file does.

        :param args: its arguments after `project_id`.
        :param kwargs: its arguments after `project_id`.
        :returns: the new build.
        :raises CoprValidationException: no file is given, or it cannot be read.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the service refuses a value, or the service reports another error.
        :raises SubmissionUnknown: the response was lost, and a search for the result found nothing.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``POST /api_2/builds``
        """
        return self._handle.get_builds_handle().create_from_file(self.id, *args, **kwargs)

    def create_build_from_url(self, *args: Any, **kwargs: Any) -> Build:
        """Submit a build of a source RPM in the project, by its URL, as BuildHandle.create_from_url does.

        :param args: its arguments after `project_id`.
        :param kwargs: its arguments after `project_id`.
        :returns: the new build.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the service refuses a value, or the service reports another error.
        :raises SubmissionUnknown: the response was lost, and a search for the result found nothing.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``POST /api_2/builds``
        """
        return self._handle.get_builds_handle().create_from_url(self.id, *args, **kwargs)


class ProjectChroot(IndividualResource):
    """A project's settings for one chroot.

    The table "Project chroot entity attributes" of the documentation has its fields, and those that `update`
    changes.

    :param entity: the settings.
    :param handle: the handle that the settings came from.
    :param project: the project.
    :param kwargs: other arguments of IndividualResource.
    """

    _key = "chroot"
    _entity_class = ProjectChrootEntity

    name = Field[str]()
    buildroot_pkgs = Field["list[str]"]()
    comps = Field["str | None"]()
    comps_name = Field["str | None"]()
    comps_len = Field["int | None"]()

    _entity: ProjectChrootEntity
    _handle: ProjectChrootMethods

    def __init__(
        self, entity: ProjectChrootEntity, handle: ProjectChrootMethods, project: Project, **kwargs: Any
    ) -> None:
        super().__init__(entity, handle, **kwargs)
        self._project = project

    @classmethod
    def from_response(  # type: ignore[override]  # it has a project, in this place
        cls,
        handle: ProjectChrootMethods,
        data_dict: Mapping[str, Any],
        project: Project,
        response: ResponseWrapper | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Self:
        """Return settings that are made from the service's document.

        :param handle: the handle that the settings came from.
        :param data_dict: the document.
        :param project: the project.
        :param response: the response that it came in.
        :param options: options of the call.
        :returns: the settings.
        """
        return super().from_response(handle, data_dict, response, options, project=project)

    def disable(self) -> OperationResult:
        """Remove the chroot from its project.

        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``DELETE /api_2/projects/{id}/chroots/{name}``
        """
        return self._handle.disable(self._project, self.name)

    def update(self) -> OperationResult:
        """Change the settings on the service to the values of the fields.

        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``PUT /api_2/projects/{id}/chroots/{name}``
        """
        return self._handle.update(self._project, self._entity)


class ProjectList(CollectionResource[Project]):
    """A page of a list of projects."""

    _key = "projects"
    _item_class = Project

    @property
    def projects(self) -> list[Project]:
        """The projects as a list."""
        return list(self)


class ProjectChrootList(CollectionResource[ProjectChroot]):
    """The settings of a project for its chroots.

    :param handle: the handle that the settings came from.
    :param project: the project.
    :param kwargs: other arguments of CollectionResource.
    """

    _key = "chroots"
    _item_class = ProjectChroot

    def __init__(self, handle: ProjectChrootMethods, project: Project, **kwargs: Any) -> None:
        super().__init__(handle, **kwargs)
        self._project = project

    @classmethod
    def from_response(  # type: ignore[override]  # it has a project, and no options
        cls, handle: ProjectChrootMethods, response: ResponseWrapper, project: Project
    ) -> Self:
        """Return the settings that are made from a response.

        :param handle: the handle that the settings came from.
        :param response: the response.
        :param project: the project.
        :returns: the settings.
        """
        return super().from_response(handle, response, {}, project=project)

    @property
    def chroots(self) -> list[ProjectChroot]:
        """The chroots as a list."""
        return list(self)

    def enable(self, name: str) -> OperationResult:
        """Add a chroot to the project.

        :param name: name of the chroot.
        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the project has this chroot (409), the service does not have it (400), or the
            service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``POST /api_2/projects/{id}/chroots``
        """
        enabled: OperationResult = self._handle.enable(self._project, name)
        return enabled

    def _next_page_of(self) -> dict[str, Any]:
        """Return the project, which the next page is made with."""
        return {"project": self._project}


evaluable(__name__)
for resource in (Project, ProjectChroot, ProjectList, ProjectChrootList):
    resource.__module__ = "copr.client_v2.resources"  # their documented place
