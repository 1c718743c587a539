"""Write `reference.md`: every method of every proxy, from the docstrings of the client.

    python docs/make_reference.py

A test checks that the page is up to date.
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

#: The lists of an entry, by the fields of a docstring.
LISTS = {"param": "Parameters", "returns": "Returns", "raises": "Errors", "source": "Source"}

TITLE = """\
# Reference

All calls of the client: the methods of its proxies, and the functions of `copr.v3`. `AsyncClient` has the
same proxies; their methods are coroutines. `docs/make_reference.py` writes this page from the docstrings.
"""


def page() -> str:
    """Return the text of the page."""
    parts = [TITLE, _contents()]
    for proxy in PROXIES:
        parts.append(f"## {proxy.__name__}\n\n{_sentence(proxy)}\n")
        parts += [_entry(name, getattr(proxy, name), bound=True) for name in methods(proxy)]
    parts.append("## Functions\n")
    parts += [_entry(function.__name__, function) for function in FUNCTIONS]
    return "\n".join(parts)


def methods(proxy: type) -> list[str]:
    """Return the names of a proxy's own methods, in the order of their definition, without inherited ones."""
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
    """Return the section of a method or function: how to call it, and its docstring."""
    owner = function.__qualname__.partition(".")[0].lower() if bound else ""
    heading = f'### <a id="{owner}{name}"></a>`{name}{_parameters(function, bound)}`'
    return f"{heading}\n\n{_markdown(inspect.getdoc(function) or '')}\n"


def _markdown(docstring: str) -> str:
    """Return a docstring as Markdown: its text, then its fields as lists."""
    text, *fields = re.split(r"^:(?=[a-z]+[^:\n]*:)", docstring.replace("``", "`"), flags=re.MULTILINE)
    paragraphs = [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]
    lists: dict[str, list[str]] = {title: [] for title in LISTS.values()}
    for field in fields:
        head, _, body = field.partition(":")
        kind, _, subject = head.partition(" ")
        item = " ".join(body.split())
        lists[LISTS[kind]].append(f"- `{subject}`: {item}" if subject else f"{LISTS[kind]}: {item}")
    for title, items in lists.items():
        if items:
            paragraphs.append("\n".join([f"{title}:\n", *items] if items[0].startswith("- ") else items))
    return "\n\n".join(paragraphs)


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
