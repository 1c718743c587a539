"""Calls that create something: they are sent once, and their result is searched if the response is lost.

Rules: nothing here sends a submission again; the policy repeats what surely did not arrive. If the response
is lost, the service is searched until it had time to finish. Exactly one match is the result. No match, or
several, raise CoprSubmissionUnknown with the candidates: a guess could be another user's build.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from ._errors import (
    CoprConnectionException,
    CoprException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
    CoprUnknownResponseException,
    failure,
    json_object,
)
from ._policy import REFUSED, UNCLEAR, with_calls
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
        refusal: Reply | None = None
        try:
            reply: Reply = yield self
        except (CoprConnectionException, CoprTimeoutException) as loss:
            if loss.unsent or loss.hopeless or isinstance(loss, CoprSubmissionUnknown):
                raise
            lost: CoprException = loss
        else:
            error = not_of_service(self, reply)
            if error is None:
                return self.decode(self, reply)
            lost = error
            if 300 <= reply.status < 500 or reply.status < 200:
                refusal = reply
            elif self.search is None and reply.status >= 500 and reply.status not in UNCLEAR:
                return self.decode(self, reply)
        found: T_co = yield from self._find(sent_at, lost, refusal)
        return found

    def _find(self, sent_at: float, lost: CoprException, refusal: Reply | None) -> Generator[Step, Any, T_co]:
        """Search for the result; a refusal of something between client and service is searched once, at once.

        If nothing is found then, the refusal is believed.
        """
        candidates: list[Any] = []
        search_failure: CoprException | None = None
        pauses: Sequence[float] = () if self.search is None else (0,) if refusal else (yield SEARCHES)
        for pause in pauses:
            yield Pause(pause)
            try:
                candidates = yield from self._matches(sent_at)
                search_failure = None
            except CoprException as error:
                search_failure = error
        if len(candidates) == 1 and search_failure is None:
            result: T_co = candidates[0]
            return result
        if refusal is not None and not candidates:
            return self.decode(self, refusal)
        raise self._unknown(lost, candidates, search_failure) from lost

    def _matches(self, sent_at: float) -> Generator[Step, Any, list[Any]]:
        assert self.search is not None
        try:
            return (yield from with_calls(self.search(sent_at), _staying))
        except (AttributeError, LookupError, TypeError) as cause:
            raise CoprUnknownResponseException(f"A response is not what the API sends: {cause}") from cause

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


def not_of_service(call: Call[Any], reply: Reply) -> CoprException | None:
    """Return the error for a response that the service did not make; None for one of the service.

    Something between client and service made it, such as a gateway, or the service failed. So it does not
    tell whether the call was carried out. The responses of the service are JSON objects.
    """
    if reply.status in UNCLEAR:
        return failure(call, reply)
    if reply.status == REFUSED or json_object(reply) is not None:
        return None
    if not 200 <= reply.status < 300:
        return failure(call, reply)
    try:
        call.decode(call, reply)
    except CoprException as error:
        return error
    return None


def _staying(call: Call[Any]) -> Generator[Step, Any, Reply]:
    """Carry out a call of a search, which asks the service that got the submission, and no other."""
    reply: Reply = yield call.staying()
    return reply
