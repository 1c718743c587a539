"""The description of API v3 as Swagger 2.0, generated from the endpoints.

Paths, methods and the types of path parts come from the routes. Summaries are the first paragraphs of the
docstrings. Required logins and deprecated methods come from the decorators. Arguments and fields come from
`description.takes` and the validators of the forms. So the description matches the service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from inspect import getdoc
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from wtforms import BooleanField, Field, Form, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import Length, NumberRange

from .. import __name__ as package
from ..wire.fields import Words
from ..wire.source_forms import SourceForm
from . import description
from .routes import PREFIX

Json = dict[str, Any]

_INTEGERS = frozenset({"limit", "offset", "build_id"})
_BODY_TYPES: dict[str, Json] = {"builds": {"type": "array", "items": {"type": "integer"}}}
_CHOICES = {"order_type": ["ASC", "DESC"]}
_TEXTS = {
    "exist_ok": "True: if a project of this name exists, return it instead of an error.",
    "query": "At least three characters; OWNER/NAME searches parts of both names.",
    "limit": "Largest number of items to return.",
    "offset": "Number of items to skip.",
    "order": "Property to sort by.",
}
_JSON = "application/json"
_MULTIPART = "multipart/form-data"
_HOLDER = Form()


def describe(app: Flask, version: str) -> Json:
    """Return the description of the API that an application serves.

    :param app: the application.
    :param version: version of this distribution.
    :returns: the description, in the format of Swagger 2.0.
    :source: OpenAPI Specification 2.0
    """
    paths: dict[str, Json] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint.startswith("v3."):
            view = app.view_functions[rule.endpoint]
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX))
            paths.setdefault(path, {}).update(_operations(rule, view))
    return {
        "swagger": "2.0",
        "basePath": PREFIX,
        "info": {
            "title": "Copr API v3",
            "version": version,
            "description": f"The API of a local Copr ({package}).",
        },
        "consumes": [_JSON],
        "produces": [_JSON],
        "securityDefinitions": {"token": {"type": "basic", "description": "API login and token"}},
        "paths": paths,
    }


def _operations(rule: Rule, view: Callable[..., Any]) -> Iterator[tuple[str, Json]]:
    """Yield the HTTP method and the description of each operation of a route."""
    takes = description.of(view)
    old_verb = getattr(view, "deprecated_verb", None)
    for verb in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        operation: Json = {
            "operationId": _operation_id(rule, verb),
            "summary": (getdoc(view) or "").partition("\n\n")[0].replace("\n", " "),
            "tags": [rule.rule.removeprefix(PREFIX).split("/")[1] or "general"],
            "parameters": [*_path(rule), *_query(rule, takes), *_body(takes)],
            "responses": _responses(rule, view, takes),
        }
        if takes.has_body:
            operation["consumes"] = [_MULTIPART, _JSON] if takes.files else [_JSON]
        if getattr(view, "needs_login", False):
            operation["security"] = [{"token": []}]
        if verb == old_verb or _is_old_address(rule):
            operation["deprecated"] = True
        yield verb.lower(), operation


def _operation_id(rule: Rule, verb: str) -> str:
    """Return a unique name of an operation."""
    parts = "".join(f"_{name}" for name in re.findall(r"<(?:\w+:)?(\w+)>", rule.rule))
    return f"{verb.lower()}_{rule.endpoint.removeprefix('v3.')}{parts}"


def _is_old_address(rule: Rule) -> bool:
    """Return True for old URLs, which have arguments in the path that are now in the query."""
    return rule.rule.startswith(f"{PREFIX}/build-chroot/") and bool(rule.arguments)


def _responses(rule: Rule, view: Callable[..., Any], takes: description.Takes) -> Json:
    """Return the statuses that an operation can answer with."""
    found = {"200": {"description": "Done"}}
    if takes.query or takes.has_body:
        found["400"] = {"description": "The request is not valid; `error` has the reason"}
    if getattr(view, "needs_login", False):
        found["401"] = {"description": "The token is missing, wrong or expired"}
        found["403"] = {"description": "The user has no permission for this"}
    if rule.arguments or takes.query or takes.body:
        found["404"] = {"description": "Not found"}
    return found


def _path(rule: Rule) -> list[Json]:
    """Return the parameters in the path of a route."""
    found = re.findall(r"<(?:(\w+):)?(\w+)>", rule.rule)
    kinds = {name: "integer" if converter == "int" else "string" for converter, name in found}
    return [{"in": "path", "name": name, "required": True, "type": kind} for name, kind in kinds.items()]


def _query(rule: Rule, takes: description.Takes) -> list[Json]:
    """Return the parameters in the query of an operation."""
    names = [name for name in (*takes.query, *takes.optional) if name not in rule.arguments]
    return [
        {"in": "query", "name": name, "required": name in takes.query, **_argument(name)} for name in names
    ]


def _argument(name: str) -> Json:
    """Return type, choices and description of a query parameter."""
    found: Json = {"type": "integer" if name in _INTEGERS else "string"}
    if name.endswith("[]"):
        found = {"type": "array", "items": {"type": "string"}, "collectionFormat": "multi"}
    if name in _CHOICES:
        found["enum"] = _CHOICES[name]
    return found | ({"description": _TEXTS[name]} if name in _TEXTS else {})


def _body(takes: description.Takes) -> list[Json]:
    """Return the parameters in the body of an operation."""
    if not takes.has_body:
        return []
    if takes.files:
        files = [{"in": "formData", "name": name, "required": False, "type": "file"} for name in takes.files]
        required = _required(takes)
        return files + [
            {"in": "formData", "name": name, "required": name in required, **_form_schema(field)}
            for name, field in _fields(takes).items()
            if name not in takes.files
        ]
    schema: Json = {"type": "object"}
    if takes.free is not None:
        schema |= {"description": takes.free, "additionalProperties": True}
    if fields := _fields(takes):
        schema["properties"] = fields
    if _required(takes):
        schema["required"] = sorted(_required(takes))
    return [{"in": "body", "name": "body", "required": True, "schema": schema}]


def _form_schema(schema: Json) -> Json:
    """Return the schema of a field in a multipart body."""
    return schema | ({"collectionFormat": "multi"} if schema["type"] == "array" else {})


def _fields(takes: description.Takes) -> dict[str, Json]:
    """Return the schemas of all fields of a body, by name."""
    fields: dict[str, Json] = {name: _BODY_TYPES.get(name, {"type": "string"}) for name in takes.body}
    for form in takes.forms:
        for name, bound in form_fields(form).items():
            fields.setdefault(takes.renamed.get(name, name), _schema(bound))
    return fields


def _required(takes: description.Takes) -> set[str]:
    """Return the required fields of a body; of source forms, only the fields that all of them require."""
    found = set(takes.body)
    of_sources: list[set[str]] = []
    for form in takes.forms:
        fields = form_fields(form).items()
        wanted = {takes.renamed.get(name, name) for name, bound in fields if _is_required(bound)}
        if issubclass(form, SourceForm):
            of_sources.append(wanted)
        else:
            found |= wanted
    return found | (set.intersection(*of_sources) if of_sources else set())


def form_fields(form: type[Form]) -> dict[str, Field]:
    """Return the fields of a form without data.

    :param form: class of the form.
    :returns: the fields by name, in the order of the form.
    """
    found = {name: getattr(form, name) for name in dir(form)}
    unbound = {name: each for name, each in found.items() if hasattr(each, "creation_counter")}
    ordered = sorted(unbound.items(), key=lambda item: item[1].creation_counter)
    return {name: each.bind(form=_HOLDER, name=name) for name, each in ordered}


def _is_required(bound: Field) -> bool:
    """Return True if a form field is required."""
    return bool(bound.flags.required or getattr(bound, "required", False))


def _schema(bound: Field) -> Json:
    """Return the type, choices and limits of a form field."""
    match bound:
        case BooleanField():
            return {"type": "boolean"}
        case IntegerField():
            return {"type": "integer", **_range(bound)}
        case SelectMultipleField():
            choices = list(bound.choices or ())
            return {"type": "array", "items": {"type": "string", **({"enum": choices} if choices else {})}}
        case SelectField():
            return {"type": "string", **({"enum": list(bound.choices)} if bound.choices else {})}
        case Words():
            return {"type": "array", "items": {"type": "string"}}
        case _:
            return {"type": "string", **_range(bound)}


def _range(bound: Field) -> Json:
    """Return the limits in the validators of a form field."""
    found: Json = {}
    validators: list[Any] = list(bound.validators)
    for validator in validators:
        if isinstance(validator, NumberRange):
            limits = {"minimum": validator.min, "maximum": validator.max}
            found |= {name: limit for name, limit in limits.items() if limit is not None}
        if isinstance(validator, Length) and validator.max > 0:
            found["maxLength"] = validator.max
    return found
