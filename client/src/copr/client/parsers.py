"""Which additional fields a response has, and how they are made of its document.

Rules: a parser has `provided_fields`, and makes one of them of the document (`parse`). What the document
lacks is a MissingField.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._typing import Any
from .responses import (
    BuildWrapper,
    CoprChrootWrapper,
    MissingField,
    PackageWrapper,
    ProjectChrootWrapper,
    ProjectWrapper,
)

__all__ = [
    "BuildConfigParser",
    "CommonMsgErrorOutParser",
    "CoprChrootParser",
    "IParser",
    "NewBuildListParser",
    "PackageListParser",
    "PackageParser",
    "ProjectChrootsParser",
    "ProjectDetailsFieldsParser",
    "ProjectListParser",
    "fabric_simple_fields_parser",
]


class IParser:
    """What a parser is: the fields that it provides, and how it makes them."""

    provided_fields: frozenset[str] = frozenset()

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """Make a field of a document; `kwargs` says what was asked. Raises MissingField."""
        raise NotImplementedError


def fabric_simple_fields_parser(fields: Iterable[str], name: str | None = None) -> type[IParser]:
    """A parser of fields that are in the document as they are; `name`: of the class."""

    class FieldsParser(IParser):
        """Fields that are in the document as they are."""

        provided_fields = frozenset(fields)

        @staticmethod
        def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
            """The field's value. Raises MissingField."""
            return _part(data, field, f"field `{field}`")

    FieldsParser.__name__ = FieldsParser.__qualname__ = name or "FieldsParser"
    return FieldsParser


#: What most answers say.
CommonMsgErrorOutParser = fabric_simple_fields_parser(
    ("output", "message", "error"), "CommonMsgErrorOutParser"
)

#: What builds in a chroot are made with.
BuildConfigParser = fabric_simple_fields_parser(("build_config",), "BuildConfigParser")


class ProjectListParser(IParser):
    """`projects_list`: a ProjectWrapper for each project."""

    provided_fields = frozenset({"projects_list"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """The projects. `owner`: whose were asked for. Raises MissingField."""
        return [
            ProjectWrapper(
                client,
                item.get("username"),
                item.get("name") or item.get("coprname") or "",
                description=item.get("description"),
                yum_repos=item.get("yum_repos"),
                additional_repos=item.get("additional_repos"),
                owner=item.get("username") or _group(item) or kwargs.get("owner"),
            )
            for item in _documents(data, "repos", "data about projects")
        ]


class ProjectDetailsFieldsParser(IParser):
    """`name`, `description`, `instructions`, `last_modified` of a project."""

    provided_fields = frozenset({"name", "description", "instructions", "last_modified"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """The field's value, of a project's details or of what was changed. Raises MissingField."""
        if "detail" in data:
            return _part(_part(data, "detail", "`detail` section", dict), field, f"field `{field}`")
        return _part(data, field, "`detail` section")


class ProjectChrootsParser(IParser):
    """`chroots`: a ProjectChrootWrapper for each chroot that has a repository."""

    provided_fields = frozenset({"chroots"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """The chroots. Raises MissingField."""
        detail = _part(data, "detail", "data about chroots", dict)
        return [
            ProjectChrootWrapper(
                client, kwargs.get("username"), kwargs.get("projectname"), name, repo_url=url
            )
            for name, url in (detail.get("yum_repos") or {}).items()
        ]


class NewBuildListParser(IParser):
    """`builds_list`: a BuildWrapper for each build that was submitted."""

    provided_fields = frozenset({"builds_list"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """The builds. Raises MissingField."""
        return [
            BuildWrapper(client, kwargs.get("username"), kwargs.get("projectname"), number)
            for number in _part(data, "ids", "data about new builds", list)
        ]


class PackageListParser(IParser):
    """`packages_list`: a PackageWrapper for each package."""

    provided_fields = frozenset({"packages_list"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """The packages. Raises MissingField."""
        packages = _documents(data, "packages", "data about packages")
        return [
            PackageWrapper(client, kwargs.get("ownername"), kwargs.get("projectname"), **package)
            for package in packages
        ]


class PackageParser(IParser):
    """`package`: a PackageWrapper."""

    provided_fields = frozenset({"package"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """The package. Raises MissingField."""
        package = _part(data, "package", "data about a package", dict)
        return PackageWrapper(client, kwargs.get("ownername"), kwargs.get("projectname"), **package)


class CoprChrootParser(IParser):
    """`chroot`: a CoprChrootWrapper."""

    provided_fields = frozenset({"chroot"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """The chroot's settings. Raises MissingField."""
        chroot = _part(data, "chroot", "data about a chroot", dict)
        return CoprChrootWrapper(client, kwargs.get("ownername"), kwargs.get("projectname"), **chroot)


def _group(item: Mapping[str, Any]) -> str | None:
    """The group that a project in a user's list belongs to, as its repositories tell."""
    for address in (item.get("yum_repos") or {}).values():
        owner, *_ = str(address).rstrip("/").split("/")[-3:]
        return owner if owner.startswith("@") else None
    return None


def _part(data: Mapping[str, Any], key: str, what: str, kind: type = object) -> Any:
    """A part of a document. Raises MissingField where it is not there, or is of another kind."""
    if key not in data or not isinstance(data[key], kind):
        raise MissingField(f"Response missing {what}")
    return data[key]


def _documents(data: Mapping[str, Any], key: str, what: str) -> list[dict[str, Any]]:
    """A list of documents in a document. Raises MissingField where it is not there, or is of other things."""
    found: list[dict[str, Any]] = _part(data, key, what, list)
    if not all(isinstance(each, dict) for each in found):
        raise MissingField(f"Response missing {what}")
    return found
