"""Around the calls: the configuration file, and waiting for builds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from types import FunctionType

from .._config import default_path, read_config
from .._drive import drive, remember_proxy
from .._errors import CoprException
from .._list import List
from .._typing import TYPE_CHECKING, Any, TypeVar
from ._waiting import Watch, look

if TYPE_CHECKING:
    from ..results import Build

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

#: The configuration file that is read where none is named.
DEFAULT_CONFIG_PATH = default_path()


def config_from_file(path: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """Read the configuration from a file and the environment.

    `path`: the file; default: $COPR_CONFIG, then `copr` in $XDG_CONFIG_HOME, then ~/.config/copr. Only the
    last two may be missing: then the public service is meant, without login. COPR_URL, COPR_LOGIN, COPR_TOKEN
    and COPR_USERNAME win over the file.

    Returns a dict with `copr_url`, `username`, `login`, `token`, `gssapi` and `encrypted`.

    Raises CoprConfigException, naming file and field, where the file is missing, unreadable, not in INI
    format, has no section [copr-cli] or no copr_url. Source: the documentation's chapter "Client
    initialization".
    """
    return read_config(path)


def wait(
    waitable: Build | list[Build] | tuple[Build, ...],
    interval: float = 30,
    callback: Callable[[list[Build]], object] | None = None,
    timeout: float = 0,
) -> list[Build]:
    """Wait until builds have ended, successfully or not.

    `waitable`: a build, or a list of builds, as a build proxy returned them; `interval`: seconds between two
    looks; `callback`: called after each look with the list of builds as they are then; `timeout`: seconds
    after which a last look is taken, for which there are ten seconds more, and waiting ends with an error; 0
    for never.

    Returns the list of the ended builds, in the order given.

    Raises CoprTimeoutException where builds are still going after `timeout`, CoprException where something is
    not a build, and whatever the proxy's `get` raises. Source: GET /build/ID
    """
    builds = list(waitable) if isinstance(waitable, (list, tuple)) else [waitable]
    proxies = [_proxy_of(build, getattr(waitable, "__proxy__", None)) for build in builds]
    watch = Watch(builds, interval, timeout)
    began = time.monotonic()
    while watch.builds:
        try:
            _look(watch, proxies, time.monotonic() - began)
            watch.looked()
        except CoprException as error:
            watch.blip(error)
        if callback is not None:
            callback(watch.builds)
        if watch.all_ended:
            break
        time.sleep(watch.pause(time.monotonic() - began))
    return watch.builds


def succeeded(builds: Build | Iterable[Build]) -> bool:
    """Whether a build, or each of several, has succeeded; true of none at all."""
    several: Iterable[Any] = [builds] if isinstance(builds, dict) else builds
    return all(build.state == "succeeded" for build in several)


def for_all_methods(decorator: Callable[[Any], Any]) -> Callable[[type[_T]], type[_T]]:
    """A class decorator that decorates every public method of a class with `decorator`."""

    def decorate(kind: type[_T]) -> type[_T]:
        for name, method in list(vars(kind).items()):
            if isinstance(method, FunctionType) and not name.startswith("_"):
                setattr(kind, name, decorator(method))
        return kind

    return decorate


def bind_proxy(func: Callable[..., _T]) -> Callable[..., _T]:
    """A decorator for methods of proxies of one's own: their results know the proxy, as `wait` needs it."""
    from functools import wraps

    @wraps(func)
    def method(proxy: Any, *args: Any, **kwargs: Any) -> _T:
        result = func(proxy, *args, **kwargs)
        if not remember_proxy(result, proxy) and isinstance(result, dict):
            result["__proxy__"] = proxy
        return result

    return method


def _look(watch: Watch, proxies: list[Any], waited: float) -> None:
    # Through the proxies' own methods where programs have replaced them, as they do in their tests.
    by_connection: dict[int, list[tuple[int, Any]]] = {}
    for place, build in watch.going():
        if _is_untouched(proxies[place]):
            by_connection.setdefault(id(proxies[place]._connection), []).append((place, build))
        else:
            watch.saw(place, proxies[place].get(build.id))
    for builds in by_connection.values():
        connection = proxies[builds[0][0]]._connection
        plan = connection.around(watch.in_time(look(builds), waited))
        for place, build in drive(plan, connection.transport()):
            build.__proxy__ = proxies[place]
            watch.saw(place, build)


def _is_untouched(proxy: Any) -> bool:
    """Whether a proxy's `get` is the one of this package."""
    from .calls import build as calls
    from .proxies.build import BuildProxy

    return type(proxy) is BuildProxy and getattr(proxy.get, "plan", None) is calls.get


def _proxy_of(build: Any, proxy_of_all: Any) -> Any:
    from .proxies.build import BuildProxy
    from .proxies.package import PackageProxy

    proxy = getattr(build, "__proxy__", None) or proxy_of_all
    if isinstance(proxy, PackageProxy) and hasattr(build, "state"):
        # A package's rebuild comes from the proxy of packages, whose `get` looks for those.
        proxy = BuildProxy(proxy._connection)
    if not hasattr(proxy, "get") or not hasattr(build, "id") or _looks_for_others(proxy):
        raise CoprException(f"Cannot wait for {build!r}: it is no build that a proxy returned.")
    return proxy


def _looks_for_others(proxy: Any) -> bool:
    """Whether a proxy's `get` is one of this package that does not look for builds."""
    from .calls import build as calls

    plan = getattr(proxy.get, "plan", None)
    return isinstance(plan, FunctionType) and plan is not calls.get  # a mock has any attribute
