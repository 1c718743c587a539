"""Faults that tests inject into the connections of one service, and the requests that they affect.

    with copr.faults.reset(path="/build/create", count=1):   # the build is created, but the response is lost
        client.build_proxy.create_from_url(...)
    copr.faults.status(503, chance=0.2)                      # from now on, about every fifth request

- A fault is chosen when the header of a request has arrived. If several faults match, only the newest one
  is used.
- Faults happen between the socket and the application (`connection.py`). Calls of `copr.app` meet no faults.
- The random generator is seeded, so a failing test fails again in the same way.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any, Literal, Self, TypedDict, Unpack

_PREFIXES = ("/api_3", "/api_2", "/api")


class Which(TypedDict, total=False):
    """The options that select the requests of a fault.

    `path`: the path, its beginning up to a slash, or a shell pattern; paths of an API may be written without
    `/api_3`, `/api_2` or `/api`. `method`: HTTP method; None for all. `count`: number of requests that meet
    the fault; None for no limit. `chance`: probability from 0 to 1 that a matching request meets it.
    """

    path: str
    method: str | None
    count: int | None
    chance: float


@dataclass(frozen=True)
class Delay:
    """A fault: the service waits before or after it carries out a request.

    :param seconds: how long to wait, by the clock of the machine; `math.inf` until the service stops.
    :param when: `before` or `after` the request is carried out.
    """

    seconds: float
    when: Literal["before", "after"]


@dataclass(frozen=True)
class Reset:
    """A fault: the service resets the connection.

    :param when: `before` the body is read, `during` it (in its middle), or `after` the request was carried
        out.
    """

    when: Literal["before", "during", "after"]


@dataclass(frozen=True)
class Status:
    """A fault: the response is an HTML page with an HTTP status, as a gateway sends it.

    :param status: status of the response.
    :param when: `before`: the request is not carried out; `after`: it is, and its own response is dropped.
    """

    status: HTTPStatus
    when: Literal["before", "after"]


@dataclass(frozen=True)
class Cut:
    """A fault: the service closes the connection in the middle of a response.

    :param after: number of bytes of the body that are sent before.
    """

    after: int


@dataclass(frozen=True)
class Drip:
    """A fault: the service sends a response slowly.

    :param bytes_per_second: speed of the body.
    """

    bytes_per_second: float


Action = Delay | Reset | Status | Cut | Drip


def _one_of(when: Any, *words: str) -> Any:
    """Return `when` if it is one of the words: a fault with another one would never happen."""
    if when not in words:
        raise ValueError(f"when={when!r}: it is {' or '.join(words)}")
    return when


def _checked(which: Which) -> Which:
    """Return the options if they are valid: with others, a fault would happen always or never."""
    if unknown := sorted(which.keys() - Which.__annotations__.keys()):
        known = ", ".join(sorted(Which.__annotations__))
        raise TypeError(f"a fault has no option {', '.join(unknown)}: its options are {known}")
    count, chance = which.get("count"), which.get("chance", 1.0)
    if count is not None and count < 1:
        raise ValueError(f"count={count!r}: write how many requests meet the fault, at least 1")
    if not 0 <= chance <= 1:
        raise ValueError(f"chance={chance!r} is not a probability: write a number from 0 to 1")
    return which


class Fault:
    """A fault of a service; as a context manager it is removed at the end of the block.

    :param owner: the faults of the service, from which `remove` removes it.
    :param action: what happens to a request.
    :param which: the requests that meet it.
    """

    hits: int
    """Number of requests that have met the fault."""

    def __init__(self, owner: Faults, action: Action, which: Which) -> None:
        self.action = action
        self.hits = 0
        self._owner = owner
        self._pattern = which.get("path", "*")
        self._method = (which.get("method") or "").upper()
        self._count = which.get("count")
        self._chance = which.get("chance", 1.0)
        self._dice = random.Random(0)  # noqa: S311 - for a test, and the same each time

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove the fault; requests that have met it already are still affected."""
        self._owner.remove(self)

    def meets(self, method: str, path: str) -> bool:
        """Return True if a request meets the fault, and count the request in `hits`.

        :param method: HTTP method of the request.
        :param path: path of the request.
        :returns: True if the method and the path match, `count` is not reached, and the chance decides so.
        """
        if self.hits == self._count or (self._method or method) != method or not self._is_meant(path):
            return False
        if self._chance < 1 and self._dice.random() >= self._chance:
            return False
        self.hits += 1
        return True

    def _is_meant(self, path: str) -> bool:
        prefix = next((prefix for prefix in _PREFIXES if path.startswith(f"{prefix}/")), "")
        return any(
            fnmatchcase(name, pattern)
            for name in (path, path.removeprefix(prefix))
            for pattern in (self._pattern, f"{self._pattern.rstrip('/')}/*")
        )


class Faults:
    """The faults of one service; `Which` describes how to select the requests that meet one."""

    def __init__(self) -> None:
        self._faults: tuple[Fault, ...] = ()
        self._lock = threading.Lock()
        self.over = threading.Event()
        """Set when the service stops; it ends all waits."""

    def delay(
        self, seconds: float, when: Literal["before", "after"] = "before", **which: Unpack[Which]
    ) -> Fault:
        """Delay responses.

        :param seconds: how long to wait, by the clock of the machine; `math.inf` until the service stops.
        :param when: wait `before` or `after` a request is carried out.
        :param which: the requests that meet the fault, as keywords of `Which`; by default all.
        :returns: the fault.
        :raises ValueError: `seconds` is negative, `when` is another word, or a value of `which` is not valid.
        :raises TypeError: an option of `which` does not exist.
        """
        if not seconds >= 0:
            raise ValueError(f"seconds={seconds!r}: a delay cannot be negative")
        return self._add(Delay(seconds, _one_of(when, "before", "after")), which)

    def reset(self, when: Literal["before", "during", "after"] = "after", **which: Unpack[Which]) -> Fault:
        """Reset connections.

        :param when: `before` the body is read, `during` it (in its middle), or `after` the request was
            carried out, in place of the response.
        :param which: the requests that meet the fault, as keywords of `Which`; by default all.
        :returns: the fault.
        :raises ValueError: `when` is another word, or a value of `which` is not valid.
        :raises TypeError: an option of `which` does not exist.
        """
        return self._add(Reset(_one_of(when, "before", "during", "after")), which)

    def status(
        self, status: int, when: Literal["before", "after"] = "before", **which: Unpack[Which]
    ) -> Fault:
        """Answer with a status and an HTML page, as a gateway does.

        :param status: HTTP status of the response.
        :param when: `before`: the request is not carried out; `after`: it is, and its response is dropped.
        :param which: the requests that meet the fault, as keywords of `Which`; by default all.
        :returns: the fault.
        :raises ValueError: `status` is not a status of HTTP, `when` is another word, or a value of `which` is
            not valid.
        :raises TypeError: an option of `which` does not exist.
        """
        return self._add(Status(HTTPStatus(status), _one_of(when, "before", "after")), which)

    def cut(self, after: int, **which: Unpack[Which]) -> Fault:
        """Close the connection in the middle of a response.

        :param after: number of bytes of the body that are sent before.
        :param which: the requests that meet the fault, as keywords of `Which`; by default all.
        :returns: the fault.
        :raises ValueError: a value of `which` is not valid.
        :raises TypeError: an option of `which` does not exist.
        """
        return self._add(Cut(after), which)

    def drip(self, bytes_per_second: float, **which: Unpack[Which]) -> Fault:
        """Send the bodies of responses slowly, in about ten pieces per second.

        :param bytes_per_second: speed of the body; more than 0.
        :param which: the requests that meet the fault, as keywords of `Which`; by default all.
        :returns: the fault.
        :raises ValueError: `bytes_per_second` is not more than 0, or a value of `which` is not valid.
        :raises TypeError: an option of `which` does not exist.
        """
        if not bytes_per_second > 0:
            raise ValueError(f"bytes_per_second={bytes_per_second!r}: a body needs a speed of more than 0")
        return self._add(Drip(bytes_per_second), which)

    def clear(self) -> None:
        """Remove all faults."""
        self._faults = ()

    def remove(self, fault: Fault) -> None:
        """Remove one fault; nothing happens if it is removed already.

        :param fault: the fault.
        """
        with self._lock:
            self._faults = tuple(other for other in self._faults if other is not fault)

    def choose(self, method: str, path: str) -> Action | None:
        """Choose the fault that a request meets: the newest one that matches.

        :param method: HTTP method of the request.
        :param path: path of the request.
        :returns: what to do to the request; None if no fault matches.
        """
        if not self._faults:
            return None
        with self._lock:
            met = next((fault for fault in reversed(self._faults) if fault.meets(method, path)), None)
        return met.action if met else None

    def _add(self, action: Action, which: Which) -> Fault:
        fault = Fault(self, action, _checked(which))
        with self._lock:
            self._faults = (*self._faults, fault)
        return fault
