"""The state tables: every event in every state, and the state of a build."""

from __future__ import annotations

import itertools

import pytest

from copr_local.rules import states
from copr_local.rules.errors import Conflict

ALL = {"waiting", "pending", "starting", "running", "importing", *states.FINISHED}


@pytest.mark.parametrize("table", [states.SOURCE, states.CHROOT])
def test_an_event_happens_only_in_the_states_that_list_it(table: states.Table) -> None:
    for happened, state in itertools.product(table, ALL):
        if state in table[happened]:
            assert states.follow(table, state, happened) == table[happened][state]
        else:
            with pytest.raises(Conflict):
                states.follow(table, state, happened)


@pytest.mark.parametrize(
    ("table", "first", "life"),
    [
        (states.SOURCE, "pending", "claimed starting, begun running, built importing, imported succeeded"),
        (states.CHROOT, "waiting", "imported pending, claimed starting, begun running, built succeeded"),
    ],
    ids=["source", "chroot"],
)
def test_a_step_that_meets_no_trouble_passes_these_states(table: states.Table, first: str, life: str) -> None:
    state = first
    for happened, after in (each.split() for each in life.split(", ")):
        state = states.follow(table, state, happened)
        assert state == after


@pytest.mark.parametrize(
    ("table", "happened", "before", "after"),
    [
        (states.SOURCE, "failed", "starting running importing", "failed"),
        (states.SOURCE, "abandoned", "pending starting running importing", "failed"),
        (states.SOURCE, "canceled", "pending starting running importing", "canceled"),
        (states.CHROOT, "excluded", "waiting", "skipped"),
        (states.CHROOT, "failed", "waiting starting running", "failed"),
        (states.CHROOT, "abandoned", "pending starting running", "failed"),
        (states.CHROOT, "canceled", "waiting pending starting running", "canceled"),
        (states.CHROOT, "skipped", "starting running", "skipped"),
    ],
)
def test_a_step_that_meets_trouble_ends_from_these_states(
    table: states.Table, happened: str, before: str, after: str
) -> None:
    assert table[happened] == dict.fromkeys(before.split(), after)


def test_the_finished_states_are_those_that_nothing_leads_out_of() -> None:
    changes = [each for table in (states.SOURCE, states.CHROOT) for each in table.values()]
    left = {before for each in changes for before in each}
    reached = {after for each in changes for after in each.values()}
    assert reached - left | {"forked"} == states.FINISHED


@pytest.mark.parametrize("table", [states.SOURCE, states.CHROOT])
def test_nothing_leads_out_of_a_finished_state(table: states.Table) -> None:
    assert not {before for changes in table.values() for before in changes} & states.FINISHED


@pytest.mark.parametrize("table", [states.SOURCE, states.CHROOT])
def test_whatever_is_not_finished_can_be_cancelled(table: states.Table) -> None:
    unfinished = {state for changes in table.values() for state in (*changes, *changes.values())}
    unfinished -= states.FINISHED
    assert set(table["canceled"]) == unfinished


@pytest.mark.parametrize("table", [states.SOURCE, states.CHROOT])
def test_what_builders_have_in_hand_can_be_queued_again(table: states.Table) -> None:
    assert set(table["requeued"]) == states.IN_A_BUILDERS_HANDS
    assert set(table["requeued"].values()) == {"pending"}


@pytest.mark.parametrize("source", ["pending", "starting", "running", "importing", "failed", "canceled"])
def test_until_the_source_step_has_succeeded_its_state_is_the_builds(source: str) -> None:
    assert states.of_build(source, ["waiting", "failed"]) == source


@pytest.mark.parametrize(
    ("chroots", "build"),
    [
        (["pending", "pending"], "pending"),
        (["starting", "pending"], "starting"),
        (["running", "starting", "succeeded"], "running"),
        (["failed", "running"], "running"),
        (["failed", "pending"], "pending"),
        (["succeeded", "failed"], "failed"),
        (["succeeded", "skipped"], "succeeded"),
        (["skipped", "skipped"], "skipped"),
        (["succeeded", "canceled"], "canceled"),
        (["succeeded", "succeeded"], "succeeded"),
        (["forked", "forked"], "forked"),
        ([], "succeeded"),
    ],
)
def test_then_the_chroots_decide(chroots: list[str], build: str) -> None:
    assert states.of_build("succeeded", chroots) == build
    assert states.of_build("succeeded", reversed(chroots)) == build


@pytest.mark.parametrize("state", sorted(ALL - {"canceled"}))
def test_only_a_cancelled_step_can_be_acknowledged_as_cancelled(state: str) -> None:
    states.check_cancelled("canceled")
    with pytest.raises(Conflict, match=f"A step that is {state} was not canceled"):
        states.check_cancelled(state)
