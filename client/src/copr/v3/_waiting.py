"""What waiting for builds decides, without waiting: shared by the blocking and the async `wait`.

Rules: a finished build is not polled again. Many builds of one project are polled by listing the project,
newest first; a few are polled one by one. A transient error does not end the waiting, unless it persists. A
poll that hangs is given up when the time is over. The last poll starts when the time is over, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from .._calls import needing
from .._errors import (
    CoprConnectionException,
    CoprException,
    CoprTimeoutException,
)
from .._paging import with_page
from .._policy import REFUSED, within
from .._typing import TYPE_CHECKING, Any, TypeVar
from .._wire import NOW, Flow, Pause, Plan, Step, Together
from ._listening import RARER, Listener
from .calls import build as calls
from .calls._states import FINAL_STATES, PASSING_STATES

if TYPE_CHECKING:
    from ..events import Events

#: From how many builds of one project on listing it is cheaper; and how long its pages are then.
LISTING_FROM = 10
PAGE = 100

T = TypeVar("T")

#: How many polls in a row may fail.
MOST_FAILED_POLLS = 10

#: Seconds that the last poll may take.
LAST_POLL = 10

#: How many builds are requested in parallel.
AT_ONCE = 16


class Waiting:
    """The builds that are waited for, as they were last seen.

    They are polled every `interval` seconds, for `timeout` seconds (0: without limit). With `events`,
    `listener` has the messages about them.
    """

    def __init__(
        self, builds: Iterable[Any], interval: float, timeout: float, events: Events | None = None
    ) -> None:
        self.builds = list(builds)
        self.listener = None if events is None else Listener(events, [build.id for build in self.builds])
        self._due: set[int] | None = None
        self._interval = interval
        self._timeout = timeout
        self._finished = [False] * len(self.builds)
        self._failed_polls = 0
        self._failure: CoprException | None = None

    @property
    def all_finished(self) -> bool:
        """True if there is no build left to wait for."""
        return all(self._finished)

    def unfinished(self) -> list[tuple[int, Any]]:
        """Return the builds that have not finished, with their places."""
        return [(place, build) for place, build in enumerate(self.builds) if not self._finished[place]]

    def close(self) -> None:
        """Stop listening to messages."""
        if self.listener is not None:
            self.listener.close()

    def listened(self, due: set[int] | None) -> None:
        """Store what a listener has said: the ids of the builds to poll next, or None for all."""
        self._due = due

    def due(self) -> list[tuple[int, Any]]:
        """Return the builds to poll now, with their places."""
        due = self._due
        return [each for each in self.unfinished() if due is None or each[1].id in due]

    def update(self, place: int, build: Any) -> None:
        """Store a build's newest record."""
        self.builds[place] = build
        self._finished[place] = is_finished(build)
        if self.listener is not None and self._finished[place]:
            self.listener.finished(build.id)

    def poll_succeeded(self) -> None:
        """Reset the count of failed polls."""
        self._failed_polls, self._failure = 0, None

    @property
    def may_listen(self) -> bool:
        """True if messages may end the next pause; not after a failed poll, which is repeated."""
        return self.listener is not None and self._failure is None

    def poll_failed(self, error: CoprException) -> None:
        """Count a failed poll; raise its error if it is not transient, or persists."""
        self._failed_polls, self._failure, self._due = self._failed_polls + 1, error, None
        transient = isinstance(error, (CoprConnectionException, CoprTimeoutException)) or (
            error.status is not None and (error.status >= 500 or error.status == REFUSED)
        )
        if not transient or self._failed_polls > MOST_FAILED_POLLS:
            raise error

    def in_time(self, plan: Flow[T], waited: float) -> Flow[T]:
        """Return a plan whose calls end when the time is over, `waited` seconds after the start."""
        return within(plan, max(self._timeout - waited, 0) + LAST_POLL) if self._timeout else plan

    def pause(self, waited: float) -> float:
        """Return the seconds until the next poll, `waited` seconds after the start.

        That is the interval, what the service asked for, or the rest of the time; raise CoprTimeoutException
        if no time is left.
        """
        requested = self._failure.retry_after if self._failure else None
        is_rare = self.may_listen and self.listener is not None and self.listener.is_trusted
        pause = max(self._interval * (RARER if is_rare else 1), requested or 0)
        if not self._timeout:
            return pause
        if waited >= self._timeout:
            raise CoprTimeoutException(self._what_is_left()) from self._failure
        return min(pause, self._timeout - waited)

    def _what_is_left(self) -> str:
        """Return the text for builds that did not finish in time: which, their states, what to do."""
        builds = [build for _, build in self.unfinished()]
        ids = ", ".join(str(build.id) for build in builds)
        states = [str(build.state) for build in builds]
        counts = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        seen = counts if len(builds) > 1 else states[0]
        failed = f" The last poll failed: {self._failure}" if self._failure else ""
        return (
            f"Timeouted: not finished after {self._timeout:g} seconds: build {ids}. Last seen as {seen}; the "
            f"service goes on. Wait again, with a longer timeout, or cancel what is not needed.{failed}"
        )


def is_finished(build: Any) -> bool:
    """Return True if a build has finished.

    Raise CoprException for an unknown state: waiting for its end could last for ever.
    """
    state = getattr(build, "state", None)
    if state in FINAL_STATES:
        return True
    if state in PASSING_STATES:
        return False
    raise CoprException(
        f"Unknown status. Build {build.id} has a state that this client does not know: {state!r}."
    )


def poll(builds: list[tuple[int, Any]]) -> Plan[list[tuple[int, Any]]]:
    """Request builds, given and returned with their places."""
    singles, crowds = _in_crowds(builds)
    seen = yield Together([calls.get(build.id) for _, build in singles], AT_ONCE)
    found = [(place, build) for (place, _), build in zip(singles, seen, strict=True)]
    for crowd in crowds:
        found += yield from _poll_crowd(crowd)
    return found


def _in_crowds(
    builds: list[tuple[int, Any]],
) -> tuple[list[tuple[int, Any]], list[list[tuple[int, Any]]]]:
    """Return the builds to request one by one, and the crowds of one project each."""
    projects: dict[Any, list[tuple[int, Any]]] = {}
    for place, build in builds:
        is_record = isinstance(build, dict)
        project = (build.get("ownername"), build.get("projectname")) if is_record else (None, None)
        projects.setdefault(project, []).append((place, build))
    singles, crowds = [], []
    for (owner, _), group in projects.items():
        if owner and len(group) >= LISTING_FROM:
            crowds.append(group)
        else:
            singles += group
    return singles, crowds


def _poll_crowd(crowd: list[tuple[int, Any]]) -> Generator[Step, Any, list[tuple[int, Any]]]:
    """Request builds of one project by listing it, from the newest to the oldest of them."""
    wanted = {build.id: place for place, build in crowd}
    first = crowd[0][1]
    listing = needing(calls.get_list(first.ownername, first.projectname), "id")
    found: dict[int, Any] = {}
    offset = 0
    while True:
        page = yield from with_page(listing, PAGE, offset)
        found.update((build.id, build) for build in page if build.id in wanted)
        if len(found) == len(wanted):
            break
        # The listing is ordered by id, newest first: later pages only have older builds.
        if len(page) < PAGE or page[-1].id < min(wanted):
            # The rest was deleted, and a request for one of them raises the service's own error.
            for build_id in wanted.keys() - found.keys():
                found[build_id] = yield from calls.get(build_id)
            break
        offset += PAGE
    return [(wanted[build_id], build) for build_id, build in found.items()]


def waiting(
    builds: Iterable[Any],
    interval: float,
    callback: Callable[[list[Any]], object] | None,
    timeout: float,
    events: Events | None = None,
) -> Plan[list[Any]]:
    """Wait until builds have finished, as one plan: for the async client, whose methods are not replaced."""
    watched = Waiting(builds, interval, timeout, events)
    try:
        return (yield from _waiting(watched, callback))
    finally:
        watched.close()


def _waiting(
    watched: Waiting, callback: Callable[[list[Any]], object] | None
) -> Generator[Step, Any, list[Any]]:
    began, paused = (yield NOW), 0.0
    while watched.builds:
        # The pauses count even if the clock stands, as it does in programs that freeze it for their tests.
        waited = max((yield NOW) - began, paused)
        try:
            for place, build in (yield from watched.in_time(poll(watched.due()), waited)):
                watched.update(place, build)
            watched.poll_succeeded()
        except CoprException as error:
            watched.poll_failed(error)
        if callback is not None:
            callback(watched.builds)
        if watched.all_finished:
            break
        pause = watched.pause(max((yield NOW) - began, paused))
        if watched.may_listen:
            watched.listened((yield Pause(pause, watched.listener)))
        else:
            yield Pause(pause)
            paused += pause
    return watched.builds
