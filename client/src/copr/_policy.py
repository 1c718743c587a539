"""How long to try: plans around plans.

Rules: no clock and no transport of its own; it asks for the time and for pauses like any flow. Repeated is
what surely did not arrive, and what may be asked twice without harm; nothing else, ever. What a plan does
with the last loss is the plan's own affair.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping

from ._errors import CoprConnectionException, CoprTimeoutException
from ._typing import Any, TypeVar
from ._wire import NOW, Call, Flow, Pause, Reply, Step, Together

T = TypeVar("T")

#: Answers that say: not now. The first was surely not carried out, the others may have been.
REFUSED = 429
UNCLEAR = frozenset({502, 503, 504})


class Policy:
    """How patient a client is.

    `attempts`: how often a call is sent at most; `pause`: seconds before the second attempt, doubled for
    each further one, with some chance in it; `longest_pause`: seconds that no pause is longer than, also
    where the service asks for more (Retry-After): then the call fails; `deadline`: seconds for a call with
    all its attempts, or None; `connect`: seconds to connect; `read`: seconds of silence while an answer is
    awaited, and for the service to take one block (1 MiB at most) of a body; `answer`: seconds from the last
    byte sent to the last byte received, however busy the line.
    """

    __slots__ = ("answer", "attempts", "connect", "deadline", "longest_pause", "pause", "read")

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
    ) -> None:
        if attempts < 1:
            raise ValueError("attempts counts the first one too: 1 or more")
        self.attempts = attempts
        self.pause = pause
        self.longest_pause = longest_pause
        self.deadline = deadline
        self.connect = connect
        self.read = read
        self.answer = answer

    def __repr__(self) -> str:
        return f"Policy({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)})"


def with_calls(plan: Flow[T], carry: Callable[[Call[Any]], Flow[Reply]]) -> Generator[Step, Any, T]:
    """A plan whose calls, those of its side-by-side flows too, are carried out by flows that `carry`
    makes."""
    flow = iter(plan)
    try:
        step = next(flow)
        while True:
            try:
                if isinstance(step, Together):
                    step = Together([with_calls(each, carry) for each in step.flows], step.at_once)
                answer = (yield from carry(step)) if isinstance(step, Call) else (yield step)
            except BaseException as lost:
                step = flow.throw(lost)
            else:
                step = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


def persist(plan: Flow[T], policy: Policy) -> Generator[Step, Any, T]:
    """A plan whose calls are repeated as the policy allows."""
    expiry = None if policy.deadline is None else (yield NOW) + policy.deadline
    return (yield from with_calls(plan, lambda call: _attempts(call, policy, expiry)))


def _attempts(call: Call[Any], policy: Policy, expiry: float | None) -> Generator[Step, Any, Reply]:
    for attempt in range(1, policy.attempts + 1):
        last = attempt == policy.attempts
        if expiry is not None:
            call = call.within(expiry - (yield NOW))
        try:
            reply: Reply = yield call
        except (CoprConnectionException, CoprTimeoutException) as lost:
            if last or lost.hopeless or not (call.repeatable or lost.unsent):
                raise
            pause = _pause(policy, attempt)
            if expiry is not None and (yield NOW) + pause > expiry:
                raise
        else:
            again = reply.status == REFUSED or (reply.status in UNCLEAR and call.repeatable)
            if last or not again:
                return reply
            asked_for = retry_after(reply.headers)
            pause = _pause(policy, attempt) if asked_for is None else asked_for
            if pause > policy.longest_pause or (expiry is not None and (yield NOW) + pause > expiry):
                return reply
        yield Pause(pause)
    raise AssertionError("the last attempt returns or raises")


def _pause(policy: Policy, attempt: int) -> float:
    import random

    pause = min(policy.pause * 2.0 ** (attempt - 1), policy.longest_pause)
    return pause * random.uniform(0.75, 1.25)  # noqa: S311 - spreads clients, hides nothing


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a Retry-After header asks for (RFC 9110, 10.2.3), or None; a date counts from
    `Date`."""
    text = headers.get("Retry-After", "").strip()
    if text.isdigit():
        return float(text)
    until, sent = _date(text), _date(headers.get("Date", ""))
    return max(0.0, until - sent) if until is not None and sent is not None else None


def _date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None
