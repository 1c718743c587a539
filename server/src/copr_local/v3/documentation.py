"""`/swagger.json` and `/docs`: this API described, for programs and for people."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from flask import current_app, render_template_string

from . import swagger
from .routes import PREFIX, api

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{ api.info.title }}</title>
<style>
body { font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
summary { cursor: pointer; padding: .3em 0; }
code, .verb { font-family: monospace; }
.verb { display: inline-block; width: 5em; font-weight: bold; }
.old { text-decoration: line-through; }
table { border-collapse: collapse; margin: .5em 0 1em 5em; }
td, th { border: 1px solid #ccc; padding: .2em .6em; text-align: left; vertical-align: top; }
</style>
</head>
<body>
<h1>{{ api.info.title }}</h1>
<p>{{ api.info.description }} Paths begin with <code>{{ api.basePath }}</code>. Where a login is needed, it is
HTTP basic authentication with an API login and token. For programs: <a href="{{ prefix }}/swagger.json">\
swagger.json</a>.</p>
{% for tag, operations in tags.items() %}
<h2>{{ tag }}</h2>
{% for path, verb, operation in operations %}
<details id="{{ operation.operationId }}">
<summary><span class="verb">{{ verb }}</span> <code{% if operation.deprecated %} class="old"{% endif %}>\
{{ path }}</code> {{ operation.summary }}{% if operation.security %} <em>login</em>{% endif %}</summary>
<table>
<tr><th>name</th><th>in</th><th>type</th><th>must be there</th></tr>
{% for name, place, schema, required in parameters(operation) %}
<tr><td><code>{{ name }}</code></td><td>{{ place }}</td><td>{{ kind(schema) }}\
{% if schema.description %}: {{ schema.description }}{% endif %}</td><td>{{ "yes" if required }}</td></tr>
{% endfor %}
</table>
</details>
{% endfor %}
{% endfor %}
</body>
</html>
"""


@api.get("/swagger.json")
def get_swagger() -> Any:
    """This description, for programs."""
    return swagger.describe(current_app, version("copr-local"))


@api.get("/docs")
def get_documentation() -> Any:
    """This description, for people."""
    described = swagger.describe(current_app, version("copr-local"))
    tags: dict[str, list[Any]] = {}
    for path, operations in described["paths"].items():
        for verb, operation in operations.items():
            tags.setdefault(operation["tags"][0], []).append((path, verb.upper(), operation))
    return render_template_string(
        _PAGE, api=described, tags=tags, prefix=PREFIX, parameters=_parameters, kind=_kind
    )


def _parameters(operation: Any) -> Any:
    """Name, place, schema of all parameters, and whether they must be there; fields of a body one by one."""
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
    if "enum" in schema:
        return " or ".join(repr(choice) for choice in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    limits = [f"{schema[name]}" for name in ("minimum", "maximum") if name in schema]
    return f"{schema['type']}{' from ' + ' to '.join(limits) if limits else ''}"
