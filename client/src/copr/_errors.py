"""One tree of exceptions for all generations of the client.

    CoprException                         whatever this package raises
    ├── CoprConfigException               the configuration cannot be used
    │   ├── CoprNoConfigException         there is none
    │   └── CoprNoConfException           the same, by its old name
    ├── CoprAuthException                 no credentials, or not allowed (403)
    │   └── CoprLoginException            the credentials do not count (401); a CoprRequestException too
    ├── CoprRequestException              a call did not succeed
    │   ├── CoprConnectionException       the service was not reached, or its answer was lost
    │   │   └── CoprSubmissionUnknown     it is not known whether a submission was carried out
    │   ├── CoprBuildException            a build could not be submitted (old APIs)
    │   └── CoprUnknownResponseException  an answer that is not the API's
    ├── CoprNoResultException             there is no such thing (404)
    ├── CoprTimeoutException              it took too long (504, or a deadline of ours)
    └── CoprValidationException           refused before it was sent
        └── CoprFileException             a file of the caller's cannot be read; an OSError too
            └── CoprFileNotFound          it is not there; a FileNotFoundError too

Client v2 raises RequestError (a CoprRequestException), and below it AuthError, NetworkError and
SubmissionUnknown, which are also the CoprAuthException, CoprConnectionException and CoprSubmissionUnknown of
this tree.

Rules: `str(error)` is the service's own text where it gave one. What was asked, what came back and what to do
next are attributes, and notes that a traceback shows. The cause is chained. No credentials in any of it.
"""

from __future__ import annotations

from ._typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._wire import Call, Reply

Unanswered = TypeVar("Unanswered", "CoprConnectionException", "CoprTimeoutException")
Described = TypeVar("Described", bound="CoprException")


class CoprException(Exception):
    """Whatever this package raises.

    `method`, `url` and `status` say what was asked and what came back, or are None where nothing was.
    `result` holds `error` (the text) and `__response__` (the transport's response, or None). `unsent` is true
    where the request surely did not reach the service, `hopeless` where the same call cannot succeed;
    `retry_after` is for how many seconds the service asked to be left alone, or None.
    """

    method: str | None = None
    url: str | None = None
    status: int | None = None
    unsent = False
    hopeless = False
    retry_after: float | None = None

    def __init__(self, msg: str | None = None, response: Any = None) -> None:
        super().__init__(msg or "Unspecified error")
        self._response = response
        self._result: Any = None

    @property
    def result(self) -> Any:
        """The answer's `error` text and its `__response__`, as one Munch."""
        if self._result is None:
            from munch import Munch

            self._result = Munch(error=self.args[0], __response__=self._response)
        return self._result

    @result.setter
    def result(self, result: Any) -> None:
        self._result = result

    def __reduce__(self) -> Any:
        # A response holds sockets; what was asked and what came back travel as text.
        state: dict[str, Any] = {
            name: getattr(self, name) for name in ("method", "url", "status", "retry_after")
        }
        if notes := getattr(self, "__notes__", None):
            state["__notes__"] = notes
        return type(self), self.args, state


class CoprConfigException(CoprException):
    """The configuration cannot be used; the text names the file and the field."""


class CoprNoConfigException(CoprConfigException):
    """There is no configuration."""


class CoprNoConfException(CoprConfigException):
    """There is no configuration (the legacy client's name)."""


class CoprRequestException(CoprException):
    """A call did not succeed."""


class CoprAuthException(CoprException):
    """No credentials, or not allowed (403)."""


class CoprLoginException(CoprAuthException, CoprRequestException):
    """The credentials do not count (401)."""


class CoprConnectionException(CoprRequestException):
    """The service was not reached, or its answer was lost on the way."""


class CoprSubmissionUnknown(CoprConnectionException):
    """The answer to a submission was lost, and looking did not tell what became of it.

    `candidates`: the records of what may have come of it, none or several. It was not sent again.
    """

    candidates: Sequence[Any] = ()


class CoprBuildException(CoprRequestException):
    """A build could not be submitted (legacy client)."""


class CoprUnknownResponseException(CoprRequestException):
    """An answer came that is not one of the API's."""


class CoprNoResultException(CoprException):
    """There is no such thing (404)."""


class CoprTimeoutException(CoprException):
    """It took longer than it may (504, or a deadline of the caller's)."""


class CoprValidationException(CoprException):
    """A call was refused before it was sent; the text names the value."""


class CoprFileException(CoprValidationException, OSError):
    """A file that was to be sent cannot be read; `errno`, `strerror` and `filename` are the system's."""

    def __str__(self) -> str:
        return str(self.args[0])


class CoprFileNotFound(CoprFileException, FileNotFoundError):
    """A file that was to be sent is not there."""


#: The class of a failed status; any other is a CoprRequestException.
STATUS_CLASSES: dict[int, type[CoprException]] = {
    401: CoprLoginException,
    403: CoprAuthException,
    404: CoprNoResultException,
    504: CoprTimeoutException,
}

#: What to do next, by status.
NEXT_STEPS = {
    401: "Get a new token on the service's page /api and put it into the configuration.",
    403: "Ask an owner of the project for permission, or check whose login is configured.",
    404: "Check the names, and that copr_url is the service that was meant.",
    407: "Check the login of the proxy that the environment names (http_proxy, https_proxy).",
    413: "The service takes no more than it was sent at once; ask its administrators, or give it an address.",
    429: "The service limits how often it may be asked; try again later.",
    500: "The service failed on this request; its administrators can say why.",
    502: "The service is not reachable behind its proxy; try again later.",
    503: "The service is down or overloaded; try again later.",
    504: "The service did not answer its proxy in time; ask for less at once, or try again later.",
}

#: What a local Copr calls itself in the header `Server` of its answers.
LOCAL_SERVICE = "copr-local"
LOCAL_LOGIN = (
    "This service is a local Copr. The file client.conf in its data folder has its first user's token, and"
    " `copr-local user token NAME` prints a configuration with a new one."
)
OFFERED_CHROOTS = "mock_chroot_proxy.get_list() names the chroots that the service offers."
LOCAL_CHROOTS = (
    f"{OFFERED_CHROOTS} It is a local Copr: `copr-local chroot add NAME` makes it offer another one."
)

#: How services say that they do not offer a chroot, of all generations of the API.
_NOT_OFFERED = ("not a valid choice", "is not valid", "is not available", "Bad mock chroot name")


def failure(call: Call[Any], reply: Reply, why: str | None = None) -> CoprException:
    """The exception for a reply that is no success, with the service's own text where it gave one.

    `why`: what is known here of the reason, as whole sentences.
    """
    said = _service_text(reply)
    chosen = STATUS_CLASSES.get(reply.status, CoprRequestException)
    if said is None and reply.status == 404:
        # A 404 that is not the API's says that no API is there, not that the thing asked for is missing.
        chosen = CoprUnknownResponseException
    step = next_step(reply)
    text = said or f"{call.method} {reply.url} was answered {_status(reply)}, not by the API. {step}"
    return describe(chosen(f"{text} {why}" if why else text, response=reply.origin), call, reply, step)


def next_step(reply: Reply) -> str:
    """What to do next after a reply that is no success."""
    if 300 <= reply.status < 400:
        elsewhere = reply.headers.get("Location", "somewhere else")
        return f"The service is at {elsewhere}; put its address into copr_url."
    is_local = reply.headers.get("Server") == LOCAL_SERVICE
    if reply.status == 401 and is_local:
        return LOCAL_LOGIN
    said = _service_text(reply) or ""
    if "chroot" in said and any(words in said for words in _NOT_OFFERED):
        return LOCAL_CHROOTS if is_local else OFFERED_CHROOTS
    return NEXT_STEPS.get(reply.status, "Check what was asked against the service's API documentation.")


def misread(call: Call[Any], reply: Reply, why: str) -> CoprException:
    """The exception for a successful reply whose body is not what the API sends."""
    step = "Check that copr_url is a Copr service and that no login page or proxy answers for it."
    text = f"{call.method} {reply.url} was answered {_status(reply)}, but {why}. {step}"
    return describe(CoprUnknownResponseException(text, response=reply.origin), call, reply, step)


def unreachable(call: Call[Any], base_url: str, why: str) -> CoprConnectionException:
    """The exception for a call that was not answered; `why`: whole sentences, with what to look at."""
    return _unanswered(CoprConnectionException(f"Unable to connect to {base_url}. {why}"), call, base_url)


def what_to_check(*, certificate: bool = False, proxy: bool = False) -> str:
    """What to look at where a connection failed, as the end of `why` of `unreachable`."""
    if certificate:
        return "Check the certificate (REQUESTS_CA_BUNDLE names the authorities to trust)."
    if proxy:
        return "Check the proxy that the environment names (https_proxy, http_proxy; no_proxy for none)."
    return "Check copr_url, and that the service is running."


def too_slow(call: Call[Any], base_url: str, seconds: float) -> CoprTimeoutException:
    """The exception for a call that was not answered in time."""
    text = f"{call.method} {address(call, base_url)} was not answered within {seconds:g} seconds."
    if not call.repeatable:
        text += " The service may still carry it out; look before you ask again."
    return _unanswered(CoprTimeoutException(text), call, base_url)


def address(call: Call[Any], base_url: str) -> str:
    """The address that a call is sent to; `base_url` ends with a slash."""
    target = call.target()
    return base_url + target[1:] if target.startswith("/") else target


def _unanswered(error: Unanswered, call: Call[Any], base_url: str) -> Unanswered:
    error.method = call.method
    error.url = address(call, base_url)
    error.add_note(f"asked: {error.method} {error.url}")
    return error


def describe(error: Described, call: Call[Any], reply: Reply, step: str) -> Described:
    """Tell an exception what was asked and what came back, as attributes and as notes for the traceback."""
    error.method = call.method
    error.url = reply.url
    error.status = reply.status
    error.retry_after = reply.retry_after
    error.add_note(f"asked: {call.method} {reply.url}")
    error.add_note(f"answered: {_status(reply)}")
    error.add_note(f"next: {step}")
    return error


def _status(reply: Reply) -> str:
    return f"{reply.status} {reply.reason}".rstrip()


def _service_text(reply: Reply) -> str | None:
    """The `error` text of an API reply, or None where the body is something else."""
    import json

    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    said = body.get("error") if isinstance(body, dict) else None
    if isinstance(said, str) and said:
        return said
    return json.dumps(said) if said else None
