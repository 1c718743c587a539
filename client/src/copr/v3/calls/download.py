"""Calls that fetch results: packages, logs and whatever else a build has left.

Rules: a file appears under its name when it is whole. A connection that breaks is taken up where it broke, as
long as something more arrives each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from ..._calls import needing, record
from ..._errors import (
    CoprConnectionException,
    CoprException,
    CoprTimeoutException,
    CoprUnknownResponseException,
    CoprValidationException,
    failure,
)
from ..._sink import FileSink
from ..._typing import Any
from ..._wire import Call, Plan, Reply, Together, Work
from . import build_chroot


def download(
    url: str,
    path: str | os.PathLike[str],
    progress: Callable[[int, int | None], object] | None = None,
) -> Plan[str]:
    """Download a file, such as a package or a log of a build.

    `url`: its address; `path`: where to put it, replacing what is there; `progress`: called with the bytes
    that have arrived and the bytes of the whole, None where the service does not tell.

    Returns the path.

    Raises CoprNoResultException or CoprUnknownResponseException where there is no such file,
    CoprValidationException where it cannot be written, CoprConnectionException or CoprTimeoutException where
    the connection breaks and nothing more arrives. Source: RFC 9110, chapter 14 (Range)
    """
    if not url.startswith(("http://", "https://")):
        raise CoprValidationException(f"{url!r} is no http or https address.")
    sink = FileSink(path, progress)
    while True:
        before = sink.size
        try:
            yield from Call("GET", url, decode=_received, into=sink)
        except (CoprConnectionException, CoprTimeoutException):
            if sink.size <= before:
                raise
        else:
            break
    result: str = yield Work(sink.finish)
    return result


def download_packages(
    build_id: int, chrootname: str, folder: str | os.PathLike[str], at_once: int = 4
) -> Plan[list[str]]:
    """Download the packages that a build made in one chroot.

    `build_id`: the build's number; `chrootname`: such as "fedora-42-x86_64"; `folder`: where to put them,
    made if it is not there; `at_once`: how many to download side by side.

    Returns the paths of the files.

    Raises CoprNoResultException where there is no such build or the build has no such chroot, CoprException
    where that has no results yet, and what `download` raises. Source: GET /build-chroot, results.json
    """
    chroot = yield from needing(build_chroot.get(build_id, chrootname), "state", "result_url")
    if not chroot.result_url:
        raise CoprException(f"Build {build_id} has no results for {chrootname} yet; it is {chroot.state}.")
    base = f"{chroot.result_url.rstrip('/')}/"
    results = yield from needing(Call("GET", (base + "results.json"), decode=record), "packages")
    yield Work(lambda: os.makedirs(folder, exist_ok=True))
    try:
        names = [_file_name(package) for package in results.packages]
    except (AttributeError, TypeError) as cause:
        raise CoprUnknownResponseException(
            f"{base}results.json is not what builders write: {cause}."
        ) from cause
    downloads = [download((base + name), os.path.join(folder, name)) for name in names]
    paths: list[str] = yield Together(downloads, at_once)
    return paths


def _file_name(package: Any) -> str:
    name = f"{package.name}-{package.version}-{package.release}.{package.arch}.rpm"
    if "/" in name or name.startswith("."):
        raise CoprValidationException(f"{name!r} is no name for a file.")
    return name


def _received(call: Call[Any], reply: Reply) -> None:
    if reply.status not in (200, 206):
        raise failure(call, reply)
    if call.into is not None and not call.into.is_whole:
        raise CoprConnectionException(f"{call.method} {reply.url} ended before all of the file was there.")
