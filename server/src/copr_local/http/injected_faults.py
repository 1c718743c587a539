"""A network that misbehaves, for one service: which requests meet which fault.

    with copr.faults.reset(path="/build/create", count=1):   # carried out, and nobody hears of it
        client.build_proxy.create_from_url(...)
    copr.faults.status(503, chance=0.2)                      # from here on, every fifth request

- A fault is chosen when a request's head has come in; the newest one that matches is met, and no other.
- Faults are the connection's: `http_server` carries them out between the socket and the application, so calls
  of `copr.app` meet none.
- Chance is drawn from a generator with a fixed seed: a test that fails fails again.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Literal, Self, TypedDict, Unpack

_PREFIXES = ("/api_3", "/api_2", "/api")


class Which(TypedDict, total=False):
    """Which requests meet a fault.

    `path`: the path, or its beginning up to a slash, or a shell pattern; an API's paths may be written
    without `/api_3`. `method`: None for all. `count`: how many requests meet it; None for no end.
    `chance`: how probable it is that a request which is meant meets it, from 0 to 1.
    """

    path: str
    method: str | None
    count: int | None
    chance: float


@dataclass(frozen=True)
class Delay:
    """Wait before a request is carried out, or after."""

    seconds: float
    when: Literal["before", "after"]


@dataclass(frozen=True)
class Reset:
    """Reset the connection."""

    when: Literal["before", "during", "after"]


@dataclass(frozen=True)
class Status:
    """Answer with a page, as a gateway does."""

    status: HTTPStatus
    when: Literal["before", "after"]


@dataclass(frozen=True)
class Cut:
    """End the connection after so many bytes of the answer's body."""

    after: int


@dataclass(frozen=True)
class Drip:
    """Send the answer's body slowly."""

    bytes_per_second: float


Action = Delay | Reset | Status | Cut | Drip


class Fault:
    """A fault of a service; as a context manager it is gone at the end of the block."""

    hits: int
    """How many requests have met it."""

    def __init__(self, owner: Faults, action: Action, which: Which) -> None:
        self.action = action
        self.hits = 0
        self._owner = owner
        self._pattern = which.get("path", "*")
        self._method = which.get("method")
        self._count = which.get("count")
        self._chance = which.get("chance", 1.0)
        self._dice = random.Random(0)  # noqa: S311 - for a test, and the same each time

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """End the fault; requests at work meet it still."""
        self._owner.remove(self)

    def meets(self, method: str, path: str) -> bool:
        """Whether a request meets the fault; it is counted if it does."""
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
    """The faults of one service. Which requests meet one is said in the words of `Which`."""

    def __init__(self) -> None:
        self._faults: tuple[Fault, ...] = ()
        self._lock = threading.Lock()
        self.over = threading.Event()
        """Set when the service ends: nothing waits any longer."""

    def delay(
        self, seconds: float, when: Literal["before", "after"] = "before", **which: Unpack[Which]
    ) -> Fault:
        """Answer late, by the machine's clock; `math.inf` for never.

        :param when: wait `before` a request is carried out, or `after` that.
        """
        return self._add(Delay(seconds, when), which)

    def reset(self, when: Literal["before", "during", "after"] = "after", **which: Unpack[Which]) -> Fault:
        """Reset the connection.

        :param when: `before` anything of the body is read, `during` it (in its middle), or `after` the
            request was carried out, instead of the answer.
        """
        return self._add(Reset(when), which)

    def status(
        self, status: int, when: Literal["before", "after"] = "before", **which: Unpack[Which]
    ) -> Fault:
        """Answer with a status and a page, as a gateway does.

        :param when: `before`: the request is not carried out; `after`: it is, and its own answer dropped.
        :raises ValueError: HTTP knows no such status.
        """
        return self._add(Status(HTTPStatus(status), when), which)

    def cut(self, after: int, **which: Unpack[Which]) -> Fault:
        """End the connection in the middle of an answer.

        :param after: how many bytes of the body are sent.
        """
        return self._add(Cut(after), which)

    def drip(self, bytes_per_second: float, **which: Unpack[Which]) -> Fault:
        """Send the body of an answer slowly, at most ten pieces a second."""
        return self._add(Drip(bytes_per_second), which)

    def clear(self) -> None:
        """End all faults."""
        self._faults = ()

    def remove(self, fault: Fault) -> None:
        """End one fault."""
        with self._lock:
            self._faults = tuple(other for other in self._faults if other is not fault)

    def choose(self, method: str, path: str) -> Action | None:
        """What a request meets, if it meets anything."""
        if not self._faults:
            return None
        with self._lock:
            met = next((fault for fault in reversed(self._faults) if fault.meets(method, path)), None)
        return met.action if met else None

    def _add(self, action: Action, which: Which) -> Fault:
        fault = Fault(self, action, which)
        with self._lock:
            self._faults = (*self._faults, fault)
        return fault
