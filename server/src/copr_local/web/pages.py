"""The pages for everybody: home, search, owners, and the pages of a project."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request
from werkzeug.http import HTTP_STATUS_CODES

from ..data.database import Transaction
from ..data.models import Project
from ..rules import (
    builds,
    forks,
    groups,
    monitor,
    packages,
    project_search,
    projects,
    step_states,
    summaries,
    users,
)
from ..rules.errors import Invalid, RuleError
from ..rules.listing import LARGEST, Page
from ..wire.context import reading, service
from ..wire.fields import Errors
from . import installation
from .build_page import build_page, parameters
from .display import by_release
from .of_project import of_project, pages, show
from .statuses import status_of

ON_HOME = 20  # projects, and builds
ON_PAGE = 100  # builds, and packages
FOUND = 50  # projects, and packages, of a search
CELLS = 240  # of the monitor's table on one page


@pages.errorhandler(RuleError)
def refused(error: RuleError) -> Response:
    """Return the error page for a rule that refused a request.

    :param error: error of the rule; the page shows its text.
    :returns: the page, with the status of the error.
    """
    status = status_of(error)
    return error_page(status, HTTP_STATUS_CODES[status].title(), str(error))


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
    """Show the queue, the newest builds, and the projects with the newest builds.

    :returns: the HTML page, without projects that are not listed on the front page.
    :source: `GET /`, `GET /coprs/`
    """
    with reading() as tx:
        steps: Counter[str] = Counter()
        for (_, state), number in step_states.unfinished(tx).items():
            steps[state] += number
        return render_template(
            "home.html",
            steps=steps,
            unfinished=summaries.newest_builds(tx, ON_HOME, unfinished=True),
            projects=summaries.projects(tx, limit=ON_HOME, listed=True),
            builds=summaries.newest_builds(tx, ON_HOME),
        )


@pages.get("/search/")
def search() -> Any:
    """Show the projects and packages that match a text.

    :returns: the HTML page; without a text, it says what to do.
    :source: `GET /search/?q={text}`
    """
    query = request.args.get("q", "").strip()
    found: dict[str, Any] = {}
    if query:
        with reading() as tx:
            try:
                named = project_search.search(tx, query, Page(FOUND + 1))
                held = packages.search(tx, query, Page(FOUND + 1))
            except Invalid as error:
                return render_template("search.html", query=query, problem=str(error))
            more = max(len(named), len(held)) > FOUND
            found = {"projects": named[:FOUND], "packages": held[:FOUND], "more": more}
            return render_template("search.html", query=query, **found)
    return render_template("search.html", query=query)


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
    """Show the members and the projects of a group.

    :param group: name of the group, without the @.
    :returns: the HTML page.
    :raises NotFound: no group has this name.
    :source: `GET /coprs/g/{group}/coprs/`
    """
    with reading() as tx:
        members = groups.members(tx)[users.get_group(tx, group).name]
        found = summaries.projects(tx, f"@{group}")
        return render_template("owner.html", owner=f"@{group}", members=members, projects=found)


@of_project("")
def project(ownername: str, name: str) -> Any:
    """Show a project: what it is, how to install its packages, and its newest builds.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page.
    :raises NotFound: the project or the group does not exist.
    :source: `GET /coprs/{ownername}/{name}/`, `GET /coprs/g/{group}/{name}/`
    """
    with reading() as tx:
        found = projects.get(tx, ownername, name)
        shown = builds.in_list(tx, found, Page(ON_HOME))
        return show(
            tx,
            "project.html",
            found,
            "",
            distributions=installation.distributions(found, shown),
            hub=installation.hub(service().public_url),
            releases=by_release(found),
            origin=forks.origin(tx, found),
            forks=forks.of(tx, found),
            builds=shown,
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
    with reading() as tx:
        return list_of_builds(tx, projects.get(tx, ownername, name), {})


def list_of_builds(tx: Transaction, project: Project, errors: Errors) -> str:
    """Return one page of a project's builds, newest first.

    :param tx: the open transaction.
    :param project: the project.
    :param errors: errors of the form for several builds.
    :returns: the HTML page, with links to newer and older builds.
    """
    shown = builds.in_list(tx, project, Page(ON_PAGE + 1, _offset()))
    links = _links(len(shown), ON_PAGE)
    return show(tx, "builds.html", project, "builds/", builds=shown[:ON_PAGE], errors=errors, **links)


def _offset() -> int:
    """Return the offset in the query, as a number that the database can store."""
    return min(max(request.args.get("offset", 0, int), 0), LARGEST)


def _links(found: int, limit: int, **query: str | None) -> dict[str, str | None]:
    """Return the links to the pages before and after this one, None where there is none.

    :param found: how many rows were found, of one more than the page shows.
    """
    kept = {name: value for name, value in query.items() if value}
    offset = _offset()
    newer = f"?{urlencode({'offset': max(0, offset - limit), **kept})}" if offset else None
    older = f"?{urlencode({'offset': offset + limit, **kept})}" if found > limit else None
    return {"newer": newer, "older": older}


@of_project("packages/")
def packages_of_project(ownername: str, name: str) -> Any:
    """Show one page of the packages of a project, each with its newest build.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page.
    :raises NotFound: the project or the group does not exist.
    :source: `GET /coprs/{ownername}/{name}/packages/`, `GET /coprs/g/{group}/{name}/packages/`
    """
    with reading() as tx:
        found = projects.get(tx, ownername, name)
        shown = packages.in_list(tx, found, Page(ON_PAGE + 1, _offset(), "name"))
        newest = packages.newest_builds(tx, shown[:ON_PAGE])
        links = _links(len(shown), ON_PAGE)
        return show(tx, "packages.html", found, "packages/", packages=shown[:ON_PAGE], newest=newest, **links)


@of_project("monitor/")
def monitor_of_project(ownername: str, name: str) -> Any:
    """Show the state of each package in each chroot; `?state=failed` shows only packages that failed.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the HTML page.
    :raises NotFound: the project or the group does not exist.
    :source: `GET /coprs/{ownername}/{name}/monitor/`, `GET /coprs/g/{group}/{name}/monitor/`
    """
    only = request.args.get("state") or None
    with reading() as tx:
        found = projects.get(tx, ownername, name)
        names = [chroot.name for chroot in found.chroots]
        limit = max(CELLS // max(len(names), 1), 1)
        seen = _monitored(tx, found, limit, only)
        rows = []
        for package, newest in list(seen.items())[:limit]:
            cells = {cell.chroot: cell for cell in newest}
            rows.append((package, [cells.get(chroot) for chroot in names]))
        links = _links(len(seen), limit, state=only)
        return show(tx, "monitor.html", found, "monitor/", chroots=names, rows=rows, only=only, **links)


def _monitored(
    tx: Transaction, project: Project, limit: int, only: str | None
) -> dict[str, list[monitor.Newest]]:
    """Return the packages for a page of the monitor and one more, each with its newest builds."""
    if only is None:
        shown = packages.in_list(tx, project, Page(limit + 1, _offset(), "name"))
        newest = monitor.newest(tx, project.main_dir, [package.id for package in shown])
        return {package.name: newest.get(package.name, []) for package in shown}
    newest = monitor.newest(tx, project.main_dir)
    matching = [name for name, cells in newest.items() if any(cell.state == only for cell in cells)]
    return {name: newest[name] for name in matching[_offset() : _offset() + limit + 1]}


@of_project("package/<package>/")
def package(ownername: str, name: str, package: str) -> Any:
    """Show the source and the newest builds of a package, up to 100.

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
        wanted = packages.get(tx, found, package)
        shown = builds.in_list(tx, found, Page(ON_PAGE), package)
        return show(
            tx,
            "package.html",
            found,
            "packages/",
            package=wanted,
            builds=shown,
            source=parameters(wanted.source),
        )


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
        return build_page(tx, builds.of_project(tx, projects.get(tx, ownername, name), build_id))


@pages.get("/coprs/build/<int:build_id>/")
def build(build_id: int) -> Any:
    """Show a build: its steps, why it failed, and its results.

    :param build_id: id of the build.
    :returns: the HTML page.
    :raises NotFound: the build does not exist.
    :source: `GET /coprs/build/{build_id}/`
    """
    with reading() as tx:
        return build_page(tx, builds.get(tx, build_id))
