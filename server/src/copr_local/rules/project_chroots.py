"""The chroots of a project, and their settings.

Settings are passed as a mapping of columns of `ProjectChroot` to values, which the API has checked. The
comps file defines groups of packages for dnf. It is published as `comps.xml` in the chroot's repositories,
and their metadata refers to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import inspect

from ..data.database import Transaction
from ..data.models import Project, ProjectChroot, User
from . import chroots, permissions, results
from .errors import Invalid, NotFound, UnknownChroot

CAN_BE_RESET = (
    "additional_repos",
    "additional_packages",
    "additional_modules",
    "with_opts",
    "without_opts",
    "bootstrap",
    "bootstrap_image",
    "isolation",
)


def get(tx: Transaction, project: Project, name: str) -> ProjectChroot:
    """Return a chroot of a project; one that was removed is found until its results are deleted.

    :param tx: transaction to read from.
    :param project: project of the chroot.
    :param name: name of the chroot.
    :returns: the chroot with its settings in the project.
    :raises NotFound: the name is not valid, or the project never had this chroot.
    """
    found = next((own for own in project.all_chroots if own.name == name), None)
    if found is not None:
        return found
    try:
        chroots.check_name(name)
    except UnknownChroot as error:
        raise NotFound(str(error)) from error
    raise NotFound(f"Chroot name {name} does not exist.")


def edit(
    tx: Transaction,
    caller: User,
    chroot: ProjectChroot,
    settings: Mapping[str, Any],
    reset: Collection[str] = (),
) -> None:
    """Change settings of a chroot.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param chroot: chroot to change.
    :param settings: new values of columns of `ProjectChroot`.
    :param reset: names of settings that get the value that they have in a new project.
    :raises Forbidden: the caller may not change the project.
    :raises Invalid: a name in `reset` is not a setting that can be reset.
    :raises OSError: the comps file cannot be written.
    """
    permissions.check_update(caller, chroot.project)
    for name in reset:
        if name not in CAN_BE_RESET:
            place = f"{chroot.project.full_name}/{chroot.name}"
            raise Invalid(
                f"Trying to reset an invalid attribute: {name}\n"
                f"See `copr-cli get-chroot {place}' for all the possible attributes"
            )
    for name, value in settings.items():
        setattr(chroot, name, value)
    for name in reset:
        setattr(chroot, name, _default(name))
    if "comps" in settings:
        _publish_comps(tx, chroot)


def _default(name: str) -> Any:
    """Return the value that a setting has in a new project."""
    default = inspect(ProjectChroot).column_attrs[name].columns[0].default
    if default is None:
        return None
    return [] if default.is_callable else default.arg


def _publish_comps(tx: Transaction, chroot: ProjectChroot) -> None:
    """Write the comps file into the chroot's repositories, or remove it there."""
    for directory in chroot.project.dirs:
        repository = results.repository(tx, directory, chroot.name)
        tx.data_folder.write(repository / "comps.xml", chroot.comps)
        tx.update_repository(results.following(tx, directory, chroot.name))
