"""Builds that are repeated: the same source again, in all chroots of a build or in some of them."""

from __future__ import annotations

from collections.abc import Sequence

from ..data.database import Transaction
from ..data.models import Build, User
from . import results, sources, submission
from .errors import Conflict, Invalid
from .sources import Source
from .states import FINISHED

_UNDONE = ("failed", "canceled")


def failed_chroots(build: Build) -> list[str]:
    """Return the chroots that a build has not been built for.

    :param build: the build.
    :returns: names of its chroots that failed or were canceled.
    """
    return [chroot.name for chroot in build.chroots if chroot.state in _UNDONE]


def can_be_repeated(build: Build) -> bool:
    """Return True if a build can be repeated.

    :param build: the build.
    :returns: False if it has not finished, or if its source was an uploaded file that is gone.
    """
    if build.state not in FINISHED or build.source_type == "rpm_upload":
        return False
    return build.srpm is not None or build.source_type != "upload"


def repeat(tx: Transaction, caller: User, build: Build, chroots: Sequence[str] | None = None) -> Build:
    """Submit a build with the source of another build.

    The new build gets the source RPM of the other one. If that has none, its source is used again.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param build: the build to repeat; it must have finished.
    :param chroots: names of chroots to build for, without those that the project no longer has; None for all
        that it has now.
    :returns: the new build.
    :raises Conflict: the build has not finished.
    :raises Forbidden: the user may not build in the project.
    :raises Invalid: its source was an uploaded file that is gone, or the project has none of the chroots.
    :raises OSError: the source RPM cannot be linked.
    """
    if build.state not in FINISHED:
        raise Conflict(f"Build {build.id} has not finished; it is {build.state}.")
    if not can_be_repeated(build):
        raise Invalid(f"Build {build.id} has no source RPM. Upload its source again.")
    active = {chroot.name for chroot in build.project.chroots}
    wanted = [name for name in chroots or () if name in active]
    options = submission.Options(
        chroots=wanted,
        timeout=build.timeout,
        is_background=build.is_background,
        enable_net=build.enable_net,
        bootstrap=build.bootstrap,
        isolation=build.isolation,
    )
    submission.check_submission(caller, build.project, options)
    if chroots and not wanted:
        raise Invalid(f"Project {build.project.full_name} no longer has {', '.join(chroots)}.")
    path = results.of_source(tx, build) / build.srpm if build.srpm else None
    if path is None or not path.is_file():
        if build.source_type == "upload":
            raise Invalid(f"The source RPM of build {build.id} is gone. Upload its source again.")
        kept = {name: value for name, value in build.source.items() if name not in ("tmp", "hook_data")}
        return submission.submit(tx, caller, build.dir, Source(build.source_type, kept), options)
    with path.open("rb") as file, tx.data_folder.adopting(file, path.name) as place:
        return submission.submit(tx, caller, build.dir, sources.upload(place), options)
