"""Calls on projects: look, create, change, delete. Who may do what is in `permissions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..._calls import listing, needing, path, record
from ..._errors import CoprValidationException
from ..._submission import Submission
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, Plan
from . import _search, mock_chroot

if TYPE_CHECKING:
    from ..._list import List
    from ...results import Project


def get(ownername: str, projectname: str) -> Call[Project]:
    """Ask for a project.

    `ownername`: a user, or a group as "@name".

    Returns the project's record.

    Raises CoprNoResultException where there is no such project, CoprConnectionException or
    CoprTimeoutException where there is no answer. Source: GET /project
    """
    query = {"ownername": ownername, "projectname": projectname}
    return Call("GET", "/project", query=query, decode=record)


def get_list(
    ownername: str | None = None, pagination: Mapping[str, Any] | None = None
) -> Call[List[Project]]:
    """Ask for an owner's projects, or everybody's.

    `ownername`: a user, or a group as "@name"; default: all owners. `pagination`: `limit`, `offset`, `order`,
    `order_type` ("ASC" or "DESC").

    Returns a list of projects, empty for an unknown owner; its `meta` has `limit`, `offset`, `order`,
    `order_type`.

    Raises CoprRequestException where the service refuses, CoprConnectionException or CoprTimeoutException
    where there is no answer. Source: GET /project/list
    """
    return Call("GET", "/project/list", query={"ownername": ownername, **(pagination or {})}, decode=listing)


def add(
    ownername: str,
    projectname: str,
    chroots: Sequence[str],
    description: str | None = None,
    instructions: str | None = None,
    homepage: str | None = None,
    contact: str | None = None,
    additional_repos: Sequence[str] | None = None,
    unlisted_on_hp: bool = False,
    enable_net: bool = False,
    persistent: bool = False,
    auto_prune: bool = True,
    use_bootstrap_container: bool | None = None,
    devel_mode: bool = False,
    delete_after_days: int | None = None,
    multilib: bool = False,
    module_hotfixes: bool = False,
    bootstrap: str | None = None,
    bootstrap_image: str | None = None,
    isolation: str | None = None,
    follow_fedora_branching: bool = True,
    fedora_review: bool | None = None,
    appstream: bool = False,
    runtime_dependencies: str | Sequence[str] | None = None,
    packit_forge_projects_allowed: Sequence[str] | None = None,
    repo_priority: int | None = None,
    exist_ok: bool = False,
    storage: str | None = None,
) -> Call[Project]:
    """Create a project.

    `ownername`: a user, or a group as "@name"; `chroots`: names, as mock_chroot_proxy.get_list() gives them;
    `additional_repos`, `runtime_dependencies`: addresses, "copr://owner/project" among them;
    `delete_after_days`: days; `repo_priority`: 1 (first) to 99; `use_bootstrap_container`: an older name for
    `bootstrap` "on" and "off"; `exist_ok`: answer an existing project as it is. The other parameters are the
    project's settings of the same name.

    Returns the project's record.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    owner, CoprRequestException where the service refuses a value (one line each), CoprConnectionException or
    CoprTimeoutException where there is no answer. Source: POST /project/add/OWNER
    """
    document = {
        "name": projectname,
        "chroots": chroots,
        "description": description,
        "instructions": instructions,
        "homepage": homepage,
        "contact": contact,
        "additional_repos": additional_repos,
        "unlisted_on_hp": unlisted_on_hp,
        "enable_net": enable_net,
        "persistent": persistent,
        "auto_prune": auto_prune,
        "bootstrap": _bootstrap(bootstrap, use_bootstrap_container),
        "bootstrap_image": bootstrap_image,
        "isolation": isolation,
        "follow_fedora_branching": follow_fedora_branching,
        "devel_mode": devel_mode,
        "delete_after_days": delete_after_days,
        "multilib": multilib,
        "module_hotfixes": module_hotfixes,
        "fedora_review": fedora_review,
        "appstream": appstream,
        "runtime_dependencies": runtime_dependencies,
        "packit_forge_projects_allowed": packit_forge_projects_allowed,
        "repo_priority": repo_priority,
        "storage": storage,
    }
    return Submission(
        "POST",
        path("project", "add", ownername),
        query={"exist_ok": True} if exist_ok else None,
        json=document,
        decode=record,
        search=_search.named(get(ownername, projectname), lambda found: _is_as_asked(found, document)),
    )


def edit(
    ownername: str,
    projectname: str,
    chroots: Sequence[str] | None = None,
    description: str | None = None,
    instructions: str | None = None,
    homepage: str | None = None,
    contact: str | None = None,
    additional_repos: Sequence[str] | None = None,
    unlisted_on_hp: bool | None = None,
    enable_net: bool | None = None,
    auto_prune: bool | None = None,
    use_bootstrap_container: bool | None = None,
    devel_mode: bool | None = None,
    delete_after_days: int | None = None,
    multilib: bool | None = None,
    module_hotfixes: bool | None = None,
    bootstrap: str | None = None,
    bootstrap_image: str | None = None,
    isolation: str | None = None,
    follow_fedora_branching: bool | None = None,
    fedora_review: bool | None = None,
    appstream: bool | None = None,
    runtime_dependencies: str | Sequence[str] | None = None,
    packit_forge_projects_allowed: Sequence[str] | None = None,
    repo_priority: int | None = None,
) -> Call[Project]:
    """Change a project's settings; what is None stays as it is.

    The parameters are those of `add`. `chroots` names all chroots that the project is to have.

    Returns the project's record.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project, CoprRequestException where the service refuses a value (one line each), CoprConnectionException
    or CoprTimeoutException where there is no answer. Source: PUT /project/edit/OWNER/PROJECT
    """
    document = {
        "chroots": chroots,
        "description": description,
        "instructions": instructions,
        "homepage": homepage,
        "contact": contact,
        "repos": additional_repos,
        "unlisted_on_hp": unlisted_on_hp,
        "enable_net": enable_net,
        "auto_prune": auto_prune,
        "bootstrap": _bootstrap(bootstrap, use_bootstrap_container),
        "isolation": isolation,
        "follow_fedora_branching": follow_fedora_branching,
        "bootstrap_image": bootstrap_image,
        "devel_mode": devel_mode,
        "delete_after_days": delete_after_days,
        "multilib": multilib,
        "module_hotfixes": module_hotfixes,
        "fedora_review": fedora_review,
        "appstream": appstream,
        "runtime_dependencies": runtime_dependencies,
        "packit_forge_projects_allowed": packit_forge_projects_allowed,
        "repo_priority": repo_priority,
    }
    return Call(
        "PUT",
        path("project", "edit", ownername, projectname),
        json=document,
        login=True,
        repeatable=True,
        decode=record,
    )


def edit_chroots(
    ownername: str, projectname: str, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Plan[Project]:
    """Add chroots to a project and remove others, without naming those that stay.

    `ownername`: a user, or a group as "@name"; `add`, `remove`: names, or patterns such as "fedora-*-x86_64".
    The project is read first and written afterwards: who changes its chroots at the same moment may be
    overruled.

    Returns the project's record.

    Raises CoprValidationException where nothing matches a pattern, and what `get` and `edit` raise. Source:
    GET /project, GET /mock-chroots/list, PUT /project/edit/OWNER/PROJECT
    """
    from fnmatch import fnmatchcase

    project: Project = yield from needing(get(ownername, projectname), "chroot_repos")
    has = list(project.chroot_repos)
    for pattern in remove:
        if not any(fnmatchcase(name, pattern) for name in has):
            raise CoprValidationException(
                f"{ownername}/{projectname} has no chroot {pattern!r}. It has: {', '.join(has)}."
            )
    wanted = [name for name in has if not any(fnmatchcase(name, pattern) for pattern in remove)]
    new = (yield from mock_chroot.matching(*add)) if add else []
    return (yield from edit(ownername, projectname, list(dict.fromkeys([*wanted, *new]))))


def delete(ownername: str, projectname: str) -> Call[Project]:
    """Delete a project with its builds and repositories.

    `ownername`: a user, or a group as "@name".

    Returns the record of the project as it was.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project, CoprRequestException where builds are running, CoprConnectionException or CoprTimeoutException
    where there is no answer. Source: DELETE /project/delete/OWNER/PROJECT
    """
    return Call(
        "DELETE",
        path("project", "delete", ownername, projectname),
        json={"verify": True},
        login=True,
        decode=record,
    )


def fork(
    ownername: str, projectname: str, dstownername: str, dstprojectname: str, confirm: bool = False
) -> Call[Project]:
    """Copy a project, with the newest successful build of each package, to a new one.

    `ownername`, `projectname`: the one to copy; `dstownername`, `dstprojectname`: the new one; `confirm`:
    copy into a project that is there already.

    Returns the new project's record; its builds are copied soon after.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project, CoprRequestException where the new name is taken and `confirm` is false, CoprConnectionException
    or CoprTimeoutException where the service is not reached, CoprSubmissionUnknown where the answer was lost
    and there is no such new project. Source: POST /project/fork/OWNER/PROJECT
    """
    return Submission(
        "POST",
        path("project", "fork", ownername, projectname),
        json={"name": dstprojectname, "ownername": dstownername, "confirm": confirm},
        decode=record,
        search=_search.named(get(dstownername, dstprojectname), lambda found: not confirm),
    )


def regenerate_repos(ownername: str, projectname: str) -> Call[Project]:
    """Have the metadata of a project's repositories made anew.

    `ownername`: a user, or a group as "@name".

    Returns the project's record.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project, CoprConnectionException or CoprTimeoutException where there is no answer. Source: PUT
    /project/regenerate-repos/OWNER/PROJECT
    """
    return Call(
        "PUT",
        path("project", "regenerate-repos", ownername, projectname),
        login=True,
        repeatable=True,
        decode=record,
    )


def search(query: str, pagination: Mapping[str, Any] | None = None) -> Call[List[Project]]:
    """Search for projects.

    `query`: words, at least three letters; "owner/project" searches in both. `pagination`: `limit`, `offset`,
    `order`, `order_type` ("ASC" or "DESC").

    Returns a list of projects; its `meta` has `limit`, `offset`, `order`, `order_type`.

    Raises CoprRequestException where the service refuses the query, CoprConnectionException or
    CoprTimeoutException where there is no answer. Source: GET /project/search
    """
    return Call("GET", "/project/search", query={"query": query, **(pagination or {})}, decode=listing)


def _bootstrap(bootstrap: str | None, use_bootstrap_container: bool | None) -> str | None:
    if use_bootstrap_container is None:
        return bootstrap
    return "on" if use_bootstrap_container else "off"


def _is_as_asked(project: Any, document: Mapping[str, Any]) -> bool:
    """Whether a project is the one that was to be created, as far as its record shows."""
    return set(project.chroot_repos) == set(document["chroots"]) and _search.says(project, document)
