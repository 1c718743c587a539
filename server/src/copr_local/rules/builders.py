"""Builders on other machines: their tokens, what they may build, and what they are building.

A builder may take steps for its architectures. If it has patterns of chroots, it takes only steps of chroots
that match one of them; the source step of a build counts as the chroot `srpm-builds`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence

from sqlalchemy import null, select

from ..data.builders import Builder
from ..data.database import Transaction
from ..data.models import Build, BuildChroot
from . import queue, states
from .errors import AuthenticationRequired, Invalid, NotFound
from .queue import Step
from .users import NAME

HEARD_INTERVAL = 5  # seconds between two changes of `heard_on`

_ARCH = re.compile(r"[a-z0-9_]{1,20}")
_PATTERN = re.compile(r"[A-Za-z0-9_.*?\[\]!-]{1,100}")


def add(tx: Transaction, name: str, arches: Sequence[str], chroots: Sequence[str] = ()) -> str:
    """Add a builder.

    :param tx: transaction to write in.
    :param name: name of the new builder.
    :param arches: architectures of chroots that it may build for, such as `x86_64`.
    :param chroots: patterns of chroots that it may build in, such as `epel-*`; empty for all.
    :returns: its token, which cannot be read again later.
    :raises Invalid: the name, an architecture or a pattern is not valid, or another builder has the name.
    """
    if not NAME.fullmatch(name):
        raise Invalid(f"'{name}' is not a valid name: use letters, digits, '_', '-' and '.'")
    if tx.session.get(Builder, name):
        raise Invalid(f"the builder '{name}' exists already")
    check_offer(arches, chroots)
    token = secrets.token_urlsafe(30)
    tx.session.add(
        Builder(name=name, token_hash=_hash(token), arches=sorted(set(arches)), chroots=list(chroots))
    )
    return token


def check_offer(arches: Sequence[str], chroots: Sequence[str]) -> None:
    """Check what a builder wants to build.

    :param arches: architectures of chroots.
    :param chroots: patterns of chroots.
    :raises Invalid: there is no architecture, or one of the texts is not valid.
    """
    if not arches:
        raise Invalid("a builder needs at least one architecture")
    for form, texts in ((_ARCH, arches), (_PATTERN, chroots)):
        for text in texts:
            if not form.fullmatch(text):
                what = "architecture, such as x86_64" if form is _ARCH else "pattern, such as epel-*"
                raise Invalid(f"{text!r} is not a valid {what}")


def get(tx: Transaction, name: str) -> Builder:
    """Return a builder.

    :param tx: transaction to read from.
    :param name: name of the builder.
    :returns: the builder.
    :raises NotFound: no builder has this name.
    """
    builder = tx.session.get(Builder, name)
    if builder is None:
        raise NotFound(f"no builder is named '{name}'")
    return builder


def in_list(tx: Transaction) -> Sequence[Builder]:
    """Return all builders.

    :param tx: transaction to read from.
    :returns: the builders, sorted by name.
    """
    return tx.session.scalars(select(Builder).order_by(Builder.name)).all()


def remove(tx: Transaction, name: str) -> None:
    """Remove a builder: its token is refused from now on, and the steps that it builds are requeued.

    :param tx: transaction to write in.
    :param name: name of the builder.
    :raises NotFound: no builder has this name.
    :raises OSError: unfinished results cannot be moved into the trash.
    """
    tx.session.delete(get(tx, name))
    for step in building(tx, name):
        queue.resume(tx, step)


def drain(tx: Transaction, name: str, is_drained: bool = True) -> None:
    """Give a builder no more steps, or give it steps again. It finishes those that it has.

    :param tx: transaction to write in.
    :param name: name of the builder.
    :param is_drained: False to give it steps again.
    :raises NotFound: no builder has this name.
    """
    get(tx, name).is_drained = is_drained


def authenticate(tx: Transaction, token: str) -> Builder:
    """Return the builder that a token belongs to.

    :param tx: transaction to read from.
    :param token: the token.
    :returns: the builder.
    :raises AuthenticationRequired: no builder has this token.
    """
    builder = tx.session.scalar(select(Builder).where(Builder.token_hash == _hash(token)))
    if builder is None:
        raise AuthenticationRequired("no builder has this token: see `copr-local builder add`")
    return builder


def must_note(tx: Transaction, builder: Builder) -> bool:
    """Return True if it is time to store when a builder was last heard.

    :param tx: transaction to read from.
    :param builder: the builder, which sends a request now.
    :returns: True after `HEARD_INTERVAL` seconds.
    """
    return builder.heard_on is None or abs(tx.now - builder.heard_on) >= HEARD_INTERVAL


def building(tx: Transaction, name: str) -> list[Step]:
    """Return the steps that a builder is building.

    :param tx: transaction to read from.
    :param name: name of the builder.
    :returns: the steps with the numbers of their claims.
    """
    queries = (
        select(Build.id, null(), Build.claim).where(
            Build.source_state.in_(states.IN_A_BUILDERS_HANDS), Build.builder == name
        ),
        select(BuildChroot.build_id, BuildChroot.name, BuildChroot.claim).where(
            BuildChroot.state.in_(states.IN_A_BUILDERS_HANDS), BuildChroot.builder == name
        ),
    )
    return [Step(*row) for query in queries for row in tx.session.execute(query)]


def arches_elsewhere(tx: Transaction) -> set[str]:
    """Return the architectures that builders on other machines build for.

    :param tx: transaction to read from.
    :returns: the architectures, also of drained builders.
    """
    return {arch for arches in tx.session.scalars(select(Builder.arches)) for arch in arches}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
