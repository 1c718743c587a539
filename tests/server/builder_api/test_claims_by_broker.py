"""Claims that a message broker carries: which builders get them, and when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from builder_requests import OFFER, SOURCE, SRPM, X86, Caller

from copr_local import LocalCopr
from copr_local.rules import builders


class Carrier:
    """A message broker that keeps what is sent."""

    def __init__(self) -> None:
        self.is_ready = True
        self.sent: list[tuple[str, str]] = []

    def send(self, queue: str, path: str) -> None:
        self.sent.append((queue, path))


@pytest.fixture
def carrier(copr: LocalCopr) -> Iterator[Carrier]:
    carrier = copr._remote_steps.carrier = Carrier()
    yield carrier
    copr._remote_steps.carrier = None


def offer(caller: Caller, slots: Any, *arches: str, **wishes: Any) -> Any:
    """Say how many slots a builder has for a message broker; return its queue."""
    body = {**OFFER, "arches": arches or ["x86_64"], "slots": slots, **wishes}
    answer = caller.send("POST", "/builder/slots", json=body)
    return answer.json()["queue"] if answer.ok else answer.status_code


def test_slots_are_for_a_service_with_a_message_broker(copr: LocalCopr, big: Caller, other: Caller) -> None:
    assert offer(big, 1) == 400
    copr._remote_steps.carrier = Carrier()
    try:
        for wrong in (-1, "1", None, 10**6):
            assert offer(big, wrong) == 400
        assert offer(big, 1, "s390x") == 400
        assert offer(big, 1, chroots="all") == 400
        queue = offer(big, 0)
        assert queue.startswith("copr-local.big.")
        assert queue == offer(big, 0) != offer(other, 0)
    finally:
        copr._remote_steps.carrier = None


def test_each_free_slot_is_sent_a_claim(
    copr: LocalCopr, api: Any, carrier: Carrier, big: Caller, other: Caller, packages: Any
) -> None:
    def submit() -> str:
        number = api.upload(content=packages(SRPM), chroots=[X86])["id"]
        return f"/builder/claims/{number}/{SOURCE}/1"

    one, two = offer(big, 2), offer(other, 1)
    first, second, third, fourth = (submit() for _ in range(4))
    api.until(lambda: len(carrier.sent) == 3)
    assert sorted(carrier.sent) == sorted([(one, first), (two, second), (one, third)])
    assert other.accept(first) == 409
    assert big.accept(first)["task"]["step"] == "source"
    assert big.finish(first, outcome="failed").status_code == 200
    api.until(lambda: (one, fourth) in carrier.sent)
    assert len(carrier.sent) == 4


@pytest.mark.parametrize(
    "reason", ["drained", "stopped", "polls", "silent", "broker is away", "other chroots", "full disk"]
)
def test_nothing_is_sent_to_a_builder_that_takes_nothing(
    reason: str, copr: LocalCopr, api: Any, carrier: Carrier, big: Caller, other: Caller, packages: Any
) -> None:
    trouble = "the disk is full" if reason == "full disk" else ""
    offer(big, 1, chroots=["epel-*"] if reason == "other chroots" else [], trouble=trouble)
    with copr.database.writing() as tx:
        if reason == "drained":
            builders.drain(tx, "big")
        elif reason == "silent":
            builders.get(tx, "big").heard_on = tx.now - builders.SILENT - 1
    if reason == "stopped":
        offer(big, 0)
    elif reason == "polls":
        assert big.take(wait=0) == 204
    carrier.is_ready = reason != "broker is away"
    api.upload(content=packages(SRPM), chroots=[X86])
    assert "claim" in other.take()  # the offers were answered: the broker's come after those that wait
    assert carrier.sent == []
