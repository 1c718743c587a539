"""Mock chroots: which ones this Copr offers, and what their names say.

A name is `DISTRIBUTION-VERSION-ARCHITECTURE`; distributions may have dashes of their own
(`centos-stream-10-x86_64`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select

from ..data.database import Transaction
from ..data.models import MockChroot
from .errors import Invalid, UnknownChroot

_NAME = re.compile(r"[a-z0-9_.+-]+-[a-z0-9_.]+-[a-z0-9_]+", re.ASCII)
_SAME_ARCHITECTURE = {"i386": ("i386", "i486", "i586", "i686")}


def offer(tx: Transaction, chroots: Mapping[str, str]) -> None:
    """Offer exactly these chroots, in this order: names and comments.

    :raises Invalid: a name is not one of a chroot.
    """
    for name in chroots:
        if not _NAME.fullmatch(name):
            raise Invalid(f"'{name}' is not a chroot: write one like fedora-45-x86_64")
    known = {chroot.name: chroot for chroot in tx.session.scalars(select(MockChroot))}
    for chroot in known.values():
        chroot.is_active = False
    for position, (name, comment) in enumerate(chroots.items()):
        chroot = known.get(name) or MockChroot(name=name)
        chroot.position, chroot.is_active, chroot.comment = position, True, comment
        tx.session.add(chroot)
    tx.session.flush()


def add(tx: Transaction, names: Iterable[str], comment: str) -> None:
    """Offer more chroots, after those on offer.

    :raises Invalid: a name is not one of a chroot.
    """
    offer(tx, {chroot.name: chroot.comment for chroot in active(tx)} | dict.fromkeys(names, comment))


def disable(tx: Transaction, names: Iterable[str]) -> None:
    """Stop offering chroots; results stay.

    :raises Invalid: one of them is not on offer.
    """
    offered = {chroot.name: chroot.comment for chroot in active(tx)}
    for name in names:
        if offered.pop(name, None) is None:
            raise Invalid(f"'{name}' is not on offer: `copr-local chroot list` shows what is")
    offer(tx, offered)


def any_known(tx: Transaction) -> bool:
    """Whether any chroot was ever offered."""
    return bool(tx.session.scalar(select(func.count()).select_from(MockChroot)))


def active(tx: Transaction) -> Sequence[MockChroot]:
    """The chroots on offer, in their order."""
    return tx.session.scalars(
        select(MockChroot).where(MockChroot.is_active).order_by(MockChroot.position)
    ).all()


def active_names(tx: Transaction) -> list[str]:
    """Return the names of the chroots on offer, in their order."""
    return [chroot.name for chroot in active(tx)]


def known(tx: Transaction) -> Sequence[MockChroot]:
    """All chroots that were ever offered: those on offer first, each in their order."""
    order = (MockChroot.is_active.desc(), MockChroot.position)
    return tx.session.scalars(select(MockChroot).order_by(*order)).all()


def find(tx: Transaction, name: str) -> MockChroot | None:
    """A chroot that was ever offered, if there is one of that name."""
    return tx.session.get(MockChroot, name)


def check_name(name: str) -> None:
    """:raises UnknownChroot: not a name for a chroot: it has not three parts."""
    if name.count("-") < 2:
        raise UnknownChroot


def newest_fedora(tx: Transaction, architecture: str) -> str | None:
    """The newest Fedora on offer that has a number, for an architecture."""
    pattern = re.compile(rf"fedora-(\d+)-{re.escape(architecture)}")
    found = [match for chroot in active(tx) if (match := pattern.fullmatch(chroot.name))]
    return max(found, key=lambda match: int(match[1]))[0] if found else None


def release(name: str) -> str:
    """The chroot's name without its architecture: `fedora-45` of `fedora-45-x86_64`."""
    return name.rpartition("-")[0]


def architecture(name: str) -> str:
    """The chroot's architecture: `x86_64` of `fedora-45-x86_64`."""
    return name.rpartition("-")[2]


def is_excluded(name: str, exclusive_arch: Sequence[str], exclude_arch: Sequence[str]) -> bool:
    """Whether a spec's ExclusiveArch and ExcludeArch keep its package out of a chroot.

    `noarch` in ExclusiveArch says what kind of package it is, and not where it may be built.
    """
    own = _SAME_ARCHITECTURE.get(architecture(name), (architecture(name),))
    only = [arch for arch in exclusive_arch if arch != "noarch"]
    return any(arch in exclude_arch for arch in own) or bool(only and not any(arch in only for arch in own))
