"""The fields of the entities of API v2: one table for each kind, and how entities are read and written.

Rules: pure. Fields that a service sends but the table does not have are left out; fields that it does not
send are None. A class is a table; nothing is registered, and no schema library is needed.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._errors import CoprValidationException
from .._typing import Any, evaluable

__all__ = [
    "BuildSchema",
    "BuildTaskSchema",
    "EmptySchema",
    "MockChrootSchema",
    "ProjectChrootSchema",
    "ProjectCreateSchema",
    "ProjectSchema",
    "Schema",
]


class Schema:
    """The fields of one kind of entity: `fields` are read from responses, `sent` are written to requests."""

    fields: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()

    @classmethod
    def load(cls, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of an entity.

        :param raw: the document that the service sent.
        :returns: the fields.
        """
        return {name: raw.get(name) for name in cls.fields}

    @classmethod
    def dump(cls, entity: object) -> dict[str, Any]:
        """Return the fields to send.

        :param entity: the entity.
        :returns: the fields.
        """
        return {name: getattr(entity, name, None) for name in cls.sent}

    @classmethod
    def check(cls, entity: object) -> None:
        """Check that an entity can be sent.

        :param entity: the entity.
        :raises CoprValidationException: a field is invalid. The text names it.
        """


class EmptySchema(Schema):
    """An entity without fields."""


class ProjectSchema(Schema):
    """A project.

    Source: the table "Project entity attributes" of the documentation.
    """

    fields: tuple[str, ...] = (
        "id",
        "owner",
        "group",
        "name",
        "description",
        "instructions",
        "homepage",
        "contact",
        "disable_createrepo",
        "build_enable_net",
        "repos",
        "last_modified",
    )
    sent = fields

    @classmethod
    def check(cls, entity: object) -> None:
        """Check that the homepage is a URL.

        :param entity: the project.
        :raises CoprValidationException: the homepage is not a URL.
        """
        from urllib.parse import urlsplit

        homepage = getattr(entity, "homepage", None)
        if not homepage:
            return
        try:
            parts = urlsplit(str(homepage))
            is_url = parts.scheme in ("http", "https", "ftp", "ftps") and bool(parts.hostname)
        except ValueError:
            is_url = False
        if not is_url:
            raise CoprValidationException("{'homepage': ['Not a valid URL.']}")


class ProjectCreateSchema(ProjectSchema):
    """A project to create."""

    fields = (*ProjectSchema.fields, "chroots")
    sent = fields


class ProjectChrootSchema(Schema):
    """A project's settings for one chroot.

    Source: the table "Project chroot entity attributes" of the documentation.
    """

    fields = ("name", "buildroot_pkgs", "comps", "comps_name", "comps_len")
    sent = ("name", "buildroot_pkgs", "comps", "comps_name")


class BuildSchema(Schema):
    """A build.

    Source: the table "Build entity attributes" of the documentation.
    """

    fields = (
        "id",
        "state",
        "submitted_on",
        "started_on",
        "ended_on",
        "source_type",
        "source_metadata",
        "package_version",
        "package_name",
        "enable_net",
        "repos",
        "built_packages",
        "submitter",
    )
    sent = ("state",)


class BuildTaskSchema(Schema):
    """The part of a build that is for one chroot.

    Source: the table "Build task entity attributes" of the documentation.
    """

    fields = (
        "chroot_name",
        "build_id",
        "state",
        "started_on",
        "ended_on",
        "git_hash",
        "result_dir_url",
    )


class MockChrootSchema(Schema):
    """A chroot of the service.

    Source: the table "Mock chroot entity attributes" of the documentation.
    """

    fields = ("name", "os_release", "os_version", "arch", "is_active")


evaluable(__name__)
