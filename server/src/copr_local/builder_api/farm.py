"""What the endpoints for builders share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request

from ..builders.settings import Settings
from ..data.builders import Builder
from ..data.database import Transaction
from ..filesystem.layout import SOURCE_BUILDS
from ..rules import builders
from ..rules.errors import AuthenticationRequired, Conflict, Invalid, NotFound, Overtaken, RuleError
from ..rules.queue import Step
from ..worker.remote_steps import RemoteSteps

_KEY = "copr_local.farm"
_STATUS: dict[type[RuleError], int] = {
    AuthenticationRequired: 401,
    Invalid: 400,
    Overtaken: 409,
    NotFound: 409,
    Conflict: 409,
}

api = Blueprint("builder_api", __name__, url_prefix="/builder")


@dataclass(frozen=True)
class Farm:
    """The service's side of builders elsewhere.

    :param steps: the offers of builders, and the results that they send.
    :param settings: the settings of builds.
    """

    steps: RemoteSteps
    settings: Settings


def attach(app: Flask, farm: Farm) -> None:
    """Attach a farm to an application.

    :param app: the Flask application.
    :param farm: the farm that its requests use.
    """
    app.extensions[_KEY] = farm


def farm() -> Farm:
    """Return the farm of the application that handles the current request.

    :returns: the farm.
    """
    found: Farm = current_app.extensions[_KEY]
    return found


def caller(tx: Transaction) -> Builder:
    """Return the builder that sends the current request.

    :param tx: transaction to read from.
    :returns: the builder.
    :raises AuthenticationRequired: the request has no token of a builder.
    :source: RFC 6750, section 2.1
    """
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return builders.authenticate(tx, token.strip() if kind.lower() == "bearer" else "")


def step_of(build_id: int, chroot: str, number: int) -> Step:
    """Return the step of a path.

    :param build_id: id of the build.
    :param chroot: name of the chroot; `srpm-builds` for the source step.
    :param number: number of the claim.
    :returns: the step.
    """
    return Step(build_id, None if chroot == SOURCE_BUILDS else chroot, number)


def body() -> dict[str, Any]:
    """Return the JSON object of the current request.

    :returns: the object.
    :raises Invalid: the body is not a JSON object.
    """
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise Invalid("the body is not a JSON object")
    return found


def one_line(text: object) -> str:
    """Return a text of a builder as one line of a limited length.

    :param text: what the builder has sent.
    :returns: the line; empty if it is not a text.
    """
    return " ".join(text.split())[:1000] if isinstance(text, str) else ""


@api.errorhandler(RuleError)
def _error(error: RuleError) -> Response:
    response = jsonify(error=str(error))
    response.status_code = _STATUS[type(error)]
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
