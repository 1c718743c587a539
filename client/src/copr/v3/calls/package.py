"""Calls on packages: the sources that a project's builds are made from."""

from __future__ import annotations

from collections.abc import Mapping

from ..._calls import listing, path, record
from ..._errors import CoprValidationException
from ..._submission import Submission
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call
from . import _search

if TYPE_CHECKING:
    from ..._list import List
    from ...results import Build, Package


def get(
    ownername: str,
    projectname: str,
    packagename: str,
    with_latest_build: bool | None = False,
    with_latest_succeeded_build: bool | None = False,
) -> Call[Package]:
    """Return one package.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param packagename: name of the package.
    :param with_latest_build: add the newest build as `builds.latest`. Pass None to leave it
        out: services read False as True.
    :param with_latest_succeeded_build: add the newest successful build as `builds.latest_succeeded`. None
        leaves it out.
    :returns: the package's record.
    :raises CoprNoResultException: the project or the package does not exist.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /package``
    """
    query = {
        **_named(ownername, projectname, packagename=packagename),
        **_builds(with_latest_build, with_latest_succeeded_build),
    }
    return Call("GET", "/package", query=query, decode=record)


def get_list(
    ownername: str,
    projectname: str,
    pagination: Mapping[str, Any] | None = None,
    with_latest_build: bool | None = False,
    with_latest_succeeded_build: bool | None = False,
) -> Call[List[Package]]:
    """Return a project's packages.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param pagination: a dict with `limit` (packages on a page), `offset` (packages before the page), `order`
        (a field's name) and `order_type` ("ASC" or "DESC"). Default: all packages.
    :param with_latest_build: add the newest build of each package as `builds.latest`. Pass None to
        leave it out: services read False as True.
    :param with_latest_succeeded_build: add the newest successful build of each package as
        `builds.latest_succeeded`. None leaves it out.
    :returns: a list of packages' records; its `meta` has `limit`, `offset`, `order` and `order_type`.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a value, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /package/list``
    """
    query = {
        **_named(ownername, projectname),
        **_builds(with_latest_build, with_latest_succeeded_build),
        **(pagination or {}),
    }
    return Call("GET", "/package/list", query=query, decode=listing)


def add(
    ownername: str,
    projectname: str,
    packagename: str,
    source_type: str,
    source_dict: Mapping[str, Any] | None = None,
    *,
    source: Mapping[str, Any] | None = None,
) -> Call[Package]:
    """Add a package to a project, with the source that its builds are made from.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param packagename: name of the new package.
    :param source_type: "scm", "pypi", "rubygems", "custom" or "distgit".
    :param source_dict: the parameters of this source type. For every type also `max_builds` (number of builds
        to keep), `timeout` (seconds), `webhook_rebuild` (bool) and `chroot_denylist` (patterns, separated by
        commas).
    :param source: another name of `source_dict`.
    :returns: the package's record.
    :raises CoprValidationException: both `source_dict` and `source` are given; or a name is empty, "." or
        "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the package already exists, or the service refuses a parameter.
    :raises CoprSubmissionUnknown: the response was lost, and a search did not find the package.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /package/add/{ownername}/{projectname}/{packagename}/{source_type}``
    """
    parameters = _parameters(source_dict, source)

    def matches(found: Any) -> bool:
        return found.source_type == source_type and _search.says(found.source_dict, parameters)

    return Submission(
        "POST",
        path("package", "add", ownername, projectname, packagename, source_type),
        query=_repeated(ownername, projectname, packagename, source_type),
        json={"package_name": packagename, **parameters},
        decode=record,
        search=_search.named(get(ownername, projectname, packagename, None, None), matches),
    )


def edit(
    ownername: str,
    projectname: str,
    packagename: str,
    source_type: str | None = None,
    source_dict: Mapping[str, Any] | None = None,
    *,
    source: Mapping[str, Any] | None = None,
) -> Call[Package]:
    """Change the source or the settings of a package.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param packagename: name of the package.
    :param source_type: "scm", "pypi", "rubygems", "custom" or "distgit". Default: the type that the package
        has.
    :param source_dict: the parameters to change, as for `add`.
    :param source: another name of `source_dict`.
    :returns: the package's record.
    :raises CoprValidationException: both `source_dict` and `source` are given; or a name is empty, "." or
        "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project or the package does not exist.
    :raises CoprRequestException: the service refuses a parameter.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``POST /package/edit/{ownername}/{projectname}/{packagename}/{source_type}``
    """
    return Call(
        "POST",
        path("package", "edit", ownername, projectname, packagename, *([source_type] if source_type else [])),
        query=_repeated(ownername, projectname, packagename, source_type),
        json={"package_name": packagename, **_parameters(source_dict, source)},
        login=True,
        repeatable=True,
        decode=record,
    )


def reset(ownername: str, projectname: str, packagename: str) -> Call[Package]:
    """Remove the source of a package.

    The package and its builds remain.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param packagename: name of the package.
    :returns: the package's record; its `source_type` is "unset".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project or the package does not exist.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``PUT /package/reset``
    """
    document = _named(ownername, projectname, package_name=packagename)
    return Call("PUT", "/package/reset", json=document, login=True, repeatable=True, decode=record)


def build(
    ownername: str,
    projectname: str,
    packagename: str,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of a package from its source.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param packagename: name of the package.
    :param buildopts: build options, as for `build_proxy.create_from_file`.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: the new build's record.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project or the package does not exist.
    :raises CoprRequestException: the package has no source, or the service refuses an option.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /package/build``
    """
    options = dict(buildopts or {})
    options.pop("progress_callback", None)
    document = {
        **_named(ownername, projectname, package_name=packagename),
        "project_dirname": project_dirname,
        **options,
    }
    return Submission(
        "POST",
        "/package/build",
        json=document,
        decode=record,
        search=_search.builds_of_package(document, get(ownername, projectname, packagename, None, None)),
    )


def delete(ownername: str, projectname: str, packagename: str) -> Call[Package]:
    """Delete a package and its builds.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param packagename: name of the package.
    :returns: the package's record, as it was before.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project or the package does not exist.
    :raises CoprRequestException: a build of the package has not finished, or the service reports another
        error.
    :raises CoprConnectionException: the service cannot be reached, or its response was lost. If the response
        was lost, the package may have been deleted.
    :raises CoprTimeoutException: the service does not respond in time. The package may have been deleted.
    :source: ``DELETE /package/delete``
    """
    document = _named(ownername, projectname, package_name=packagename)
    # Not repeatable: a second DELETE would report that the package does not exist.
    return Call("DELETE", "/package/delete", json=document, login=True, decode=record)


def _named(ownername: str, projectname: str, **package: Any) -> dict[str, Any]:
    """Return the fields that name a project, or a package of it."""
    return {"ownername": ownername, "projectname": projectname, **package}


def _builds(latest: bool | None, latest_succeeded: bool | None) -> dict[str, bool | None]:
    """Return the query arguments that add builds to a package. The service reads any text as true."""
    return {"with_latest_build": latest, "with_latest_succeeded_build": latest_succeeded}


def _repeated(ownername: str, projectname: str, packagename: str, source_type: str | None) -> dict[str, Any]:
    """Return the names of a path once more, for the query, as the released client sends them."""
    return _named(ownername, projectname, package_name=packagename, source_type_text=source_type)


def _parameters(source_dict: Mapping[str, Any] | None, source: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return whichever of the two is given. Raise CoprValidationException if both are."""
    if source_dict is not None and source is not None:
        raise CoprValidationException(
            "source and source_dict are two names of one parameter. Pass only one of them."
        )
    return source_dict or source or {}
