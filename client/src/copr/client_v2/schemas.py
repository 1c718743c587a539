"""What entities of API v2 consist of: a table for each kind, and how it is read and written.

Rules: pure. What a service sends beyond the table is left out, what it leaves out is None. A class is a
table; nothing is registered, and no library of schemas is needed.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._errors import CoprValidationException
from .._typing import Any

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
    """The fields of one kind of entity: `fields` are read from answers, `sent` go into requests."""

    fields: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()

    @classmethod
    def load(cls, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of an entity as a service sent it."""
        return {name: raw.get(name) for name in cls.fields}

    @classmethod
    def dump(cls, entity: object) -> dict[str, Any]:
        """What is sent of an entity."""
        return {name: getattr(entity, name, None) for name in cls.sent}

    @classmethod
    def check(cls, entity: object) -> None:
        """Raise CoprValidationException, with the field and what is wrong, where an entity cannot be sent."""


class EmptySchema(Schema):
    """An entity without fields."""


class ProjectSchema(Schema):
    """A project. Source: the documentation's table "Project entity attributes"."""

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
        """Raise CoprValidationException where the homepage is no web address."""
        from urllib.parse import urlsplit

        homepage = getattr(entity, "homepage", None)
        if not homepage:
            return
        try:
            parts = urlsplit(str(homepage))
            is_address = parts.scheme in ("http", "https", "ftp", "ftps") and bool(parts.hostname)
        except ValueError:
            is_address = False
        if not is_address:
            raise CoprValidationException("{'homepage': ['Not a valid URL.']}")


class ProjectCreateSchema(ProjectSchema):
    """A project that is to be created."""

    fields = (*ProjectSchema.fields, "chroots")
    sent = fields


class ProjectChrootSchema(Schema):
    """A project's settings for one chroot. Source: the table "Project chroot entity attributes"."""

    fields = ("name", "buildroot_pkgs", "comps", "comps_name", "comps_len")
    sent = ("name", "buildroot_pkgs", "comps", "comps_name")


class BuildSchema(Schema):
    """A build. Source: the documentation's table "Build entity attributes"."""

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
    """One chroot's part of a build. Source: the table "Build task entity attributes"."""

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
    """A chroot of the service. Source: the table "Mock chroot entity attributes"."""

    fields = ("name", "os_release", "os_version", "arch", "is_active")
