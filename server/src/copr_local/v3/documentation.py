"""`/swagger.json` and `/docs`: the documentation of this API, for programs and for people."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from flask import current_app, render_template
from markupsafe import Markup

from . import swagger
from .routes import PREFIX, api


@api.get("/swagger.json")
def get_swagger() -> Any:
    """Return this documentation as Swagger 2.0, for programs.

    :returns: the description of all endpoints.
    :source: ``GET /api_3/swagger.json``
    """
    return swagger.describe(current_app, version("copr-local"))


_PAGE = "copr_local_api_docs"


@api.get("/docs")
def get_documentation() -> Any:
    """Return this documentation as a web page, for people.

    :returns: the page, as HTML.
    :source: ``GET /api_3/docs``
    """
    if (kept := current_app.extensions.get(_PAGE)) is None:
        kept = current_app.extensions[_PAGE] = _endpoints()
    return render_template("api_docs.html", endpoints=kept)


def _endpoints() -> Markup:
    """Return the list of endpoints; it is the same for all requests to a service, and takes long to write."""
    described = swagger.describe(current_app, version("copr-local"))
    tags: dict[str, list[Any]] = {}
    for path, operations in described["paths"].items():
        for verb, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append((path, verb.upper(), operation))
    listed = render_template(
        "api_endpoints.html", api=described, tags=tags, prefix=PREFIX, parameters=_parameters, kind=_kind
    )
    return Markup(listed)  # noqa: S704 - a template has escaped it


def _parameters(operation: Any) -> Any:
    """Yield name, place, schema and required flag of each parameter, and of each field of a body."""
    for parameter in operation["parameters"]:
        if parameter["in"] != "body":
            yield parameter["name"], parameter["in"], parameter, parameter["required"]
            continue
        schema = parameter["schema"]
        if "description" in schema:
            yield "", "body", schema, True
        for name, each in schema.get("properties", {}).items():
            yield name, "body", each, name in schema.get("required", ())


def _kind(schema: Any) -> str:
    """Return the type, choices or limits of a parameter as a text."""
    if "enum" in schema:
        return " or ".join(repr(choice) for choice in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    limits = [f"{schema[name]}" for name in ("minimum", "maximum") if name in schema]
    return f"{schema['type']}{' from ' + ' to '.join(limits) if limits else ''}"
