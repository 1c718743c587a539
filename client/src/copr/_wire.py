"""What a client sends and receives, as values: calls, replies, files, pauses.

Nothing here opens, sends, sleeps or decodes. A call knows neither the host nor the token, so calls can be
compared, stored and repeated. A flow is an iterator over the steps that it waits for; one call is a flow.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

from ._late import Late
from ._typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, Union

if TYPE_CHECKING:
    import os

#: Sets an attribute of an object that otherwise cannot be changed.
_set = object.__setattr__

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: What a flow can wait for: a reply, several flows, a pause, the result of a function, or an answer.
Step = Union["Call[Any]", "Together", "Pause", "Work", "Question"]

#: A flow that is a generator.
Plan = Generator[Step, Any, T]


class Flow(Protocol[T_co]):
    """Anything that, iterated, yields the steps it waits for and returns its result."""

    def __iter__(self) -> Generator[Step, Any, T_co]: ...


class Pause:
    """A step that waits for some seconds, or less if a listener has news; it returns what this says."""

    __slots__ = ("listener", "seconds")

    def __init__(self, seconds: float, listener: Any = None) -> None:
        self.seconds = seconds
        self.listener = listener

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pause) and other.seconds == self.seconds

    def __hash__(self) -> int:
        return hash((Pause, self.seconds))

    def __repr__(self) -> str:
        return f"Pause({self.seconds})"


class Together:
    """A step that carries out flows in parallel, at most `at_once` of them at any time.

    It returns the list of their results, in order, or raises the first failure.
    """

    __slots__ = ("at_once", "flows")

    def __init__(self, flows: Iterable[Flow[Any]], at_once: int) -> None:
        self.flows = list(flows)
        self.at_once = max(at_once, 1)


class Work:
    """A step that calls a function that may block, such as a Kerberos login."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function


class Question:
    """A step that returns what a flow cannot know; flows yield `NOW` or `SEARCHES`.

    `NOW`: seconds of a clock that never goes back. `SEARCHES`: the pauses of the policy (`Policy.searches`).
    """

    __slots__ = ()


NOW, SEARCHES = Question(), Question()


class Sink(Protocol):
    """A target for the body of a successful response, instead of memory; it may take several attempts."""

    @property
    def is_whole(self) -> bool:
        """True if all bytes have arrived, as far as the service said how many there are."""

    def request_headers(self) -> dict[str, str]:
        """Return the headers that ask for the bytes from the first missing one on, not compressed."""

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take note that a body starts, with the status 200 or 206."""

    def write(self, block: bytes) -> None:
        """Take the next bytes of the body."""

    def end(self) -> None:
        """Take note that the body has ended, for this attempt."""


class FilePart:
    """A part of a multipart body that has a content type, which is mostly a file.

    A file is named by `path`, not opened, so that each attempt reads it again. What has no path is given as
    `content`; what is not a file has the filename None.
    """

    __slots__ = ("content", "content_type", "field", "filename", "path")

    def __init__(
        self,
        field: str,
        path: str | os.PathLike[str],
        filename: str | None,
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
    """The response to a call; `response` is the object of the HTTP library.

    `body`: the bytes, or a list of blocks, which `take_blocks` gives away without joining them.
    """

    __slots__ = ("_blocks", "headers", "reason", "response", "status", "url")

    def __init__(
        self,
        status: int,
        reason: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | list[bytes],
        response: Any = None,
    ) -> None:
        self.status = status
        self.reason = reason
        self.url = url
        self.headers = headers
        self._blocks = body if isinstance(body, list) else [body]
        self.response = response

    @property
    def body(self) -> bytes:
        """All bytes of the body."""
        if len(self._blocks) != 1 or type(self._blocks[0]) is not bytes:
            self._blocks = [b"".join(self._blocks)]
        return self._blocks[0]

    @property
    def size(self) -> int:
        """The number of bytes of the body."""
        return sum(map(len, self._blocks))

    def take_blocks(self) -> list[bytes]:
        """Return the blocks of the body, and keep none of them: the body is empty from then on."""
        blocks, self._blocks = self._blocks, [b""]
        return blocks

    @property
    def origin(self) -> Any:
        """The `__response__` of results: the HTTP library's object, or else this reply."""
        return self if self.response is None else self.response

    @property
    def stored_origin(self) -> Any:
        """What results store to have a `__response__`: it, or what it is made of."""
        return self.origin

    @property
    def made_response(self) -> Any:
        """The HTTP library's object if it has been made."""
        return self.response

    @property
    def retry_after(self) -> float | None:
        """The seconds that the header Retry-After asks for (RFC 9110, 10.2.3), or None.

        A date there is compared with the service's own `Date`.
        """
        text = self.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return float(text)
        until, sent = _date(text), _date(self.headers.get("Date", ""))
        return max(0.0, until - sent) if until is not None and sent is not None else None

    def __repr__(self) -> str:
        return f"<Reply {self.status} {self.reason}, {self.size} bytes>"


class LateReply(Reply):
    """A response with the status 200; `make` makes its `response` when somebody asks for more."""

    __slots__ = ("_made", "_make")

    def __init__(self, url: str, blocks: list[bytes], make: Callable[[bytes], Any]) -> None:
        self.status = 200
        self.url = url
        self._blocks = blocks or [b""]
        self._make = make
        self._made: Any = None

    @property
    def response(self) -> Any:
        """The HTTP library's object."""
        if self._made is None:
            self._made = self._make(self.body)
        return self._made

    @property
    def made_response(self) -> Any:
        """The HTTP library's object if it has been made."""
        return self._made

    @property
    def stored_origin(self) -> Any:
        """What results store to have a `__response__`: it is made later."""
        return Late(lambda: self.response, f"<Response [{self.status}]>")

    @property
    def headers(self) -> Any:  # type: ignore[override]  # it cannot be set
        """The headers."""
        return self.response.headers

    @property
    def reason(self) -> Any:  # type: ignore[override]  # it cannot be set
        """The reason."""
        return self.response.reason


class Call(Generic[T_co]):
    """One request of the API, and how to read its response. A call cannot be changed.

    - `method`, `path`: the path is quoted, below the URL of the API, or a whole URL without credentials.
    - `query`: parameters that are None are left out.
    - `json`, `form`, `files`: the body. In a form, a list stands for a field that is repeated, and a FilePart
      for itself. If `files` is not None, even if it is empty, the body is multipart: fields, files, `json`.
    - `login`: True if the call needs credentials.
    - `repeatable`: True if sending it twice does no more than sending it once; by default only for GET.
    - `decode`: makes the result, from this call and its reply.
    - `progress`: called while a body with files is sent.
    - `into`: a target for the body of a successful response, instead of memory.
    - `follow`: True to follow redirects, as far as that is harmless: for GET without login.
    - `limit`: seconds for the call with all of its attempts; for a transport, for this attempt.
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
        raise AttributeError(f"A call cannot be changed: {name!r} cannot be set.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"A call cannot be changed: {name!r} cannot be deleted.")

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        # Copying and unpickling fill a new object with this method.
        for name, value in state[1].items():
            _set(self, name, value)

    @property
    def follows(self) -> bool:
        """True if the call follows redirects."""
        return self.follow and self.method == "GET" and not self.login

    def __iter__(self) -> Generator[Step, Reply, T_co]:
        reply = yield self
        return self.decode(self, reply)

    def within(self, seconds: float) -> Call[T_co]:
        """Return the same call with a limit of `seconds`, or with its own limit if that is shorter."""
        return self._with("limit", seconds if self.limit is None else min(seconds, self.limit))

    def with_login(self) -> Call[T_co]:
        """Return the same call, with credentials."""
        return self if self.login else self._with("login", True)

    def with_files(self, files: Sequence[FilePart]) -> Call[T_co]:
        """Return the same call with other files in its body."""
        return self._with("files", tuple(files))

    def read_by(self, decode: Callable[[Call[Any], Reply], Any]) -> Call[T_co]:
        """Return the same call, whose reply is read in another way into the same kind of result."""
        return self._with("decode", decode)

    def below(self, prefix: str) -> Call[T_co]:
        """Return the same call with a prefix before its path; a whole URL stays as it is."""
        return self.at(prefix + self.path) if self.path.startswith("/") else self

    def at(self, path: str) -> Call[T_co]:
        """Return the same call with another path or URL."""
        return self._with("path", path)

    def staying(self) -> Call[T_co]:
        """Return the same call, which does not follow redirects."""
        return self._with("follow", False)

    def _with(self, slot: str, value: Any) -> Call[T_co]:
        copy = object.__new__(type(self))  # a subclass has slots and an __init__ of its own
        for name in all_slots(type(self)):
            _set(copy, name, value if name == slot else getattr(self, name))
        return copy

    def target(self) -> str:
        """Return the path with its query, relative to the URL of the API."""
        if not self.query:
            return self.path
        from urllib.parse import urlencode

        # As with `requests`: None is left out of lists too.
        query = {
            name: [item for item in value if item is not None] if isinstance(value, (list, tuple)) else value
            for name, value in self.query.items()
        }
        return f"{self.path}?{urlencode(query, doseq=True)}"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and _fields(other) == _fields(self)

    __hash__ = None  # type: ignore[assignment]  # a call holds mappings

    def __repr__(self) -> str:
        return f"<Call {self.method} {self.target()}>"


def all_slots(kind: type) -> list[str]:
    """Return the slots of a class and its bases."""
    return [name for base in kind.__mro__ for name in getattr(base, "__slots__", ())]


def _date(text: str) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(text).timestamp()
    except (OverflowError, TypeError, ValueError):
        return None


def _fields(value: Any) -> tuple[Any, ...]:
    return tuple(getattr(value, name) for name in all_slots(type(value)))
