"""Listings of builds, whose JSON SQLite writes: the same records as those of single builds."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
from sqlalchemy import insert

from copr_local import LocalCopr
from copr_local.data.models import Build, BuildChroot
from copr_local.rules import builds, overviews, projects
from copr_local.rules.listing import Page
from copr_local.rules.overviews import Filter

PROJECT = {"ownername": "local", "projectname": "hello"}
MANY = 8_000


def listed(api: Any, **query: Any) -> list[Any]:
    """Return the listed builds when they are equal to the records of single builds, between changes."""

    def once() -> tuple[list[Any]] | None:
        found: list[Any] = api.get("/build/list", **PROJECT, **query)["items"]
        return (found,) if found == [api.get(f"/build/{each['id']}") for each in found] else None

    return api.until(once)[0]  # type: ignore[no-any-return]


def test_listed_builds_are_equal_to_single_builds(
    api: Any, submit: Any, script: Any, copr: LocalCopr
) -> None:
    api.project(description='"quoted" \\ and ünïcödé')
    assert listed(api) == []
    script.hold()
    made = [submit("hello"), submit("spaced"), api.upload("upload-1-1.src.rpm", project_dirname="hello:pr:1")]
    made.append(api.call("POST", "/build/create/url", {**PROJECT, "pkgs": ["https://x/a.spec"]})["items"][0])
    scm = {"clone_url": 'https://x/"quoted"-\u00fc.git', "background": True, "chroots": ["fedora-45-aarch64"]}
    made.append(api.call("POST", "/build/create/scm", {**PROJECT, **scm}))
    api.call("PUT", f"/build/cancel/{made[1]['id']}")
    assert [each["id"] for each in listed(api)] == [each["id"] for each in reversed(made)]
    script.fail = {"fedora-45-x86_64"}
    script.release()
    for each in made:
        api.wait(each["id"])
    with copr.database.writing() as tx:
        builds.get(tx, made[0]["id"]).user = None
    over = {each["id"]: each for each in listed(api)}
    assert over[made[0]["id"]]["submitter"] is None
    assert over[made[3]["id"]]["source_package"]["name"] == "a"
    assert {each["state"] for each in over.values()} == {"failed", "canceled", "succeeded"}
    assert listed(api, packagename="hello", status="failed", limit=1)[0]["id"] == made[0]["id"]


@pytest.mark.parametrize("state", ["failed", "succeeded"])
def test_the_offset_counts_builds_in_all_states(api: Any, submit: Any, script: Any, state: str) -> None:
    api.project()
    script.fail = {"source"}
    failed = [api.wait(submit("a")["id"])["id"] for _ in range(2)]
    script.fail = set()
    good = [api.wait(submit("b")["id"])["id"] for _ in range(2)]
    wanted = {"failed": failed, "succeeded": good}[state]
    for offset in range(6):
        left = [*good[::-1], *failed[::-1]][offset:]
        found = [each["id"] for each in listed(api, status=state, offset=offset)]
        assert found == [each for each in left if each in wanted]


@pytest.fixture
def many(api: Any, copr: LocalCopr) -> LocalCopr:
    """Return the local Copr with very many builds, all of which have succeeded."""
    api.project()
    now = int(time.time())
    row = {
        "project_id": 1,
        "dir_id": 1,
        "user_id": 1,
        "state": "succeeded",
        "submitted_on": now,
        "timeout": 1,
    }
    row |= {"ended_on": now, "source_type": "link", "source": {}, "source_state": "succeeded", "srpm": "a"}
    chroot = {"name": "fedora-45-x86_64", "state": "succeeded", "ended_on": now, "packages": []}
    chroot |= {"project_id": 1, "is_background": False}
    with copr.database.writing() as tx:
        tx.session.execute(insert(Build), [{"id": each, **row} for each in range(1, MANY + 1)])
        tx.session.execute(insert(BuildChroot), [{"build_id": each, **chroot} for each in range(1, MANY + 1)])
    return copr


def test_a_listing_of_very_many_builds_is_not_kept_in_memory(many: LocalCopr) -> None:
    many.app.test_client().get("/api_3/build/list", query_string={**PROJECT, "limit": 1})
    tracemalloc.start()
    answer = many.app.test_client().get("/api_3/build/list", query_string=PROJECT)
    size = sum(len(part) for part in answer.iter_encoded())
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 300 * MANY
    assert peak < size / 2, (peak, size)


@pytest.mark.sqlite("it counts instructions of SQLite")
def test_questions_without_an_answer_read_no_builds(many: LocalCopr) -> None:
    with many.database.reading() as tx:
        project = projects.get(tx, "local", "hello")
        connection = tx.session.connection().connection.dbapi_connection
        assert connection is not None
        steps: list[None] = []
        connection.set_progress_handler(lambda: steps.append(None), 100)
        for wanted in ({}, {"project_id": 1}, {"made_by": "local"}):
            assert overviews.builds(tx, Page(100), Filter(is_finished=False, **wanted)) == []
        assert builds.in_list(tx, project, Page(100), state="failed") == []
        assert overviews.newest_build(tx, project, unfinished=True) is None
        connection.set_progress_handler(None, 0)
    assert 100 * len(steps) < MANY, "fewer instructions of SQLite than builds"
