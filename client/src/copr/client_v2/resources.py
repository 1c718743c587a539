"""What the handlers of client v2 return: things with their fields and what can be done with them, and lists.

Rules: what a resource can do is a method of the handle that it came from. Source: the documentation's chapter
3.2.5, "Resources".
"""

from __future__ import annotations

from collections.abc import Mapping

from .._typing import TYPE_CHECKING, Any, Protocol, Self
from ._operation import OperationResult, Root
from ._resource import CollectionResource, Field, IndividualResource
from .entities import (
    BuildEntity,
    BuildTaskEntity,
    MockChrootEntity,
    ProjectChrootEntity,
    ProjectEntity,
)

if TYPE_CHECKING:
    from .net_client import ResponseWrapper

__all__ = [
    "Build",
    "BuildList",
    "BuildTask",
    "BuildTaskList",
    "CollectionResource",
    "IndividualResource",
    "MockChroot",
    "MockChrootList",
    "OperationResult",
    "Project",
    "ProjectChroot",
    "ProjectChrootList",
    "ProjectList",
    "Root",
]


class _BuildTaskMethods(Protocol):
    """The methods of BuildTaskHandle that resources call."""

    def get_one(self, build_id: int, chroot_name: str) -> BuildTask:
        """Return one build task."""

    def get_list(self, **query_options: Any) -> BuildTaskList:
        """Return build tasks."""


class _BuildMethods(Protocol):
    """The methods of BuildHandle that resources call."""

    def get_one(self, build_id: int) -> Build:
        """Return one build."""

    def get_list(self, **query_options: Any) -> BuildList:
        """Return builds."""

    def cancel(self, build_entity: BuildEntity) -> OperationResult:
        """Cancel a build."""

    def delete(self, build_id: int) -> OperationResult:
        """Delete a build."""

    def create_from_file(self, project_id: int, *args: Any, **kwargs: Any) -> Build:
        """Submit a build of a local file."""

    def create_from_url(self, project_id: int, *args: Any, **kwargs: Any) -> Build:
        """Submit a build of a URL."""

    def get_build_tasks_handle(self) -> _BuildTaskMethods:
        """Return the handle for build tasks."""


class _ProjectChrootMethods(Protocol):
    """The methods of ProjectChrootHandle that resources call."""

    def get_one(self, project: Project, name: str) -> ProjectChroot:
        """Return the settings of one chroot."""

    def get_list(self, project: Project) -> ProjectChrootList:
        """Return the settings of all chroots."""

    def enable(self, project: Project, name: str) -> OperationResult:
        """Add a chroot to a project."""

    def disable(self, project: Project, name: str) -> OperationResult:
        """Remove a chroot from a project."""

    def update(self, project: Project, chroot_entity: ProjectChrootEntity) -> OperationResult:
        """Change the settings of a chroot."""


class _ProjectMethods(Protocol):
    """The methods of ProjectHandle that resources call."""

    def get_one(self, project_id: int) -> Project:
        """Return one project."""

    def update(self, project_entity: ProjectEntity) -> OperationResult:
        """Change a project."""

    def delete(self, project_id: int) -> OperationResult:
        """Delete a project."""

    def get_builds_handle(self) -> _BuildMethods:
        """Return the handle for builds."""

    def get_build_tasks_handle(self) -> _BuildTaskMethods:
        """Return the handle for build tasks."""

    def get_project_chroots_handle(self) -> _ProjectChrootMethods:
        """Return the handle for project chroots."""


class Build(IndividualResource):
    """A build; its fields are those of the table "Build entity attributes"."""

    _key = "build"
    _entity_class = BuildEntity

    id = Field[int]()
    state = Field[str]()
    submitted_on = Field["int | None"]()
    started_on = Field["int | None"]()
    ended_on = Field["int | None"]()
    source_type = Field["str | None"]()
    source_metadata = Field["dict[str, Any] | None"]()
    package_version = Field["str | None"]()
    package_name = Field["str | None"]()
    enable_net = Field[bool]()
    repos = Field["list[str]"]()
    built_packages = Field["list[dict[str, str]]"]()
    submitter = Field["str | None"]()

    _entity: BuildEntity
    _handle: _BuildMethods

    def is_finished(self) -> bool:
        """Whether nothing more happens to the build."""
        return self._entity.is_finished()

    def get_self(self) -> Build:
        """Ask for the build as it is now; see BuildHandle.get_one."""
        return self._handle.get_one(self.id)

    def cancel(self) -> OperationResult:
        """Cancel the build; see BuildHandle.cancel."""
        return self._handle.cancel(self._entity)

    def delete(self) -> OperationResult:
        """Delete the build; see BuildHandle.delete."""
        return self._handle.delete(self.id)

    def get_build_tasks(self, **query_options: Any) -> BuildTaskList:
        """Ask for the build's tasks; see BuildTaskHandle.get_list."""
        return self._handle.get_build_tasks_handle().get_list(build_id=self.id, **query_options)


class BuildTask(IndividualResource):
    """One chroot's part of a build; its fields are those of the table "Build task entity attributes"."""

    _key = "build_task"
    _entity_class = BuildTaskEntity

    build_id = Field[int]()
    chroot_name = Field[str]()
    state = Field[str]()
    started_on = Field["int | None"]()
    ended_on = Field["int | None"]()
    git_hash = Field["str | None"]()
    result_dir_url = Field["str | None"]()

    _handle: _BuildTaskMethods

    def get_self(self) -> BuildTask:
        """Ask for the task as it is now; see BuildTaskHandle.get_one."""
        return self._handle.get_one(self.build_id, self.chroot_name)


class Project(IndividualResource):
    """A project; its fields are those of the table "Project entity attributes", which says what `update` can
    change."""

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
    _handle: _ProjectMethods

    def update(self) -> OperationResult:
        """Change the project to what its fields are here; see ProjectHandle.update."""
        return self._handle.update(self._entity)

    def delete(self) -> OperationResult:
        """Delete the project; see ProjectHandle.delete."""
        return self._handle.delete(self.id)

    def get_self(self) -> Project:
        """Ask for the project as it is now; see ProjectHandle.get_one."""
        return self._handle.get_one(self.id)

    def get_builds(self, **query_options: Any) -> BuildList:
        """Ask for the project's builds; see BuildHandle.get_list."""
        return self._handle.get_builds_handle().get_list(project_id=self.id, **query_options)

    def get_build_tasks(self, **query_options: Any) -> BuildTaskList:
        """Ask for the tasks of the project's builds; see BuildTaskHandle.get_list."""
        return self._handle.get_build_tasks_handle().get_list(project_id=self.id, **query_options)

    def get_project_chroot(self, name: str) -> ProjectChroot:
        """Ask for the project's settings for one chroot; see ProjectChrootHandle.get_one."""
        return self._handle.get_project_chroots_handle().get_one(self, name)

    def get_project_chroot_list(self) -> ProjectChrootList:
        """Ask for the project's settings for each of its chroots; see ProjectChrootHandle.get_list."""
        return self._handle.get_project_chroots_handle().get_list(self)

    def enable_project_chroot(self, name: str) -> OperationResult:
        """Give the project one more chroot; see ProjectChrootHandle.enable."""
        return self._handle.get_project_chroots_handle().enable(self, name)

    def create_build_from_file(self, *args: Any, **kwargs: Any) -> Build:
        """Submit a build; see BuildHandle.create_from_file, without its `project_id`."""
        return self._handle.get_builds_handle().create_from_file(self.id, *args, **kwargs)

    def create_build_from_url(self, *args: Any, **kwargs: Any) -> Build:
        """Submit a build; see BuildHandle.create_from_url, without its `project_id`."""
        return self._handle.get_builds_handle().create_from_url(self.id, *args, **kwargs)


class ProjectChroot(IndividualResource):
    """A project's settings for one chroot; its fields are those of the table "Project chroot entity
    attributes", which says what `update` can change."""

    _key = "chroot"
    _entity_class = ProjectChrootEntity

    name = Field[str]()
    buildroot_pkgs = Field["list[str]"]()
    comps = Field["str | None"]()
    comps_name = Field["str | None"]()
    comps_len = Field["int | None"]()

    _entity: ProjectChrootEntity
    _handle: _ProjectChrootMethods

    def __init__(
        self, entity: ProjectChrootEntity, handle: _ProjectChrootMethods, project: Project, **kwargs: Any
    ) -> None:
        super().__init__(entity, handle, **kwargs)
        self._project = project

    @classmethod
    def from_response(  # type: ignore[override]  # it has a project, in this place
        cls,
        handle: _ProjectChrootMethods,
        data_dict: Mapping[str, Any],
        project: Project,
        response: ResponseWrapper | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Self:
        """A project chroot, from the service's document."""
        return super().from_response(handle, data_dict, response, options, project=project)

    def disable(self) -> OperationResult:
        """Take the chroot from its project; see ProjectChrootHandle.disable."""
        return self._handle.disable(self._project, self.name)

    def update(self) -> OperationResult:
        """Change the settings to what the fields are here; see ProjectChrootHandle.update."""
        return self._handle.update(self._project, self._entity)


class MockChroot(IndividualResource):
    """A chroot of the service; its fields are those of the table "Mock chroot entity attributes"."""

    _key = "chroot"
    _entity_class = MockChrootEntity

    name = Field[str]()
    os_release = Field[str]()
    os_version = Field[str]()
    arch = Field[str]()
    is_active = Field[bool]()


class ProjectList(CollectionResource[Project]):
    """Projects."""

    _key = "projects"
    _item_class = Project

    @property
    def projects(self) -> list[Project]:
        """The projects as a list."""
        return list(self)


class BuildList(CollectionResource[Build]):
    """Builds."""

    _key = "builds"
    _item_class = Build

    @property
    def builds(self) -> list[Build]:
        """The builds as a list."""
        return list(self)


class BuildTaskList(CollectionResource[BuildTask]):
    """Build tasks."""

    _key = "build_tasks"
    _item_class = BuildTask

    @property
    def build_tasks(self) -> list[BuildTask]:
        """The build tasks as a list."""
        return list(self)


class MockChrootList(CollectionResource[MockChroot]):
    """The chroots of the service."""

    _key = "chroots"
    _item_class = MockChroot

    @property
    def chroots(self) -> list[MockChroot]:
        """The chroots as a list."""
        return list(self)


class ProjectChrootList(CollectionResource[ProjectChroot]):
    """A project's chroots."""

    _key = "chroots"
    _item_class = ProjectChroot

    def __init__(self, handle: _ProjectChrootMethods, project: Project, **kwargs: Any) -> None:
        super().__init__(handle, **kwargs)
        self._project = project

    @classmethod
    def from_response(  # type: ignore[override]  # it has a project, and no options
        cls, handle: _ProjectChrootMethods, response: ResponseWrapper, project: Project
    ) -> Self:
        """A project's chroots, from the service's answer."""
        return super().from_response(handle, response, {}, project=project)

    @property
    def chroots(self) -> list[ProjectChroot]:
        """The chroots as a list."""
        return list(self)

    def enable(self, name: str) -> OperationResult:
        """Give the project one more chroot; see ProjectChrootHandle.enable."""
        enabled: OperationResult = self._handle.enable(self._project, name)
        return enabled

    def _next_page_of(self) -> dict[str, Any]:
        return {"project": self._project}
