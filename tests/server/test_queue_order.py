"""The query for the next step: it finds what a plain search finds, and takes no longer with more builds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from copr_local.data.database import Database, Transaction
from copr_local.data.models import Batch, Build, BuildChroot, MockChroot, Project, ProjectDir, Turn, User
from copr_local.rules import queue, queue_order, states, turns
from copr_local.rules.queue import Step

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"
IN_HAND, UNFINISHED = states.IN_A_BUILDERS_HANDS, states.UNFINISHED
NO_PROJECTS = 1000


class Undone(Exception):
    """Ends a transaction without a commit."""


@contextmanager
def undone(database: Database) -> Iterator[Transaction]:
    """Open a writing transaction, and roll it back."""
    with suppress(Undone), database.writing() as tx:
        yield tx
        raise Undone


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory, new_database: Any) -> Iterator[Database]:
    """Return a database with a user, many projects, and a few batches that follow each other."""
    database = new_database(tmp_path_factory.mktemp("queue"))
    numbers = range(1, NO_PROJECTS + 1)
    user = {
        "name": "alice",
        "api_login": "a",
        "api_token_hash": "b",
        "api_token_expiration": date(2100, 1, 1),
    }
    with database.writing() as tx:
        tx.session.execute(insert(User), [user])
        tx.session.execute(insert(MockChroot), [{"name": name, "position": 1} for name in (X86, ARM)])
        tx.session.execute(
            insert(Project),
            [{"id": each, "name": f"p{each}", "ownername": "alice", "user_id": 1} for each in numbers],
        )
        tx.session.execute(
            insert(ProjectDir), [{"id": each, "project_id": each, "name": f"p{each}"} for each in numbers]
        )
        tx.session.execute(
            insert(Batch), [{"id": 1}, {"id": 2, "blocked_by_id": 1}, {"id": 3, "blocked_by_id": 2}]
        )
    yield database
    database.close()


def build(id_: int, project: int, source: str, **chroots: str) -> dict[str, Any]:
    """Return a build as a row, and the states of its chroots."""
    return {
        "id": id_,
        "project_id": project,
        "dir_id": project,
        "user_id": 1,
        "submitted_on": 1,
        "source_type": "link",
        "source": {},
        "source_state": source,
        "state": states.of_build(source, chroots.values()),
        "timeout": 1,
        "is_background": False,
        "batch_id": None,
        "chroots": chroots,
    }


def add(tx: Transaction, builds: Sequence[dict[str, Any]]) -> None:
    """Add builds, and let their projects take part."""
    rows = [{name: value for name, value in each.items() if name != "chroots"} for each in builds]
    chroots = [
        {
            "build_id": each["id"],
            "name": {"x86": X86, "arm": ARM}[name],
            "state": state,
            "project_id": each["project_id"],
            "is_background": each["is_background"],
        }
        for each in builds
        for name, state in each["chroots"].items()
    ]
    tx.session.execute(insert(Build), rows)
    if chroots:
        tx.session.execute(insert(BuildChroot), chroots)
    turns.restore(tx)


def plainly(tx: Transaction, builds: Sequence[dict[str, Any]], arches: Sequence[str]) -> Step | None:
    """Return the next step by a search through all builds."""
    unfinished = {each["batch_id"] for each in builds if each["state"] in UNFINISHED}
    order = {turn.project_id: (turn.number, turn.id) for turn in tx.session.query(Turn)}
    busy: Counter[int] = Counter()
    for each in builds:
        busy[each["project_id"]] += sum(
            state in IN_HAND for state in (each["source_state"], *each["chroots"].values())
        )
    found = []
    for each in builds:
        blocked = (each["batch_id"] or 0) > 1 and each["batch_id"] - 1 in unfinished
        waiting = [name for name, state in each["chroots"].items() if state == "pending"]
        names = sorted({"x86": X86, "arm": ARM}[name] for name in waiting)
        names = [name for name in names if name.rpartition("-")[2] in arches]
        if names or (each["source_state"] == "pending" and not blocked):
            project = each["project_id"]
            rank = (each["is_background"], busy[project], order[project], each["id"])
            found.append((rank, Step(each["id"], names[0] if names else None)))
    return min(found, key=lambda pair: pair[0], default=(None, None))[1]


STEPS = st.sampled_from(["pending", "starting", "running", "succeeded", "failed"])
BUILDS = st.tuples(
    st.integers(1, 4),
    st.sampled_from(["pending", "running", "succeeded", "succeeded", "succeeded"]),
    STEPS,
    STEPS,
    st.booleans(),
    st.sampled_from([None, None, 1, 2, 3]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(BUILDS, max_size=8),
    had_turns=st.lists(st.integers(1, 4), max_size=5),
    arches=st.sampled_from([["x86_64"], ["aarch64"], ["aarch64", "x86_64"], []]),
)
def test_the_next_step_is_that_of_a_plain_search(
    projects: Database, drawn: list[Any], had_turns: list[int], arches: list[str]
) -> None:
    builds = []
    for id_, (project, source, x86, arm, is_background, batch) in enumerate(drawn, 1):
        chroots = {"x86": x86, "arm": arm} if source == "succeeded" else {"x86": "waiting"}
        builds.append(build(id_, project, source, **chroots) | {"is_background": is_background})
        # The chroots of a build in a batch can only be built after the batch before it.
        builds[-1]["batch_id"] = batch if source != "succeeded" else None
    with undone(projects) as tx:
        if builds:
            add(tx, builds)
        for project in had_turns:
            turns.take(tx, project)
        assert queue_order.next_step(tx, arches) == plainly(tx, builds, arches)
        if len(arches) == 2:
            assert queue_order.next_step(tx) == plainly(tx, builds, arches)


def instructions(tx: Transaction) -> int:
    """Return how many instructions of SQLite the decision takes."""
    connection = tx.session.connection().connection.driver_connection
    assert connection is not None
    count = 0

    def counted() -> int:
        nonlocal count
        count += 1
        return 0

    connection.set_progress_handler(counted, 1)
    assert queue_order.next_step(tx) is not None
    connection.set_progress_handler(None, 0)
    return count


@pytest.mark.sqlite("it counts instructions of SQLite")
@pytest.mark.parametrize("source", ["pending", "succeeded"])
def test_a_decision_takes_no_longer_with_very_many_builds(projects: Database, source: str) -> None:
    took = []
    for waiting, of in ((100, 1), (100, 100), (2_000, 1), (2_000, 100), (2_000, 1000)):
        chroots = {"x86": "pending", "arm": "pending"} if source == "succeeded" else {}
        with undone(projects) as tx:
            add(tx, [build(id_, 1 + id_ % of, source, **chroots) for id_ in range(1, waiting + 1)])
            took.append(instructions(tx))
    assert max(took) < 2 * min(took)


def test_a_project_without_builds_is_forgotten_when_it_would_be_next(projects: Database) -> None:
    with undone(projects) as tx:
        add(tx, [build(1, 1, "pending"), build(2, 2, "pending"), build(3, 3, "pending")])
        turns.take(tx, 1)
        tx.session.execute(
            Build.__table__.update().where(Build.id == 1).values(state="failed", source_state="failed")
        )
        for project in (2, 3, 2):
            turns.take(tx, project)
        assert [turn.project_id for turn in tx.session.query(Turn).order_by(Turn.number)] == [3, 2]
        turns.enter(tx, 1)
        turns.enter(tx, 1)
        assert [turn.project_id for turn in tx.session.query(Turn).order_by(Turn.number)] == [1, 3, 2]


def test_a_builder_for_other_architectures_takes_source_steps_only(projects: Database) -> None:
    with undone(projects) as tx:
        add(tx, [build(1, 1, "succeeded", x86="pending"), build(2, 2, "pending")])
        assert queue_order.next_step(tx, ["s390x"]) == Step(2)
        queue.claim(tx, Step(2))
        assert queue_order.next_step(tx, ["s390x"]) is None
        assert queue_order.next_step(tx, ["x86_64"]) == Step(1, X86)
