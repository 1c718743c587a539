"""Carrying out flows: the only code of the client that sends, or sleeps while a call is under way.

Rules: `drive` and `adrive` are the same lines, the second with `await`. The result of a step, or its error,
goes back into the flow, so that a flow can handle an error. `blocking` and `awaiting` make a method of a plan
(a function that returns a flow); the method has the plan's name, parameters, docstring and types.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine
from types import FunctionType

from ._typing import Annotations, Any, Concatenate, ParamSpec, TypeVar, cast, unevaluated
from ._wire import Call, Flow, Pause, Plan, Reply, Together, Work

P = ParamSpec("P")
T = TypeVar("T")


class Clock:
    """The time for flows that block."""

    now = staticmethod(time.monotonic)
    sleep = staticmethod(time.sleep)


class AsyncClock:
    """The time for flows that await."""

    now = staticmethod(time.monotonic)

    @staticmethod
    async def sleep(seconds: float) -> None:
        """Wait for some seconds; other tasks run meanwhile."""
        import asyncio

        await asyncio.sleep(seconds)


def drive(plan: Flow[T], send: Callable[[Call[Any]], Reply], clock: Any = Clock) -> T:
    """Carry out a flow, blocking; `send` carries out its calls, `clock` its pauses.

    Return what the flow returns. Raise what the flow raises, or what `send` raised and the flow did not
    handle.
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
                        answer = (step.listener.wait if step.listener else clock.sleep)(step.seconds)
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
    """Carry out a flow, awaiting; see `drive`."""
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
                        answer = await (step.listener.awaited if step.listener else clock.sleep)(step.seconds)
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

    from ._threads import Threads, result

    threads = Threads(step.at_once)
    send = threads.unless_ended(send)
    running = [threads.submit(partial(drive, flow, send, clock)) for flow in step.flows]
    try:
        return [result(each) for each in running]
    except Exception:
        threads.end()
        wait(running)  # or they would continue after the caller has got the error
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
    return drive(*_carried(proxy, plan))


async def arun(proxy: Any, plan: Flow[T]) -> T:
    """Carry out a plan over a proxy's connection, awaiting; the result knows the proxy."""
    return await adrive(_over(proxy, plan), proxy._connection.transport())


def blocking(plan: Callable[P, Flow[T]]) -> Callable[Concatenate[Any, P], T]:
    """Make a method of a blocking proxy from a plan."""

    def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        # `run` itself would be one more frame in every traceback.
        return drive(*_carried(self, plan(*args, **kwargs)))

    return cast("Callable[Concatenate[Any, P], T]", _Method(plan, method))


def awaiting(plan: Callable[P, Flow[T]]) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]:
    """Make a method of an async proxy from a plan."""

    async def method(self: Any, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await adrive(_over(self, plan(*args, **kwargs)), self._connection.transport())

    return cast("Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]", _Method(plan, method))


def _carried(proxy: Any, plan: Flow[T]) -> tuple[Plan[T], Callable[[Call[Any]], Reply]]:
    """Return a plan, and what carries its calls out: usually the proxy's connection."""
    replaced = proxy._replaced_request()
    if replaced is not None:
        return _known_to(proxy, plan), replaced
    return _over(proxy, plan), proxy._connection.transport()


def _over(proxy: Any, plan: Flow[T]) -> Plan[T]:
    """Return a plan over a proxy's connection; its result knows the proxy."""
    return _known_to(proxy, proxy._connection.around(plan))


def _known_to(proxy: Any, plan: Flow[T]) -> Plan[T]:
    result: T = yield from plan
    remember_proxy(result, proxy)
    return result


def remember_proxy(result: object, proxy: object) -> bool:
    """Store the proxy in a record or a list, for `wait` and paging; return False for anything else."""
    remember = getattr(result, "_came_from", None)
    if remember is not None:
        remember(proxy)
    return remember is not None


class _Method:
    """A method with the plan's name and docstring; it replaces itself when its class is made."""

    def __init__(self, plan: Any, method: Any) -> None:
        method.__name__ = plan.__name__
        method.__doc__ = plan.__doc__
        method.__annotations__ = unevaluated(_result_of_flow(plan.__annotations__), plan.__module__)
        method.__wrapped__ = _with_self(plan, method.__annotations__)
        method.plan = plan  # `wait` sees by it whether a program has replaced the method
        self._method = method

    def __set_name__(self, owner: type, name: str) -> None:
        self._method.__module__ = owner.__module__
        self._method.__qualname__ = f"{owner.__qualname__}.{name}"
        setattr(owner, name, self._method)


def _with_self(plan: Any, hints: Annotations) -> FunctionType:
    """Return a function that is never called: `inspect.signature` reads the method's parameters from it.

    A `__signature__` would do the same, but making one imports `inspect`, which costs as much time as the
    rest of the client.
    """
    code = plan.__code__
    code = code.replace(
        co_argcount=code.co_argcount + 1,
        co_nlocals=code.co_nlocals + 1,
        co_varnames=("self", *code.co_varnames),
    )
    face = FunctionType(code, plan.__globals__, plan.__name__, plan.__defaults__)
    face.__kwdefaults__ = plan.__kwdefaults__
    face.__annotations__ = hints
    return face


def _result_of_flow(annotations: dict[str, str]) -> dict[str, str]:
    """Return a plan's annotations (texts), with `Build` as the result instead of `Call[Build]`."""
    result = annotations["return"]
    return {**annotations, "return": result[result.index("[") + 1 : -1]}
