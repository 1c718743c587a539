"""One tree of exceptions for all clients.

    CoprException                         every error of this package
    ├── CoprConfigException               the configuration is invalid
    │   ├── CoprNoConfigException         there is no configuration
    │   └── CoprNoConfException           the same, by its old name
    ├── CoprAuthException                 no credentials, or no permission (403)
    │   └── CoprLoginException            invalid credentials (401); a CoprRequestException too
    ├── CoprRequestException              the service reports an error
    │   ├── CoprConnectionException       the service cannot be reached, or its response was lost
    │   │   └── CoprSubmissionUnknown     a submission may have been carried out
    │   ├── CoprBuildException            a build could not be submitted (old APIs)
    │   └── CoprUnknownResponseException  the response is not one of the API
    ├── CoprNoResultException             not found (404)
    ├── CoprTimeoutException              timeout (504, or a limit of the client)
    └── CoprValidationException           an invalid value; nothing was sent
        └── CoprFileException             a file of the caller cannot be read; an OSError too
            └── CoprFileNotFound          the file does not exist; a FileNotFoundError too

Client v2 raises RequestError (a CoprRequestException), and below it AuthError, NetworkError and
SubmissionUnknown, which are also the CoprAuthException, CoprConnectionException and CoprSubmissionUnknown of
this tree.

Rules: `str(error)` is the service's own text if it gave one. What was sent, what came back and what to do
next are attributes, and notes that a traceback shows. The cause is chained. None of it contains credentials.
"""

from __future__ import annotations

from ._typing import TYPE_CHECKING, Any, TypeVar, evaluable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._wire import Call, Reply

Unanswered = TypeVar("Unanswered", "CoprConnectionException", "CoprTimeoutException")
Described = TypeVar("Described", bound="CoprException")


class CoprException(Exception):
    """Any error of this package.

    `method`, `url` and `status` say what was sent and what came back; without a response they are None.
    `result` has `error` (the text) and `__response__` (the response of the HTTP library, or None). `unsent`
    is True if the request surely did not reach the service. `hopeless` is True if the same call cannot
    succeed. `retry_after`: for how many seconds the service asked to wait, or None.

    :param msg: the text. Default: "Unspecified error".
    :param response: the response of the HTTP library, if there is one.
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
        """The `error` text of the response and its `__response__`, as one Munch; it can be replaced."""
        if self._result is None:
            from munch import Munch

            self._result = Munch(error=self.args[0], __response__=self._response)
        return self._result

    @result.setter
    def result(self, result: Any) -> None:
        self._result = result

    def __reduce__(self) -> Any:
        # A response contains sockets. What was sent and what came back are kept as text.
        state: dict[str, Any] = {
            name: getattr(self, name) for name in ("method", "url", "status", "retry_after")
        }
        if notes := getattr(self, "__notes__", None):
            state["__notes__"] = notes
        return type(self), self.args, state


class CoprConfigException(CoprException):
    """The configuration is invalid; the text names the file and the field."""


class CoprNoConfigException(CoprConfigException):
    """There is no configuration."""


class CoprNoConfException(CoprConfigException):
    """There is no configuration (the legacy client's name)."""


class CoprRequestException(CoprException):
    """The service reports an error."""


class CoprAuthException(CoprException):
    """There are no credentials, or no permission (403)."""


class CoprLoginException(CoprAuthException, CoprRequestException):
    """The service does not accept the credentials (401)."""


class CoprConnectionException(CoprRequestException):
    """The service cannot be reached, or its response was lost."""


class CoprSubmissionUnknown(CoprConnectionException):
    """The response to a submission was lost, and a search did not find its result.

    `candidates`: the records that may be its result, none or several. The submission was not sent again.
    """

    candidates: Sequence[Any] = ()


class CoprBuildException(CoprRequestException):
    """A build could not be submitted (old clients)."""


class CoprUnknownResponseException(CoprRequestException):
    """The response is not one of the API."""


class CoprNoResultException(CoprException):
    """The requested object does not exist (404)."""


class CoprTimeoutException(CoprException):
    """The service did not respond in time (504, or a limit of the client)."""


class CoprValidationException(CoprException):
    """A value is invalid, and nothing was sent; the text names the value."""


class CoprFileException(CoprValidationException, OSError):
    """A file that was to be sent cannot be read.

    `errno`, `strerror` and `filename` are those of the system.
    """

    def __str__(self) -> str:
        return str(self.args[0])


class CoprFileNotFound(CoprFileException, FileNotFoundError):
    """A file that was to be sent does not exist."""


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
    404: "Check the names, and that copr_url is the right service.",
    407: "Check the login of the proxy that the environment names (http_proxy, https_proxy).",
    413: "The request is too large for the service. Ask its administrators, or use a URL instead of a file.",
    429: "The service limits the number of requests. Try again later.",
    500: (
        "If the message names a value of the request, change it. Otherwise the service failed, and its"
        " administrators can find the reason in their logs."
    ),
    502: "The service is not reachable behind its proxy. Try again later.",
    503: "The service is down or overloaded. Try again later.",
    504: "The service did not respond to its proxy in time. Request less at once, or try again later.",
}

#: The header `Server` of a local Copr's responses.
LOCAL_SERVICE = "copr-local"
LOCAL_LOGIN = (
    "This service is a local Copr. The file client.conf in its data folder has its first user's token, and"
    " `copr-local user token NAME` prints a configuration with a new one."
)
OFFERED_CHROOTS = "mock_chroot_proxy.get_list() lists the chroots of the service."
LOCAL_CHROOTS = f"{OFFERED_CHROOTS} It is a local Copr: `copr-local chroot add NAME` adds another one."

#: How services report an unknown chroot, in all generations of the API.
_NOT_OFFERED = ("not a valid choice", "is not valid", "is not available", "Bad mock chroot name")

_EXISTS = "Use that project (in copr.v3 with exist_ok=True), or choose another name."
#: What to do next, by words in the service's message.
_STEPS_BY_MESSAGE = {
    "already have a project": _EXISTS,
    "already have project": _EXISTS,
    "Unexpected chroot": f"Pass the chroots as a list of names. {OFFERED_CHROOTS}",
    "Chroot name": (
        "project_proxy.get(ownername, projectname).chroot_repos has the chroots of the project, and"
        " project_proxy.edit_chroots adds others."
    ),
    "was not submitted to": (
        "build_chroot_proxy.get_list(build_id) lists the chroots of the build. It has none until its source"
        " RPM is made; build_chroot_proxy.get_log(build_id, None) is the log of that."
    ),
    "API endpoint doesn't exist": "Check the arguments: an id is a number, and a name is a text.",
    "already exists in copr": "Change it with package_proxy.edit, or choose another name.",
    "use --confirm": "Pass confirm=True to fork into the project that exists.",
}


def failure(call: Call[Any], reply: Reply, why: str | None = None) -> CoprException:
    """Return the exception for an error response, with the service's own text if it gave one.

    `why`: what the client knows about the reason, as whole sentences.
    """
    message = _service_text(reply)
    chosen = STATUS_CLASSES.get(reply.status, CoprRequestException)
    if message is None and reply.status == 404:
        # A 404 that is not from the API means that there is no API at this URL.
        chosen = CoprUnknownResponseException
    step = next_step(reply)
    text = message or f"{call.method} {reply.url} was answered {_status(reply)}, not by the API. {step}"
    return describe(chosen(f"{text} {why}" if why else text, response=reply.origin), call, reply, step)


def next_step(reply: Reply) -> str:
    """Return what to do next after an error response."""
    if 300 <= reply.status < 400:
        elsewhere = reply.headers.get("Location", "somewhere else")
        return f"The service is at {elsewhere}. Set copr_url to its URL."
    is_local = reply.headers.get("Server") == LOCAL_SERVICE
    if reply.status == 401 and is_local:
        return LOCAL_LOGIN
    message = _service_text(reply) or ""
    if "chroot" in message and any(words in message for words in _NOT_OFFERED):
        return LOCAL_CHROOTS if is_local else OFFERED_CHROOTS
    by_message = (step for words, step in _STEPS_BY_MESSAGE.items() if words in message)
    return next(by_message, None) or NEXT_STEPS.get(
        reply.status, "Compare the request with the service's API documentation."
    )


def misread(call: Call[Any], reply: Reply, why: str) -> CoprException:
    """Return the exception for a successful response whose body is not what the API sends."""
    step = "Check that copr_url is a Copr service, not a login page or a proxy."
    text = f"{call.method} {reply.url} was answered {_status(reply)}, but {why}. {step}"
    return describe(CoprUnknownResponseException(text, response=reply.origin), call, reply, step)


def unreachable(call: Call[Any], base_url: str, why: str) -> CoprConnectionException:
    """Return the exception for a call without a response; `why`: the reason, as whole sentences."""
    # Downloads name a whole URL, which can be on another host.
    place = base_url if call.path.startswith("/") else url_of(call, base_url)
    return _unanswered(CoprConnectionException(f"Unable to connect to {place}. {why}"), call, base_url)


def what_to_check(*, certificate: bool = False, proxy: bool = False) -> str:
    """Return what to check after a failed connection, as the end of `why` of `unreachable`."""
    if certificate:
        return "Check the certificate (REQUESTS_CA_BUNDLE names the authorities to trust)."
    if proxy:
        return "Check the proxy that the environment names (https_proxy, http_proxy; no_proxy for none)."
    return "Check copr_url, and that the service is running."


def too_slow(call: Call[Any], base_url: str, seconds: float) -> CoprTimeoutException:
    """Return the exception for a call without a response in time."""
    text = f"{call.method} {url_of(call, base_url)} was not answered within {seconds:g} seconds."
    if not call.repeatable:
        text += " The service may still carry it out. Check before you try again."
    return _unanswered(CoprTimeoutException(text), call, base_url)


def url_of(call: Call[Any], base_url: str) -> str:
    """Return the URL that a call is sent to; `base_url` ends with a slash."""
    target = call.target()
    return base_url + target[1:] if target.startswith("/") else target


def _unanswered(error: Unanswered, call: Call[Any], base_url: str) -> Unanswered:
    error.method = call.method
    error.url = url_of(call, base_url)
    error.add_note(f"asked: {error.method} {error.url}")
    return error


def describe(error: Described, call: Call[Any], reply: Reply, step: str) -> Described:
    """Add what was sent and what came back to an exception, as attributes and as notes for the traceback."""
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


def json_object(reply: Reply) -> dict[str, Any] | None:
    """Return the body of a response if it is a JSON object, otherwise None."""
    import json

    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _service_text(reply: Reply) -> str | None:
    """Return the `error` text of a response, or None if the body is something else."""
    import json

    said = (json_object(reply) or {}).get("error")
    if isinstance(said, str) and said:
        return said
    return json.dumps(said) if said else None


evaluable(__name__, CoprException, CoprSubmissionUnknown)
