"""Projects: add, edit, list and delete them.

Settings are passed as a mapping of columns of `Project` to values, which the API has checked. Every
directory of a project gets an empty repository for each of its chroots when it is created, so dnf can use it
at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select
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
from . import build_deletion, listing, permissions, project_dirs, results, states, users
from .errors import Conflict, Forbidden, Invalid, NotFound, enumerated

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
    elif settings.get("devel_mode"):
        project_dirs.make_repositories_of(tx, [directory.id for directory in project.dirs])


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
    project_dirs.make_repositories_of(tx, [directory.id for directory in project.dirs])


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
