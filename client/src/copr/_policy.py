"""Retries and timeouts of calls.

A call is sent again in two cases: it certainly did not reach the service, or it does no harm if it arrives
twice. If the last attempt fails too, its error is raised in the plan that made the call.

The functions wrap a plan in another plan. They use no clock and no transport: they yield `NOW` and `Pause`,
and the driver carries these out (`_drive.py`). `docs/architecture.md` explains plans.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from ._errors import CoprConnectionException, CoprTimeoutException
from ._typing import Any, TypeVar
from ._wire import NOW, SEARCHES, Call, Flow, Pause, Reply, Step, Together

T = TypeVar("T")

#: Statuses of a busy service. 429: it did not carry out the call. The others: it may have carried it out.
REFUSED = 429
UNCLEAR = frozenset({502, 503, 504})

#: Seconds before each search: a service may carry out a submission after the connection was lost.
SETTLING = (1, 2, 4, 8)


class Policy:
    """Timeouts and retries of a client.

    :param attempts: largest number of times that a call is sent.
    :param pause: seconds before the second attempt. It doubles for each further attempt, with jitter.
    :param longest_pause: limit for a pause, in seconds. If the service asks for more (Retry-After), the call
        fails.
    :param deadline: seconds for a call, from its first byte to its last, with all attempts and pauses. None:
        no limit. A method that sends several calls has as long for each.
    :param connect: seconds to connect.
    :param read: seconds without a byte of the response, and seconds for the service to take one block of a
        body (at most 1 MiB).
    :param answer: seconds from the last byte sent to the last byte received, even if bytes keep arriving.
    :param searches: seconds before each search for the result of a submission whose response was lost, with
        at least one. None: 1, 2, 4 and 8.
    :raises ValueError: `attempts` is less than 1, or `searches` is empty.
    """

    __slots__ = ("answer", "attempts", "connect", "deadline", "longest_pause", "pause", "read", "searches")

    def __init__(
        self,
        *,
        attempts: int = 4,
        pause: float = 0.5,
        longest_pause: float = 60,
        deadline: float | None = None,
        connect: float = 20,
        read: float = 120,
        answer: float = 600,
        searches: Sequence[float] | None = None,
    ) -> None:
        if attempts < 1:
            raise ValueError("attempts must be 1 or more; it counts the first one too")
        if searches is not None and not searches:
            raise ValueError("searches must have one pause or more; (0,) searches once, at once")
        self.attempts = attempts
        self.pause = pause
        self.longest_pause = longest_pause
        self.deadline = deadline
        self.connect = connect
        self.read = read
        self.answer = answer
        self.searches = SETTLING if searches is None else searches

    @classmethod
    def none(cls) -> Policy:
        """Return a policy that never waits to try again, with the usual timeouts: for tests of programs.

        Each call is sent once. The result of a submission whose response was lost is searched once, at once.

        :returns: the policy.
        """
        return cls(attempts=1, searches=(0,))

    def __repr__(self) -> str:
        return f"Policy({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)})"


def with_calls(
    plan: Flow[T], carry: Callable[[Call[Any]], Flow[Reply]], searches: Sequence[float] | None = None
) -> Generator[Step, Any, T]:
    """Return a plan whose calls, in parallel flows too, are carried out by the flows that `carry` makes.

    `searches`, if given, is the answer to the step `SEARCHES`.
    """
    flow = iter(plan)
    answer: Any
    try:
        step = next(flow)
        while True:
            try:
                if isinstance(step, Together):
                    step = Together([with_calls(each, carry, searches) for each in step.flows], step.at_once)
                if isinstance(step, Call):
                    answer = yield from carry(step)
                elif step is SEARCHES and searches is not None:
                    answer = searches
                else:
                    answer = yield step
            except BaseException as lost:
                step = flow.throw(lost)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


def within(plan: Flow[T], seconds: float) -> Generator[Step, Any, T]:
    """Return a plan whose calls must all end within `seconds` of its start."""
    expiry = (yield NOW) + seconds

    def limited(call: Call[Any]) -> Generator[Step, Any, Reply]:
        reply: Reply = yield call.within(expiry - (yield NOW))
        return reply

    return (yield from with_calls(plan, limited))


def persist(plan: Flow[T], policy: Policy) -> Generator[Step, Any, T]:
    """Return a plan whose calls are repeated as the policy and their own limits allow."""

    def carry(call: Call[Any]) -> Flow[Reply]:
        return _attempts(call if policy.deadline is None else call.within(policy.deadline), policy)

    return with_calls(plan, carry, policy.searches)


def _attempts(call: Call[Any], policy: Policy) -> Generator[Step, Any, Reply]:
    expiry = None if call.limit is None else (yield NOW) + call.limit
    for attempt in range(1, policy.attempts + 1):
        last = attempt == policy.attempts
        if expiry is not None:
            call = call.within(expiry - (yield NOW))
            if call.limit is not None and call.limit <= 0:
                raise _no_time_left(call)
        try:
            reply: Reply = yield call
        except (CoprConnectionException, CoprTimeoutException) as lost:
            if last or lost.hopeless or not (call.repeatable or lost.unsent):
                raise
            pause = _pause(policy, attempt)
            # A pause that is longer than the rest of the time would only delay the error.
            if expiry is not None and (yield NOW) + pause > expiry:
                raise
        else:
            again = reply.status == REFUSED or (reply.status in UNCLEAR and call.repeatable)
            if last or not again:
                return reply
            pause = _pause(policy, attempt) if reply.retry_after is None else reply.retry_after
            if pause > policy.longest_pause or (expiry is not None and (yield NOW) + pause > expiry):
                return reply
        yield Pause(pause)
    raise AssertionError("the last attempt returns or raises")


def _pause(policy: Policy, attempt: int) -> float:
    import random

    pause = min(policy.pause * 2.0 ** (attempt - 1), policy.longest_pause)
    return pause * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret


def _no_time_left(call: Call[Any]) -> CoprTimeoutException:
    error = CoprTimeoutException(
        f"There was no time left for {call.method} {call.target()}; it was not sent. Allow a longer deadline."
    )
    error.method, error.unsent, error.hopeless = call.method, True, True
    return error
