"""The JSON of API v3: names, order and types of its fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..data.models import Build, BuildChroot, Package, Project, ProjectChroot, User
from ..releases import MEMORY_LIMIT
from ..rules.listing import Page
from ..rules.users import Credentials
from ..wire.urls import chroot_results_url, results_url, source, source_results_url, srpm_url

Json = dict[str, Any]
SECONDS_PER_DAY = 86_400


def listing(items: Iterable[Json], page: Page) -> Json:
    """Return one page of a listing.

    :param items: the JSON of the items on the page.
    :param page: the selected page.
    :returns: the items, and the page under `meta`.
    """
    meta = {
        "limit": page.limit,
        "offset": page.offset,
        "order": page.order,
        "order_type": "DESC" if page.descending else "ASC",
    }
    return {"items": list(items), "meta": meta}


def user(user: User) -> Json:
    """Return the JSON of the user who is logged in.

    :param user: user who sent the request.
    :returns: name and id.
    """
    return {"name": user.name, "id": user.id}


def credentials(made: Credentials) -> Json:
    """Return the JSON of a new login and API token.

    :param made: the new credentials.
    :returns: the login, the token, and the last day on which they work as an ISO date.
    """
    return {"api_login": made.login, "api_token": made.token, "expiration": made.expiration.isoformat()}


def project(project: Project) -> Json:
    """Return the JSON of a project.

    :param project: the project; only its active chroots get a repository URL.
    :returns: the settings, and the repository URLs by chroot name.
    """
    return {
        "name": project.name,
        "persistent": project.persistent,
        "additional_repos": project.additional_repos,
        "storage": "backend",
        "homepage": project.homepage,
        "contact": project.contact,
        "description": project.description,
        "instructions": project.instructions,
        "devel_mode": project.devel_mode,
        "unlisted_on_hp": project.unlisted_on_hp,
        "auto_prune": project.auto_prune,
        "enable_net": project.enable_net,
        "bootstrap": project.bootstrap,
        "isolation": project.isolation,
        "module_hotfixes": project.module_hotfixes,
        "appstream": project.appstream,
        "packit_forge_projects_allowed": project.packit_forge_projects_allowed,
        "follow_fedora_branching": project.follow_fedora_branching,
        "repo_priority": project.repo_priority,
        "id": project.id,
        "ownername": project.ownername,
        "full_name": project.full_name,
        "chroot_repos": {
            chroot.name: results_url(project.ownername, project.name, chroot.name, "")
            for chroot in project.chroots
        },
    }


def build(build: Build) -> Json:
    """Return the JSON of a build.

    :param build: build in any state.
    :returns: the record; times are unix time in seconds, UTC. `ended_on` is null until all chroots end.
    """
    project = build.project
    started = [chroot.started_on for chroot in build.chroots if chroot.started_on is not None]
    return {
        "chroots": [chroot.name for chroot in build.chroots],
        "ended_on": build.ended_on,
        "id": build.id,
        "is_background": build.is_background,
        "ownername": project.ownername,
        "project_dirname": build.dir.name,
        "projectname": project.name,
        "repo_url": results_url(project.ownername, project.name),
        "started_on": min(started) if started else None,
        "state": build.state,
        "submitted_on": build.submitted_on,
        "submitter": build.submitter,
        "source_package": {
            "name": build.package.name if build.package else None,
            "url": srpm_url(build),
            "version": build.version,
        },
    }


def package(package: Package, latest: Build | None = None, latest_succeeded: Build | None = None) -> Json:
    """Return the JSON of a package with the given builds.

    :param package: package with a source of any type.
    :param latest: its newest build; None if it has none, or the request does not ask for it.
    :param latest_succeeded: its newest successful build; None as above.
    :returns: the record; missing builds are null.
    """
    # Only this response has the method under the same name as requests.
    parameters = {
        "source_build_method" if name == "srpm_build_method" else name: value
        for name, value in source(package).items()
    }
    return {
        "id": package.id,
        "name": package.name,
        "ownername": package.project.ownername,
        "projectname": package.project.name,
        "source_type": package.source_type,
        "source_dict": parameters,
        "auto_rebuild": package.webhook_rebuild,
        "builds": {
            "latest": build(latest) if latest else None,
            "latest_succeeded": build(latest_succeeded) if latest_succeeded else None,
        },
    }


def source_chroot(build: Build) -> Json:
    """Return the JSON of the source build of a build.

    :param build: build in any state.
    :returns: the state and the results URL.
    """
    return {"state": build.source_state, "result_url": source_results_url(build)}


def source_build_config(build: Build) -> Json:
    """Return the build configuration of a source build.

    :param build: build with a source of any type.
    :returns: the source type, its parameters and the limits; `timeout` is in seconds.
    """
    return {
        "source_type": build.source_type,
        "source_dict": source(build),
        "memory_limit": MEMORY_LIMIT,
        "timeout": build.timeout,
        "is_background": build.is_background,
    }


def built_packages(chroot: BuildChroot) -> Json:
    """Return the JSON of the packages that were built in one chroot of a build.

    :param chroot: the chroot of the build.
    :returns: the list of packages, under `packages`.
    """
    return {"packages": chroot.packages}


def build_chroot(chroot: BuildChroot) -> Json:
    """Return the JSON of one chroot of a build.

    :param chroot: the chroot of the build.
    :returns: the record; times are unix time in seconds, UTC, or null.
    """
    return {
        "started_on": chroot.started_on,
        "ended_on": chroot.ended_on,
        "state": chroot.state,
        "name": chroot.name,
        "result_url": chroot_results_url(chroot),
    }


def permissions(project: Project) -> Json:
    """Return the JSON of the roles in a project.

    :param project: project with roles of users, requested ones included.
    :returns: states of the roles by user name.
    """
    return {
        given.user.name: {"admin": given.admin, "builder": given.builder} for given in project.permissions
    }


def whole_days(seconds: int) -> int:
    """Return the number of whole days that are left; the current second no longer counts.

    :param seconds: seconds until the deletion.
    :returns: the days; negative if the time has passed.
    """
    return (seconds - 1) // SECONDS_PER_DAY


def project_chroot(chroot: ProjectChroot, now: int) -> Json:
    """Return the JSON of one chroot of a project.

    :param chroot: the chroot of the project.
    :param now: the current unix time in seconds, UTC.
    :returns: the settings; `delete_after_days` is null unless the project has dropped the chroot.
    """
    left = None if chroot.delete_after is None else whole_days(chroot.delete_after - now)
    return {
        "additional_repos": chroot.additional_repos,
        "additional_packages": chroot.additional_packages,
        "additional_modules": chroot.additional_modules,
        "with_opts": chroot.with_opts,
        "without_opts": chroot.without_opts,
        "isolation": chroot.isolation,
        "mock_chroot": chroot.name,
        "ownername": chroot.project.ownername,
        "projectname": chroot.project.name,
        "comps_name": chroot.comps_name,
        "delete_after_days": left,
    }
