"""The drivers carry flows out, and hide no error."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from typing import Any

import pytest

from copr._drive import adrive, awaiting, blocking, drive
from copr._wire import NOW, Call, Pause, Reply, Together, Work


def reply(text: str = "ok") -> Reply:
    return Reply(200, "OK", "http://service/", {}, text.encode())


def text_of(call: Call[Any], answer: Reply) -> str:
    return answer.body.decode()


def ask(path: str = "/") -> Call[str]:
    return Call("GET", path, decode=text_of)


class SimpleClock:
    def __init__(self, sleep):
        self.sleep = sleep

    def now(self):
        return 7.0


def run_blocking(flow, send, sleep):
    return drive(flow, send, SimpleClock(sleep))


def run_awaiting(flow, send, sleep):
    async def asend(call):
        return send(call)

    async def asleep(seconds):
        return sleep(seconds)

    return asyncio.run(adrive(flow, asend, SimpleClock(asleep)))


@pytest.fixture(params=[run_blocking, run_awaiting])
def run(request):
    return request.param


def never(_):
    raise AssertionError("this flow does not wait")


def test_a_call_is_the_shortest_flow(run):
    assert run(ask(), lambda call: reply("pong"), never) == "pong"


def test_a_flow_gets_each_reply_where_it_asked(run):
    def flow():
        first = yield from ask("/one")
        second = yield from ask("/two")
        return first + second

    assert run(flow(), lambda call: reply(call.path), never) == "/one/two"


def test_pauses_go_to_the_clock_and_not_to_the_wire(run):
    slept = []

    def flow():
        yield Pause(1.5)
        return (yield from ask())

    assert run(flow(), lambda call: reply(), slept.append) == "ok"
    assert slept == [1.5]


def test_a_flow_can_ask_for_the_time_and_have_a_function_called(run):
    def flow():
        now = yield NOW
        done = yield Work(lambda: "done")
        return now, done

    assert run(flow(), never, never) == (7.0, "done")


def test_a_flow_can_answer_a_lost_call(run):
    losses = [OSError("gone"), None]

    def send(call):
        if (loss := losses.pop(0)) is not None:
            raise loss
        return reply("again")

    def flow():
        try:
            return (yield from ask())
        except OSError:
            return (yield from ask())

    assert run(flow(), send, never) == "again"


def test_a_loss_that_no_flow_answers_reaches_the_caller(run):
    def send(call):
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        run(ask(), send, never)


def test_a_stop_iteration_from_the_transport_does_not_end_the_flow_as_none(run):
    def send(call):
        raise StopIteration(None)

    with pytest.raises(RuntimeError):
        run(ask(), send, never)


def test_an_interrupt_lets_the_flow_clean_up(run):
    cleaned = []

    def flow():
        try:
            yield from ask()
        finally:
            cleaned.append(True)

    def send(call):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(flow(), send, never)
    assert cleaned == [True]


def plan(name: str, *, limit: int | None = None) -> Call[str]:
    """Ask for something."""
    return ask(f"/{name}/{limit}")


class Connection:
    def around(self, plan):
        return plan

    def transport(self):
        return lambda call: reply(call.path)


class AsyncConnection(Connection):
    def transport(self):
        async def send(call):
            return reply(call.path)

        return send


class Proxy:
    _connection = Connection()
    plan = blocking(plan)

    def _replaced_request(self):
        return None


class AsyncProxy:
    _connection = AsyncConnection()
    plan = awaiting(plan)


def test_blocking_and_awaiting_methods_do_the_same():
    assert Proxy().plan("a", limit=1) == asyncio.run(AsyncProxy().plan("a", limit=1)) == "/a/1"


@pytest.mark.parametrize("owner", [Proxy, AsyncProxy])
def test_a_method_has_the_plans_face(owner):
    method = owner.plan
    assert method.__name__ == "plan"
    assert method.__qualname__ == f"{owner.__name__}.plan"
    assert method.__module__ == __name__
    assert method.__doc__ == plan.__doc__
    assert list(inspect.signature(method).parameters) == ["self", "name", "limit"]
    assert list(inspect.signature(owner().plan).parameters) == ["name", "limit"]
    assert inspect.signature(owner().plan).parameters["limit"].kind is inspect.Parameter.KEYWORD_ONLY


def test_an_async_method_is_a_coroutine_function():
    assert inspect.iscoroutinefunction(AsyncProxy.plan)


def test_wrong_arguments_are_a_type_error_as_for_any_method():
    with pytest.raises(TypeError, match="nothing"):
        Proxy().plan("a", nothing=1)


def test_after_a_failure_nothing_new_is_begun_and_nothing_goes_on():
    asked = []
    failing = threading.Event()

    def flow(number):
        yield from ask(f"/{number}/first")
        return (yield from ask(f"/{number}/second"))

    def send(call):
        asked.append(call.path)
        if call.path == "/0/first":
            failing.set()
            raise OSError("gone")
        failing.wait(10)
        time.sleep(0.05)
        return reply()

    def flows():
        return (yield Together([flow(number) for number in range(20)], 2))

    with pytest.raises(OSError, match="gone"):
        drive(flows(), send)
    assert len(asked) <= 4
    before = list(asked)
    time.sleep(0.1)
    assert asked == before
