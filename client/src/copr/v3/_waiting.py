"""What waiting decides, without waiting: shared by the blocking and the async `wait`.

Rules: a build that has ended is not asked for again. Many builds of one project are asked for by listing it,
newest first, a few one by one. A look that fails does not end the waiting, unless it goes on failing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .._errors import (
    CoprAuthException,
    CoprConnectionException,
    CoprException,
    CoprNoResultException,
    CoprTimeoutException,
)
from .._paging import with_page
from .._typing import Any
from .._wire import NOW, Pause, Plan, Together
from .calls import build as calls
from .calls._states import FINAL_STATES, PASSING_STATES

#: How many builds of one project are a crowd, for which listing is cheaper; and the size of a page then.
LISTING_FROM = 10
PAGE = 100

#: How many looks in a row may fail.
BLIPS = 10

#: How many builds are asked for at once.
AT_ONCE = 16


class Watch:
    """The builds that are waited for, as they were last seen."""

    def __init__(self, builds: Iterable[Any], timeout: float) -> None:
        self.builds = list(builds)
        self._timeout = timeout
        self._ended = [False] * len(self.builds)
        self._failed_looks = 0

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
        self._failed_looks = 0

    def blip(self, error: CoprException) -> None:
        """A look failed. Raises it where that will not pass, or goes on for too long."""
        self._failed_looks += 1
        passing = isinstance(error, (CoprConnectionException, CoprTimeoutException)) or (
            error.status is not None and error.status >= 500
        )
        if not passing or self._failed_looks > BLIPS:
            raise error

    def check(self, waited: float, interval: float) -> None:
        """Raises CoprTimeoutException where another `interval` (seconds) would be longer than `timeout`."""
        if self._timeout and waited + interval > self._timeout:
            going = ", ".join(str(build.id) for _, build in self.going())
            raise CoprTimeoutException(f"Not ended after {self._timeout:g} seconds: build {going}.")

    def in_crowds(
        self, may_be_listed: Callable[[int], bool] = lambda place: True
    ) -> tuple[list[tuple[int, Any]], list[list[tuple[int, Any]]]]:
        """The builds that have not ended: those to ask for one by one, and the crowds of one project each."""
        projects: dict[Any, list[tuple[int, Any]]] = {}
        for place, build in self.going():
            project = (
                (build.get("ownername"), build.get("projectname"))
                if isinstance(build, dict) and may_be_listed(place)
                else (None, None)
            )
            projects.setdefault(project, []).append((place, build))
        crowds = [group for (owner, _), group in projects.items() if owner and len(group) >= LISTING_FROM]
        listed = {place for group in crowds for place, _ in group}
        return [each for each in self.going() if each[0] not in listed], crowds


def is_over(build: Any) -> bool:
    """Whether a build has ended.

    Raises CoprException for a state that this client does not know: waiting for its end might last for ever.
    """
    if build.state in FINAL_STATES:
        return True
    if build.state in PASSING_STATES:
        return False
    raise CoprException(f"Build {build.id} is in a state that this client does not know: {build.state!r}.")


def look_at_crowd(crowd: list[tuple[int, Any]]) -> Plan[list[tuple[int, Any]]]:
    """Ask for builds of one project by listing it, from the newest to the oldest of them."""
    wanted = {build.id: place for place, build in crowd}
    first = crowd[0][1]
    listing = calls.get_list(first.ownername, first.projectname)
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
    watch = Watch(builds, timeout)
    began = yield NOW
    while watch.builds:
        try:
            singles, crowds = watch.in_crowds()
            seen = yield Together([calls.get(build.id) for _, build in singles], AT_ONCE)
            for (place, _), build in zip(singles, seen, strict=True):
                watch.saw(place, build)
            for crowd in crowds:
                for place, build in (yield from look_at_crowd(crowd)):
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
        watch.check((yield NOW) - began, interval)
        yield Pause(interval)
    return watch.builds
