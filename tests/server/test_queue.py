"""Order of the queue: projects share the builders fairly, and background builds wait."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from copr_local import LocalCopr
from copr_local.data.models import Build, Turn
from copr_local.rules import builds, queue, queue_order
from copr_local.rules.queue import Step

X86 = "fedora-45-x86_64"


class Queue:
    """The queue of a local Copr without builders; a test starts and finishes steps itself."""

    def __init__(self, copr: LocalCopr, api: Any) -> None:
        self._copr, self._api = copr, api
        self.names: dict[int, str] = {}

    def submit(self, project: str, count: int = 1, **options: Any) -> None:
        self._api.call("POST", "/project/add/local", {"name": project, "chroots": [X86]}, exist_ok=True)
        body = {"ownername": "local", "projectname": project, **options}
        body["pkgs"] = ["https://example.com/hello-1.0-1.src.rpm"] * count
        for build in self._api.call("POST", "/build/create/url", body)["items"]:
            self.names[build["id"]] = project

    def begin(self) -> Step | None:
        """Claim the next step and start it."""
        with self._copr.database.writing() as tx:
            step = queue_order.next_step(tx)
            if step is not None:
                queue.claim(tx, step)
                queue.begin(tx, step)
            return step

    def end(self, step: Step) -> None:
        with self._copr.database.writing() as tx:
            queue.fail(tx, step)

    def next(self) -> str | None:
        """Start and finish the next step, and return its project."""
        step = self.begin()
        if step is None:
            return None
        self.end(step)
        return self.names[step.build_id]

    def clear(self) -> None:
        with self._copr.database.writing() as tx:
            for build in tx.session.query(Build):
                if build.state == "pending":
                    builds.cancel(tx, build.user, build)
            tx.session.execute(delete(Turn))


@pytest.fixture
def waiting(tmp_path: Any, script: Any, api_of: Any) -> Any:
    with LocalCopr(tmp_path / "data", chroots=[X86], builder=script.builder(), builders=0) as copr:
        yield Queue(copr, api_of(copr))


def test_a_thousand_builds_of_one_project_do_not_keep_the_one_of_another(waiting: Queue) -> None:
    waiting.submit("large", 1000)
    assert waiting.next() == "large"
    waiting.submit("small")
    assert waiting.next() == "small"
    assert waiting.next() == "large"


def test_a_project_whose_builds_take_long_does_not_collect_the_builders(waiting: Queue) -> None:
    waiting.submit("slow", 10)
    waiting.submit("quick", 10)
    slow = [step for step in (waiting.begin(), waiting.begin()) if step]
    assert [waiting.names[step.build_id] for step in slow] == ["slow", "quick"]
    waiting.end(slow[1])
    assert [waiting.next() for _ in range(5)] == ["quick"] * 5


def test_in_a_project_the_oldest_build_comes_first(waiting: Queue) -> None:
    waiting.submit("hello", 5)
    found = [step.build_id for step in iter(waiting.begin, None)]
    assert found == sorted(found)


def test_background_builds_wait_for_all_others(waiting: Queue) -> None:
    waiting.submit("patient", 2, background=True)
    waiting.submit("hello", 3)
    assert [waiting.next() for _ in range(6)] == ["hello"] * 3 + ["patient"] * 2 + [None]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 6), min_size=1, max_size=5))
def test_between_two_turns_of_a_project_no_other_has_more_than_one(waiting: Queue, sizes: list[int]) -> None:
    waiting.clear()
    left = Counter({f"p{number}": size for number, size in enumerate(sizes)})
    for name, size in left.items():
        waiting.submit(name, size)
    turns = [waiting.next() for _ in range(sum(sizes))]
    assert Counter(turns) == left
    for name, size in left.items():
        places = [place for place, turn in enumerate(turns) if turn == name]
        assert len(places) == size
        for before, after in itertools.pairwise(places):
            assert max(Counter(turns[before + 1 : after]).values(), default=0) <= 1
