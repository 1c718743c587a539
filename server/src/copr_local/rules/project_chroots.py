"""The chroots of a project: what is special about the builds for each.

Settings are passed as a mapping from columns of `ProjectChroot` to values that the wire has checked. The
comps file, which tells dnf of groups of packages, lies in the chroot's repositories as `comps.xml`; their
metadata names it.
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
    """A chroot of a project, also one that it has dropped and not yet lost.

    :raises NotFound: that is no name for a chroot, or the project never chose it.
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

    :param reset: names of settings to put back to what they are in a new project.
    :raises Forbidden: the caller may not.
    :raises Invalid: a setting to be put back is none.
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
    default = inspect(ProjectChroot).column_attrs[name].columns[0].default
    if default is None:
        return None
    return [] if default.is_callable else default.arg


def _publish_comps(tx: Transaction, chroot: ProjectChroot) -> None:
    """Put the comps file into the chroot's repositories, or take it away."""
    for directory in chroot.project.dirs:
        repository = results.repository(tx, directory, chroot.name)
        tx.data_folder.write(repository / "comps.xml", chroot.comps)
        tx.update_repository(results.following(tx, directory, chroot.name))
