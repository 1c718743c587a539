"""Carrying flows out: the only code of the client that sends, or sleeps while a call is under way.

Rules: `drive` and `adrive` are the same lines, the second with `await`. Whatever a step meets, its answer or
its loss, goes back into the flow, so a flow can answer a loss. `blocking` and `awaiting` turn a plan (a
function that returns a flow) into a method that keeps the plan's name, parameters, docstring and types.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from types import FunctionType

from ._typing import Any, Concatenate, ParamSpec, TypeVar, cast
from ._wire import Call, Flow, Pause, Plan, Reply, Together, Work

P = ParamSpec("P")
T = TypeVar("T")


class Clock:
    """Time for flows that block."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


class AsyncClock:
    """Time for flows that await."""

    now = staticmethod(time.monotonic)

    @staticmethod
    async def sleep(seconds: float) -> None:
        """Let others go on for `seconds`."""
        import asyncio

        await asyncio.sleep(seconds)


def drive(plan: Flow[T], send: Callable[[Call[Any]], Reply], clock: Any = Clock) -> T:
    """Carry a flow out, blocking: `send` answers its calls, `clock` its pauses and questions for the time.

    Returns what the flow returns; raises what the flow raises, or what `send` raised if the flow did not
    answer it.
    """
    flow = iter(plan)
    answer: Any
    try:
        step = next(flow)
        while True:
            try:
                match step:
                    case Call():
                        answer = send(step)
                    case Together():
                        answer = _side_by_side(step, send, clock)
                    case Pause():
                        answer = clock.sleep(step.seconds)
                    case Work():
                        answer = step.function()
                    case _:
                        answer = clock.now()
            except BaseException as lost:
                step = flow.throw(lost)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


async def adrive(plan: Flow[T], send: Callable[[Call[Any]], Awaitable[Reply]], clock: Any = AsyncClock) -> T:
    """Carry a flow out, awaiting: `drive` for a `send` and a `clock` that are awaited."""
    flow = iter(plan)
    answer: Any
    try:
        step = next(flow)
        while True:
            try:
                match step:
                    case Call():
                        answer = await send(step)
                    case Together():
                        answer = await _side_by_side_awaiting(step, send, clock)
                    case Pause():
                        answer = await clock.sleep(step.seconds)
                    case Work():
                        answer = await _in_a_thread(step.function)
                    case _:
                        answer = clock.now()
            except BaseException as lost:
                step = flow.throw(lost)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


def _side_by_side(step: Together, send: Callable[[Call[Any]], Reply], clock: Any) -> list[Any]:
    if step.at_once == 1 or len(step.flows) < 2:
        return [drive(flow, send, clock) for flow in step.flows]
    from concurrent.futures import wait
    from functools import partial

    from ._threads import Threads

    threads = Threads(step.at_once)
    send = threads.unless_over(send)
    running = [threads.submit(partial(drive, flow, send, clock)) for flow in step.flows]
    try:
        return [each.result() for each in running]
    except Exception:
        threads.end()
        wait(running)  # or they would go on behind the caller's back
        raise
    finally:
        threads.end()


async def _side_by_side_awaiting(
    step: Together, send: Callable[[Call[Any]], Awaitable[Reply]], clock: Any
) -> list[Any]:
    import asyncio

    turn = asyncio.Semaphore(step.at_once)

    async def carry(flow: Flow[Any]) -> Any:
        async with turn:
            return await adrive(flow, send, clock)

    running = [asyncio.ensure_future(carry(flow)) for flow in step.flows]
    try:
        return await asyncio.gather(*running)
    finally:
        for each in running:
            each.cancel()


async def _in_a_thread(function: Callable[[], T]) -> T:
    import asyncio

    return await asyncio.to_thread(function)


def run(proxy: Any, plan: Flow[T]) -> T:
    """Carry out a plan over a proxy's connection, blocking; the result knows the proxy."""
    return drive(_over(proxy, plan), proxy._connection.transport())


async def arun(proxy: Any, plan: Flow[T]) -> T:
    """Carry out a plan over a proxy's connection, awaiting; the result knows the proxy."""
    return await adrive(_over(proxy, plan), proxy._connection.transport())


def blocking(plan: Callable[P, Flow[T]]) -> Callable[Concatenate[Any, P], T]:
    """Make a method of a blocking proxy out of a plan."""

    def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        # As `run`, with one frame less between the caller and the transport.
        return drive(_over(self, plan(*args, **kwargs)), self._connection.transport())

    return cast("Callable[Concatenate[Any, P], T]", _Method(plan, method))


def awaiting(plan: Callable[P, Flow[T]]) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """Make a method of an async proxy out of a plan."""

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await adrive(_over(self, plan(*args, **kwargs)), self._connection.transport())

    return cast("Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]", _Method(plan, method))


def _over(proxy: Any, plan: Flow[T]) -> Plan[T]:
    """A plan over a proxy's connection; its result knows the proxy."""
    result: T = yield from proxy._connection.around(plan)
    remember_proxy(result, proxy)
    return result


def remember_proxy(result: object, proxy: object) -> bool:
    """Let a record or a list know its proxy, which `wait` and paging need; return False for anything else."""
    remember = getattr(result, "_came_from", None)
    if remember is not None:
        remember(proxy)
    return remember is not None


class _Method:
    """A method on its way into its class, where it replaces this object under the plan's face."""

    def __init__(self, plan: Any, method: Any) -> None:
        method.__name__ = plan.__name__
        method.__doc__ = plan.__doc__
        method.__annotations__ = _result_of_flow(plan.__annotations__)
        method.__wrapped__ = _with_self(plan)
        method.plan = plan  # tells this method from what a program may have put in its place
        self._method = method

    def __set_name__(self, owner: type, name: str) -> None:
        self._method.__module__ = owner.__module__
        self._method.__qualname__ = f"{owner.__qualname__}.{name}"
        setattr(owner, name, self._method)


def _with_self(plan: Any) -> FunctionType:
    """A function that is never called, only looked at: what `inspect.signature` shows of the method.

    A `__signature__` would say the same, but making one imports `inspect`, which costs as much as the rest of
    the client.
    """
    code = plan.__code__
    code = code.replace(
        co_argcount=code.co_argcount + 1,
        co_nlocals=code.co_nlocals + 1,
        co_varnames=("self", *code.co_varnames),
    )
    face = FunctionType(code, plan.__globals__, plan.__name__, plan.__defaults__)
    face.__kwdefaults__ = plan.__kwdefaults__
    face.__annotations__ = _result_of_flow(plan.__annotations__)
    return face


def _result_of_flow(annotations: dict[str, str]) -> dict[str, str]:
    """A plan's annotations (texts) with `Call[Build]` or `Flow[Build]` as the method's result, `Build`."""
    result = annotations["return"]
    return {**annotations, "return": result[result.index("[") + 1 : -1]}
