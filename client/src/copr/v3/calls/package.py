"""Calls on packages: where a project's builds come from."""

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
    with_latest_build: bool = False,
    with_latest_succeeded_build: bool = False,
) -> Call[Package]:
    """Ask for a package.

    `ownername`: a user, or a group as "@name"; `with_latest_build`, `with_latest_succeeded_build`: put these
    builds into the record's `builds`.

    Returns the package's record.

    Raises CoprNoResultException where there is no such package, CoprConnectionException or
    CoprTimeoutException where there is no answer. Source: GET /package
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
    with_latest_build: bool = False,
    with_latest_succeeded_build: bool = False,
) -> Call[List[Package]]:
    """Ask for a project's packages.

    `pagination`: `limit`, `offset`, `order`, `order_type` ("ASC" or "DESC"); the other parameters are those
    of `get`.

    Returns a list of packages; its `meta` has `limit`, `offset`, `order`, `order_type`.

    Raises CoprNoResultException where there is no such project, CoprRequestException where the service
    refuses, CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET
    /package/list
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
    """Create a package.

    `ownername`: a user, or a group as "@name"; `source_type`: "scm", "pypi", "rubygems", "custom" or
    "distgit"; `source_dict` (or `source`, the documentation's spelling): the parameters of that type, and
    `max_builds`, `timeout` (seconds), `webhook_rebuild`, `chroot_denylist`.

    Returns the package's record.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project, CoprRequestException where there is such a package already or the service refuses a parameter,
    CoprConnectionException or CoprTimeoutException where the service is not reached, CoprSubmissionUnknown
    where the answer was lost and the package is not there as asked for. Source: POST
    /package/add/OWNER/PROJECT/PACKAGE/TYPE
    """
    parameters = _parameters(source_dict, source)

    def matches(found: Any) -> bool:
        return found.source_type == source_type and _search.says(found.source_dict, parameters)

    return Submission(
        "POST",
        path("package", "add", ownername, projectname, packagename, source_type),
        json={"package_name": packagename, **parameters},
        decode=record,
        search=_search.named(get(ownername, projectname, packagename), matches),
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
    """Change where a package's builds come from.

    The parameters are those of `add`; without `source_type`, parameters of the package's type are changed.

    Returns the package's record.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    package, CoprRequestException where the service refuses a parameter, CoprConnectionException or
    CoprTimeoutException where there is no answer. Source: POST /package/edit/OWNER/PROJECT/PACKAGE/TYPE
    """
    return Call(
        "POST",
        path("package", "edit", ownername, projectname, packagename, *([source_type] if source_type else [])),
        json={"package_name": packagename, **_parameters(source_dict, source)},
        login=True,
        repeatable=True,
        decode=record,
    )


def reset(ownername: str, projectname: str, packagename: str) -> Call[Package]:
    """Forget where a package's builds come from.

    `ownername`: a user, or a group as "@name".

    Returns the package's record, its `source_type` "unset".

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    package, CoprConnectionException or CoprTimeoutException where there is no answer. Source: PUT
    /package/reset
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
    """Submit a build of a package, from where its builds come from.

    `ownername`: a user, or a group as "@name"; `buildopts`, `project_dirname`: see
    build_proxy.create_from_file.

    Returns the new build.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    package, CoprRequestException where it has no source or the service refuses an option,
    CoprConnectionException or CoprTimeoutException where the service is not reached, CoprSubmissionUnknown
    where the answer was lost and the build could not be told from others. Source: POST /package/build
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
        search=_search.builds_of_package(document, get(ownername, projectname, packagename)),
    )


def delete(ownername: str, projectname: str, packagename: str) -> Call[Package]:
    """Delete a package with its builds.

    `ownername`: a user, or a group as "@name".

    Returns the record of the package as it was.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    package, CoprRequestException where builds are running, CoprConnectionException or CoprTimeoutException
    where there is no answer (it may have been deleted all the same). Source: DELETE /package/delete
    """
    document = _named(ownername, projectname, package_name=packagename)
    return Call("DELETE", "/package/delete", json=document, login=True, decode=record)


def _named(ownername: str, projectname: str, **package: str) -> dict[str, str]:
    return {"ownername": ownername, "projectname": projectname, **package}


def _builds(latest: bool, latest_succeeded: bool) -> dict[str, bool | None]:
    """The switches for builds in a query, where the service takes any text, "False" too, for true."""
    return {
        "with_latest_build": True if latest else None,
        "with_latest_succeeded_build": True if latest_succeeded else None,
    }


def _parameters(source_dict: Mapping[str, Any] | None, source: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if source_dict is not None and source is not None:
        raise CoprValidationException(
            "source and source_dict are two names of one parameter; give one of them."
        )
    return source_dict or source or {}
