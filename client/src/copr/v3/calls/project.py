"""Calls on projects: read, search, create, edit and delete them. `permissions` has those on permissions."""

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
    """Return one project.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :returns: the project's record.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /project``
    """
    return Call("GET", "/project", query=_named(ownername, projectname), decode=record)


def get_list(
    ownername: str | None = None, pagination: Mapping[str, Any] | None = None
) -> Call[List[Project]]:
    """Return the projects of an owner, or of all owners.

    :param ownername: name of a user, or of a group as "@name". Default: all owners.
    :param pagination: a dict with `limit` (projects on a page), `offset` (projects before the page), `order`
        (a field's name) and `order_type` ("ASC" or "DESC"). Default: all projects.
    :returns: a list of projects' records, empty if the owner does not exist. Its `meta` has `limit`,
        `offset`, `order` and `order_type`.
    :raises CoprRequestException: the service refuses a value, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /project/list``
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

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the new project.
    :param chroots: names of chroots to build in, as `mock_chroot_proxy.get_list` returns them.
    :param description: text for the project's page (Markdown).
    :param instructions: how to use the project's packages (Markdown).
    :param homepage: URL of the project's website.
    :param contact: email address or URL of the people who maintain the project.
    :param additional_repos: URLs of repositories that builds may install from. "copr://owner/project" names
        another project of the service.
    :param unlisted_on_hp: leave the project out of the service's home page.
    :param enable_net: let builds use the network.
    :param persistent: never delete the project and its builds. Only admins of the service may set this.
    :param auto_prune: delete the results of old builds of a package when newer ones exist.
    :param use_bootstrap_container: older form of `bootstrap`: True is "on", False is "off".
    :param devel_mode: do not publish results until `regenerate_repos` is called.
    :param delete_after_days: delete the project after this number of days. Default: never.
    :param multilib: let the .repo files for 64-bit systems offer the 32-bit packages too.
    :param module_hotfixes: let dnf prefer the project's packages over those of modules.
    :param bootstrap: how mock makes its bootstrap chroot: "default", "on", "off" or "image".
    :param bootstrap_image: container image for the bootstrap chroot.
    :param isolation: how mock isolates a build: "default", "simple" or "nspawn".
    :param follow_fedora_branching: add the chroots of a new Fedora release when it branches from Rawhide.
    :param fedora_review: run fedora-review on each build.
    :param appstream: write AppStream metadata into the repositories.
    :param runtime_dependencies: URLs of repositories that users of the packages need, as for
        `additional_repos`.
    :param packit_forge_projects_allowed: projects of forges that may build here through Packit, such as
        "github.com/owner/project".
    :param repo_priority: priority of the repositories in dnf, from 1 (first) to 99 (last).
    :param exist_ok: if the project exists, return it as it is instead of an error.
    :param storage: where the service stores the results: "backend" or "pulp". Only admins of the service
        may set this. Default: the service's choice.
    :returns: the project's record.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the owner does not exist.
    :raises CoprRequestException: the project exists, or the service refuses a value (one line for each).
    :raises CoprSubmissionUnknown: the response was lost, and a search did not find the project.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /project/add/{ownername}``
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
        query={"ownername": ownername, "exist_ok": exist_ok},
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
    """Change a project's settings.

    Parameters that are None leave a setting as it is.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param chroots: names of all chroots to build in. The project loses chroots that are not listed.
    :param description: text for the project's page (Markdown).
    :param instructions: how to use the project's packages (Markdown).
    :param homepage: URL of the project's website.
    :param contact: email address or URL of the people who maintain the project.
    :param additional_repos: URLs of repositories that builds may install from. "copr://owner/project" names
        another project of the service.
    :param unlisted_on_hp: leave the project out of the service's home page.
    :param enable_net: let builds use the network.
    :param auto_prune: delete the results of old builds of a package when newer ones exist.
    :param use_bootstrap_container: older form of `bootstrap`: True is "on", False is "off".
    :param devel_mode: do not publish results until `regenerate_repos` is called.
    :param delete_after_days: delete the project after this number of days from now; -1 for never.
    :param multilib: let the .repo files for 64-bit systems offer the 32-bit packages too.
    :param module_hotfixes: let dnf prefer the project's packages over those of modules.
    :param bootstrap: how mock makes its bootstrap chroot: "default", "on", "off" or "image".
    :param bootstrap_image: container image for the bootstrap chroot.
    :param isolation: how mock isolates a build: "default", "simple" or "nspawn".
    :param follow_fedora_branching: add the chroots of a new Fedora release when it branches from Rawhide.
    :param fedora_review: run fedora-review on each build.
    :param appstream: write AppStream metadata into the repositories.
    :param runtime_dependencies: URLs of repositories that users of the packages need, as for
        `additional_repos`.
    :param packit_forge_projects_allowed: projects of forges that may build here through Packit, such as
        "github.com/owner/project".
    :param repo_priority: priority of the repositories in dnf, from 1 (first) to 99 (last).
    :returns: the project's record.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a value (one line for each), or builds for a chroot that
        the project would lose have not finished.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``PUT /project/edit/{ownername}/{projectname}``
    """
    document = {
        "chroots": chroots,
        "description": description,
        "instructions": instructions,
        "homepage": homepage,
        "contact": contact,
        "repos": additional_repos,  # the service calls it so when a project is edited
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
        query=_named(ownername, projectname),
        json=document,
        login=True,
        repeatable=True,
        decode=record,
    )


def edit_chroots(
    ownername: str, projectname: str, add: Sequence[str] = (), remove: Sequence[str] = ()
) -> Plan[Project]:
    """Add chroots to a project and remove chroots from it.

    The others stay. The project is read first and then written. If somebody else changes its chroots in
    between, that change may be lost.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param add: names or patterns, such as ``fedora-*-x86_64``, of chroots of the service; a text is one name.
    :param remove: names or patterns of chroots of the project; a text is one name.
    :returns: the project's record.
    :raises CoprValidationException: a pattern matches no chroot; or a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a value, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /project``, ``GET /mock-chroots/list``, ``PUT /project/edit/{ownername}/{projectname}``
    """
    from fnmatch import fnmatchcase

    add, remove = ([names] if isinstance(names, str) else names for names in (add, remove))
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
    """Delete a project, its builds and its repositories.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :returns: the project's record, as it was before.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: a build of the project has not finished, or the service reports another
        error.
    :raises CoprConnectionException: the service cannot be reached, or its response was lost. If the response
        was lost, the project may have been deleted.
    :raises CoprTimeoutException: the service does not respond in time. The project may have been deleted.
    :source: ``DELETE /project/delete/{ownername}/{projectname}``
    """
    return Call(
        "DELETE",
        path("project", "delete", ownername, projectname),
        query=_named(ownername, projectname),
        json={"verify": True},
        login=True,  # not repeatable: a second DELETE would report that the project does not exist
        decode=record,
    )


def fork(
    ownername: str, projectname: str, dstownername: str, dstprojectname: str, confirm: bool = False
) -> Call[Project]:
    """Copy a project, with the newest successful build of each package, to a new project.

    :param ownername: owner of the project to copy: name of a user, or of a group as "@name".
    :param projectname: name of the project to copy.
    :param dstownername: owner of the new project: name of a user, or of a group as "@name".
    :param dstprojectname: name of the new project.
    :param confirm: if the new project exists, copy into it instead of an error.
    :returns: the new project's record. The service copies the builds afterwards.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project to copy does not exist.
    :raises CoprRequestException: the new project exists and `confirm` is false, or the service reports
        another error.
    :raises CoprSubmissionUnknown: the response was lost, and it is not known whether the project was copied.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /project/fork/{ownername}/{projectname}``
    """
    return Submission(
        "POST",
        path("project", "fork", ownername, projectname),
        query=_named(ownername, projectname),
        json={"name": dstprojectname, "ownername": dstownername, "confirm": confirm},
        decode=record,
        # With `confirm` the project may have existed before, so finding it proves nothing.
        search=_search.named(get(dstownername, dstprojectname), lambda found: not confirm),
    )


def regenerate_repos(ownername: str, projectname: str) -> Call[Project]:
    """Make the service write the metadata of a project's repositories again.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :returns: the project's record.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``PUT /project/regenerate-repos/{ownername}/{projectname}``
    """
    return Call(
        "PUT",
        path("project", "regenerate-repos", ownername, projectname),
        query=_named(ownername, projectname),
        login=True,
        repeatable=True,
        decode=record,
    )


def search(query: str, pagination: Mapping[str, Any] | None = None) -> Call[List[Project]]:
    """Return the projects that match a search.

    :param query: words to search for, at least three letters. "owner/project" searches owners and projects.
    :param pagination: a dict with `limit` (projects on a page), `offset` (projects before the page), `order`
        (a field's name) and `order_type` ("ASC" or "DESC"). Default: all projects.
    :returns: a list of projects' records; its `meta` has `limit`, `offset`, `order` and `order_type`.
    :raises CoprRequestException: the service refuses the query, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /project/search``
    """
    return Call("GET", "/project/search", query={"query": query, **(pagination or {})}, decode=listing)


def _named(ownername: str, projectname: str) -> dict[str, str]:
    """Return the query that names a project. Calls with these names in the path send them there too."""
    return {"ownername": ownername, "projectname": projectname}


def _bootstrap(bootstrap: str | None, use_bootstrap_container: bool | None) -> str | None:
    """Return the value of `bootstrap`. The older parameter takes precedence."""
    if use_bootstrap_container is None:
        return bootstrap
    return "on" if use_bootstrap_container else "off"


def _is_as_asked(project: Any, document: Mapping[str, Any]) -> bool:
    """Return whether a project has the settings of a request that creates one, as far as its record shows."""
    return set(project.chroot_repos) == set(document["chroots"]) and _search.says(project, document)
