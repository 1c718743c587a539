"""Builds and their tasks, as API v2 has them, over API v3.

Rules: what API v2 answers at once is in several places of API v3, which are asked side by side. Listings that
API v3 has only by project are put together from those of the projects, as long as these are not too many.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence

from .._errors import CoprAuthException, CoprException, CoprNoResultException, CoprRequestException
from .._typing import Any
from .._wire import Call, FilePart, Plan, Reply, Together
from ..v3.calls import build as builds
from ..v3.calls import build_chroot as build_chroots
from ..v3.calls import project as projects
from ..v3.calls import submit
from . import early
from . import v2_render as render
from .ids import ProjectIds
from .routes import Inexpressible, if_told
from .v2_projects import Projects, checked_chroot, number_asked, number_in, page_of
from .v2_render import Document, Refused

#: What API v3 says, with status 500, of a chroot that the service has not.
NO_SUCH_CHROOT = "Chroot identification is not valid"

#: How many calls are under way at once.
AT_ONCE = 16

#: Rows that are asked for at once.
PAGE = 100

#: How many projects a listing is put together from, at most.
MOST_PROJECTS = 500

#: The states of builds whose tasks have all begun, or never will.
ALL_BEGUN = frozenset({"succeeded", "failed", "skipped", "forked"})

#: The states that a build task may have.
STATES = "failed succeeded canceled running pending skipped starting importing forked waiting unknown"


class Builds:
    """The calls on builds."""

    def __init__(self, ids: ProjectIds, of: Projects) -> None:
        self._ids = ids
        self._projects = of
        self._enable_net: dict[int, bool] = {}

    def list(self, call: Call[Any]) -> Plan[Document]:
        """Builds, the newest first: of a project, of an owner's projects, or of all."""
        limit, offset = page_of(call)
        number, owner = number_asked(call, "project_id"), call.query.get("owner")
        shown = {"owner": owner, "project_id": number, "limit": limit, "offset": offset or None}
        found: list[tuple[Any, Any]]
        if number is not None:
            project = yield from self._projects.record(number)
            page = {"limit": limit, "offset": offset}
            newest = yield from builds.get_list(project.ownername, project.name, pagination=page)
            found = [(build, project) for build in newest]
        else:
            among = yield from some_projects(owner, "builds")
            pages = yield Together([_newest(each, limit + offset) for each in among], AT_ONCE)
            found = [(build, each) for each, page in zip(among, pages, strict=True) for build in page]
            found.sort(key=lambda each: -each[0].id)
            found = found[offset : offset + limit]
        for _, project in found:
            self._ids.met(project)
        documents = yield Together([self._document(build, project) for build, project in found], AT_ONCE)
        return render.listing("builds", documents, shown, "/builds")

    def get(self, call: Call[Any], build_id: str) -> Plan[Document]:
        """One build."""
        build = yield from self.record(number_in(build_id))
        project = yield from projects.get(build.ownername, build.projectname)
        self._ids.met(project)
        return (yield from self._document(build, project))

    def create(self, call: Call[Any]) -> Plan[Reply]:
        """A new build, of an address or a file."""
        wanted = call.json if call.form is None else json.loads(call.form["metadata"])
        if not call.files and len(wanted["srpm_url"].split()) != 1:
            raise Refused(400, "Failed to parse request: {'srpm_url': ['Not a valid URL.']}")
        options = {"enable_net": wanted["enable_net"]}
        if wanted["chroots"]:
            options["chroots"] = wanted["chroots"]

        def submission(owner: str, name: str) -> Generator[Any, Any, Any]:
            if not call.files:
                return (yield from submit.create_from_urls(owner, name, [wanted["srpm_url"]], options))[0]
            file = call.files[0]
            part = FilePart("pkgs", file.path, file.filename, "application/x-rpm", file.content)
            upload = submit.create_from_file(owner, name, file.filename, options)
            return (yield from upload.with_files([part]))

        made = yield from self._projects.on(wanted["project_id"], submission)
        self._enable_net[made.id] = bool(wanted["enable_net"])
        return render.created(f"/builds/{made.id}")

    def cancel(self, call: Call[Any], build_id: str) -> Plan[Reply]:
        """Cancel a build; one that is cancelled stays so."""
        number = number_in(build_id)
        try:
            yield from builds.cancel(number)
        except CoprNoResultException as gone:
            raise unknown_build(number) from gone
        except CoprAuthException as forbidden:
            if forbidden.status != 403:
                raise
            raise Refused(403, f"Failed to update build: {forbidden}") from forbidden
        except CoprRequestException as refused:
            if refused.status not in (400, 409):
                raise
            build = yield from self.record(number)
            if build.state != "canceled":
                raise Refused(400, f"Cannot update build due to: {refused}") from refused
        return render.created(f"/builds/{number}")

    def delete(self, call: Call[Any], build_id: str) -> Plan[Reply]:
        """Delete a build."""
        number = number_in(build_id)
        try:
            yield from builds.delete(number)
        except CoprNoResultException as gone:
            raise unknown_build(number) from gone
        except CoprAuthException as forbidden:
            if forbidden.status != 403:
                raise
            text = f"Failed to delete build: You are not allowed to delete build `{number}`."
            raise Refused(403, text) from forbidden
        except CoprRequestException as refused:
            build = yield from self.record(number)
            if build.state in ALL_BEGUN or build.state == "canceled":
                raise
            text = f"Cannot delete build due to: You can not delete build `{number}` which is not finished."
            raise Refused(400, text) from refused
        return render.done()

    def record(self, number: int) -> Plan[Any]:
        """A build's record. Raises Refused where there is none with this number."""
        try:
            return (yield from builds.get(number))
        except CoprNoResultException as gone:
            raise unknown_build(number) from gone

    def _document(self, build: Any, project: Any) -> Plan[Document]:
        """What API v2 answers of a build: several places of API v3."""
        asked: list[Any] = [
            if_told(builds.get_source_build_config(build.id)),
            if_told(builds.get_built_packages(build.id)),
            self._has_net(build, project),
        ]
        source, packages, enable_net = yield Together(asked, AT_ONCE)
        return render.build(build, project, source, packages, enable_net)

    def _has_net(self, build: Any, project: Any) -> Plan[bool]:
        """Whether a build may use the network; what was submitted here is remembered, a chroot tells."""
        if build.id not in self._enable_net and build.chroots:
            try:
                config = yield from build_chroots.get_build_config(build.id, build.chroots[0])
            except CoprException as gone:
                if gone.status not in (404, 500):
                    raise
            else:
                return bool(config.enable_net)
        return self._enable_net.get(build.id, bool(project.enable_net))


class BuildTasks:
    """The calls on build tasks."""

    def __init__(self, ids: ProjectIds, of: Projects, in_builds: Builds) -> None:
        self._ids = ids
        self._projects = of
        self._builds = in_builds
        self._numbers: dict[int, int] = {}

    def list(self, call: Call[Any]) -> Plan[Document]:
        """Build tasks: those that have not begun, then the others, each in the order of builds."""
        limit, offset = page_of(call)
        owner, state = call.query.get("owner"), call.query.get("state")
        number, build_id = number_asked(call, "project_id"), number_asked(call, "build_id")
        if state is not None and state not in STATES.split():
            raise Refused(
                400,
                "Failed to validate query parameter: state",
                error=f"{state} is not a valid choice",
                help=f"allowed states: {STATES}",
            )
        among = yield from self._among(build_id, number, owner)
        tasks = yield from _tasks(among, state, offset + limit)
        documents = []
        for build, task in tasks[offset : offset + limit]:
            of = yield from self._number(build.id, build)
            documents.append(render.build_task(task, early.state(task, build), build.id, of))
        shown = {
            "owner": owner,
            "project_id": number,
            "build_id": build_id,
            "limit": limit,
            "offset": offset or None,
            "state": state,
        }
        return render.listing("build_tasks", documents, shown, "/build_tasks")

    def _among(self, build_id: int | None, number: int | None, owner: str | None) -> Plan[Sequence[Any]]:
        """The builds of which tasks are listed: one, those of a project, or an owner's; none of what is not
        there."""
        of: Sequence[Any]
        try:
            if build_id is not None:
                return [(yield from self._builds.record(build_id))]
            if number is not None:
                of = [(yield from self._projects.record(number))]
            else:
                of = yield from some_projects(owner, "build tasks")
        except Refused:
            return []
        pages = yield Together([_all_builds(each) for each in of], AT_ONCE)
        for each in of:
            self._ids.met(each)
        return [build for page in pages for build in page]

    def get(self, call: Call[Any], build_id: str, name: str) -> Plan[Document]:
        """One chroot's part of a build."""
        number = number_in(build_id)
        checked_chroot(name)
        try:
            task = yield from build_chroots.get(number, name)
        except CoprException as gone:
            if gone.status != 404 and str(gone) != NO_SUCH_CHROOT:
                raise
            # The braces are what services with API v2 say.
            raise Refused(404, "Build task {} for build {} not found") from gone
        state = getattr(task, "state", None)
        if state is None:
            state = early.state(task, (yield from self._builds.record(number)))
        return render.build_task(task, state, number, (yield from self._number(number)))

    def _number(self, build_id: int, build: Any = None) -> Plan[int]:
        """The number of a build's project, which never changes."""
        if build_id not in self._numbers:
            record = (yield from self._builds.record(build_id)) if build is None else build
            of = yield from self._ids.number_of(record.ownername, record.projectname)
            self._numbers[build_id] = of
        return self._numbers[build_id]


def some_projects(owner: str | None, what: str) -> Plan[Sequence[Any]]:
    """An owner's projects, or all. Raises Refused where the owner has none, Inexpressible where there are
    too many to put a listing together."""
    found: list[Any] = []
    while len(found) <= MOST_PROJECTS:
        page = {"limit": PAGE, "offset": len(found), "order": "id", "order_type": "ASC"}
        some = yield from projects.get_list(owner, page)
        found += some
        if len(some) < PAGE:
            break
    else:
        whose = "this service" if owner is None else owner
        raise Inexpressible(
            f"API v3 lists {what} by project only, and {whose} has more than {MOST_PROJECTS} projects. "
            "Give the project: build_proxy.get_list(owner, project)."
        )
    if owner is not None and not found:
        raise Refused(404, f"User `{owner}` doesn't have any project", username=owner)
    return found


def unknown_build(number: int) -> Refused:
    """The refusal of a build's number."""
    return Refused(404, f"Build with id `{number}` not found", build_id=number)


def _newest(project: Any, count: int) -> Plan[Sequence[Any]]:
    return (
        yield from builds.get_list(project.ownername, project.name, pagination={"limit": count, "offset": 0})
    )


def _all_builds(project: Any) -> Plan[Sequence[Any]]:
    """A project's builds; one that is added meanwhile pushes others on, so they may be seen twice."""
    found: dict[int, Any] = {}
    offset = 0
    while True:
        page = {"limit": PAGE, "offset": offset}
        some = yield from builds.get_list(project.ownername, project.name, pagination=page)
        found.update((build.id, build) for build in some)
        if len(some) < PAGE:
            return list(found.values())
        offset += PAGE


def _tasks(among: Iterable[Any], state: str | None, count: int) -> Plan[Sequence[tuple[Any, Any]]]:
    """The first `count` tasks of builds: those that have not begun, then the others, in the order of builds.

    Only builds of which tasks are needed are asked for them: those that may have tasks which have not begun,
    and then the oldest.
    """
    oldest_first = sorted(among, key=lambda build: build.id)
    if state == "failed":
        oldest_first = [build for build in oldest_first if build.state not in ("succeeded", "skipped")]
    unclear = [build for build in oldest_first if build.state not in ALL_BEGUN]
    known: dict[int, Sequence[Any]] = {}
    yield from _learn(known, unclear)
    waiting = [pair for pair in _pairs(unclear, known, state) if pair[1].started_on is None]
    begun: list[tuple[Any, Any]] = []
    for place in range(0, len(oldest_first), AT_ONCE):
        if len(waiting) + len(begun) >= count:
            break
        some = oldest_first[place : place + AT_ONCE]
        yield from _learn(known, some)
        new = [pair for pair in _pairs(some, known, state) if pair not in waiting]
        waiting += [pair for pair in new if pair[1].started_on is None]
        begun += [pair for pair in new if pair[1].started_on is not None]
    return [*waiting, *begun]


def _learn(known: dict[int, Sequence[Any]], of: Iterable[Any]) -> Plan[None]:
    asked = [build.id for build in of if build.id not in known]
    answers = yield Together([build_chroots.get_list(number) for number in asked], AT_ONCE)
    known.update(zip(asked, answers, strict=True))


def _pairs(
    of: Iterable[Any], known: dict[int, Sequence[Any]], state: str | None
) -> Iterable[tuple[Any, Any]]:
    for build in of:
        for task in sorted(known[build.id], key=lambda each: str(each.name)):
            if state in (None, early.state(task, build)):
                yield build, task
