"""Plans that read the logs of builds, also while they grow.

Rules: each poll requests only the bytes that were not read yet. The service compresses a log when its build
has finished and renames it to `*.gz`; reading continues at the same place.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Generator

from ..._calls import needing
from ..._errors import CoprException, CoprNoResultException, failure
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, Pause, Plan, Reply, Step
from . import build, build_chroot
from ._states import FINAL_STATES

if TYPE_CHECKING:
    from ..._sink import MemorySink

#: The log that grows while a build runs.
LIVE = "builder-live.log"

_GZIP = b"\x1f\x8b"


def get_log(build_id: int, chrootname: str | None, name: str = LIVE) -> Plan[str]:
    """Return the text of a build's log, as far as it is written.

    :param build_id: id of the build.
    :param chrootname: name of the chroot, such as "fedora-45-x86_64"; None for the step that makes the source
        RPM.
    :param name: name of the log file. Default: the output of the build itself.
    :returns: the text.
    :raises CoprNoResultException: no build has this id, the build is not for this chroot, or the log file
        does not exist.
    :raises CoprException: the build has no results for this chroot yet.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build-chroot`` (or ``GET /build/source-chroot/{build_id}``); the log file in the folder
        `result_url`
    """
    part = yield from _part(build_id, chrootname)
    if not part.result_url:
        where = chrootname or "its source RPM"
        raise CoprException(f"Build {build_id} has no results for {where} yet; it is {part.state}.")
    content = yield from _rest(_url(part, name), 0)
    if content is None:
        raise CoprNoResultException(f"Build {build_id} has no file {name} at {part.result_url}.")
    return content.decode(errors="replace")


def follow_log(  # noqa: DOC405 - yields steps, and has a result
    build_id: int, chrootname: str | None, write: Callable[[str], object] = print, interval: float = 2
) -> Plan[Any]:
    """Read a build's log while it grows, until the build has finished in this chroot.

    :param build_id: id of the build.
    :param chrootname: name of the chroot, such as "fedora-45-x86_64"; None for the step that makes the source
        RPM.
    :param write: called with each new piece of text.
    :param interval: seconds between two polls.
    :returns: the final record of the chroot, as `build_chroot_proxy.get` returns it; for None, that of
        `build_proxy.get_source_chroot`.
    :raises CoprNoResultException: no build has this id, or the build is not for this chroot.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build-chroot`` (or ``GET /build/source-chroot/{build_id}``); `builder-live.log` in the
        folder `result_url`
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    seen = 0
    while True:
        part = yield from _part(build_id, chrootname)
        is_finished = part.state in FINAL_STATES
        if part.result_url:
            content = (yield from _rest(_url(part, LIVE), seen)) or b""
            seen += len(content)
            if text := decoder.decode(content, final=is_finished):
                write(text)
        if is_finished:
            return part
        yield Pause(interval)


def _part(build_id: int, chrootname: str | None) -> Generator[Step, Any, Any]:
    """Return the record of a build's chroot, or of its source step; before that step, of the whole build."""
    if chrootname is not None:
        return (yield from _chroot(build_id, chrootname))
    whole = yield from needing(build.get(build_id), "state")
    if whole.state == "pending":  # the service has no record of the source step yet
        whole["result_url"] = None
        return whole
    return (yield from needing(build.get_source_chroot(build_id), "state", "result_url"))


def _chroot(build_id: int, chrootname: str) -> Generator[Step, Any, Any]:
    """Return the record of a build's chroot; of the whole build while its source is not made yet."""
    chroot = needing(build_chroot.get(build_id, chrootname), "state", "result_url")
    try:
        return (yield from chroot)
    except CoprNoResultException:
        whole = yield from needing(build.get(build_id), "state", "chroots")
        if chrootname in whole.chroots:  # since a moment ago
            return (yield from chroot)
        if whole.chroots or whole.state in FINAL_STATES:
            raise
        whole["result_url"] = None
        return whole


def _url(part: Any, name: str) -> str:
    """Return the URL of a file in the results of a chroot or of the source step."""
    return f"{part.result_url.rstrip('/')}/{name}"


def _rest(url: str, seen: int) -> Generator[Step, Any, bytes | None]:
    """Return the bytes of a log from byte `seen` on, uncompressed; None if the log does not exist."""
    from ..._sink import MemorySink

    sink = MemorySink(seen)
    found = yield from Call("GET", url, decode=_is_there, into=sink)
    if found:
        return _unpacked(sink, seen)
    whole = MemorySink(0)
    if (yield from Call("GET", f"{url}.gz", decode=_is_there, into=whole)):
        return _unpacked(whole, seen)
    return None


def _unpacked(sink: MemorySink, seen: int) -> bytes:
    """Return the received bytes from byte `seen` of the uncompressed log on."""
    if sink.starts_at == 0 and sink.content.startswith(_GZIP):
        import zlib

        return zlib.decompress(sink.content, wbits=31)[seen:]
    return sink.content[seen - sink.starts_at :]


def _is_there(call: Call[Any], reply: Reply) -> bool:
    """Return whether the file exists. Raise the exception of any other error."""
    if reply.status == 404:
        return False
    if reply.status not in (200, 206, 416):  # 416: the log did not grow
        raise failure(call, reply)
    return True
