"""The things of API v2 as values: projects, chroots, builds and build tasks, with their fields as attributes.

Rules: an entity has what a service sent, or what is to be sent. It has no connection. `schemas` lists the
fields.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from .._typing import Any, Self, evaluable
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

#: The states of a finished build.
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
    """A link to a resource.

    :param role: name of the link, such as "self" or "builds".
    :param href: path of the resource on the service.
    """

    def __init__(self, role: str, href: str) -> None:
        self.role = role
        self.href = href

    @classmethod
    def from_dict(cls, data_dict: Mapping[str, Any]) -> dict[str, Link]:
        """Return the links of a response.

        :param data_dict: the field `_links` of a document.
        :returns: the links by their names. Entries without `href` are left out.
        """
        return {
            role: cls(role, info["href"])
            for role, info in data_dict.items()
            if isinstance(info, dict) and "href" in info
        }

    def __str__(self) -> str:
        return f"<Link: role: {self.role}, target: {self.href}>"


class Entity(UnicodeMixin):
    """Fields as attributes.

    :param kwargs: the fields. Others of the schema are None.
    """

    _schema: type[schemas.Schema] = schemas.EmptySchema

    def __init__(self, **kwargs: Any) -> None:
        for name in self._schema.fields:
            setattr(self, name, None)
        for name, value in kwargs.items():
            setattr(self, name, value)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are sent to a service.

        :returns: a new dict.
        """
        return self._schema.dump(self)

    def to_json(self) -> str:
        """Return the fields that are sent to a service, as JSON.

        :returns: a JSON object.
        """
        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, raw_dict: Mapping[str, Any]) -> Self:
        """Return an entity that a service sent.

        :param raw_dict: the document.
        :returns: the entity.
        """
        return cls(**cls._schema.load(raw_dict))

    def check(self) -> None:
        """Check that this entity can be sent.

        :raises CoprValidationException: a field is invalid. The text names it.
        """
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
    """A project to create: a ProjectEntity with `chroots`, a list of names."""

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
        """Return whether the build has finished, successfully or not.

        :returns: True if its state is final.
        """
        return self.state in _FINISHED

    def __str__(self) -> str:
        return f"<Build #{self.id} state: {self.state}>"


class BuildTaskEntity(Entity):
    """The part of a build that is for one chroot."""

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


evaluable(__name__)
