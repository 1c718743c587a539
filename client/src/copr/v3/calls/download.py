"""Calls that download the files of a build: packages, logs and others.

Rules: a file gets its final name when it is complete. After a lost connection the download resumes where it
stopped, as long as each attempt receives more bytes.
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
from ..._typing import Any
from ..._wire import Call, Plan, Reply, Together, Work
from . import build_chroot


def download(  # noqa: DOC405 - yields steps, and has a result
    url: str,
    path: str | os.PathLike[str],
    progress: Callable[[int, int | None], object] | None = None,
) -> Plan[str]:
    """Download a file, such as a package or a log of a build.

    After a lost connection the download resumes, as long as each attempt receives more bytes.

    :param url: URL of the file (http or https).
    :param path: path of the file to write. An existing file is replaced when the download is complete.
    :param progress: called after each block with the bytes received so far and the size of the file in bytes
        (None if the service does not send the size).
    :returns: `path`, as a string.
    :raises CoprValidationException: `url` is not an http or https URL, or the file cannot be written.
    :raises CoprNoResultException: nothing exists at the URL, and it is a URL of the Copr API.
    :raises CoprUnknownResponseException: the file does not exist.
    :raises CoprRequestException: the server reports another error.
    :raises CoprConnectionException: the server cannot be reached, or the connection was lost and the next
        attempt received nothing.
    :raises CoprTimeoutException: the server does not send the file in time.
    :source: RFC 9110, sections 13.1.5 (If-Range) and 14 (Range)
    """
    if not url.startswith(("http://", "https://")):
        raise CoprValidationException(f"{url!r} is not an http or https URL.")
    from ..._sink import FileSink

    sink = FileSink(path, progress)
    while True:
        before = sink.size
        try:
            yield from Call("GET", url, decode=_received, into=sink)
        except (CoprConnectionException, CoprTimeoutException):
            if sink.size <= before:  # else the next attempt resumes after the received bytes
                raise
        else:
            break
    result: str = yield Work(sink.finish)
    return result


def download_packages(  # noqa: DOC405 - yields steps, and has a result
    build_id: int, chrootname: str, folder: str | os.PathLike[str], at_once: int = 4
) -> Plan[list[str]]:
    """Download the packages that a build made in one chroot.

    :param build_id: id of the build.
    :param chrootname: name of the chroot, such as "fedora-45-x86_64".
    :param folder: folder to write the files to. It is created if it does not exist.
    :param at_once: largest number of parallel downloads.
    :returns: the paths of the files.
    :raises CoprNoResultException: no build has this id, or the build is not for this chroot.
    :raises CoprException: the build has no results for this chroot yet.
    :raises CoprValidationException: a file cannot be written, or a package's name is not a valid file name.
    :raises CoprUnknownResponseException: the results have no file `results.json`, or it cannot be read; or
        one of the packages is missing.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached, or a connection was lost and the next
        attempt received nothing.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build-chroot``; `results.json` in the folder of the build's results
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
            f"{base}results.json does not have the fields of a list of packages: {cause}."
        ) from cause
    downloads = [download((base + name), os.path.join(folder, name)) for name in names]
    paths: list[str] = yield Together(downloads, at_once)
    return paths


def _file_name(package: Any) -> str:
    """Return the file name of a package. Raise CoprValidationException if it would leave the folder."""
    name = f"{package.name}-{package.version}-{package.release}.{package.arch}.rpm"
    if "/" in name or name.startswith("."):
        raise CoprValidationException(f"{name!r} is not a valid name of a package's file.")
    return name


def _received(call: Call[Any], reply: Reply) -> None:
    """Check that the file was sent, and sent whole. Its content is in the call's sink by now."""
    if reply.status not in (200, 206):
        raise failure(call, reply)
    if call.into is not None and not call.into.is_whole:
        raise CoprConnectionException(f"{call.method} {reply.url} ended before the file was complete.")
