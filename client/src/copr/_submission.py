"""Calls that create something: they are sent once, and their result is searched if the response is lost.

Rules: nothing here sends a submission again; the policy repeats what surely did not arrive. If the response
is lost, the service is searched until it had time to finish. Exactly one match is the result. No match, or
several, raise CoprSubmissionUnknown with the candidates: a guess could be another user's build.
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
    json_object,
)
from ._policy import UNCLEAR
from ._typing import Any, TypeVar
from ._wire import NOW, SEARCHES, Call, Flow, Pause, Reply, Step

T_co = TypeVar("T_co", covariant=True)

#: A search for the result of a submission, by the time (of `NOW`) when it was sent; returns the matches.
Search = Callable[[float], Flow[list[Any]]]


class Submission(Call[T_co]):
    """A call that creates something; `search` finds the result if the response is lost."""

    __slots__ = ("search",)

    search: Search | None

    def __init__(self, method: str, path: str, *, search: Search | None = None, **rest: Any) -> None:
        super().__init__(method, path, login=True, repeatable=False, **rest)
        object.__setattr__(self, "search", search)  # a call cannot be changed

    def __iter__(self) -> Generator[Step, Any, T_co]:
        sent_at = yield NOW
        try:
            reply: Reply = yield self
        except (CoprConnectionException, CoprTimeoutException) as loss:
            if loss.unsent or loss.hopeless or isinstance(loss, CoprSubmissionUnknown):
                raise
            lost: CoprException = loss
        else:
            if reply.status in UNCLEAR:
                lost = failure(self, reply)
            else:
                try:
                    return self.decode(self, reply)
                except CoprUnknownResponseException as unread:
                    # A success that cannot be read, such as an empty body, is a lost response too.
                    if not 200 <= reply.status < 300 or json_object(reply) is not None:
                        raise
                    lost = unread
        found: T_co = yield from self._find(sent_at, lost)
        return found

    def _find(self, sent_at: float, lost: CoprException) -> Generator[Step, Any, T_co]:
        candidates: list[Any] = []
        search_failure: CoprException | None = None
        if self.search is None:
            raise self._unknown(lost, candidates, search_failure) from lost
        for pause in (yield SEARCHES):
            yield Pause(pause)
            try:
                candidates = yield from self.search(sent_at)
                search_failure = None
            except CoprException as error:
                search_failure = error
            except (AttributeError, LookupError, TypeError) as cause:
                search_failure = CoprUnknownResponseException(
                    f"A response is not what the API sends: {cause}"
                )
                search_failure.__cause__ = cause
        if len(candidates) == 1 and search_failure is None:
            result: T_co = candidates[0]
            return result
        raise self._unknown(lost, candidates, search_failure) from lost

    def _unknown(
        self, lost: CoprException, candidates: list[Any], search_failure: CoprException | None
    ) -> CoprSubmissionUnknown:
        if search_failure is not None:
            seen = f"The search for its result failed too: {search_failure}"
        elif candidates:
            seen = f"{len(candidates)} results may be it (see `candidates` of this error)."
        else:
            seen = "No result of it was found."
        error = CoprSubmissionUnknown(
            f"The response to {self.method} {lost.url} was lost ({lost}) {seen} "
            "It was not sent again. Check the project before you submit again."
        )
        error.candidates = tuple(candidates)
        error.method, error.url, error.status = self.method, lost.url, lost.status
        return error
