"""The resources of client v2: things of the service with their fields and methods, and lists of them.

Rules: the methods of a resource call those of the handle that it came from. Source: the documentation's
chapter 3.2.5, "Resources".
"""

from __future__ import annotations

from ._build_resources import Build, BuildList, BuildTask, BuildTaskList
from ._operation import OperationResult, Root
from ._project_resources import Project, ProjectChroot, ProjectChrootList, ProjectList
from ._resource import CollectionResource, Field, IndividualResource
from .entities import (  # noqa: F401 - scripts import all of these from here
    BuildEntity,
    BuildTaskEntity,
    MockChrootEntity,
    ProjectChrootEntity,
    ProjectEntity,
)

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


class MockChroot(IndividualResource):
    """A chroot of the service.

    The documentation lists its fields in the table "Mock chroot entity attributes".
    """

    _key = "chroot"
    _entity_class = MockChrootEntity

    name = Field[str]()
    os_release = Field[str]()
    os_version = Field[str]()
    arch = Field[str]()
    is_active = Field[bool]()


class MockChrootList(CollectionResource[MockChroot]):
    """A list of the chroots of the service."""

    _key = "chroots"
    _item_class = MockChroot

    @property
    def chroots(self) -> list[MockChroot]:
        """The chroots as a list."""
        return list(self)
