"""The tables of states: every event in every state, and what a build's state is."""

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
    ],
)
def test_then_the_chroots_decide(chroots: list[str], build: str) -> None:
    assert states.of_build("succeeded", chroots) == build
    assert states.of_build("succeeded", reversed(chroots)) == build
