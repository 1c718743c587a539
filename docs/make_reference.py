"""Writes `reference.md`: every method of every proxy, from the docstrings of the client.

    python docs/make_reference.py

A test holds that the page is what this writes.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

from copr import v3
from copr.v3 import pagination

PAGE = Path(__file__).parent / "reference.md"

PROXIES = (
    v3.BaseProxy,
    v3.ProjectProxy,
    v3.BuildProxy,
    v3.PackageProxy,
    v3.BuildChrootProxy,
    v3.ProjectChrootProxy,
    v3.MockChrootProxy,
    v3.MonitorProxy,
    v3.WebhookProxy,
    v3.ModuleProxy,
)
FUNCTIONS = (v3.config_from_file, v3.wait, v3.succeeded, v3.next_page, v3.all_pages, pagination.unlimited)

TITLE = """\
# Reference

Every call of the client: the proxies of `Client`, and the functions beside it. `AsyncClient` has the same, to
be awaited. This page is written by `docs/make_reference.py` from the client's docstrings.
"""


def page() -> str:
    """The whole page."""
    parts = [TITLE, _contents()]
    for proxy in PROXIES:
        parts.append(f"## {proxy.__name__}\n\n{_sentence(proxy)}\n")
        parts += [_entry(name, getattr(proxy, name), bound=True) for name in methods(proxy)]
    parts.append("## Functions\n")
    parts += [_entry(function.__name__, function) for function in FUNCTIONS]
    return "\n".join(parts)


def methods(proxy: type) -> list[str]:
    """The names of a proxy's own methods, in the order of their definition; `BaseProxy`'s are everybody's."""
    return [
        name
        for name, value in vars(proxy).items()
        if not name.startswith("_") and callable(getattr(value, "__func__", value))
    ]


def _contents() -> str:
    rows = ["| | |", "| --- | --- |"]
    for proxy in PROXIES:
        names = " ".join(f"[`{name}`](#{proxy.__name__.lower()}{name})" for name in methods(proxy))
        rows.append(f"| [{proxy.__name__}](#{proxy.__name__.lower()}) | {names} |")
    return "\n".join(rows) + "\n"


def _sentence(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n\n")[0]


def _entry(name: str, function: Any, *, bound: bool = False) -> str:
    """One method or function: how it is called, and its docstring."""
    owner = function.__qualname__.partition(".")[0].lower() if bound else ""
    text = re.sub(
        r"\bSource: (.*)", r"*\1*", (inspect.getdoc(function) or "").replace("\n", " ").replace("  ", "\n\n")
    )
    return f'### <a id="{owner}{name}"></a>`{name}{_parameters(function, bound)}`\n\n{text}\n'


def _parameters(function: Any, bound: bool) -> str:
    signature = inspect.signature(function)
    shown = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for place, parameter in enumerate(signature.parameters.values())
        if not (bound and place == 0 and parameter.name in ("self", "cls"))
    ]
    return str(signature.replace(parameters=shown, return_annotation=inspect.Signature.empty))


if __name__ == "__main__":
    PAGE.write_text(page())
