"""The policy: which calls are repeated, after which pauses, and for how long."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scripted import Clock, ScriptedTransport, lost, reply, run

from copr._calls import record
from copr._errors import CoprConnectionException, CoprException, CoprRequestException, CoprTimeoutException
from copr._policy import Policy, persist, within
from copr._wire import Call, Together


def read(path="/build/5"):
    return Call("GET", path, decode=record)


def write(**rest):
    return Call("PUT", "/build/cancel/5", decode=record, **rest)


OK = reply(body={"id": 5})


@pytest.mark.parametrize(
    "loss", [lost(), lost(unsent=True), lost(timeout=True)], ids=["lost", "unsent", "late"]
)
def test_a_read_is_repeated_after_any_loss(loss):
    send = ScriptedTransport(loss, loss, OK)
    assert run(persist(read(), Policy()), send).id == 5
    assert len(send.calls) == 3


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_repeated_after_an_answer_that_says_not_now(status):
    send = ScriptedTransport(reply(status), OK)
    assert run(persist(read(), Policy()), send).id == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 501])
def test_an_answer_that_is_the_services_word_is_not_asked_for_again(status):
    send = ScriptedTransport(reply(status, {"error": "No."}))
    with pytest.raises(CoprException, match="No"):
        run(persist(read(), Policy()), send)
    assert len(send.calls) == 1


@pytest.mark.parametrize("answer", [lost(), lost(timeout=True), reply(502), reply(503), reply(504)], ids=str)
def test_a_write_whose_answer_was_lost_is_not_repeated(answer):
    send = ScriptedTransport(answer, OK)
    with pytest.raises(CoprException):
        run(persist(write(), Policy()), send)
    assert len(send.calls) == 1


@pytest.mark.parametrize("answer", [lost(unsent=True), reply(429)], ids=["unsent", "refused"])
def test_a_write_that_was_surely_not_carried_out_is_repeated(answer):
    send = ScriptedTransport(answer, OK)
    assert run(persist(write(), Policy()), send).id == 5


def test_a_harmless_write_is_repeated():
    send = ScriptedTransport(lost(), reply(502), OK)
    assert run(persist(write(repeatable=True), Policy()), send).id == 5


def test_what_is_hopeless_is_not_repeated():
    loss = lost(unsent=True)
    loss.hopeless = True
    send = ScriptedTransport(loss)
    with pytest.raises(CoprConnectionException):
        run(persist(read(), Policy()), send)


def test_attempts_are_counted():
    send = ScriptedTransport(*[lost()] * 3)
    with pytest.raises(CoprConnectionException):
        run(persist(read(), Policy(attempts=3)), send)
    assert send.answers == []


def test_pauses_grow_and_have_a_longest():
    clock, send = Clock(), ScriptedTransport(*[lost()] * 7, OK)
    run(persist(read(), Policy(attempts=8, pause=1, longest_pause=8)), send, clock)
    for slept, nominal in zip(clock.slept, [1, 2, 4, 8, 8, 8, 8], strict=True):
        assert 0.75 * nominal <= slept <= 1.25 * nominal


def test_the_service_says_how_long_to_pause():
    clock, send = Clock(), ScriptedTransport(reply(429, headers={"Retry-After": "7"}), OK)
    run(persist(read(), Policy()), send, clock)
    assert clock.slept == [7]


def test_a_pause_that_is_too_long_ends_the_call():
    send = ScriptedTransport(reply(503, headers={"Retry-After": "3600"}))
    with pytest.raises(CoprRequestException) as caught:
        run(persist(read(), Policy(longest_pause=60)), send)
    assert caught.value.status == 503


def test_a_pause_may_be_as_long_as_the_longest():
    clock, send = Clock(), ScriptedTransport(reply(503, headers={"Retry-After": "60"}), OK)
    run(persist(read(), Policy(longest_pause=60)), send, clock)
    assert clock.slept == [60]


def test_a_pause_that_would_end_after_the_deadline_ends_the_call_at_once():
    clock, send = Clock(), ScriptedTransport(reply(503, headers={"Retry-After": "30"}))
    with pytest.raises(CoprRequestException):
        run(persist(read(), Policy(deadline=10)), send, clock)
    assert clock.slept == []


def test_a_deadline_counts_all_attempts():
    clock, send = Clock(), ScriptedTransport(*[lost()] * 50)
    with pytest.raises(CoprConnectionException):
        run(persist(read(), Policy(attempts=50, pause=1, deadline=10)), send, clock)
    assert clock.time <= 110
    assert send.calls[0].limit == 10
    assert send.calls[-1].limit < send.calls[0].limit


def test_each_of_several_calls_has_the_whole_deadline():
    clock, send = Clock(), ScriptedTransport(lost(), OK, lost(), OK)

    def plan():
        yield from read("/build/1")
        clock.time += 100
        return (yield from read("/build/2"))

    run(persist(plan(), Policy(deadline=10)), send, clock)
    assert [call.limit for call in send.calls[::2]] == [10, 10]


def test_all_calls_of_a_plan_can_be_limited_together():
    clock, send = Clock(), ScriptedTransport(OK, OK)

    def plan():
        yield from read("/build/1")
        clock.time += 7
        return (yield from read("/build/2"))

    run(persist(within(plan(), 10), Policy()), send, clock)
    assert [call.limit for call in send.calls] == [10, 3]


@pytest.mark.parametrize("seconds", [10, 11])
def test_what_there_is_no_time_for_is_not_sent(seconds):
    clock, send = Clock(), ScriptedTransport(OK)

    def plan():
        yield from read("/build/1")
        clock.time += seconds
        return (yield from write())

    with pytest.raises(CoprTimeoutException, match="no time left for PUT /build/cancel/5") as caught:
        run(persist(within(plan(), 10), Policy()), send, clock)
    assert caught.value.unsent
    assert caught.value.hopeless
    assert len(send.calls) == 1


def test_an_error_says_how_long_the_service_wants_to_be_left_alone():
    with pytest.raises(CoprRequestException) as caught:
        run(persist(read(), Policy()), ScriptedTransport(reply(429, headers={"Retry-After": "90"})))
    assert caught.value.retry_after == 90


def test_flows_side_by_side_are_as_patient():
    send = ScriptedTransport(lost(), OK, reply(502), OK)

    def plan():
        return (yield Together([read("/build/1"), read("/build/2")], 1))

    assert [build.id for build in run(persist(plan(), Policy()), send)] == [5, 5]


def test_the_last_answer_is_the_error_that_the_caller_sees():
    send = ScriptedTransport(reply(502), reply(503), reply(504), reply(504))
    with pytest.raises(CoprTimeoutException) as caught:
        run(persist(read(), Policy(attempts=4)), send)
    assert caught.value.status == 504


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "Mon, 23 Nov 2026 10:00:30 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 30),
        ({"Retry-After": "Mon, 23 Nov 2026 09:00:00 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}, 0),
        ({"Retry-After": "Mon, 23 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "9" * 400}, float("inf")),
        ({"Retry-After": "Mon, 23 Nov 99999 10:00:30 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_both_of_its_forms(headers, seconds):
    assert reply(headers=headers).retry_after == seconds


def test_a_policy_needs_an_attempt():
    with pytest.raises(ValueError, match="1 or more"):
        Policy(attempts=0)


def test_a_policy_shows_its_limits_and_its_defaults_are_the_documented_ones():
    page = Path(__file__).parents[2] / "docs" / "reliability.md"
    documented = page.read_text().partition("policy = Policy(\n")[2].partition("\n)\n")[0]
    limits = sorted(re.findall(r"^ +(\w+=(?:\(.+\)|[^,]+)),", documented, re.MULTILINE))
    assert len(limits) == 8
    assert repr(Policy()) == f"Policy({', '.join(limits)})"
