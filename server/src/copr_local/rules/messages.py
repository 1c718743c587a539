"""Messages about builds: a real Copr sends them when a step begins to run, and when it ends.

    running                     copr.build.start, copr.chroot.start
    running -> finished         copr.build.end
    importing -> finished       copr.build.end, of a source step

There are no messages of steps that have never run: those that were cancelled while they waited, are skipped,
or belong to a forked build. A step that is requeued and runs again has messages of its new claim.

The bodies have the fields that the schemas of copr-messaging 1.3 require.
"""

from __future__ import annotations

import os
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Package, Project, User
from ..data.pending_work import OutgoingMessage

BUILD_START, CHROOT_START, BUILD_END = "copr.build.start", "copr.chroot.start", "copr.build.end"
SOURCE_CHROOT = "srpm-builds"
WHO = "copr_local.worker"

# Numbers of the states in messages. A real Copr sends a build that was cancelled while it ran as failed.
STATUS = {"failed": 0, "canceled": 0, "succeeded": 1, "running": 3, "skipped": 5}


def of_source_step(tx: Transaction, build: Build, before: str) -> None:
    """Store the messages about a new state of a source step, if the service sends messages.

    :param tx: transaction to write in.
    :param build: build with the new state.
    :param before: state before.
    """
    if tx.sender is not None:
        _store(tx, build, SOURCE_CHROOT, before, build.source_state, build.claim)


def of_chroot_step(tx: Transaction, chroot: BuildChroot, before: str) -> None:
    """Store the messages about a new state of a chroot, if the service sends messages.

    :param tx: transaction to write in.
    :param chroot: chroot with the new state.
    :param before: state before.
    """
    if tx.sender is not None:
        _store(tx, chroot.build, chroot.name, before, chroot.state, chroot.claim)


def _store(tx: Transaction, build: Build, chroot: str, before: str, after: str, claim: int) -> None:
    """Store the messages about one change of a state."""
    if after == "running":
        topics = [BUILD_START, CHROOT_START]
    elif before in ("running", "importing") and after in STATUS:
        topics = [BUILD_END]
    else:
        return
    # Only these columns are read, since a step may be abandoned because of an error in others.
    about = (
        select(Project.ownername, Project.name, User.name, Package.name, Build.version, Build.submitted_on)
        .join(Project, Build.project_id == Project.id)
        .outerjoin(User, Build.user_id == User.id)
        .outerjoin(Package, Build.package_id == Package.id)
        .where(Build.id == build.id)
    )
    owner, project, user, package, version, submitted_on = tx.session.execute(about).one()
    fields = {
        "user": user,
        "copr": project,
        "owner": owner,
        "pkg": package,
        "build": build.id,
        "chroot": chroot,
        "version": version,
        "status": STATUS[after],
        "ip": None,
        "pid": os.getpid(),
        "who": WHO,
    }
    # Ids begin anew in a new data folder at the same URL, so the time of the submission is in the name, too.
    name = f"{tx.sender}/coprs/build/{build.id}/{submitted_on}/{chroot}/{claim}"
    for topic in topics:
        event = topic.removeprefix("copr.").replace(".", " ")
        what = f"{event}: " + " ".join(f"{key}:{value}" for key, value in fields.items() if key != "who")
        message_id = str(uuid5(NAMESPACE_URL, f"{name}/{topic}"))
        body = {**fields, "what": what}
        tx.send(OutgoingMessage(message_id=message_id, topic=topic, sent_on=tx.now, body=body))
