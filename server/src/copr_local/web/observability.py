"""What monitors and load balancers ask: metrics, health and readiness; and log lines for requests and steps.

None of these needs a login: they have only what the pages show to everybody. A web server in front can
restrict `/metrics`; the service cannot tell whom that web server asks for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from flask import Blueprint, Flask, Response, g, request
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from ..data.database import StepChange
from ..data.pending_work import OutgoingMessage
from ..wire.context import reading, service, writing
from ..wire.metrics import CONTENT_TYPE, Metrics

observability = Blueprint("observability", __name__)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROOF = 10.0  # seconds for which a commit shows that the database can be written
PATHS = ("/metrics", "/healthz", "/readyz")

log = logging.getLogger("copr_local.requests")
step_log = logging.getLogger("copr_local.steps")


@observability.get("/metrics")
def metrics() -> Response:
    """Show numbers for Prometheus: the queue, builders, durations and requests.

    :returns: the text.
    :source: `GET /metrics`
    """
    with reading() as tx:
        return Response(
            service().metrics.text(tx, is_leading=service().database.is_leading()), content_type=CONTENT_TYPE
        )


@observability.get("/healthz")
def health() -> Response:
    """Answer as long as the process can answer.

    :returns: the word `ok`.
    :source: `GET /healthz`
    """
    return Response("ok\n", content_type="text/plain")


@observability.get("/readyz")
def readiness() -> Response:
    """Say whether the service can do its work: the database can be written, and builds are started.

    The database is read. It is written only if this process has not written to it for a while, or could not.

    :returns: the word `ok`, or what is wrong with the status 503.
    :source: `GET /readyz`
    """
    problem = "" if service().is_worker_alive() else "builds are not started any more"
    try:
        if service().database.seconds_since_write < PROOF:
            _read()
        else:
            _write()
    except DBAPIError as error:
        problem = f"the database cannot be used: {type(error.orig).__name__}"
    return Response(f"{problem or 'ok'}\n", 503 if problem else 200, content_type="text/plain")


def _read() -> None:
    with reading() as tx:
        tx.session.scalar(select(OutgoingMessage.id).limit(1))


def _write() -> None:
    """Write to the database, and leave nothing in it; an empty transaction would not use the disk."""
    with writing() as tx:
        row = OutgoingMessage(message_id="", topic="", sent_on=0, body={})
        tx.session.add(row)
        tx.session.flush()
        tx.session.delete(row)


def attach(app: Flask) -> None:
    """Add the endpoints to an application, and count and log all requests.

    :param app: the Flask application.
    """
    app.register_blueprint(observability)
    app.before_request(_begin)
    app.after_request(_end)


def steps_changed(metrics: Metrics, steps: Sequence[StepChange]) -> None:
    """Count steps that have ended, and log them and those that begin to run.

    :param metrics: the metrics of this process.
    :param steps: the steps.
    """
    metrics.steps_ended(steps)
    if not step_log.isEnabledFor(logging.INFO):
        return
    for step in steps:
        fields = {
            "build": step.build_id,
            "chroot": step.chroot,
            "state": step.state,
            "builder": step.builder,
        }
        if step.seconds is not None:
            fields["duration"] = step.seconds
        step_log.info("build %d, %s: %s", step.build_id, step.chroot, step.state, extra={"step": fields})


def _begin() -> None:
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    service().metrics.requests.observe(
        seconds,
        method=request.method if request.method in METHODS else "other",
        code=str(response.status_code),
        kind=_kind(request.path),
    )
    if log.isEnabledFor(logging.INFO) and request.path not in PATHS:
        fields = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "duration": round(seconds, 6),
            "user": g.get("user_name"),
        }
        log.info("%s %s %d", request.method, request.path, response.status_code, extra={"request": fields})
    return response


def _kind(path: str) -> str:
    """Return what a request was for: an API, files, or the pages."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in ("api", "api_2", "api_3", "builder", "results") else "pages"
