"""Endpoints with which a builder gets a claim, accepts it, and gets the source of its step."""

from __future__ import annotations

import hashlib
import os
import time
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from ..builders import documents
from ..data.builders import Builder
from ..rules import builders, leases
from ..rules.errors import Invalid, NotFound
from ..wire import waits
from ..wire.context import reading, service, writing
from ..wire.file_response import file_response
from ..worker.remote_steps import Offer, path_of
from ..worker.step_tasks import task_of
from .farm import api, body, caller, farm, one_line, step_of

MOST_SLOTS = 1000
_OTHER_VERSION = f"the builder {documents.OTHER_VERSION}"
LONGEST_POLL = 25.0  # seconds; web servers in front often wait for 60


@api.post("/claims")
def claim() -> Any:
    """Wait for a step that the builder can build, and claim it for the builder, which has to accept it.

    A builder that cannot build now says why in `trouble`, and gets 204 at once.

    :returns: status 200 with the path of the claim, or 204 if there is nothing yet.
    :raises AuthenticationRequired: the request has no token of a builder.
    :raises Invalid: the body is not valid, or the builder has another version than the service.
    :source: `POST /builder/claims`
    """
    state = waits.state()
    offer: Offer | None = state.get("offer") or _offer()
    if offer is None:
        return "", 204
    if "offer" not in state:
        state["offer"] = offer
        farm().steps.add(offer)
    state["gone"] = partial(farm().steps.withdraw, offer)
    if waits.must_wait(offer.ended) or offer.step is None:
        return "", 204
    return {"claim": path_of(offer.step)}


def _offer() -> Offer | None:
    """Return the offer of the current request; None from a builder that cannot build now."""
    seconds = body().get("wait", LONGEST_POLL)
    if not isinstance(seconds, int | float):
        raise Invalid("wait is not a number of seconds")
    arches, chroots = _wish()
    trouble = _trouble()
    with writing() as tx:
        builder = caller(tx)
        allowed = _allowed(builder, arches)
        builders.offer(tx, builder, allowed, chroots, trouble=trouble)
        limits = (tuple(builder.chroots), tuple(chroots))
    _check_version()
    if trouble:
        return None
    until = time.monotonic() + min(max(float(seconds), 0.0), LONGEST_POLL)
    return Offer(builder.name, tuple(allowed), limits, until)


@api.post("/slots")
def slots() -> Any:
    """Store how many builds at the same time a builder takes by the message broker.

    A builder says so again at least every 20 seconds.

    :returns: `queue`, the name of the queue that brings claims to the builder.
    :raises AuthenticationRequired: the request has no token of a builder.
    :raises Invalid: the body is not valid, the service uses no message broker, or the builder has another
        version than the service.
    :source: `POST /builder/slots`
    """
    count = body().get("slots")
    if not isinstance(count, int) or not 0 <= count <= MOST_SLOTS:
        raise Invalid(f"slots is not a number from 0 to {MOST_SLOTS}")
    if farm().steps.carrier is None:
        raise Invalid("this service was started without --broker")
    arches, chroots = _wish()
    with writing() as tx:
        builder = caller(tx)
        builders.offer(tx, builder, _allowed(builder, arches), chroots, slots=count, trouble=_trouble())
        queue = builders.queue_of(builder)
    _check_version()
    return {"queue": queue}


def _wish() -> tuple[list[str], list[str]]:
    """Return the architectures and the patterns of chroots in the body of the current request."""
    arches, chroots = _texts(body(), "arches"), _texts(body(), "chroots")
    builders.check_offer(arches, chroots)
    return arches, chroots


def _trouble() -> str:
    """Return why the builder that sends the current request cannot build now; empty if it can."""
    return _OTHER_VERSION if _has_other_version() else one_line(body().get("trouble"))


def _check_version() -> None:
    """Refuse a builder that does not know the tasks of this service."""
    if _has_other_version():
        raise Invalid(_OTHER_VERSION)


def _has_other_version() -> bool:
    """Return True if the builder that sends the current request knows other tasks than this service."""
    return bool(body().get("tasks") != documents.VERSION)


def _allowed(builder: Builder, arches: list[str]) -> list[str]:
    """Return those of the architectures that a builder may build for."""
    allowed = [arch for arch in arches if arch in builder.arches]
    if not allowed:
        raise Invalid(f"the builder {builder.name} is only for {', '.join(builder.arches)}")
    return allowed


def _texts(given: dict[str, Any], name: str) -> list[str]:
    """Return a list of texts in a body."""
    value = given.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Invalid(f"{name} is not a list of texts")
    return value


@api.post("/claims/<int:build_id>/<chroot>/<int:number>/accept")
def accept(build_id: int, chroot: str, number: int) -> Any:
    """Begin a step that was claimed for the builder. A claim can be accepted once, before its lease ends.

    :param build_id: id of the build.
    :param chroot: name of the chroot; `srpm-builds` for the source step.
    :param number: number of the claim.
    :returns: `task`, all that the builder needs to know.
    :raises AuthenticationRequired: the request has no token of a builder.
    :raises Overtaken: the builder has lost the claim.
    :raises Conflict: the claim was accepted before.
    :raises Invalid: the body is not valid, or the builder has another version than the service.
    :source: `POST /builder/claims/{build_id}/{chroot}/{number}/accept`
    """
    _check_version()
    step, (arches, _) = step_of(build_id, chroot, number), _wish()
    own = os.uname().machine
    with writing() as tx:
        builders.accept(tx, caller(tx), step)
        leases.renew(tx, [step])
        task = task_of(tx, step, farm().settings, own if own in arches else arches[0])
    return {"task": documents.document(task, farm().settings, service().data_folder.results)}


@api.get("/claims/<int:build_id>/<chroot>/<int:number>/source")
def source(build_id: int, chroot: str, number: int) -> Any:
    """Send the file that a step is built from.

    :param build_id: id of the build.
    :param chroot: name of the chroot; `srpm-builds` for the source step.
    :param number: number of the claim.
    :returns: the file, or a range of it; its ETag is its SHA-256.
    :raises AuthenticationRequired: the request has no token of a builder.
    :raises Overtaken: the builder has lost the claim.
    :raises NotFound: the step has no such file.
    :source: `GET /builder/claims/{build_id}/{chroot}/{number}/source`
    """
    step = step_of(build_id, chroot, number)
    with reading() as tx:
        builders.check_held(tx, caller(tx), step)
        file = documents.source_of(task_of(tx, step, farm().settings))
    if file is None or not file.is_file():
        raise NotFound("this step has no source")
    status = file.stat()
    return file_response(file, "application/octet-stream", _sha256(file, status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=64)
def _sha256(file: Path, _modified: int, _size: int) -> str:
    """Return the SHA-256 of a file; it is computed once."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
