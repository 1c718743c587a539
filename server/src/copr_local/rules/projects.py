"""Projects: add, edit, list, search and delete them.

Settings are passed as a mapping of columns of `Project` to values, which the API has checked. Every
directory of a project gets an empty repository for each of its chroots when it is created, so dnf can use it
at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import selectinload

from ..data.database import Transaction
from ..data.models import (
    DELETED,
    Build,
    BuildChroot,
    Group,
    Package,
    Project,
    ProjectChroot,
    ProjectDir,
    User,
)
from . import build_deletion, checks, limits, listing, permissions, results, states, users
from .builds import enumerated
from .errors import Conflict, Forbidden, Invalid, NotFound

SHORTEST_QUERY = 3  # characters
MOST_NAMED = 5  # ids of builds in the text of an error
DROPPED_CHROOTS_KEPT = 7 * 86_400  # seconds


def get(tx: Transaction, ownername: str, name: str) -> Project:
    """Return a project.

    :param tx: transaction to read from.
    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the project.
    :raises NotFound: the project or the group does not exist.
    """
    if ownername.startswith("@"):
        users.get_group(tx, ownername[1:])
    project = find(tx, ownername, name)
    if project is None:
        raise NotFound(f"Project {ownername}/{name} does not exist.")
    return project


def find(tx: Transaction, ownername: str, name: str) -> Project | None:
    """Return a project, if it exists.

    :param tx: transaction to read from.
    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the project; None if the owner has no project of this name.
    """
    return tx.session.scalar(select(Project).where(Project.ownername == ownername, Project.name == name))


def get_by_id(tx: Transaction, project_id: int) -> Project:
    """Return the project with an id.

    :param tx: transaction to read from.
    :param project_id: id of the project.
    :returns: the project.
    :raises NotFound: no project has this id.
    """
    project = tx.session.get(Project, project_id) if abs(project_id) <= listing.LARGEST else None
    if project is None:
        raise NotFound(f"Project {project_id} does not exist.")
    return project


def in_list(tx: Transaction, page: listing.Page, ownername: str | None = None) -> Sequence[Project]:
    """Return one page of the projects of an owner, or of all owners.

    :param tx: transaction to read from.
    :param page: the rows to return, and their order.
    :param ownername: name of the user, or of the group with its @; None for all owners.
    :returns: the projects, in the order of the page; empty if the owner does not exist.
    :raises CannotOrder: projects cannot be sorted by this property.
    """
    query = select(Project).options(selectinload(Project.all_chroots))
    if ownername is not None:
        query = query.where(Project.ownername == ownername)
    order = listing.order(page, Project, "copr")
    query = query.order_by(order, Project.id)
    return tx.session.scalars(listing.cut(query, page)).all()


def search(tx: Transaction, words: str, page: listing.Page, *among: ColumnElement[bool]) -> Sequence[Project]:
    """Return one page of the projects that match a search.

    A project matches if each word is part of its name, owner, description, instructions or one of its
    packages. `OWNER/NAME` searches in owners and names only: there the owner is the project's `user`, even if
    the project belongs to a group, or with an @ the group.

    :param tx: transaction to read from.
    :param words: text to search for; empty for all projects. Stars in words are ignored.
    :param page: the rows to return, and their order.
    :param among: further conditions that the projects must meet.
    :returns: the projects, in the order of the page.
    :raises Invalid: the text has fewer than three characters, or is too long.
    :raises CannotOrder: projects cannot be sorted by this property.
    """
    limits.check("characters in a search", len(words))
    limits.check("words in a search", len(words.split()))
    query = select(Project).options(selectinload(Project.all_chroots)).where(*among)
    ownername, slash, name = words.partition("/")
    if slash:
        query = query.where(_owner_like(ownername), Project.name.icontains(name, autoescape=True))
    elif words:
        plain = words.strip().replace("*", "")
        if len(plain) < SHORTEST_QUERY:
            raise Invalid(f"Search string must have at least {SHORTEST_QUERY} characters")
        query = query.where(*(_mentions(word) for word in plain.split()))
    order = listing.order(page, Project, "copr")
    query = query.order_by(order, Project.id)
    return tx.session.scalars(listing.cut(query, page)).all()


def _owner_like(part: str) -> ColumnElement[bool]:
    """Return the condition that a project's group (with an @) or user has a name with this part."""
    if part.startswith("@"):
        groups = select(Group.id).where(Group.name.icontains(part[1:], autoescape=True))
        return Project.group_id.in_(groups)
    users_like = select(User.id).where(User.name.icontains(part, autoescape=True))
    return Project.user_id.in_(users_like)


def _mentions(word: str) -> ColumnElement[bool]:
    """Return the condition that a word is part of a project's texts or of the name of one of its packages."""
    columns = (Project.name, Project.ownername, Project.description, Project.instructions)
    packages = select(Package.project_id).where(Package.name.icontains(word, autoescape=True))
    return or_(*(column.icontains(word, autoescape=True) for column in columns), Project.id.in_(packages))


def check_owner(tx: Transaction, caller: User, ownername: str) -> tuple[User, Group | None]:
    """Check that a user may add projects under an owner's name.

    :param tx: transaction to read from.
    :param caller: user who sent the request.
    :param ownername: name of the user, or of the group with its @.
    :returns: the owner and None; for a group, the caller and the group.
    :raises NotFound: the user or the group does not exist.
    :raises Forbidden: it is another user, or a group that the caller is not a member of.
    """
    owner = users.get_owner(tx, ownername)
    if isinstance(owner, Group):
        permissions.check_member(caller, owner)
        return caller, owner
    permissions.check_same_user(caller, owner)
    return owner, None


def check_name_is_free(tx: Transaction, ownername: str, name: str) -> None:
    """Check that an owner has no project of a name.

    :param tx: transaction to read from.
    :param ownername: name of the user, or of the group with its @.
    :param name: name of the new project.
    :raises Invalid: the owner has a project of this name.
    """
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

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param ownername: name of the user, or of the group with its @.
    :param name: name of the new project, which the API has checked.
    :param chroots: names of chroots that this Copr offers.
    :param settings: values of other columns of `Project`.
    :param storage: where to store the results. Only administrators may set it, and only to "backend".
    :returns: the new project.
    :raises NotFound: the owner does not exist.
    :raises Forbidden: the caller may not add projects for this owner, or not with these settings.
    :raises Invalid: the owner has a project of this name, or the storage does not exist.
    :raises OSError: the repositories cannot be written.
    """
    owner, group = check_owner(tx, caller, ownername)
    check_name_is_free(tx, ownername, name)
    _check_settings(caller, settings)
    if settings.get("persistent") and not caller.admin:
        raise Forbidden("Non-admin cannot create persistent project.")
    if storage and not caller.admin:
        raise Forbidden("Non-admin cannot set storage")
    if storage and storage != "backend":
        raise Invalid(f"storage: {storage} is not supported. A local Copr keeps results in its data folder.")
    project = Project(name=name, ownername=ownername, user_id=owner.id, group=group, **settings)
    tx.session.add(project)
    tx.session.flush()
    project.dirs.append(ProjectDir(name=name))
    set_chroots(tx, project, chroots)
    return project


def edit(
    tx: Transaction, caller: User, project: Project, chroots: Iterable[str], settings: Mapping[str, Any]
) -> None:
    """Change settings and chroots of a project.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param project: project to change.
    :param chroots: names of all chroots that it should have; if empty, its chroots do not change.
    :param settings: new values of other columns of `Project`.
    :raises Forbidden: the caller may not change the project, or not to these settings.
    :raises Conflict: a build for a chroot to remove has not finished.
    :raises OSError: the repositories cannot be written.
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
    """Raise `Conflict` if a build for one of these chroots has not finished."""
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
    """Raise `Forbidden` if only an administrator may choose these settings."""
    if not settings.get("auto_prune", True) and not caller.admin:
        raise Forbidden("Non-admin cannot disable auto-prunning.")


def set_chroots(tx: Transaction, project: Project, names: Iterable[str]) -> None:
    """Replace the chroots of a project.

    A chroot that is removed keeps its settings and results for a week, in case it is added again.

    :param tx: transaction to write in.
    :param project: project to change.
    :param names: names of all chroots that it should have.
    :raises OSError: the repositories cannot be written.
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
    _make_repositories_of(tx, [directory.id for directory in project.dirs])


def _make_repositories_of(tx: Transaction, directory_ids: Sequence[int]) -> None:
    """Create the missing repositories of directories, of each in a transaction of its own."""
    first, *rest = directory_ids
    directory = tx.session.get(ProjectDir, first)
    if directory is not None:
        make_repositories(tx, directory)
    if rest:
        tx.then(partial(_make_repositories_of, directory_ids=rest))


def make_repositories(tx: Transaction, directory: ProjectDir) -> None:
    """Create the missing repositories of a directory: one for each chroot, with its comps file.

    :param tx: transaction to write in.
    :param directory: directory of a project.
    :raises OSError: a file cannot be written, or a pending change of files cannot be carried out.
    """
    tx.settle(tx.data_folder.directory(directory.project.ownername, directory.name))
    for chroot in directory.project.chroots:
        repository = results.repository(tx, directory, chroot.name)
        tx.data_folder.create_repository(repository)
        if chroot.comps is not None and not (repository / "comps.xml").exists():
            tx.data_folder.write(repository / "comps.xml", chroot.comps)
            tx.update_repository(results.following(tx, directory, chroot.name))


def check_dir(project: Project, name: str) -> ProjectDir | None:
    """Return a directory of a project, or check that it could be added.

    :param project: project of the directory.
    :param name: name of the directory, with the project's name at its start.
    :returns: the directory; None if it does not exist yet.
    :raises Invalid: it does not exist, and the name is not valid for a directory of this project.
    """
    for directory in project.dirs:
        if directory.name == name:
            return directory
    checks.directory_name(project, name)
    return None


def get_dir(tx: Transaction, project: Project, name: str) -> ProjectDir:
    """Return a directory of a project; add it if it does not exist.

    :param tx: transaction to write in.
    :param project: project of the directory.
    :param name: name of the directory, with the project's name at its start.
    :returns: the directory.
    :raises Invalid: it does not exist, and the name is not valid for a directory of this project.
    :raises OSError: the repositories of a new directory cannot be written.
    """
    if known := check_dir(project, name):
        return known
    directory = ProjectDir(name=name)
    project.dirs.append(directory)
    tx.session.flush()
    make_repositories(tx, directory)
    return directory


def regenerate_repositories(tx: Transaction, caller: User, project: Project) -> None:
    """Request that the metadata of all repositories of a project is written again.

    :param tx: transaction to write in; the metadata is written after its commit.
    :param caller: user who sent the request.
    :param project: project of the repositories.
    :raises Forbidden: the caller may not change the project.
    """
    permissions.check_admin(caller, project)
    for directory in project.dirs:
        for chroot in project.chroots:
            tx.update_repository(results.repository(tx, directory, chroot.name))


def delete(tx: Transaction, caller: User, project: Project) -> None:
    """Delete a project, its builds and its results.

    :param tx: transaction to write in, see `remove`.
    :param caller: user who sent the request.
    :param project: project to delete.
    :raises Forbidden: the caller may not delete the project, or it is protected against deletion.
    :raises Invalid: a build of it has not finished.
    """
    permissions.check_delete(caller, project)
    build_deletion.check_none_running(tx, project)
    remove(tx, project)


def remove(tx: Transaction, project: Project) -> None:
    """Remove a project without any check of permissions.

    If it has many builds or packages, it is only marked as deleted now: it has expired long ago, and nobody
    may change it or build in it any more. The transactions that follow empty and remove it. If the process
    dies meanwhile, the removal of expired projects continues.

    :param tx: transaction to write in; files are removed after its commit.
    :param project: project to remove; all its builds must have finished.
    """
    project.delete_after = DELETED
    _empty(tx, project.id)


def _empty(tx: Transaction, project_id: int) -> None:
    """Delete some builds and packages of a project, and the project after the last one.

    If a webhook has submitted a build meanwhile, the project is removed when that has finished.
    """
    project = tx.session.get(Project, project_id)
    if project is None or build_deletion.unfinished(tx, Build.project_id == project_id):
        return
    if build_deletion.remove_rows(tx, Build, Build.project_id == project_id) or build_deletion.remove_rows(
        tx, Package, Package.project_id == project_id
    ):
        tx.then(partial(_empty, project_id=project_id))
        return
    for directory in project.dirs:
        tx.discard(tx.data_folder.directory(project.ownername, directory.name))
    tx.session.delete(project)
    tx.session.flush()
