"""Endpoints with which a builder sends the log, the files, and the end of a build."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from flask import request

from ..builders.log import LIVE
from ..builders.result_logs import is_expected
from ..builders.tasks import Outcome, Received
from ..data.database import Transaction
from ..rules import builders, leases
from ..rules.builders import Held
from ..rules.errors import Invalid, Overtaken
from ..rules.queue import Step
from ..wire import waits
from ..wire.context import reading, service, writing
from ..worker.remote_steps import files_of
from ..worker.step_tasks import directory_of
from .farm import api, body, caller, farm, one_line, step_of

LONGEST_LINE = 64 * 1024  # bytes that the builder's own lines may add to the limit of a log
MOST_FILES = 4096
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@api.post("/claims/<int:build_id>/<chroot>/<int:number>/log")
def log(build_id: int, chroot: str, number: int) -> Any:
    """Append to the log of a build, and renew the lease of the claim.

    A body that does not begin at the end of the log is not stored.

    :param build_id: id of the build.
    :param chroot: name of the chroot; `srpm-builds` for the source step.
    :param number: number of the claim.
    :returns: `offset`, where the next part of the log begins, and `cancel`, which is true if the build was
        cancelled.
    :raises AuthenticationRequired: the request has no token of a builder.
    :raises Overtaken: the builder has lost the claim.
    :raises Invalid: the offset is not a number, or the log is larger than its limit.
    :source: `POST /builder/claims/{build_id}/{chroot}/{number}/log?offset={offset}`
    """
    step, offset, data = step_of(build_id, chroot, number), _offset(), request.get_data()
    with reading() as tx:
        held = builders.check_held(tx, caller(tx), step)
        path = directory_of(tx, step) / LIVE
    if data or held.must_renew:
        with writing() as tx:  # nobody else claims the step, or removes its folder, before the end of this
            held = _renew(tx, step)
            path = directory_of(tx, step) / LIVE
            if data and _size(path) + len(data) > farm().settings.limits.log + LONGEST_LINE:
                raise Invalid("the log is larger than its limit")
            if data:
                _append(path, offset, data)
    return {"offset": _size(path), "cancel": held.is_cancelled}


def _renew(tx: Transaction, step: Step) -> Held:
    """Note that a builder was heard, and renew the lease of its claim."""
    builder = caller(tx)
    held = builders.check_held(tx, builder, step)
    if builders.must_note(tx, builder):
        builder.heard_on = tx.now
    if held.must_renew:
        leases.renew(tx, [step])
    return held


@api.post("/claims/<int:build_id>/<chroot>/<int:number>/files/<name>")
def file(build_id: int, chroot: str, number: int, name: str) -> Any:
    """Append to a file with a result of a build.

    A body that does not begin at the end of the file is not stored.

    :param build_id: id of the build.
    :param chroot: name of the chroot; `srpm-builds` for the source step.
    :param number: number of the claim.
    :param name: name of the file.
    :returns: `offset`, where the next part of the file begins.
    :raises AuthenticationRequired: the request has no token of a builder.
    :raises Overtaken: the builder has lost the claim, or the build was cancelled.
    :raises Invalid: a build has no such file, the offset is not a number, or the files are too large.
    :source: `POST /builder/claims/{build_id}/{chroot}/{number}/files/{name}?offset={offset}`
    """
    step, offset, data = step_of(build_id, chroot, number), _offset(), request.get_data()
    if not is_expected(name, is_source=step.chroot is None):
        raise Invalid(f"{name!r} is not the name of a result")
    with reading() as tx:
        if builders.check_held(tx, caller(tx), step).is_cancelled:
            raise Overtaken("the build was cancelled")
    folder = files_of(service().data_folder.received, step)
    folder.mkdir(exist_ok=True, mode=0o700)
    sizes = [each.stat().st_size for each in folder.iterdir()]
    if len(sizes) >= MOST_FILES or sum(sizes) + len(data) > farm().settings.limits.disk:
        raise Invalid("the files are larger than the limit of a build")
    _append(folder / name, offset, data)
    return {"offset": _size(folder / name)}


@api.post("/claims/<int:build_id>/<chroot>/<int:number>/finish")
def finish(build_id: int, chroot: str, number: int) -> Any:
    """End a build: its results are checked, signed and published. The response is sent after that.

    The outcome `cancelled` gives the step back, or says that a cancelled build has ended. If it has a reason,
    the builder gets no more steps until it asks again.

    A builder can repeat this request; a claim ends once.

    :param build_id: id of the build.
    :param chroot: name of the chroot; `srpm-builds` for the source step.
    :param number: number of the claim.
    :returns: status 200 if the end is recorded. Status 422 if a part of the log or of a file is missing:
        `log` and `files` say where to go on. Status 503 if it has to be repeated later.
    :raises AuthenticationRequired: the request has no token of a builder.
    :raises Overtaken: the builder has lost the claim.
    :raises Invalid: the body is not valid.
    :source: `POST /builder/claims/{build_id}/{chroot}/{number}/finish`
    """
    step, state = step_of(build_id, chroot, number), waits.state()
    if "ended" not in state:
        given = body()
        outcome: Any = given.get("outcome")
        reason, size, files = (given.get(name) for name in ("reason", "log", "files"))
        if outcome not in OUTCOMES or not isinstance(reason, str) or not isinstance(size, int):
            raise Invalid("outcome, reason or log is not valid")
        with reading() as tx:
            if builders.check_held(tx, caller(tx), step, ended=True).has_ended:
                return {}
            directory = directory_of(tx, step)
        folder = files_of(service().data_folder.received, step)
        has, missing = _size(directory / LIVE), _missing(folder, files)
        if outcome != "cancelled" and (missing or has != size):
            return {"log": has, "files": missing}, 422
        line = one_line(reason)
        if outcome == "cancelled" and line:  # otherwise the builder might get the same step at once
            with writing() as tx:
                builders.give_nothing(tx, caller(tx), line)
        state["ended"] = farm().steps.receive(step, Received(outcome, line, folder))
    if waits.must_wait(state["ended"]):
        return "", 202
    with reading() as tx:
        held = builders.check_held(tx, caller(tx), step, ended=True)
    return {}, 200 if held.has_ended or held.is_cancelled else 503


def _missing(folder: Path, files: object) -> dict[str, int]:
    """Return the files that have not arrived, each with the offset where it goes on."""
    if not isinstance(files, Mapping):
        raise Invalid("files is not an object")
    missing = {}
    for name, about in files.items():
        match about:
            case {"size": int() as size, "sha256": str() as digest} if _DIGEST.fullmatch(digest):
                pass
            case _:
                raise Invalid("a file needs its size and its SHA-256")
        path = folder / Path(name).name
        has = _size(path)
        if has == size and path.exists() and _sha256(path) == digest:
            continue
        if has >= size:  # a part of it is wrong
            path.unlink(missing_ok=True)
            has = 0
        missing[name] = has
    return missing


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _offset() -> int:
    """Return the offset of the current request."""
    text = request.args.get("offset", "")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Invalid("the offset is not a number")
    return int(text)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _append(path: Path, offset: int, data: bytes) -> None:
    """Append to a file, if it has this size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as stream:
        view = memoryview(data if stream.tell() == offset else b"")
        while view:
            view = view[stream.write(view) :]
