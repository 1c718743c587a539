"""Projects and their chroots, as API v2 has them, over API v3.

Rules: a project is known by its number here and by owner and name there; `ProjectIds` goes from one to the
other. What API v3 has no word for is an error, never left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence

from .._errors import CoprNoResultException, CoprRequestException
from .._typing import Any, TypeVar
from .._wire import Call, FilePart, Flow, Reply, Step, Together
from ..v3.calls import base
from ..v3.calls import project as projects
from ..v3.calls import project_chroot as project_chroots
from . import v2_render as render
from .ids import ProjectIds
from .routes import Inexpressible
from .v2_render import Document, Refused

T = TypeVar("T")
Flowing = Generator[Step, Any, T]

#: Rows in a page of API v2, at most.
MOST = 100

#: Letters that a search of API v3 needs.
SHORTEST_SEARCH = 3


class Projects:
    """The calls on projects."""

    def __init__(self, ids: ProjectIds) -> None:
        self._ids = ids

    def list(self, call: Call[Any]) -> Flowing[Document]:
        """Projects: by owner, name or words, or all; a page may be of any size."""
        limit, offset = number_asked(call, "limit"), number_asked(call, "offset")
        asked = {name: call.query.get(name) for name in ("search_query", "owner", "group", "name")}
        found, skipped = yield from self._found(asked, limit or MOST, offset or 0)
        for each in found:
            self._ids.met(each)
        found = sorted(found, key=lambda each: each.id)[skipped : skipped + (limit or MOST)]
        shown = {**asked, "limit": limit, "offset": offset}
        return render.listing("projects", map(render.project, found), shown, "/projects")

    def _found(self, asked: Mapping[str, Any], limit: int, offset: int) -> Flowing[tuple[Sequence[Any], int]]:
        """The projects that are asked for, and how many of them come before the page."""
        words, group, name = asked["search_query"], asked["group"], asked["name"]
        owner = asked["owner"] if group is None else f"@{group}"
        if words:
            found = yield from projects.search(words)
            return found if "/" in words else [each for each in found if _like(each, owner, name)], offset
        if owner and name:
            return (yield from self._named(owner, name)), offset
        if name:
            if len(name) < SHORTEST_SEARCH:
                raise Inexpressible(
                    f"API v3 finds projects by name only from {SHORTEST_SEARCH} letters on; "
                    "give the owner too: project_proxy.get(owner, name)."
                )
            return [each for each in (yield from projects.search(name)) if each.name == name], offset
        page = {"limit": limit, "offset": offset, "order": "id", "order_type": "ASC"}
        return (yield from projects.get_list(owner, page)), 0

    def get(self, call: Call[Any], project_id: str) -> Flowing[Document]:
        """One project."""
        return render.project((yield from self.record(number_in(project_id))))

    def create(self, call: Call[Any]) -> Flowing[Reply]:
        """A new project."""
        wanted = call.json
        name, owner = wanted["name"], wanted["owner"]
        if owner is None:
            owner = (yield from base.auth_check()).name
        enable_net = wanted["build_enable_net"]
        try:
            made = yield from projects.add(
                owner,
                name,
                wanted["chroots"],
                description=wanted["description"],
                instructions=wanted["instructions"],
                homepage=wanted["homepage"],
                contact=wanted["contact"],
                additional_repos=wanted["repos"],
                enable_net=True if enable_net is None else enable_net,
                devel_mode=bool(wanted["disable_createrepo"]),
            )
        except CoprRequestException as refused:
            if refused.status == 400 and (yield from self._named(owner, name)):
                raise Refused(409, f"Copr: '{owner}/{name}' already exists") from refused
            raise
        self._ids.met(made)
        return render.created(f"/projects/{made.id}")

    def update(self, call: Call[Any], project_id: str) -> Flowing[Reply]:
        """Change a project."""
        wanted = call.json
        changed = yield from self.on(
            number_in(project_id),
            lambda owner, name: projects.edit(
                owner,
                name,
                description=wanted["description"],
                instructions=wanted["instructions"],
                homepage=wanted["homepage"],
                contact=wanted["contact"],
                additional_repos=wanted["repos"],
                enable_net=wanted["build_enable_net"],
                devel_mode=wanted["disable_createrepo"],
            ),
        )
        kept = [name for name in ("homepage", "contact") if changed[name] and not wanted[name]]
        if kept:
            raise Inexpressible(
                f"API v3 cannot empty the project's {' and '.join(kept)}; the rest was changed. "
                "Its page on the service can."
            )
        return render.done()

    def delete(self, call: Call[Any], project_id: str) -> Flowing[Reply]:
        """Delete a project."""
        number = number_in(project_id)
        yield from self.record(number)  # another one may have its name by now
        yield from self.on(number, projects.delete)
        self._ids.forget(number)
        return render.done()

    def record(self, number: int) -> Flowing[Any]:
        """A project's record. Raises Refused where there is none with this number."""
        record = yield from self.on(number, projects.get)
        if record.id != number:  # the one that was met has been deleted, and its name given away
            self._ids.forget(number)
            self._ids.met(record)
            record = yield from self.on(number, projects.get)
        return record

    def on(self, number: int, plan: Callable[[str, str], Flow[T]]) -> Flowing[T]:
        """What a plan makes of a project's owner and name. Raises Refused where there is none."""
        name = yield from self._ids.name_of(number)
        if name is None:
            raise unknown_project(number)
        try:
            return (yield from plan(*name))
        except CoprNoResultException as gone:
            self._ids.forget(number)
            raise unknown_project(number) from gone

    def _named(self, owner: str, name: str) -> Flowing[Any]:
        try:
            return [(yield from projects.get(owner, name))]
        except CoprNoResultException:
            return []


class ProjectChroots:
    """The calls on projects' chroots."""

    def __init__(self, of: Projects) -> None:
        self._projects = of

    def list(self, call: Call[Any], project_id: str) -> Flowing[Document]:
        """The settings for each of a project's chroots."""
        number = number_in(project_id)
        project = yield from self._projects.record(number)
        asked = [project_chroots.get(project.ownername, project.name, name) for name in project.chroot_repos]
        settings = yield Together(asked, 16)
        items = (render.project_chroot(number, each) for each in settings)
        return render.listing("chroots", items, {}, f"/projects/{number}/chroots")

    def get(self, call: Call[Any], project_id: str, name: str) -> Flowing[Document]:
        """The settings for one of a project's chroots."""
        number = number_in(project_id)
        checked_chroot(name)
        settings = yield from self._settings(number, name)
        return render.project_chroot(number, settings)

    def enable(self, call: Call[Any], project_id: str) -> Flowing[Reply]:
        """Give a project one more chroot."""
        number, wanted = number_in(project_id), call.json
        name = wanted["name"]
        project = yield from self._projects.record(number)
        if name in project.chroot_repos:
            raise Refused(409, f"Copr {project.full_name} already has chroot {name} enabled")
        try:
            render.chroot_parts(name)
            yield from projects.edit(project.ownername, project.name, [*project.chroot_repos, name])
        except ValueError as malformed:
            raise Refused(400, f"Bad mock chroot name: {name}. Error: {malformed}") from malformed
        except CoprRequestException as refused:
            if refused.status != 400:
                raise
            raise Refused(400, f"Bad mock chroot name: {name}. Error: {refused}") from refused
        if wanted["buildroot_pkgs"] or wanted["comps"]:
            yield from self._edit(project.ownername, project.name, wanted)
        return render.created(f"/projects/{number}/chroots/{name}")

    def update(self, call: Call[Any], project_id: str, name: str) -> Flowing[Document]:
        """Change a project's settings for one chroot."""
        number = number_in(project_id)
        checked_chroot(name)
        yield from self._settings(number, name)
        settings = yield from self._projects.on(
            number, lambda owner, project: self._edit(owner, project, {**call.json, "name": name})
        )
        return render.project_chroot(number, settings, call.json["comps"])

    def disable(self, call: Call[Any], project_id: str, name: str) -> Flowing[Reply]:
        """Take a chroot from a project."""
        try:
            render.chroot_parts(name)
        except ValueError as malformed:
            raise Refused(400) from malformed
        project = yield from self._projects.record(number_in(project_id))
        left = [each for each in project.chroot_repos if each != name]
        if not left and project.chroot_repos:
            raise Inexpressible(
                f"API v3 cannot take its last chroot from a project. Enable another one before {name} is "
                "disabled: project_proxy.edit(owner, name, chroots=[...])."
            )
        if len(left) < len(project.chroot_repos):
            yield from projects.edit(project.ownername, project.name, left)
        return render.done()

    def _settings(self, number: int, name: str) -> Flowing[Any]:
        owner_and_name = yield from self._projects.on(number, _as_they_are)
        try:
            settings = yield from project_chroots.get(*owner_and_name, name)
        except (CoprNoResultException, CoprRequestException) as unknown:
            if unknown.status in (404, 500):
                raise Refused(404, "Requested object wasn't found") from unknown
            raise
        if settings.delete_after_days is not None:  # it was the project's, and its results are kept a while
            raise Refused(404, "Requested object wasn't found")
        return settings

    def _edit(self, owner: str, project: str, wanted: Document) -> Flowing[Any]:
        packages = wanted["buildroot_pkgs"] or ""  # "" empties the list, an empty list leaves it
        comps, comps_name = wanted["comps"], wanted["comps_name"]
        if not comps:
            # A comps file that is only known by its name was not looked at, so it stays.
            emptied = comps == "" or comps_name is None
            edit = project_chroots.edit(owner, project, wanted["name"], packages, delete_comps=emptied)
        else:
            name = comps_name or "comps.xml"
            part = FilePart("upload_comps", name, name, "application/text", comps.encode())
            edit = project_chroots.edit(owner, project, wanted["name"], packages, comps=name)
            edit = edit.with_files([part])
        return (yield from edit)


def page_of(call: Call[Any]) -> tuple[int, int]:
    """How many rows are wanted, and how many come before them."""
    limit, offset = number_asked(call, "limit"), number_asked(call, "offset")
    return (limit if limit is not None and 0 < limit <= MOST else MOST), offset or 0


def number_asked(call: Call[Any], name: str) -> int | None:
    """A number of the query. Raises Refused where it is none."""
    value = call.query.get(name)
    refusal = f"Failed to validate query parameter: {name}"
    try:
        number = None if value is None else int(value)
    except ValueError as wrong:
        raise Refused(400, refusal, error=str(wrong)) from wrong
    if number is not None and number < 0:
        raise Refused(400, refusal, error=f"{number} is less than 0")
    return number


def number_in(text: str) -> int:
    """The number in a path. Raises Refused where it is none."""
    if not text.isdecimal():
        raise Refused(404)
    return int(text)


def checked_chroot(name: str) -> None:
    """Raise Refused where a name is no chroot's."""
    try:
        render.chroot_parts(name)
    except ValueError as malformed:
        raise Refused(400, f"Bad mock chroot name: {malformed}") from malformed


def unknown_project(number: int) -> Refused:
    """The refusal of a project's number."""
    return Refused(404, f"Project with id `{number}` not found", project_id=number)


def _like(project: Any, owner: str | None, name: str | None) -> bool:
    """Whether a project's owner and name have these parts, whatever the case; a group is no user."""
    here, owner = project.ownername.lower(), (owner or "").lower()
    is_such = not owner or owner.startswith("@") == here.startswith("@")
    return is_such and owner.removeprefix("@") in here and (name or "").lower() in project.name.lower()


def _as_they_are(owner: str, name: str) -> Flowing[tuple[str, str]]:
    yield from ()
    return owner, name
