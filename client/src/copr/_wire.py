"""What a client says and hears, as values: calls, replies, files, pauses.

Rules: imports nothing of ours; opens, sends, sleeps and decodes nothing. A call knows neither the host nor
the token, so calls can be compared, stored and repeated. A flow is an iterator over what it waits for; a
single call is the shortest flow.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

from ._typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, Union

if TYPE_CHECKING:
    import os

#: Sets an attribute of an object that otherwise cannot be changed.
_set = object.__setattr__

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: What a flow may wait for: a reply, several flows at once, a pause, what a function returns, or the time.
Step = Union["Call[Any]", "Together", "Pause", "Work", "Now"]

#: A flow that is a generator.
Plan = Generator[Step, Any, T]


class Flow(Protocol[T_co]):
    """Anything that, iterated, yields the steps it waits for and returns its result."""

    def __iter__(self) -> Generator[Step, Any, T_co]: ...


class Pause:
    """A flow's wish to go on after `seconds`."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pause) and other.seconds == self.seconds

    def __hash__(self) -> int:
        return hash((Pause, self.seconds))

    def __repr__(self) -> str:
        return f"Pause({self.seconds})"


class Together:
    """A flow's wish to have flows carried out side by side, at most `at_once` of them at any time.

    The flow is sent the list of their results, in order, or the first failure.
    """

    __slots__ = ("at_once", "flows")

    def __init__(self, flows: Iterable[Flow[Any]], at_once: int) -> None:
        self.flows = list(flows)
        self.at_once = max(at_once, 1)


class Work:
    """A flow's wish to have a function called that may block, such as a Kerberos login."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function


class Now:
    """A flow's question for the time, in seconds of a clock that never goes back; flows yield `NOW`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOW"


NOW = Now()


class Sink(Protocol):
    """What the body of a successful answer goes into instead of memory, in as many attempts as it takes."""

    @property
    def is_whole(self) -> bool:
        """Whether all bytes are there, as far as the service told how many there are."""

    def request_headers(self) -> dict[str, str]:
        """What to ask for: the bytes as they are, from the first missing one on."""

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """A body begins to come, with the status 200 or 206."""

    def write(self, block: bytes) -> None:
        """The next bytes of the body."""

    def end(self) -> None:
        """The body has come to an end, for this attempt."""


class FilePart:
    """A file that goes into a multipart body: named, not opened, so that every attempt reads it anew; or its
    `content`, where there is no such file."""

    __slots__ = ("content", "content_type", "field", "filename", "path")

    def __init__(
        self,
        field: str,
        path: str | os.PathLike[str],
        filename: str,
        content_type: str,
        content: bytes | None = None,
    ) -> None:
        self.field = field
        self.path = path
        self.filename = filename
        self.content_type = content_type
        self.content = content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FilePart) and _fields(other) == _fields(self)

    def __hash__(self) -> int:
        return hash(_fields(self))

    def __repr__(self) -> str:
        return f"FilePart({self.field!r}, {self.path!r})"


class Reply:
    """What came back for a call: `response` is the transport's own object, the rest is the same for all."""

    __slots__ = ("body", "headers", "reason", "response", "status", "url")

    def __init__(
        self,
        status: int,
        reason: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        response: Any = None,
    ) -> None:
        self.status = status
        self.reason = reason
        self.url = url
        self.headers = headers
        self.body = body
        self.response = response

    @property
    def origin(self) -> Any:
        """What results show as their `__response__`: the transport's own object, or this reply."""
        return self if self.response is None else self.response

    @property
    def retry_after(self) -> float | None:
        """The seconds that the header Retry-After asks for (RFC 9110, 10.2.3), or None; a date counts from
        `Date`."""
        text = self.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return float(text)
        until, sent = _date(text), _date(self.headers.get("Date", ""))
        return max(0.0, until - sent) if until is not None and sent is not None else None

    def __repr__(self) -> str:
        return f"<Reply {self.status} {self.reason}, {len(self.body)} bytes>"


class Call(Generic[T_co]):
    """One request of the API, and how to read its answer.

    `method` and `path` (quoted, below the API's base; or a whole address, to which no login is sent), `query`
    (a null is left out), `json` (the body), `form` (the body as a form's fields; a list for a field that is
    repeated), `files` (if given, even none, the body is multipart: the fields, the files, `json`), `login`
    (needs credentials), `repeatable` (asking twice does no more than asking once; reads are), `decode` (makes
    the result of this call and its reply), `progress` (called while a body with files is sent), `into` (what
    the body of a successful answer goes into, instead of memory), `follow` (go where a redirect leads, as far
    as that is harmless: reads without login; see `staying`), `limit` (seconds that the call may take, with
    all of its attempts; for a transport, that this attempt may take; None for no such limit).
    """

    __slots__ = (
        "decode",
        "files",
        "follow",
        "form",
        "into",
        "json",
        "limit",
        "login",
        "method",
        "path",
        "progress",
        "query",
        "repeatable",
    )

    method: str
    path: str
    query: dict[str, Any]
    json: Any
    form: Mapping[str, Any] | None
    files: tuple[FilePart, ...] | None
    login: bool
    repeatable: bool
    progress: Callable[[Any], object] | None
    decode: Callable[[Call[Any], Reply], T_co]
    into: Sink | None
    follow: bool
    limit: float | None

    def __init__(
        self,
        method: str,
        path: str,
        *,
        decode: Callable[[Call[Any], Reply], T_co],
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        files: Sequence[FilePart] | None = None,
        login: bool = False,
        repeatable: bool | None = None,
        progress: Callable[[Any], object] | None = None,
        into: Sink | None = None,
    ) -> None:
        _set(self, "method", method)
        _set(self, "path", path)
        _set(self, "query", {name: value for name, value in (query or {}).items() if value is not None})
        _set(self, "json", json)
        _set(self, "form", form)
        _set(self, "files", None if files is None else tuple(files))
        _set(self, "login", login)
        _set(self, "repeatable", method == "GET" if repeatable is None else repeatable)
        _set(self, "progress", progress)
        _set(self, "decode", decode)
        _set(self, "into", into)
        _set(self, "follow", True)
        _set(self, "limit", None)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(
            f"A call is a value: {name!r} cannot be set. Make another call of it (`with_files`)."
        )

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"A call is a value: {name!r} cannot be deleted.")

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        # Copying and unpickling fill a new object, which no one has seen yet.
        for name, value in state[1].items():
            _set(self, name, value)

    @property
    def follows(self) -> bool:
        """Whether it goes where a redirect leads."""
        return self.follow and self.method == "GET" and not self.login

    def __iter__(self) -> Generator[Step, Reply, T_co]:
        reply = yield self
        return self.decode(self, reply)

    def within(self, seconds: float) -> Call[T_co]:
        """The same call, to be over within `seconds`, or sooner if it is so limited."""
        return self._with("limit", seconds if self.limit is None else min(seconds, self.limit))

    def with_login(self) -> Call[T_co]:
        """The same call, with credentials."""
        return self if self.login else self._with("login", True)

    def with_files(self, files: Sequence[FilePart]) -> Call[T_co]:
        """Return the same call with other files in its body."""
        return self._with("files", tuple(files))

    def read_by(self, decode: Callable[[Call[Any], Reply], Any]) -> Call[T_co]:
        """The same call, its answer read in another way, into the same kind of result."""
        return self._with("decode", decode)

    def below(self, prefix: str) -> Call[T_co]:
        """The same call, its path below another one; a whole address stays as it is."""
        return self.at(prefix + self.path) if self.path.startswith("/") else self

    def at(self, path: str) -> Call[T_co]:
        """The same call, by another path or at a whole address."""
        return self._with("path", path)

    def staying(self) -> Call[T_co]:
        """The same call, that follows no redirect."""
        return self._with("follow", False)

    def _with(self, slot: str, value: Any) -> Call[T_co]:
        copy = object.__new__(type(self))
        for name in all_slots(type(self)):
            _set(copy, name, value if name == slot else getattr(self, name))
        return copy

    def target(self) -> str:
        """The path with its query, relative to the API's base."""
        if not self.query:
            return self.path
        from urllib.parse import urlencode

        return f"{self.path}?{urlencode(self.query, doseq=True)}"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _fields(other) == _fields(self)

    __hash__ = None  # type: ignore[assignment]  # a call holds mappings

    def __repr__(self) -> str:
        return f"<Call {self.method} {self.target()}>"


def all_slots(kind: type) -> list[str]:
    """The slots of a class and its bases."""
    return [name for base in kind.__mro__ for name in getattr(base, "__slots__", ())]


def _date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp()
    except (OverflowError, TypeError, ValueError):
        return None


def _fields(value: Any) -> tuple[Any, ...]:
    return tuple(getattr(value, name) for name in all_slots(type(value)))
