"""Parsers: each reads additional fields of a response from its document.

Rules: `provided_fields` has the names of a parser's fields, and `parse` reads one of them. It raises
MissingField if the document does not have the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._typing import Any, evaluable
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
    """The interface of a parser: `provided_fields` has its fields, and `parse` reads one of them."""

    provided_fields: frozenset[str] = frozenset()

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """Return one of the fields.

        :param data: the service's document.
        :param field: name of the field.
        :param client: the client that the result is for.
        :param kwargs: parameters of the call, such as `projectname`.
        :returns: the value of the field.
        :raises MissingField: the document does not have the field.
        """
        raise NotImplementedError


def fabric_simple_fields_parser(fields: Iterable[str], name: str | None = None) -> type[IParser]:
    """Return a parser for fields that the document has under the same names.

    :param fields: names of the fields.
    :param name: name of the parser's class.
    :returns: the class.
    """

    class FieldsParser(IParser):
        """Fields that the document has under the same names."""

        provided_fields = frozenset(fields)

        @staticmethod
        def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
            """Return the value of a field.

            Raise MissingField if the document does not have it.
            """
            return _part(data, field, f"field `{field}`")

    FieldsParser.__name__ = FieldsParser.__qualname__ = name or "FieldsParser"
    return FieldsParser


#: Fields that most responses have.
CommonMsgErrorOutParser = fabric_simple_fields_parser(
    ("output", "message", "error"), "CommonMsgErrorOutParser"
)

#: What a builder needs to build in one chroot of a project.
BuildConfigParser = fabric_simple_fields_parser(("build_config",), "BuildConfigParser")


class ProjectListParser(IParser):
    """The field `projects_list`: a ProjectWrapper for each project."""

    provided_fields = frozenset({"projects_list"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """Return the projects of a list.

        :param data: the service's document.
        :param field: name of the field.
        :param client: the client that the result is for.
        :param kwargs: parameters of the call, here `owner`.
        :returns: ProjectWrappers.
        :raises MissingField: the document does not have the field.
        """
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
    """The fields `name`, `description`, `instructions` and `last_modified` of a project."""

    provided_fields = frozenset({"name", "description", "instructions", "last_modified"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """Return a field of a project, from its details or from a response to a change.

        :param data: the service's document.
        :param field: name of the field.
        :param client: the client that the result is for.
        :param kwargs: parameters of the call, such as `projectname`.
        :returns: the value of the field.
        :raises MissingField: the document does not have the field.
        """
        if "detail" in data:
            return _part(_part(data, "detail", "`detail` section", dict), field, f"field `{field}`")
        return _part(data, field, "`detail` section")


class ProjectChrootsParser(IParser):
    """The field `chroots`: a ProjectChrootWrapper for each chroot that has a repository."""

    provided_fields = frozenset({"chroots"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """Return the chroots of a project.

        :param data: the service's document.
        :param field: name of the field.
        :param client: the client that the result is for.
        :param kwargs: parameters of the call, such as `projectname`.
        :returns: ProjectChrootWrappers.
        :raises MissingField: the document does not have the field.
        """
        detail = _part(data, "detail", "data about chroots", dict)
        return [
            ProjectChrootWrapper(
                client, kwargs.get("username"), kwargs.get("projectname"), name, repo_url=url
            )
            for name, url in (detail.get("yum_repos") or {}).items()
        ]


class NewBuildListParser(IParser):
    """The field `builds_list`: a BuildWrapper for each submitted build."""

    provided_fields = frozenset({"builds_list"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """Return the submitted builds.

        :param data: the service's document.
        :param field: name of the field.
        :param client: the client that the result is for.
        :param kwargs: parameters of the call, such as `projectname`.
        :returns: BuildWrappers.
        :raises MissingField: the document does not have the field.
        """
        return [
            BuildWrapper(client, kwargs.get("username"), kwargs.get("projectname"), build_id)
            for build_id in _part(data, "ids", "data about new builds", list)
        ]


class PackageListParser(IParser):
    """The field `packages_list`: a PackageWrapper for each package."""

    provided_fields = frozenset({"packages_list"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """Return the packages of a list.

        :param data: the service's document.
        :param field: name of the field.
        :param client: the client that the result is for.
        :param kwargs: parameters of the call, such as `projectname`.
        :returns: PackageWrappers.
        :raises MissingField: the document does not have the field.
        """
        packages = _documents(data, "packages", "data about packages")
        return [
            PackageWrapper(client, kwargs.get("ownername"), kwargs.get("projectname"), **package)
            for package in packages
        ]


class PackageParser(IParser):
    """The field `package`: a PackageWrapper."""

    provided_fields = frozenset({"package"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """Return the package.

        :param data: the service's document.
        :param field: name of the field.
        :param client: the client that the result is for.
        :param kwargs: parameters of the call, such as `projectname`.
        :returns: a PackageWrapper.
        :raises MissingField: the document does not have the field.
        """
        package = _part(data, "package", "data about a package", dict)
        return PackageWrapper(client, kwargs.get("ownername"), kwargs.get("projectname"), **package)


class CoprChrootParser(IParser):
    """The field `chroot`: a CoprChrootWrapper."""

    provided_fields = frozenset({"chroot"})

    @staticmethod
    def parse(data: Mapping[str, Any], field: str, client: Any = None, **kwargs: Any) -> Any:
        """Return the settings of a chroot.

        :param data: the service's document.
        :param field: name of the field.
        :param client: the client that the result is for.
        :param kwargs: parameters of the call, such as `projectname`.
        :returns: a CoprChrootWrapper.
        :raises MissingField: the document does not have the field.
        """
        chroot = _part(data, "chroot", "data about a chroot", dict)
        return CoprChrootWrapper(client, kwargs.get("ownername"), kwargs.get("projectname"), **chroot)


def _group(item: Mapping[str, Any]) -> str | None:
    """Return the group of a project in a user's list, as the URLs of its repositories have it, or None."""
    for url in (item.get("yum_repos") or {}).values():
        owner, *_ = str(url).rstrip("/").split("/")[-3:]
        return owner if owner.startswith("@") else None
    return None


def _part(data: Mapping[str, Any], key: str, what: str, kind: type = object) -> Any:
    """Return a part of a document. Raise MissingField if it does not exist or is of another type."""
    if key not in data or not isinstance(data[key], kind):
        raise MissingField(f"Response missing {what}")
    return data[key]


def _documents(data: Mapping[str, Any], key: str, what: str) -> list[dict[str, Any]]:
    """Return a list of objects in a document. Raise MissingField if it does not exist or has other items."""
    found: list[dict[str, Any]] = _part(data, key, what, list)
    if not all(isinstance(each, dict) for each in found):
        raise MissingField(f"Response missing {what}")
    return found


evaluable(__name__)
