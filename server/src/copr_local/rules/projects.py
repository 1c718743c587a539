"""Projects: added, changed, listed, searched, deleted.

Settings are passed as a mapping from columns of `Project` to values that the wire has checked. Every folder
of a project has an empty repository for each of its chroots from the first moment, so dnf can be pointed at
it at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Group, Package, Project, ProjectChroot, ProjectDir, User
from . import checks, listing, permissions, results, states, users
from .builds import check_none_running, enumerated
from .errors import Conflict, Forbidden, Invalid, NotFound

SHORTEST_QUERY = 3  # letters
MOST_NAMED = 5  # builds in an error
DROPPED_CHROOTS_KEPT = 7 * 86_400  # seconds


def get(tx: Transaction, ownername: str, name: str) -> Project:
    """A project by its owner's name (a group's with its @) and its own.

    :raises NotFound: there is no such project, or no such group.
    """
    if ownername.startswith("@"):
        users.get_group(tx, ownername[1:])
    project = find(tx, ownername, name)
    if project is None:
        raise NotFound(f"Project {ownername}/{name} does not exist.")
    return project


def find(tx: Transaction, ownername: str, name: str) -> Project | None:
    """A project, if its owner has one of that name."""
    return tx.session.scalar(select(Project).where(Project.ownername == ownername, Project.name == name))


def get_by_id(tx: Transaction, project_id: int) -> Project:
    """A project by its number.

    :raises NotFound: there is none.
    """
    project = tx.session.get(Project, project_id) if project_id <= listing.LARGEST else None
    if project is None:
        raise NotFound(f"Project {project_id} does not exist.")
    return project


def in_list(tx: Transaction, page: listing.Page, ownername: str | None = None) -> Sequence[Project]:
    """The projects of an owner, or of everybody; of an unknown owner, none.

    :raises CannotOrder: they cannot be sorted as asked.
    """
    query = select(Project).options(selectinload(Project.all_chroots))
    if ownername is not None:
        query = query.where(Project.ownername == ownername)
    column = listing.column(page, Project, "copr")
    query = query.order_by(column.desc() if page.descending else column, Project.id)
    return tx.session.scalars(listing.cut(query, page)).all()


def search(tx: Transaction, words: str, page: listing.Page, *among: ColumnElement[bool]) -> Sequence[Project]:
    """The projects in which every word is found; `OWNER/NAME` looks for parts of both.

    The owner is who made a project, also where it is a group's, or with an @ the group. Nothing to look for
    finds all projects. Stars, which may stand for letters elsewhere, say nothing.

    :param among: what must be true of them besides.
    :raises Invalid: the query is too short.
    :raises CannotOrder: they cannot be sorted as asked.
    """
    query = select(Project).options(selectinload(Project.all_chroots)).where(*among)
    ownername, slash, name = words.partition("/")
    if slash:
        query = query.where(_owner_like(ownername), Project.name.icontains(name, autoescape=True))
    elif words:
        plain = words.strip().replace("*", "")
        if len(plain) < SHORTEST_QUERY:
            raise Invalid(f"Search string must have at least {SHORTEST_QUERY} characters")
        query = query.where(*(_mentions(word) for word in plain.split()))
    column = listing.column(page, Project, "copr")
    query = query.order_by(column.desc() if page.descending else column, Project.id)
    return tx.session.scalars(listing.cut(query, page)).all()


def _owner_like(part: str) -> ColumnElement[bool]:
    if part.startswith("@"):
        groups = select(Group.id).where(Group.name.icontains(part[1:], autoescape=True))
        return Project.group_id.in_(groups)
    users_like = select(User.id).where(User.name.icontains(part, autoescape=True))
    return Project.user_id.in_(users_like)


def _mentions(word: str) -> ColumnElement[bool]:
    columns = (Project.name, Project.ownername, Project.description, Project.instructions)
    packages = select(Package.project_id).where(Package.name.icontains(word, autoescape=True))
    return or_(*(column.icontains(word, autoescape=True) for column in columns), Project.id.in_(packages))


def check_owner(tx: Transaction, caller: User, ownername: str) -> tuple[User, Group | None]:
    """Check that the caller may add projects under an owner's name; whose they will be.

    :returns: the owner; for a group's projects, the caller and the group.
    :raises NotFound: there is no such user or group.
    :raises Forbidden: it is somebody else, or a group of others.
    """
    owner = users.get_owner(tx, ownername)
    if isinstance(owner, Group):
        permissions.check_member(caller, owner)
        return caller, owner
    permissions.check_same_user(caller, owner)
    return owner, None


def check_name_is_free(tx: Transaction, ownername: str, name: str) -> None:
    """:raises Invalid: the owner has a project of that name."""
    if find(tx, ownername, name) is None:
        return
    owner = users.get_owner(tx, ownername)
    whose = f"Group {owner.name} (fas: {owner.fas_name})" if isinstance(owner, Group) else "You"
    raise Invalid(f"{whose} already {'have' if whose == 'You' else 'has'} a project named '{name}'.")


def add(
    tx: Transaction,
    caller: User,
    ownername: str,
    name: str,
    chroots: Iterable[str],
    settings: Mapping[str, Any],
    *,
    storage: str | None = None,
) -> Project:
    """Add a project.

    :param chroots: names of active chroots.
    :param storage: where its results are to be kept; only administrators may say, and only "backend" is
        there.
    :raises NotFound: there is no such owner.
    :raises Forbidden: the caller may not add projects there, or not with these settings.
    :raises Invalid: the owner has a project of that name, or there is no such storage.
    """
    owner, group = check_owner(tx, caller, ownername)
    check_name_is_free(tx, ownername, name)
    _check_settings(caller, settings)
    if settings.get("persistent") and not caller.admin:
        raise Forbidden("Non-admin cannot create persistent project.")
    if storage and not caller.admin:
        raise Forbidden("Non-admin cannot set storage")
    if storage and storage != "backend":
        raise Invalid(f"storage: This local Copr keeps results in its data folder; it has no {storage}.")
    project = Project(name=name, ownername=ownername, user_id=owner.id, group=group, **settings)
    tx.session.add(project)
    tx.session.flush()
    project.dirs.append(ProjectDir(name=name))
    set_chroots(tx, project, chroots)
    return project


def edit(
    tx: Transaction, caller: User, project: Project, chroots: Iterable[str], settings: Mapping[str, Any]
) -> None:
    """Change settings of a project, and its chroots; no chroots at all means those that it has.

    :raises Forbidden: the caller may not change the project, or not to these settings.
    :raises Conflict: builds for a chroot that the project is to drop are not over.
    """
    permissions.check_update(caller, project)
    _check_settings(caller, settings)
    for column, value in settings.items():
        setattr(project, column, value)
    wanted = list(chroots)
    if wanted:
        _check_none_built_for(tx, project, {own.name for own in project.chroots} - set(wanted))
        set_chroots(tx, project, wanted)


def _check_none_built_for(tx: Transaction, project: Project, chroots: Iterable[str]) -> None:
    """:raises Conflict: builds for one of these chroots are not over; at most so many are named."""
    query = (
        select(BuildChroot.build_id)
        .join(BuildChroot.build)
        .where(Build.project_id == project.id, BuildChroot.name.in_(chroots))
        .where(BuildChroot.state.not_in(states.FINISHED))
        .distinct()
        .order_by(BuildChroot.build_id)
    )
    if running := tx.session.scalars(query.limit(MOST_NAMED + 1)).all():
        named = [*running[:MOST_NAMED], *(["others"] if len(running) > MOST_NAMED else [])]
        are = "are" if len(named) > 1 else "is"
        raise Conflict(
            f"Can't drop chroot from project, related {enumerated('build', named)} {are} still in progress"
        )


def _check_settings(caller: User, settings: Mapping[str, Any]) -> None:
    if not settings.get("auto_prune", True) and not caller.admin:
        raise Forbidden("Non-admin cannot disable auto-prunning.")


def set_chroots(tx: Transaction, project: Project, names: Iterable[str]) -> None:
    """Let a project build for these chroots and no others.

    Those that it drops are kept for a week with their settings and results, in case it takes them again.
    """
    wanted = list(dict.fromkeys(names))
    for chroot in project.chroots:
        if chroot.name not in wanted:
            chroot.delete_after = tx.now + DROPPED_CHROOTS_KEPT
    known = {chroot.name: chroot for chroot in project.all_chroots}
    for name in wanted:
        if name in known:
            known[name].delete_after = None
        else:
            project.all_chroots.append(ProjectChroot(name=name))
    tx.session.flush()
    for directory in project.dirs:
        make_repositories(tx, directory)


def make_repositories(tx: Transaction, directory: ProjectDir) -> None:
    """See that a folder has a repository for each of the project's chroots, with the chroot's comps file."""
    tx.settle(tx.data_folder.directory(directory.project.ownername, directory.name))
    for chroot in directory.project.chroots:
        repository = results.repository(tx, directory, chroot.name)
        tx.data_folder.create_repository(repository)
        if chroot.comps is not None and not (repository / "comps.xml").exists():
            tx.data_folder.write(repository / "comps.xml", chroot.comps)
            tx.update_repository(results.following(tx, directory, chroot.name))


def check_dir(project: Project, name: str) -> ProjectDir | None:
    """The folder of a project that has this name, if there is one already.

    :raises Invalid: there is none, and the name is not one for a folder of this project.
    """
    for directory in project.dirs:
        if directory.name == name:
            return directory
    checks.directory_name(project, name)
    return None


def get_dir(tx: Transaction, project: Project, name: str) -> ProjectDir:
    """A folder of a project, made if there is none of that name.

    :raises Invalid: the name is not one for a folder of this project.
    """
    if known := check_dir(project, name):
        return known
    directory = ProjectDir(name=name)
    project.dirs.append(directory)
    tx.session.flush()
    make_repositories(tx, directory)
    return directory


def regenerate_repositories(tx: Transaction, caller: User, project: Project) -> None:
    """Have the metadata of all repositories of a project written again.

    :raises Forbidden: the caller may not.
    """
    permissions.check_admin(caller, project)
    for directory in project.dirs:
        for chroot in project.chroots:
            tx.update_repository(results.repository(tx, directory, chroot.name))


def delete(tx: Transaction, caller: User, project: Project) -> None:
    """Delete a project, its builds and its results.

    :raises Forbidden: the caller may not, or the project is protected.
    :raises Invalid: builds of it are not over yet.
    """
    permissions.check_delete(caller, project)
    check_none_running(tx, project)
    remove(tx, project)


def remove(tx: Transaction, project: Project) -> None:
    """Remove a project of which no build is running, whoever wants that."""
    for directory in project.dirs:
        tx.discard(tx.data_folder.directory(project.ownername, directory.name))
    tx.session.delete(project)
    tx.session.flush()
