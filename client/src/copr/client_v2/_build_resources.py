"""The resources of client v2 for builds and build tasks.

Rules: those of `resources`, where the documentation has these classes.
"""

from __future__ import annotations

from .._typing import Any, Protocol, evaluable
from ._operation import OperationResult
from ._resource import CollectionResource, Field, IndividualResource
from .entities import BuildEntity, BuildTaskEntity


class BuildTaskMethods(Protocol):
    """The methods of BuildTaskHandle that resources call."""

    def get_one(self, build_id: int, chroot_name: str) -> BuildTask:
        """Return one build task.

        :param build_id: id of the build.
        :param chroot_name: name of the chroot.
        :returns: the task.
        """

    def get_list(self, **query_options: Any) -> BuildTaskList:
        """Return build tasks.

        :param query_options: options of BuildTaskHandle.get_list.
        :returns: a list of tasks.
        """


class BuildMethods(Protocol):
    """The methods of BuildHandle that resources call."""

    def get_one(self, build_id: int) -> Build:
        """Return one build.

        :param build_id: id of the build.
        :returns: the build.
        """

    def get_list(self, **query_options: Any) -> BuildList:
        """Return builds.

        :param query_options: options of BuildHandle.get_list.
        :returns: a list of builds.
        """

    def cancel(self, build_entity: BuildEntity) -> OperationResult:
        """Cancel a build.

        :param build_entity: entity of the build.
        :returns: the result.
        """

    def delete(self, build_id: int) -> OperationResult:
        """Delete a build.

        :param build_id: id of the build.
        :returns: the result.
        """

    def create_from_file(self, project_id: int, *args: Any, **kwargs: Any) -> Build:
        """Submit a build of a local file.

        :param project_id: id of the project.
        :param args: other arguments of BuildHandle.create_from_file.
        :param kwargs: other arguments of BuildHandle.create_from_file.
        :returns: the new build.
        """

    def create_from_url(self, project_id: int, *args: Any, **kwargs: Any) -> Build:
        """Submit a build of a URL.

        :param project_id: id of the project.
        :param args: other arguments of BuildHandle.create_from_url.
        :param kwargs: other arguments of BuildHandle.create_from_url.
        :returns: the new build.
        """

    def get_build_tasks_handle(self) -> BuildTaskMethods:
        """Return the handle for build tasks.

        :returns: the handle.
        """


class Build(IndividualResource):
    """A build.

    The table "Build entity attributes" of the documentation has its fields.
    """

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
    _handle: BuildMethods

    def is_finished(self) -> bool:
        """Return whether the build has finished, successfully or not.

        :returns: True if its state is final.
        """
        return self._entity.is_finished()

    def get_self(self) -> Build:
        """Request the build again.

        :returns: the build as it is now.
        :raises RequestError: the build no longer exists, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/builds/{id}``
        """
        return self._handle.get_one(self.id)

    def cancel(self) -> OperationResult:
        """Cancel the build.

        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the build has already finished, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``PUT /api_2/builds/{id}``
        """
        return self._handle.cancel(self._entity)

    def delete(self) -> OperationResult:
        """Delete the build and its packages.

        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the build has not finished, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``DELETE /api_2/builds/{id}``
        """
        return self._handle.delete(self.id)

    def get_build_tasks(self, **query_options: Any) -> BuildTaskList:
        """Return the tasks of the build.

        :param query_options: options of BuildTaskHandle.get_list, such as `state`.
        :returns: a list of build tasks.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/build_tasks``
        """
        return self._handle.get_build_tasks_handle().get_list(build_id=self.id, **query_options)


class BuildTask(IndividualResource):
    """The part of a build that is for one chroot.

    The table "Build task entity attributes" of the documentation has its fields.
    """

    _key = "build_task"
    _entity_class = BuildTaskEntity

    build_id = Field[int]()
    chroot_name = Field[str]()
    state = Field[str]()
    started_on = Field["int | None"]()
    ended_on = Field["int | None"]()
    git_hash = Field["str | None"]()
    result_dir_url = Field["str | None"]()

    _handle: BuildTaskMethods

    def get_self(self) -> BuildTask:
        """Request the build task again.

        :returns: the task as it is now.
        :raises RequestError: the task no longer exists, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/build_tasks/{build_id}/{chroot_name}``
        """
        return self._handle.get_one(self.build_id, self.chroot_name)


class BuildList(CollectionResource[Build]):
    """A page of a list of builds."""

    _key = "builds"
    _item_class = Build

    @property
    def builds(self) -> list[Build]:
        """The builds as a list."""
        return list(self)


class BuildTaskList(CollectionResource[BuildTask]):
    """A page of a list of build tasks."""

    _key = "build_tasks"
    _item_class = BuildTask

    @property
    def build_tasks(self) -> list[BuildTask]:
        """The build tasks as a list."""
        return list(self)


evaluable(__name__)
for resource in (Build, BuildTask, BuildList, BuildTaskList):
    resource.__module__ = "copr.client_v2.resources"  # their documented place
