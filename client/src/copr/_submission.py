"""Calls that make something new: sent once, and looked for if their answer is lost.

Rules: nothing here sends a submission again. What surely did not arrive is the policy's to repeat; for the
rest the service is asked what it has, until it had time to settle, and one match is the result. None or
several are CoprSubmissionUnknown, with the candidates: a guess could be somebody else's build.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from ._errors import (
    CoprConnectionException,
    CoprException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
    CoprUnknownResponseException,
    failure,
)
from ._policy import UNCLEAR
from ._typing import Any, TypeVar
from ._wire import NOW, Call, Flow, Pause, Reply, Step

T_co = TypeVar("T_co", covariant=True)

#: Seconds before each look for a lost submission: a service may carry it out after the connection is gone.
SETTLING = (1, 2, 4, 8)

#: Looks for what a submission made, given the time (of `Now`) when that was sent; returns the matches.
Search = Callable[[float], Flow[list[Any]]]


class Submission(Call[T_co]):
    """A call that makes something new; `search` finds what it made, if its answer is lost."""

    __slots__ = ("search",)

    search: Search | None

    def __init__(self, method: str, path: str, *, search: Search | None = None, **rest: Any) -> None:
        super().__init__(method, path, login=True, repeatable=False, **rest)
        object.__setattr__(self, "search", search)  # a call is a value

    def __iter__(self) -> Generator[Step, Any, T_co]:
        sent_at = yield NOW
        try:
            reply: Reply = yield self
        except (CoprConnectionException, CoprTimeoutException) as loss:
            if loss.unsent or loss.hopeless or isinstance(loss, CoprSubmissionUnknown):
                raise
            lost: CoprException = loss
        else:
            if reply.status not in UNCLEAR:
                return self.decode(self, reply)
            lost = failure(self, reply)
        found: T_co = yield from self._find(sent_at, lost)
        return found

    def _find(self, sent_at: float, lost: CoprException) -> Generator[Step, Any, T_co]:
        candidates: list[Any] = []
        unlooked: CoprException | None = None
        if self.search is None:
            raise self._unknown(lost, candidates, unlooked) from lost
        for pause in SETTLING:
            yield Pause(pause)
            try:
                candidates = yield from self.search(sent_at)
                unlooked = None
            except CoprException as error:
                unlooked = error
            except (AttributeError, LookupError, TypeError) as cause:
                unlooked = CoprUnknownResponseException(f"An answer is not what the API sends: {cause}.")
                unlooked.__cause__ = cause
        if len(candidates) == 1 and unlooked is None:
            result: T_co = candidates[0]
            return result
        raise self._unknown(lost, candidates, unlooked) from lost

    def _unknown(
        self, lost: CoprException, candidates: list[Any], unlooked: CoprException | None
    ) -> CoprSubmissionUnknown:
        if unlooked is not None:
            seen = f"Looking for what it made failed too: {unlooked}"
        elif candidates:
            seen = f"{len(candidates)} may be it (`candidates` of this error)."
        else:
            seen = "Nothing that it made was found."
        error = CoprSubmissionUnknown(
            f"The answer to {self.method} {lost.url} was lost ({lost}) {seen} "
            "It was not sent again; look at the project before you submit once more."
        )
        error.candidates = tuple(candidates)
        error.method, error.url, error.status = self.method, lost.url, lost.status
        return error
