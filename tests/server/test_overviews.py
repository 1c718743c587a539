"""Lists that only the old APIs and the pages show: their order, and what belongs to a project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import inspect

from copr_local import LocalCopr
from copr_local.rules import builds, overviews, project_search, projects, summaries, users
from copr_local.rules.listing import Page
from copr_local.rules.overviews import Filter

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"


@pytest.fixture
def upload(api: Any) -> Callable[..., int]:
    """Build an upload into a project, and return the id of the build."""

    def one(project: str, **options: Any) -> int:
        build_id: int = api.upload(projectname=project, **options)["id"]
        return build_id

    return one


def test_projects_of_a_user_are_listed_by_their_newest_builds(
    api: Any, copr: LocalCopr, upload: Callable[..., int]
) -> None:
    for name in ("z", "b", "c", "a"):
        api.project(name)
    for name in ("c", "b", "c"):
        api.wait(upload(name))
    with copr.database.reading() as tx:
        made = [project.name for project in overviews.projects_made_by(tx, "local")]
        shown = [(one.project.name, one.builds) for one in summaries.projects(tx)]
        assert overviews.projects_made_by(tx, "nobody") == []
    assert made == ["z", "a", "c", "b"], "those without builds first, in the order of their ids"
    assert shown == [("c", 2), ("b", 1), ("a", 0), ("z", 0)], "those without builds last"


def test_a_front_page_has_so_many_projects_and_leaves_out_those_that_are_not_listed(
    api: Any, copr: LocalCopr, upload: Callable[..., int]
) -> None:
    for name in ("a", "b", "c"):
        api.project(name, unlisted_on_hp=name == "b")
    api.wait(upload("a"))
    oldest = upload("b")
    copr.clock.advance(days=1)
    newest = upload("b")
    submitted = api.get(f"/build/{newest}")["submitted_on"]
    for build_id in (oldest, newest):  # the state must not tell the two from each other
        api.wait(build_id)
    with copr.database.reading() as tx:
        everything = [(one.project.name, one.builds, one.newest) for one in summaries.projects(tx, "local")]
        front = [one.project.name for one in summaries.projects(tx, listed=True)]
        first = [one.project.name for one in summaries.projects(tx, limit=1)]
        assert summaries.projects(tx, "nobody") == []
    assert sorted(name for name, _, _ in everything) == ["a", "b", "c"]
    assert ("b", 2, submitted) in everything
    assert everything[-1] == ("c", 0, None)
    assert front == ["a", "c"]
    assert first == [everything[0][0]]


def test_the_newest_builds_of_all_projects(
    api: Any, copr: LocalCopr, script: Any, upload: Callable[..., int]
) -> None:
    for name in ("a", "b"):
        api.project(name)
    made = [upload(name) for name in ("a", "b", "a", "b")]
    for build_id in made:
        api.wait(build_id)
    script.fail = {"source"}
    failed = upload("a")
    api.wait(failed)
    with copr.database.reading() as tx:
        found = summaries.newest_builds(tx, 3)
        later_queries = {name for build in found for name in inspect(build).unloaded}
        newest = [build.id for build in found]
        succeeded = [build.id for build in summaries.newest_builds(tx, 3, "succeeded")]
    assert newest == [failed, *made[:1:-1]]
    assert not later_queries & {"project", "package", "user"}, "a list shows them"
    assert succeeded == made[:0:-1]


def test_builds_of_a_project_are_not_those_of_another_with_the_same_package(
    api: Any, copr: LocalCopr, script: Any, upload: Callable[..., int]
) -> None:
    for name in ("hello", "other", "empty"):
        api.project(name)
    oldest = upload("hello")
    api.wait(oldest)
    copr.clock.advance(days=1)
    newest = upload("hello")
    ended = api.wait(newest)["ended_on"]
    copr.clock.advance(days=1)
    other_done = upload("other")
    later = api.wait(other_done)["ended_on"]
    script.fail = {X86}
    failed = upload("hello")
    api.wait(failed)
    script.hold(X86)
    running = upload("other", chroots=[X86])
    api.wait(running, "running")
    with copr.database.reading() as tx:
        hello, other, empty = (projects.get(tx, "local", name) for name in ("hello", "other", "empty"))
        successes = [overviews.last_success(tx, project) for project in (hello, other, empty)]
        found = [overviews.newest_build(tx, project) for project in (hello, other, empty)]
        unfinished = [overviews.newest_build(tx, one, unfinished=True) for one in (hello, other)]
        assert successes == [ended, later, None]
        assert [build and build.id for build in found] == [failed, running, None]
        assert [build and build.id for build in unfinished] == [None, running]
        assert [build.id for build in summaries.newest_builds(tx, 3, unfinished=True)] == [running]
        for project, succeeded in ((hello, [newest, oldest]), (other, [other_done])):
            listed = builds.in_list(tx, project, Page(), package="hello", state="succeeded")
            assert [build.id for build in listed] == succeeded


def test_steps_are_listed_by_build_and_name_and_those_that_have_not_begun_first(
    api: Any, copr: LocalCopr, script: Any, upload: Callable[..., int]
) -> None:
    api.project()
    done = upload("hello")
    api.wait(done)
    script.hold("source")
    first, second = (upload("hello", chroots=[X86, ARM]) for _ in range(2))
    with copr.database.reading() as tx:
        steps = overviews.build_chroots(tx, Page(), Filter())
        found = [(step.build_id, step.name) for step in steps]
        later_queries = {name for step in steps for name in inspect(step.build).unloaded}
    with copr.database.reading() as tx:
        listed = overviews.builds(tx, Page(), Filter())
        later_queries_of_builds = {name for build in listed for name in inspect(build).unloaded}
    assert not later_queries & {"project", "dir", "package"}
    assert not later_queries_of_builds & {"project", "dir", "package", "user", "chroots"}
    assert found == [(number, name) for number in (first, second, done) for name in (ARM, X86)]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter(name="ELL"), ["hello"]),
        (Filter(name="h_llo"), []),
        (Filter(name="h%o"), []),
        (Filter(made_by="OCA"), ["hello", "team"]),
        (Filter(made_by="l_cal"), []),
        (Filter(made_by="%"), []),
        (Filter(group="EV"), ["team"]),
        (Filter(group="d_vs"), []),
        (Filter(group="%"), []),
        (Filter(group="oca"), []),
        (Filter(made_by="local", name="hell"), ["hello"]),
    ],
)
def test_a_filter_of_a_search_is_a_part_of_a_name(
    wanted: Filter, names: list[str], api: Any, copr: LocalCopr
) -> None:
    with copr.database.writing() as tx:
        users.add_group(tx, "devs", "fas_devs", [users.get(tx, "local")])
    api.project()
    api.project("team", "@devs")
    with copr.database.reading() as tx:
        found = project_search.search(tx, "", Page(), *overviews.like(wanted))
        assert [project.name for project in found] == names
