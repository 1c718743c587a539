"""Functions around the calls: the configuration file, and waiting for builds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from types import FunctionType

from .._config import default_path, read_config
from .._drive import drive, remember_proxy
from .._errors import CoprException
from .._late import released_names
from .._list import List
from .._typing import TYPE_CHECKING, Any, TypeVar, evaluable

if TYPE_CHECKING:
    from ..events import Events
    from ..results import Build
    from ._waiting import Waiting

__all__ = [
    "DEFAULT_CONFIG_PATH",
    "List",
    "bind_proxy",
    "config_from_file",
    "for_all_methods",
    "succeeded",
    "wait",
]

_T = TypeVar("_T")

#: The configuration file that is read by default.
DEFAULT_CONFIG_PATH = default_path()


def config_from_file(path: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """Read the configuration from a file and the environment.

    The environment variables COPR_URL, COPR_LOGIN, COPR_TOKEN and COPR_USERNAME win over the file.

    :param path: path of the file. Default: $COPR_CONFIG, else `copr` in $XDG_CONFIG_HOME, else
        ~/.config/copr. Without $COPR_CONFIG the file may be missing: then the public service is used,
        without login.
    :returns: a dict with `copr_url`, `username`, `login`, `token`, `gssapi` and `encrypted`.
    :raises CoprConfigException: the file is missing or cannot be read, is not in INI format, has no section
        [copr-cli] or no copr_url, or has an invalid value. The text names the file and the field.
    :source: chapter "Client initialization" of the released documentation
    """
    return read_config(path)


def wait(
    waitable: Build | list[Build] | tuple[Build, ...],
    interval: float = 30,
    callback: Callable[[list[Build]], object] | None = None,
    timeout: float = 0,
    events: Events | None = None,
) -> list[Build]:
    """Wait until builds have finished, successfully or not.

    A transient error does not end the waiting, unless more than ten polls in a row fail. With `events`, a
    build is polled when a message says that it may have finished. All builds are polled every ten intervals
    then, and every interval if there are no messages.

    :param waitable: a build or a list of builds, as a build proxy returned them.
    :param interval: seconds between two polls.
    :param callback: called after each poll with the list of builds, as they are then.
    :param timeout: seconds to wait. Then the builds are polled once more, for at most ten seconds. 0: wait
        without limit.
    :param events: where messages about builds come from, such as a `copr.events.Broker`.
    :returns: the finished builds, in the order given.
    :raises CoprTimeoutException: a build has not finished after `timeout`.
    :raises CoprException: something in `waitable` is not a build, or a build is in an unknown state.
    :raises CoprNoResultException: a build does not exist any more.
    :raises CoprRequestException: the service reports another error, or cannot be reached for too long.
    :source: ``GET /build/{build_id}``
    """
    from ._waiting import Waiting

    builds = list(waitable) if isinstance(waitable, (list, tuple)) else [waitable]
    proxies = [_proxy_of(build, getattr(waitable, "__proxy__", None)) for build in builds]
    watched = Waiting(builds, interval, timeout, events)
    try:
        _wait(watched, proxies, callback)
    finally:
        watched.close()
    return watched.builds


def _wait(watched: Waiting, proxies: list[Any], callback: Callable[[list[Build]], object] | None) -> None:
    """Poll builds, and wait between two polls, until all have finished."""
    began, paused = time.monotonic(), 0.0

    def waited() -> float:
        # The pauses count even if the clock stands, as it does in programs that freeze it for their tests.
        return max(time.monotonic() - began, paused)

    while watched.builds:
        try:
            _poll(watched, proxies, waited())
            watched.poll_succeeded()
        except CoprException as error:
            watched.poll_failed(error)
        if callback is not None:
            callback(watched.builds)
        if watched.all_finished:
            break
        pause = watched.pause(waited())
        if watched.listener is not None and watched.may_listen:
            watched.listened(watched.listener.wait(pause))
        else:
            time.sleep(pause)
            paused += pause


def succeeded(builds: Build | Iterable[Build]) -> bool:
    """Return True if all builds have succeeded; also for an empty list.

    :param builds: a build, or several.
    :returns: True if the state of each build is "succeeded".
    """
    several: Iterable[Any] = [builds] if isinstance(builds, dict) else builds
    return all(build.state == "succeeded" for build in several)


def for_all_methods(decorator: Callable[[Any], Any]) -> Callable[[type[_T]], type[_T]]:
    """Return a class decorator that applies `decorator` to all public methods of a class.

    :param decorator: a decorator for methods.
    :returns: the class decorator; it changes the class and returns it.
    """

    def decorate(kind: type[_T]) -> type[_T]:
        for name, method in list(vars(kind).items()):
            if isinstance(method, FunctionType) and not name.startswith("_"):
                setattr(kind, name, decorator(method))
        return kind

    return decorate


def bind_proxy(func: Callable[..., _T]) -> Callable[..., _T]:
    """Decorate a method of a proxy class of your own, so that `wait` and paging work on its results.

    :param func: a method of a proxy.
    :returns: the same method; its results know the proxy.
    """
    from functools import wraps

    @wraps(func)
    def method(proxy: Any, *args: Any, **kwargs: Any) -> _T:
        result = func(proxy, *args, **kwargs)
        if not remember_proxy(result, proxy) and isinstance(result, dict):
            result["__proxy__"] = proxy
        return result

    return method


def _poll(watched: Waiting, proxies: list[Any], waited: float) -> None:
    # Programs replace `get` in their tests; then their own `get` is called.
    """Poll the builds that are due."""
    from ._waiting import poll

    by_connection: dict[int, list[tuple[int, Any]]] = {}
    for place, build in watched.due():
        if _is_untouched(proxies[place]):
            by_connection.setdefault(id(proxies[place]._connection), []).append((place, build))
        else:
            watched.update(place, proxies[place].get(build.id))
    for builds in by_connection.values():
        connection = proxies[builds[0][0]]._connection
        plan = connection.around(watched.in_time(poll(builds), waited))
        for place, build in drive(plan, connection.transport()):
            build.__proxy__ = proxies[place]
            watched.update(place, build)


def _is_untouched(proxy: Any) -> bool:
    """Return True if a proxy's `get` is the one of this package."""
    from .calls import build as calls
    from .proxies.build import BuildProxy

    is_ours = type(proxy) is BuildProxy and getattr(proxy.get, "plan", None) is calls.get
    return is_ours and proxy._replaced_request() is None


def _proxy_of(build: Any, proxy_of_all: Any) -> Any:
    """Return the proxy to poll a build with, or raise CoprException if it is not a build."""
    from .proxies.build import BuildProxy
    from .proxies.package import PackageProxy

    proxy = getattr(build, "__proxy__", None) or proxy_of_all
    if isinstance(proxy, PackageProxy) and hasattr(build, "state"):
        # A build from `package_proxy.build`: the `get` of that proxy returns packages.
        proxy = BuildProxy(proxy._connection)
    if not hasattr(proxy, "get") or not hasattr(build, "id") or _returns_others(proxy):
        raise CoprException(
            f"Cannot wait for {build!r}: it is not a build that a proxy returned."
            " build_proxy.get(build_id) returns one. Use wait of copr.v3.aio for those of an async client."
        )
    return proxy


def _returns_others(proxy: Any) -> bool:
    """Return True if a proxy's `get` is one of this package, but does not return builds."""
    from .calls import build as calls

    plan = getattr(proxy.get, "plan", None)
    return isinstance(plan, FunctionType) and plan is not calls.get  # a mock has any attribute


evaluable(__name__, wait, succeeded, config_from_file, for_all_methods, bind_proxy)

__getattr__ = released_names(__name__)
