"""Waiting for many builds: one listing instead of many requests, and tolerance for transient errors."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from scripted import Clock, lost, reply, run

from copr._policy import Policy, persist
from copr._wire import Reply
from copr.results import Record
from copr.v3 import CoprConnectionException, CoprNoResultException, CoprTimeoutException
from copr.v3._waiting import LAST_POLL, MOST_FAILED_POLLS, waiting


class Project:
    """Builds that finish one after the other, one each second."""

    def __init__(self, clock, count):
        self.clock = clock
        self.count = count
        self.calls = []
        self.deleted = set()

    def build(self, number):
        state = "succeeded" if number <= self.clock.time - 100 else "running"
        return {"id": number, "state": state, "ownername": "alice", "projectname": "p"}

    def __call__(self, call):
        self.calls.append(call)
        if call.path == "/build/list":
            query = dict(parse_qsl(urlsplit(call.target()).query))
            numbers = [n for n in range(self.count, 0, -1) if n not in self.deleted]
            page = numbers[int(query["offset"]) :][: int(query["limit"])]
            body = {"items": [self.build(n) for n in page], "meta": {}}
        else:
            number = int(call.path.rsplit("/", 1)[1])
            if number in self.deleted:
                return reply(404, {"error": f"Build {number} does not exist."})
            body = self.build(number)
        return Reply(200, "OK", "http://service/", {}, json.dumps(body).encode())

    def records(self, numbers):
        return [Record(self.build(n)) for n in numbers]


@pytest.fixture
def clock():
    return Clock()


def test_a_few_builds_are_asked_for_one_by_one(clock):
    project = Project(clock, 5)
    builds = run(waiting(project.records([1, 2, 3]), 1, None, 0), project, clock)
    assert [build.state for build in builds] == ["succeeded"] * 3
    assert {call.path for call in project.calls} == {"/build/1", "/build/2", "/build/3"}


def test_a_crowd_is_asked_for_by_listing_its_project(clock):
    project = Project(clock, 500)
    builds = run(waiting(project.records(range(401, 451)), 450, None, 0), project, clock)
    assert [build.id for build in builds] == list(range(401, 451))
    assert {call.path for call in project.calls} == {"/build/list"}
    assert len(project.calls) == 2


def test_a_deleted_build_of_a_crowd_is_the_services_error(clock):
    project = Project(clock, 30)
    builds = project.records(range(1, 21))
    project.deleted = {7}
    with pytest.raises(CoprNoResultException, match="Build 7 does not exist"):
        run(waiting(builds, 1, None, 0), project, clock)


def test_failed_looks_are_stood_for_a_while(clock):
    project = Project(clock, 3)
    failures = [lost()] * 3

    def stumbling(call):
        if failures:
            raise failures.pop()
        return project(call)

    [build] = run(waiting(project.records([1]), 1, None, 0), stumbling, clock)
    assert build.state == "succeeded"


def test_looks_that_go_on_failing_end_the_waiting(clock):
    project = Project(clock, 3)

    def dead(call):
        project.calls.append(call)
        raise lost()

    with pytest.raises(CoprConnectionException):
        run(waiting(project.records([1]), 1, None, 0), dead, clock)
    assert len(project.calls) == MOST_FAILED_POLLS + 1


def test_a_deadline_names_the_builds_that_are_left(clock):
    project = Project(clock, 3)
    with pytest.raises(
        CoprTimeoutException, match=r"after 2 seconds: build 3\. Last seen as running; the ser"
    ):
        run(waiting(project.records([1, 3]), 1, None, 2), project, clock)


def test_a_deadline_counts_the_states_of_the_builds_that_are_left(clock):
    project = Project(clock, 5)
    with pytest.raises(
        CoprTimeoutException, match=r"build 3, 4, 5\. Last seen as 3 running; the service goes on"
    ):
        run(waiting(project.records([3, 4, 5]), 1, None, 2), project, clock)


def test_the_last_look_is_taken_when_the_time_is_over(clock):
    project = Project(clock, 20)
    [build] = run(waiting(project.records([7]), 30, None, 7), project, clock)
    assert build.state == "succeeded"
    assert clock.slept == [7]


def test_a_look_is_given_up_when_the_time_is_over(clock):
    project = Project(clock, 200)
    asked = []

    def hanging(call):
        asked.append(call.limit)
        if len(asked) < 3:
            return project(call)
        clock.time += call.limit
        raise lost(timeout=True)

    with pytest.raises(CoprTimeoutException, match=r"after 60 seconds: build 150\.") as caught:
        run(waiting(project.records([150]), 20, None, 60), hanging, clock)
    assert asked == [60 + LAST_POLL, 40 + LAST_POLL, 20 + LAST_POLL]
    assert isinstance(caught.value.__cause__, CoprTimeoutException)


def test_a_service_that_wants_to_be_left_alone_is_and_the_waiting_goes_on(clock):
    project = Project(clock, 3)
    refusals = [reply(429, headers={"Retry-After": "120"})]

    def busy(call):
        return refusals.pop() if refusals else project(call)

    connection = persist(waiting(project.records([1]), 30, None, 0), Policy())
    [build] = run(connection, busy, clock)
    assert build.state == "succeeded"
    assert clock.slept == [120]


def test_each_look_is_told_with_all_builds(clock):
    told = []
    project = Project(clock, 2)
    run(
        waiting(project.records([1, 2]), 1, lambda builds: told.append([b.state for b in builds]), 0),
        project,
        clock,
    )
    assert told == [["running"] * 2, ["succeeded", "running"], ["succeeded"] * 2]
