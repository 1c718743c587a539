"""A service for tests of builders elsewhere, which is used again for the next test."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from copr_local import LocalCopr
from copr_local.data.models import Build
from copr_local.rules import builders, states


def add_builders(copr: LocalCopr, **arches: list[str]) -> dict[str, str]:
    """Add builders, and return their tokens."""
    with copr.database.writing() as tx:
        return {name: builders.add(tx, name, each) for name, each in arches.items()}


def clean(copr: LocalCopr, api: Any) -> None:
    """Remove what a test has left: builders, builds and the project."""
    copr.faults.clear()
    copr.clock.reset()
    copr.script.clear()
    with copr.database.writing() as tx:
        for builder in builders.in_list(tx):
            builders.remove(tx, builder.name)
        unfinished = tx.session.scalars(select(Build.id).where(Build.state.in_(states.UNFINISHED))).all()
    for build_id in unfinished:
        api.call("PUT", f"/build/cancel/{build_id}")
    api.call("POST", "/project/delete/local/hello", {"verify": True})
