"""The search for the result of a submission of an old API whose response was lost.

The old APIs tell neither the user of a login nor all of a build's source. A service that has them has API v3
too, so the bridge finds the result there: as if the submission had been sent over API v3.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from .._errors import (
    CoprConnectionException,
    CoprException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
)
from .._policy import with_calls
from .._submission import Submission, not_of_service
from .._typing import Any
from .._wire import NOW, Call, Flow, Reply, Step


def sent_once(
    call: Submission[Any],
    make_bridge: Callable[[], Callable[[Call[Any]], Flow[Reply]]],
    over_v3: Callable[[Call[Any]], Flow[Reply]],
) -> Generator[Step, Any, Reply]:
    """Send a submission to the service; if its response is lost, return one from what the bridge finds.

    `make_bridge` returns the bridge, which carries out the call over API v3, with calls that `over_v3`
    carries out.

    Raise CoprSubmissionUnknown if API v3 cannot tell either. If the bridge cannot search for such a
    submission, the result is what became of the call: its error, or the response.
    """
    sent_at = yield NOW
    outcome: Reply | CoprException
    try:
        reply: Reply = yield call
    except (CoprConnectionException, CoprTimeoutException) as lost:
        if lost.unsent or lost.hopeless:
            raise
        outcome = lost
    else:
        if not_of_service(call, reply) is None:
            return reply
        outcome = reply
    try:
        found = yield from _as_sent_at(sent_at, _found(outcome, make_bridge()(call), over_v3))
    except CoprSubmissionUnknown:
        raise
    except CoprException:
        if isinstance(outcome, CoprException):
            raise outcome from None
        return outcome
    # An error that the bridge made of the outcome has the words of API v3.
    return outcome if isinstance(outcome, Reply) and not 200 <= found.status < 300 else found


def _found(
    outcome: Reply | CoprException, flow: Flow[Reply], over_v3: Callable[[Call[Any]], Flow[Reply]]
) -> Generator[Step, Any, Reply]:
    """Return a flow of the bridge whose submission is not sent, but had this outcome."""

    def carry(call: Call[Any]) -> Generator[Step, Any, Reply]:
        if not isinstance(call, Submission):
            return (yield from over_v3(call))
        if isinstance(outcome, CoprException):
            raise outcome
        return outcome

    return with_calls(flow, carry)


def _as_sent_at(sent_at: float, flow: Flow[Reply]) -> Generator[Step, Any, Reply]:
    """Return a flow whose first step that asks for the time gets the time of the submission.

    A `Submission` asks for it before it is sent.
    """
    running = iter(flow)
    asked = False
    try:
        step = next(running)
        while True:
            try:
                if step is NOW and not asked:
                    asked, answer = True, sent_at
                else:
                    answer = yield step
            except BaseException as error:
                step = running.throw(error)
            else:
                step = running.send(answer)
    except StopIteration as end:
        reply: Reply = end.value
        return reply
