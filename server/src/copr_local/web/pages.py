"""The HTML pages: home, token, owner, project, its builds and packages, package, build."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Blueprint, Response, redirect, render_template, request

from ..data.models import Build, BuildChroot, Project
from ..rules import builds, chroots, packages, projects, states, summaries, users
from ..rules.errors import NotFound, RuleError
from ..rules.listing import LARGEST, Page
from ..wire.context import reading, service
from ..wire.urls import results_url

ON_HOME = 20  # projects, and builds
ON_PAGE = 100  # builds

pages = Blueprint("pages", __name__, template_folder="templates")

View = TypeVar("View", bound=Callable[..., Any])


def of_project(path: str) -> Callable[[View], View]:
    """Register a page of a project at two URLs, one for users and one for groups.

    :param path: end of the URL, after the project's name; it may have URL variables, such as
        `package/<package>/`.
    :returns: a decorator for the view. The view gets `ownername` (for a group with its @), `name`, and the
        variables of `path`.
    """

    def decorate(view: View) -> View:
        def of_group(group: str, name: str, **rest: Any) -> Any:
            return view(ownername=f"@{group}", name=name, **rest)

        pages.add_url_rule(f"/coprs/<ownername>/<name>/{path}", view.__name__, view)
        pages.add_url_rule(f"/coprs/g/<group>/<name>/{path}", f"group_{view.__name__}", of_group)
        return view

    return decorate


@pages.errorhandler(RuleError)
def not_found(error: RuleError) -> Response:
    """Return the error page for a rule that refused a request.

    :param error: error of the rule; the page shows its text.
    :returns: the page, with status 404.
    """
    return error_page(404, "Not Found", str(error))


def error_page(status: int, name: str, text: str) -> Response:
    """Return a page that describes an error.

    :param status: HTTP status of the response.
    :param name: title of the page, such as "Not Found".
    :param text: description of the error; it is escaped.
    :returns: the HTML page.
    """
    return Response(render_template("error.html", name=name, text=text), status, mimetype="text/html")


@pages.get("/")
@pages.get("/coprs/")
def home() -> Any:
    """Show the newest builds and the projects with the newest builds.

    :returns: the HTML page, without projects that are not listed on the front page.
    :source: `GET /`, `GET /coprs/`
    """
    with reading() as tx:
        return render_template(
            "home.html",
            projects=summaries.projects(tx, limit=ON_HOME, listed=True),
            builds=summaries.newest_builds(tx, ON_HOME),
        )


@pages.get("/api/")
def token() -> Any:
    """Show how to get a token; authentication errors of all APIs refer to this page.

    :returns: the HTML page.
    :source: `GET /api/`
    """
    return render_template("token.html")


@pages.get("/coprs/<ownername>/", strict_slashes=True)
def owner(ownername: str) -> Any:
    """Show the projects of a user.

    :param ownername: name of the user.
    :returns: the HTML page.
    :raises NotFound: no user has this name.
    :source: `GET /coprs/{ownername}/`
    """
    with reading() as tx:
        users.get(tx, ownername)
        return render_template("owner.html", owner=ownername, projects=summaries.projects(tx, ownername))


@pages.get("/coprs/g/<group>/coprs/")
def group(group: str) -> Any:
    """Show the projects of a group.

    :param group: name of the group, without the @.
    :returns: the HTML page.
    :raises NotFound: no group has this name.
    :source: `GET /coprs/g/{group}/coprs/`
    """
    with reading() as tx:
        users.get_group(tx, group)
        found = summaries.projects(tx, f"@{group}")
        return render_template("owner.html", owner=f"@{group}", projects=found)


@of_project("")
def project(ownername: str, name: str) -> Any:
    """Show a project: its description, its `.repo` files and its newest builds.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page.
    :raises NotFound: the project or the group does not exist.
    :source: `GET /coprs/{ownername}/{name}/`, `GET /coprs/g/{group}/{name}/`
    """
    with reading() as tx:
        found = projects.get(tx, ownername, name)
        return render_template(
            "project.html",
            project=found,
            repositories=_repositories(found),
            builds=builds.in_list(tx, found, Page(ON_HOME)),
        )


@of_project("builds/")
def builds_of_project(ownername: str, name: str) -> Any:
    """Show one page of a project's builds, newest first; `?offset=100` gives the second page.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page, with links to newer and older builds.
    :raises NotFound: the project or the group does not exist.
    :source: `GET /coprs/{ownername}/{name}/builds/`, `GET /coprs/g/{group}/{name}/builds/`
    """
    offset = min(max(request.args.get("offset", 0, int), 0), LARGEST)
    with reading() as tx:
        found = projects.get(tx, ownername, name)
        shown = builds.in_list(tx, found, Page(ON_PAGE + 1, offset))
        return render_template(
            "builds.html",
            project=found,
            builds=shown[:ON_PAGE],
            newer=max(0, offset - ON_PAGE) if offset else None,
            older=offset + ON_PAGE if len(shown) > ON_PAGE else None,
        )


@of_project("packages/")
def packages_of_project(ownername: str, name: str) -> Any:
    """Show the packages of a project.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page.
    :raises NotFound: the project or the group does not exist.
    :source: `GET /coprs/{ownername}/{name}/packages/`, `GET /coprs/g/{group}/{name}/packages/`
    """
    with reading() as tx:
        found = projects.get(tx, ownername, name)
        return render_template("packages.html", project=found, packages=packages.in_list(tx, found, Page()))


@of_project("monitor/")
def monitor(ownername: str, name: str) -> Any:
    """Redirect to the packages of a project; the real Copr frontend shows the state of all chroots here.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the redirect.
    :raises NotFound: the project or the group does not exist.
    :source: `GET /coprs/{ownername}/{name}/monitor/`, `GET /coprs/g/{group}/{name}/monitor/`
    """
    with reading() as tx:
        return redirect(f"{address(projects.get(tx, ownername, name))}packages/")


@of_project("package/<package>/")
def package(ownername: str, name: str, package: str) -> Any:
    """Show the newest builds of a package, up to 100.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :param package: name of the package.
    :returns: the HTML page.
    :raises NotFound: the project, the group or the package does not exist.
    :source: `GET /coprs/{ownername}/{name}/package/{package}/`,
        `GET /coprs/g/{group}/{name}/package/{package}/`
    """
    with reading() as tx:
        found = projects.get(tx, ownername, name)
        packages.get(tx, found, package)
        shown = builds.in_list(tx, found, Page(ON_PAGE), package)
        return render_template("package.html", project=found, package=package, builds=shown)


@of_project("build/<int:build_id>/")
def build_of_project(ownername: str, name: str, build_id: int) -> Any:
    """Show a build, at the URL that has the names of its owner and project.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :param build_id: id of the build.
    :returns: the HTML page.
    :raises NotFound: the build does not exist, or belongs to another project.
    :source: `GET /coprs/{ownername}/{name}/build/{build_id}/`,
        `GET /coprs/g/{group}/{name}/build/{build_id}/`
    """
    with reading() as tx:
        found = builds.get(tx, build_id)
        if (found.project.ownername, found.project.name) != (ownername, name):
            raise NotFound(f"Build {build_id} does not belong to {ownername}/{name}.")
        return _build_page(found)


@pages.get("/coprs/build/<int:build_id>/")
def build(build_id: int) -> Any:
    """Show a build: its chroots, their logs and packages.

    :param build_id: id of the build.
    :returns: the HTML page.
    :raises NotFound: the build does not exist.
    :source: `GET /coprs/build/{build_id}/`
    """
    with reading() as tx:
        return _build_page(builds.get(tx, build_id))


def _build_page(build: Build) -> str:
    return render_template(
        "build.html",
        build=build,
        is_finished=build.state in states.FINISHED,
        source_results=_results(build, "srpm-builds", f"{build.id:08d}"),
        chroots=[(chroot, _chroot_results(chroot)) for chroot in build.chroots],
    )


def _results(build: Build, *parts: str) -> str:
    return results_url(build.project.ownername, build.dir.name, *parts, "")


def _chroot_results(chroot: BuildChroot) -> str | None:
    """Return the URL of the results of a chroot; None before its build has started."""
    build = chroot.build
    if chroot.started_on is None or build.package is None:
        return None
    return _results(build, chroot.name, f"{build.id:08d}-{build.package.name}")


def _repositories(project: Project) -> dict[str, str]:
    """Return the URLs of a project's `.repo` files, by release, such as `fedora-45`."""
    owner = project.ownername.replace("@", "group_")
    releases = dict.fromkeys(chroots.release(chroot.name) for chroot in project.chroots)
    base = f"{service().public_url}{address(project).removeprefix(request.script_root)}repo"
    return {release: f"{base}/{release}/{owner}-{project.name}-{release}.repo" for release in releases}


@pages.app_template_global()
def address(project: Project) -> str:
    """Return the URL of a project's page; templates call this.

    :param project: the project.
    :returns: the path, with a slash at its end.
    """
    return f"{owner_address(project.ownername, '')}{project.name}/"


@pages.app_template_global()
def owner_address(ownername: str, of_group: str = "coprs/") -> str:
    """Return the URL of the page of a user or group; templates call this.

    :param ownername: name of the user, or of the group with its @.
    :param of_group: what follows the group's name in the path of a group; empty for the beginning of the URLs
        of its projects.
    :returns: the path, with a slash at its end.
    """
    if ownername.startswith("@"):
        return f"{request.script_root}/coprs/g/{ownername[1:]}/{of_group}"
    return f"{request.script_root}/coprs/{ownername}/"


@pages.app_template_filter()
def moment(when: int | None) -> str:
    """Format a time for people; templates use this.

    :param when: unix time in seconds, UTC; None if it is not known.
    :returns: the time in UTC, as `2026-01-31 12:00:00`; empty for None.
    """
    return "" if when is None else f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M:%S}"
