"""What waiting decides, without waiting: shared by the blocking and the async `wait`.

Rules: a build that has ended is not asked for again. Many builds of one project are asked for by listing it,
newest first, a few one by one. A look that fails does not end the waiting, unless it goes on failing; one
that hangs is given up when the time is over. The last look begins when the time is over, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

from .._calls import needing
from .._errors import (
    CoprAuthException,
    CoprConnectionException,
    CoprException,
    CoprNoResultException,
    CoprTimeoutException,
)
from .._paging import with_page
from .._policy import REFUSED, within
from .._typing import Any, TypeVar
from .._wire import NOW, Flow, Pause, Plan, Step, Together
from .calls import build as calls
from .calls._states import FINAL_STATES, PASSING_STATES

#: How many builds of one project are a crowd, for which listing is cheaper; and the size of a page then.
LISTING_FROM = 10
PAGE = 100

T = TypeVar("T")

#: How many looks in a row may fail.
BLIPS = 10

#: Seconds that the last look may take.
LAST_LOOK = 10

#: How many builds are asked for at once.
AT_ONCE = 16


class Watch:
    """The builds that are waited for, as they were last seen, with a look every `interval` seconds, for
    `timeout` seconds (0: for ever)."""

    def __init__(self, builds: Iterable[Any], interval: float, timeout: float) -> None:
        self.builds = list(builds)
        self._interval = interval
        self._timeout = timeout
        self._ended = [False] * len(self.builds)
        self._failed_looks = 0
        self._failure: CoprException | None = None

    @property
    def all_ended(self) -> bool:
        """Whether there is nothing left to wait for."""
        return all(self._ended)

    def going(self) -> list[tuple[int, Any]]:
        """The builds that have not ended, with their places."""
        return [(place, build) for place, build in enumerate(self.builds) if not self._ended[place]]

    def saw(self, place: int, build: Any) -> None:
        """Take note of a build's newest record."""
        self.builds[place] = build
        self._ended[place] = is_over(build)

    def looked(self) -> None:
        """A look succeeded."""
        self._failed_looks, self._failure = 0, None

    def blip(self, error: CoprException) -> None:
        """A look failed. Raises it where that will not pass, or goes on for too long."""
        self._failed_looks, self._failure = self._failed_looks + 1, error
        passing = isinstance(error, (CoprConnectionException, CoprTimeoutException)) or (
            error.status is not None and (error.status >= 500 or error.status == REFUSED)
        )
        if not passing or self._failed_looks > BLIPS:
            raise error

    def in_time(self, look: Flow[T], waited: float) -> Flow[T]:
        """A look that takes no longer than there is time, after `waited` seconds."""
        return within(look, max(self._timeout - waited, 0) + LAST_LOOK) if self._timeout else look

    def pause(self, waited: float) -> float:
        """The seconds until the next look, after `waited` seconds: the interval, what the service asked for,
        or the rest of the time.

        Raises CoprTimeoutException where there is no time left.
        """
        asked_for = self._failure.retry_after if self._failure else None
        pause = max(self._interval, asked_for or 0)
        if not self._timeout:
            return pause
        if waited >= self._timeout:
            going = ", ".join(str(build.id) for _, build in self.going())
            raise CoprTimeoutException(
                f"Not ended after {self._timeout:g} seconds: build {going}."
            ) from self._failure
        return min(pause, self._timeout - waited)


def is_over(build: Any) -> bool:
    """Whether a build has ended.

    Raises CoprException for a state that this client does not know: waiting for its end might last for ever.
    """
    state = getattr(build, "state", None)
    if state in FINAL_STATES:
        return True
    if state in PASSING_STATES:
        return False
    raise CoprException(f"Build {build.id} is in a state that this client does not know: {state!r}.")


def look(builds: list[tuple[int, Any]]) -> Plan[list[tuple[int, Any]]]:
    """Ask for builds, given and returned with their places."""
    singles, crowds = _in_crowds(builds)
    seen = yield Together([calls.get(build.id) for _, build in singles], AT_ONCE)
    found = [(place, build) for (place, _), build in zip(singles, seen, strict=True)]
    for crowd in crowds:
        found += yield from _look_at_crowd(crowd)
    return found


def _in_crowds(
    builds: list[tuple[int, Any]],
) -> tuple[list[tuple[int, Any]], list[list[tuple[int, Any]]]]:
    """The builds to ask for one by one, and the crowds of one project each."""
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


def _look_at_crowd(crowd: list[tuple[int, Any]]) -> Generator[Step, Any, list[tuple[int, Any]]]:
    """Ask for builds of one project by listing it, from the newest to the oldest of them."""
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
        if len(page) < PAGE or page[-1].id < min(wanted):
            # Deleted ones are missing from the listing; the service's own error says so.
            for number in wanted.keys() - found.keys():
                found[number] = yield from calls.get(number)
            break
        offset += PAGE
    return [(wanted[number], build) for number, build in found.items()]


def waiting(
    builds: Iterable[Any], interval: float, callback: Callable[[list[Any]], object] | None, timeout: float
) -> Plan[list[Any]]:
    """Wait until builds have ended: the whole of it as a plan, for clients that nobody patches."""
    watch = Watch(builds, interval, timeout)
    began = yield NOW
    while watch.builds:
        try:
            for place, build in (yield from watch.in_time(look(watch.going()), (yield NOW) - began)):
                watch.saw(place, build)
            watch.looked()
        except (CoprNoResultException, CoprAuthException):
            raise
        except CoprException as error:
            watch.blip(error)
        if callback is not None:
            callback(watch.builds)
        if watch.all_ended:
            break
        yield Pause(watch.pause((yield NOW) - began))
    return watch.builds
