"""What API v2 is about: projects, chroots, builds, tasks, as values with their fields as attributes.

Rules: an entity holds what a service said, or what is to be said to it; it knows no service. What it consists
of is in `schemas`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from .._typing import Any, Self
from ..util import UnicodeMixin
from . import schemas
from .common import BuildStateValues

__all__ = [
    "BuildEntity",
    "BuildTaskEntity",
    "Entity",
    "Link",
    "MockChrootEntity",
    "ProjectChrootEntity",
    "ProjectCreateEntity",
    "ProjectEntity",
]

#: The states in which nothing more happens to a build.
_FINISHED = frozenset(
    {
        BuildStateValues.SUCCEEDED,
        BuildStateValues.FAILED,
        BuildStateValues.CANCELED,
        BuildStateValues.SKIPPED,
        BuildStateValues.FORKED,
    }
)


class Link(UnicodeMixin):
    """Where something is: `role`, such as "self" or "builds", and `href`, a path on the service."""

    def __init__(self, role: str, href: str) -> None:
        self.role = role
        self.href = href

    @classmethod
    def from_dict(cls, data_dict: Mapping[str, Any]) -> dict[str, Link]:
        """The links of an answer, as its `_links` holds them, by role; what leads nowhere is none."""
        return {
            role: cls(role, info["href"])
            for role, info in data_dict.items()
            if isinstance(info, dict) and "href" in info
        }

    def __str__(self) -> str:
        return f"<Link: role: {self.role}, target: {self.href}>"


class Entity(UnicodeMixin):
    """Fields as attributes."""

    _schema: type[schemas.Schema] = schemas.EmptySchema

    def __init__(self, **kwargs: Any) -> None:
        for name in self._schema.fields:
            setattr(self, name, None)
        for name, value in kwargs.items():
            setattr(self, name, value)

    def to_dict(self) -> dict[str, Any]:
        """What is sent of this entity to a service."""
        return self._schema.dump(self)

    def to_json(self) -> str:
        """What is sent of this entity, as JSON."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, raw_dict: Mapping[str, Any]) -> Self:
        """The entity that a service sent."""
        return cls(**cls._schema.load(raw_dict))

    def check(self) -> None:
        """Raise CoprValidationException, with the field, where this entity cannot be sent."""
        self._schema.check(self)

    def __str__(self) -> str:
        return f"<{type(self).__name__}: {vars(self)}>"


class ProjectEntity(Entity):
    """A project."""

    _schema = schemas.ProjectSchema

    id: int
    owner: str
    name: str

    def __str__(self) -> str:
        return f"<Project #{self.id}: {self.owner}/{self.name}>"


class ProjectCreateEntity(ProjectEntity):
    """A project that is to be created: a ProjectEntity with `chroots`, a list of names."""

    _schema = schemas.ProjectCreateSchema

    def __str__(self) -> str:
        return f"<New project: {self.owner}/{self.name}>"


class ProjectChrootEntity(Entity):
    """A project's settings for one chroot."""

    _schema = schemas.ProjectChrootSchema

    name: str
    buildroot_pkgs: list[str]
    comps: str | None
    comps_name: str | None
    comps_len: int | None

    def __str__(self) -> str:
        return (
            f"<Project chroot: {self.name}, additional packages: {self.buildroot_pkgs}, "
            f"comps size if any: {self.comps_len}>"
        )


class BuildEntity(Entity):
    """A build."""

    _schema = schemas.BuildSchema

    id: int
    state: str

    def is_finished(self) -> bool:
        """Whether nothing more happens to the build: it succeeded, failed, was cancelled or skipped."""
        return self.state in _FINISHED

    def __str__(self) -> str:
        return f"<Build #{self.id} state: {self.state}>"


class BuildTaskEntity(Entity):
    """One chroot's part of a build."""

    _schema = schemas.BuildTaskSchema

    build_id: int
    chroot_name: str
    state: str

    def __str__(self) -> str:
        return f"<Build task #{self.build_id}-{self.chroot_name}, state: {self.state}>"


class MockChrootEntity(Entity):
    """A chroot that the service builds for."""

    _schema = schemas.MockChrootSchema

    name: str
    is_active: bool

    def __str__(self) -> str:
        return f"<Mock chroot: {self.name} is active: {self.is_active}>"
