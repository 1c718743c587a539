"""Waiting for builds: as long as necessary, and never longer than the timeout."""

from __future__ import annotations

import freezegun
import pytest
from munch import Munch

from copr.v3 import BuildProxy, CoprException, CoprTimeoutException, ProjectProxy, succeeded, wait


class Service:
    """Builds that finish after some polls."""

    def __init__(self, *states):
        self.states = list(states)
        self.looks = 0

    def get(self, build_id):
        state = self.states[min(self.looks, len(self.states) - 1)]
        self.looks += 1
        return Munch(id=build_id, state=state, __proxy__=self)


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves only while somebody sleeps."""
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


@pytest.mark.parametrize("state", ["succeeded", "failed", "canceled", "skipped", "forked"])
def test_waiting_ends_with_the_build(clock, state):
    service = Service("pending", "running", state)
    [build] = wait(service.get(7))
    assert build.state == state
    assert clock[0] == 1000 + 30


def test_each_look_is_told(clock):
    told = []
    service = Service("pending", "running", "succeeded")
    wait(service.get(7), interval=5, callback=lambda builds: told.append([build.state for build in builds]))
    assert told == [["running"], ["succeeded"]]


def test_an_ended_build_is_not_asked_again(clock):
    quick, slow = Service("succeeded"), Service("pending", "running", "running", "failed")
    builds = wait([quick.get(1), slow.get(2)], interval=1)
    assert [build.state for build in builds] == ["succeeded", "failed"]
    assert quick.looks == 2


def test_a_deadline_ends_waiting_and_names_the_builds(clock):
    service = Service("running")
    with pytest.raises(CoprTimeoutException, match=r"after 100 seconds: build 7\."):
        wait(service.get(7), timeout=100)
    assert clock[0] <= 1100


def test_an_unknown_state_does_not_wait_for_ever(clock):
    with pytest.raises(CoprException, match="'dreaming'"):
        wait(Service("dreaming").get(7))


def test_nothing_to_wait_for_is_over_at_once():
    assert wait([]) == []


@pytest.mark.parametrize("thing", ["text", Munch(id=1), None])
def test_what_no_proxy_returned_cannot_be_waited_for(thing):
    with pytest.raises(CoprException, match="not a build that a proxy returned"):
        wait(thing)


def test_a_project_cannot_be_waited_for():
    proxy = ProjectProxy({"copr_url": "http://127.0.0.1"})
    with pytest.raises(CoprException, match="not a build that a proxy returned"):
        wait(Munch(id=3, name="p", __proxy__=proxy))


def test_a_patched_get_is_what_wait_calls(clock, monkeypatch):
    proxy = BuildProxy({"copr_url": "http://127.0.0.1"})
    monkeypatch.setattr(BuildProxy, "get", lambda self, build_id: Munch(id=build_id, state="succeeded"))
    [build] = wait(Munch(id=3, state="running", __proxy__=proxy))
    assert build.state == "succeeded"


def test_success_means_all_of_them():
    assert succeeded([Munch(state="succeeded")])
    assert not succeeded([Munch(state="succeeded"), Munch(state="failed")])
    assert succeeded([])


def test_a_timeout_ends_waiting_in_a_program_that_freezes_its_clock():
    with freezegun.freeze_time("2026-11-30"), pytest.raises(CoprTimeoutException, match="build 7"):
        wait(Service("running").get(7), interval=0.01, timeout=0.05)
