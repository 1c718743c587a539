"""Mock chroots: the chroots on offer in this Copr, and the parts of their names.

A name is `DISTRIBUTION-VERSION-ARCHITECTURE`. The distribution may have dashes too
(`centos-stream-10-x86_64`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, MockChroot
from .errors import Invalid, UnknownChroot

_NAME = re.compile(r"[a-z0-9_.+-]+-[a-z0-9_.]+-[a-z0-9_]+", re.ASCII)
_SAME_ARCHITECTURE = {"i386": ("i386", "i486", "i586", "i686")}


def offer(tx: Transaction, chroots: Mapping[str, str]) -> None:
    """Offer exactly these chroots. Other chroots are disabled.

    :param tx: transaction to write in.
    :param chroots: comments by name, in the order to list them in.
    :raises Invalid: a name is not a valid chroot name.
    """
    for name in chroots:
        if not _NAME.fullmatch(name):
            raise Invalid(f"'{name}' is not a valid chroot name: write one like fedora-45-x86_64")
    known = {chroot.name: chroot for chroot in tx.session.scalars(select(MockChroot))}
    for chroot in known.values():
        chroot.is_active = False
    for position, (name, comment) in enumerate(chroots.items()):
        chroot = known.get(name) or MockChroot(name=name)
        chroot.position, chroot.is_active, chroot.comment = position, True, comment
        tx.session.add(chroot)
    tx.session.flush()


def add(tx: Transaction, names: Iterable[str], comment: str) -> None:
    """Offer more chroots, listed after those on offer.

    :param tx: transaction to write in.
    :param names: names of the chroots; one that is on offer keeps its place and gets the comment.
    :param comment: comment for all of them.
    :raises Invalid: a name is not a valid chroot name.
    """
    offer(tx, {chroot.name: chroot.comment for chroot in active(tx)} | dict.fromkeys(names, comment))


def disable(tx: Transaction, names: Iterable[str]) -> None:
    """Stop offering chroots. Their results stay.

    :param tx: transaction to write in.
    :param names: names of the chroots.
    :raises Invalid: one of them is not on offer.
    """
    offered = {chroot.name: chroot.comment for chroot in active(tx)}
    for name in names:
        if offered.pop(name, None) is None:
            raise Invalid(f"the chroot '{name}' is not offered: see `copr-local chroot list`")
    offer(tx, offered)


def any_known(tx: Transaction) -> bool:
    """Return True if any chroot was ever on offer.

    :param tx: transaction to read in.
    :returns: False until the first chroot is offered; a disabled chroot counts.
    """
    return bool(tx.session.scalar(select(func.count()).select_from(MockChroot)))


def active(tx: Transaction) -> Sequence[MockChroot]:
    """Return the chroots on offer.

    :param tx: transaction to read in.
    :returns: the chroots, in the order in which they are listed.
    """
    return tx.session.scalars(
        select(MockChroot).where(MockChroot.is_active).order_by(MockChroot.position)
    ).all()


def active_names(tx: Transaction) -> list[str]:
    """Return the names of the chroots on offer.

    :param tx: transaction to read in.
    :returns: the names, in the order in which they are listed.
    """
    query = select(MockChroot.name).where(MockChroot.is_active).order_by(MockChroot.position)
    return list(tx.session.scalars(query))


def known(tx: Transaction) -> Sequence[MockChroot]:
    """Return all chroots that were ever on offer.

    :param tx: transaction to read in.
    :returns: first the chroots on offer, then the disabled ones, each in their order.
    """
    order = (MockChroot.is_active.desc(), MockChroot.position)
    return tx.session.scalars(select(MockChroot).order_by(*order)).all()


def find(tx: Transaction, name: str) -> MockChroot | None:
    """Return a chroot that was ever on offer.

    :param tx: transaction to read in.
    :param name: name of the chroot.
    :returns: the chroot; None if it was never on offer.
    """
    return tx.session.get(MockChroot, name)


def check_name(name: str) -> None:
    """Check that a chroot name has at least three parts.

    :param name: name to check.
    :raises UnknownChroot: it has fewer parts.
    """
    if name.count("-") < 2:
        raise UnknownChroot


def newest_fedora(tx: Transaction, architecture: str) -> str | None:
    """Return the newest numbered Fedora on offer for an architecture.

    :param tx: transaction to read in.
    :param architecture: the architecture, such as `x86_64`.
    :returns: name of the chroot; None if no numbered Fedora is on offer.
    """
    pattern = re.compile(rf"fedora-(\d+)-{re.escape(architecture)}")
    found = [match for chroot in active(tx) if (match := pattern.fullmatch(chroot.name))]
    return max(found, key=lambda match: int(match[1]))[0] if found else None


def release(name: str) -> str:
    """Return the distribution and version of a chroot.

    :param name: name of the chroot, such as `fedora-45-x86_64`.
    :returns: the name without its architecture, such as `fedora-45`.
    """
    return name.rpartition("-")[0]


def architecture(name: str) -> str:
    """Return the architecture of a chroot.

    :param name: name of the chroot, such as `fedora-45-x86_64`.
    :returns: the last part of the name, such as `x86_64`.
    """
    return name.rpartition("-")[2]


def is_excluded(name: str, exclusive_arch: Sequence[str], exclude_arch: Sequence[str]) -> bool:
    """Return True if a spec file excludes its package from a chroot.

    :param name: name of the chroot.
    :param exclusive_arch: architectures in the tag ExclusiveArch; `noarch` is ignored, since it says what
        kind of package it is, not where it may be built.
    :param exclude_arch: architectures in the tag ExcludeArch.
    :returns: True if the package must not be built in this chroot.
    """
    own = _SAME_ARCHITECTURE.get(architecture(name), (architecture(name),))
    only = [arch for arch in exclusive_arch if arch != "noarch"]
    return any(arch in exclude_arch for arch in own) or bool(only and not any(arch in only for arch in own))


def of_build(build: Build, names: Iterable[str]) -> list[BuildChroot]:
    """Return new chroots for a build, which wait for its source RPM.

    :param build: the build; it has its project.
    :param names: names of the chroots.
    :returns: the chroots, not yet added to the build.
    """
    return [
        BuildChroot(
            name=name, state="waiting", project_id=build.project.id, is_background=build.is_background
        )
        for name in names
    ]
