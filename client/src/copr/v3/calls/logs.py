"""Flows that read the logs of builds, also while they grow.

Rules: what was read is not asked for again. A log that is packed once its build is over, and then has another
name (`.gz`), reads on as if nothing had happened.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Generator

from ..._calls import needing
from ..._errors import CoprException, CoprNoResultException, failure
from ..._sink import MemorySink
from ..._typing import Any
from ..._wire import Call, Pause, Plan, Reply, Step
from . import build, build_chroot
from ._states import FINAL_STATES

#: The log that grows while a build runs.
LIVE = "builder-live.log"

_GZIP = b"\x1f\x8b"


def get_log(build_id: int, chrootname: str | None, name: str = LIVE) -> Plan[str]:
    """Read a log of a build, as far as it goes.

    `build_id`: the build's number; `chrootname`: such as "fedora-45-x86_64", or None for the part that makes
    the source RPM; `name`: of the file, default the build's own output.

    Returns the text.

    Raises CoprNoResultException where there is no such build, chroot or file, CoprException where there are
    no results yet, CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET
    /build-chroot, RESULT_URL/builder-live.log
    """
    part = yield from _part(build_id, chrootname)
    if not part.result_url:
        where = chrootname or "its source RPM"
        raise CoprException(f"Build {build_id} has no results for {where} yet; it is {part.state}.")
    content = yield from _rest(_address(part, name), 0)
    if content is None:
        raise CoprNoResultException(f"Build {build_id} has no file {name} at {part.result_url}.")
    return content.decode(errors="replace")


def follow_log(
    build_id: int, chrootname: str | None, write: Callable[[str], object] = print, interval: float = 2
) -> Plan[Any]:
    """Read a build's log while it grows, until that part of the build is over.

    `build_id`: the build's number; `chrootname`: such as "fedora-45-x86_64", or None for the part that makes
    the source RPM; `write`: called with each new piece of text; `interval`: seconds between two looks.

    Returns the chroot's record, as `get` does, when it is over.

    Raises CoprNoResultException where there is no such build or the build has no such chroot,
    CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET /build-chroot,
    RESULT_URL/builder-live.log
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    seen = 0
    while True:
        part = yield from _part(build_id, chrootname)
        is_over = part.state in FINAL_STATES
        if part.result_url:
            content = (yield from _rest(_address(part, LIVE), seen)) or b""
            seen += len(content)
            if text := decoder.decode(content, final=is_over):
                write(text)
        if is_over:
            return part
        yield Pause(interval)


def _part(build_id: int, chrootname: str | None) -> Generator[Step, Any, Any]:
    """A chroot of a build, or the part that makes its source RPM; the whole build before that has begun."""
    if chrootname is not None:
        return (yield from needing(build_chroot.get(build_id, chrootname), "state", "result_url"))
    whole = yield from needing(build.get(build_id), "state")
    if whole.state == "pending":
        whole["result_url"] = None
        return whole
    return (yield from needing(build.get_source_chroot(build_id), "state", "result_url"))


def _address(part: Any, name: str) -> str:
    return f"{part.result_url.rstrip('/')}/{name}"


def _rest(address: str, seen: int) -> Generator[Step, Any, bytes | None]:
    """The bytes of a log from `seen` on, packed or not; None where there is no such file."""
    sink = MemorySink(seen)
    found = yield from Call("GET", address, decode=_is_there, into=sink)
    if found:
        return _unpacked(sink, seen)
    whole = MemorySink(0)
    if (yield from Call("GET", f"{address}.gz", decode=_is_there, into=whole)):
        return _unpacked(whole, seen)
    return None


def _unpacked(sink: MemorySink, seen: int) -> bytes:
    if sink.starts_at == 0 and sink.content.startswith(_GZIP):
        return zlib.decompress(sink.content, wbits=31)[seen:]
    return sink.content[seen - sink.starts_at :]


def _is_there(call: Call[Any], reply: Reply) -> bool:
    if reply.status == 404:
        return False
    if reply.status not in (200, 206, 416):  # 416: nothing was added since
        raise failure(call, reply)
    return True
