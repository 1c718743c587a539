"""The pages: home, owner, project, its builds and packages, build; and the page where a token comes from."""

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

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

pages = Blueprint("pages", __name__, template_folder="templates")

View = TypeVar("View", bound=Callable[..., Any])


def of_project(path: str) -> Callable[[View], View]:
    """Serve a page of a project, at `/coprs/OWNER/PROJECT/path` or `/coprs/g/GROUP/PROJECT/path`."""

    def decorate(view: View) -> View:
        def of_group(group: str, name: str, **rest: Any) -> Any:
            return view(ownername=f"@{group}", name=name, **rest)

        pages.add_url_rule(f"/coprs/<ownername>/<name>/{path}", view.__name__, view)
        pages.add_url_rule(f"/coprs/g/<group>/<name>/{path}", f"group_{view.__name__}", of_group)
        return view

    return decorate


@pages.after_request
def forbid_scripts(response: Response) -> Response:
    """Let a browser load nothing, whatever a page might say."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@pages.errorhandler(RuleError)
def not_found(error: RuleError) -> Response:
    """What is not there."""
    return error_page(404, "Not Found", str(error))


def error_page(status: int, name: str, text: str) -> Response:
    """A page that says what went wrong."""
    return Response(render_template("error.html", name=name, text=text), status, mimetype="text/html")


@pages.get("/")
@pages.get("/coprs/")
def home() -> Any:
    """The newest builds, and the projects that they are in."""
    with reading() as tx:
        return render_template(
            "home.html",
            projects=summaries.projects(tx, limit=ON_HOME, listed=True),
            builds=summaries.newest_builds(tx, ON_HOME),
        )


@pages.get("/api/")
def token() -> Any:
    """Where a token comes from; the errors of all APIs point here."""
    return render_template("token.html")


@pages.get("/coprs/<ownername>/", strict_slashes=True)
def owner(ownername: str) -> Any:
    """The projects of a user."""
    with reading() as tx:
        users.get(tx, ownername)
        return render_template("owner.html", owner=ownername, projects=summaries.projects(tx, ownername))


@pages.get("/coprs/g/<group>/coprs/")
def group(group: str) -> Any:
    """The projects of a group."""
    with reading() as tx:
        users.get_group(tx, group)
        found = summaries.projects(tx, f"@{group}")
        return render_template("owner.html", owner=f"@{group}", projects=found)


@of_project("")
def project(ownername: str, name: str) -> Any:
    """A project: what it is, how to use its repositories, its newest builds."""
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
    """The builds of a project, newest first, page by page: `?offset=100` is the second."""
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
    """The packages of a project."""
    with reading() as tx:
        found = projects.get(tx, ownername, name)
        return render_template("packages.html", project=found, packages=packages.in_list(tx, found, Page()))


@of_project("monitor/")
def monitor(ownername: str, name: str) -> Any:
    """What has the original's overview of all chroots; here, the packages lead to their builds."""
    with reading() as tx:
        return redirect(f"{address(projects.get(tx, ownername, name))}packages/")


@of_project("package/<package>/")
def package(ownername: str, name: str, package: str) -> Any:
    """The builds of a package."""
    with reading() as tx:
        found = projects.get(tx, ownername, name)
        packages.get(tx, found, package)
        shown = builds.in_list(tx, found, Page(ON_PAGE), package)
        return render_template("package.html", project=found, package=package, builds=shown)


@of_project("build/<int:build_id>/")
def build_of_project(ownername: str, name: str, build_id: int) -> Any:
    """A build, at the address that has its project as well."""
    with reading() as tx:
        found = builds.get(tx, build_id)
        if (found.project.ownername, found.project.name) != (ownername, name):
            raise NotFound(f"Build {build_id} is not one of {ownername}/{name}.")
        return _build_page(found)


@pages.get("/coprs/build/<int:build_id>/")
def build(build_id: int) -> Any:
    """A build: its chroots, their logs and packages."""
    with reading() as tx:
        return _build_page(builds.get(tx, build_id))


def _build_page(build: Build) -> str:
    return render_template(
        "build.html",
        build=build,
        is_over=build.state in states.FINISHED,
        source_results=_results(build, "srpm-builds", f"{build.id:08d}"),
        chroots=[(chroot, _chroot_results(chroot)) for chroot in build.chroots],
    )


def _results(build: Build, *parts: str) -> str:
    return results_url(build.project.ownername, build.dir.name, *parts, "")


def _chroot_results(chroot: BuildChroot) -> str | None:
    """Where the results of a chroot are, once it has begun."""
    build = chroot.build
    if chroot.started_on is None or build.package is None:
        return None
    return _results(build, chroot.name, f"{build.id:08d}-{build.package.name}")


def _repositories(project: Project) -> dict[str, str]:
    """The addresses of a project's `.repo` files, by the releases that they are for."""
    owner = project.ownername.replace("@", "group_")
    releases = dict.fromkeys(chroots.release(chroot.name) for chroot in project.chroots)
    base = f"{service().public_url}{address(project)}repo"
    return {release: f"{base}/{release}/{owner}-{project.name}-{release}.repo" for release in releases}


@pages.app_template_global()
def address(project: Project) -> str:
    """The path of a project's page."""
    return f"{owner_address(project.ownername, '')}{project.name}/"


@pages.app_template_global()
def owner_address(ownername: str, of_group: str = "coprs/") -> str:
    """The path of the page of a user or group."""
    if ownername.startswith("@"):
        return f"/coprs/g/{ownername[1:]}/{of_group}"
    return f"/coprs/{ownername}/"


@pages.app_template_filter()
def moment(when: int | None) -> str:
    """A unix time for people, in UTC."""
    return "" if when is None else f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M:%S}"
