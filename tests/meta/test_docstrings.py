"""What a reader of a public docstring finds: each parameter, the result, the errors, the endpoint.

Public is what `__all__` of a public module names, with its methods, wherever they are written; without
`__all__`, what the module defines. CONTRIBUTING.md says how docstrings are written; `pydoclint` compares the
docstrings of all files with the signatures.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import inspect
import pkgutil
import re
import sys
import textwrap
from typing import NamedTuple

import copr
import copr_local

FIELD = re.compile(r"^:(param|returns|raises|source)(?: ([\w.]+))?:", re.MULTILINE)


class Documented(NamedTuple):
    """A public function, method, property or class."""

    name: str
    value: object
    kind: str

    @property
    def docstring(self):
        return inspect.getdoc(self.value) or ""

    def fields(self, kind):
        return [subject for found, subject in FIELD.findall(self.docstring) if found == kind]


def public_modules(root):
    """The public modules of a package, itself included."""
    names = [info.name for info in pkgutil.walk_packages(root.__path__, f"{root.__name__}.")]
    public = [name for name in names if not any(part.startswith("_") for part in name.split("."))]
    return [importlib.import_module(name) for name in (root.__name__, *public)]


def names_of(module):
    defined = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    return [name for name in getattr(module, "__all__", defined) if not name.startswith("_")]


@functools.cache
def documented(root):
    """Everything public in a package, each once."""
    found = {}
    for module in public_modules(root):
        for name in names_of(module):
            value = getattr(module, name)
            if not str(getattr(value, "__module__", "")).startswith(root.__name__):
                continue  # a constant, or of another package
            place = f"{module.__name__}.{name}"
            if inspect.isclass(value):
                found.setdefault(id(value), Documented(place, value, "class"))
                for each in methods_of(value, root, place):
                    found.setdefault(id(each.value), each)
            elif inspect.isfunction(value):
                found.setdefault(id(value), Documented(place, value, "function"))
    return list(found.values())


def methods_of(cls, root, place):
    for base in cls.__mro__:
        if not base.__module__.startswith(root.__name__):
            continue
        for name, value in vars(base).items():
            if name.startswith("_"):
                continue
            function = getattr(value, "__func__", value)
            if isinstance(value, property):
                yield Documented(f"{place}.{name}", value, "property")
            elif inspect.isfunction(function) and not re.search("<(locals|lambda)>", function.__qualname__):
                yield Documented(f"{place}.{name}", function, "method")


def parameters(function):
    names = list(inspect.signature(function).parameters)
    return [name for name in names if name not in ("self", "cls") and not name.startswith("_")]


#: The packages that are checked.
ROOTS = [copr, copr_local]


def of_kind(*kinds):
    return [each for root in ROOTS for each in documented(root) if each.kind in kinds]


def failing(check, *kinds):
    """The names of those that fail a check: one test for all, since there are more than a thousand."""
    return [each.name for each in of_kind(*kinds) if not check(each)]


def test_the_first_line_is_one_sentence():
    def check(each):
        first, *rest = each.docstring.split("\n")
        return first.endswith(".") and (not rest or rest[0] == "")  # a blank line follows it

    assert failing(check, "class", "function", "method", "property") == []


def test_each_parameter_is_listed_in_its_order():
    def check(each):
        return each.fields("param") == parameters(each.value)

    assert failing(check, "function", "method") == []


def test_each_parameter_of_a_class_is_listed_in_its_order():
    def check(each):
        init = vars(each.value).get("__init__")
        own = inspect.isfunction(init) and init.__module__ == each.value.__module__  # not SQLAlchemy's
        return not own or each.fields("param") == parameters(init)

    assert failing(check, "class") == []


def test_the_result_is_described_unless_there_is_none():
    def check(each):
        result = each.value.__annotations__.get("return")
        return len(each.fields("returns")) == (result not in (None, "None", "NoReturn"))

    assert failing(check, "function", "method") == []


def test_errors_that_a_function_raises_itself_are_listed():
    def check(each):
        source = textwrap.dedent(inspect.getsource(getattr(each.value, "plan", each.value)))
        raised = {
            ast.unparse(node.exc.func)
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        }
        # What begins with a small letter makes an exception of one of several classes.
        listed = {*each.fields("raises"), "NotImplementedError"}
        return {name for name in raised if name[0].isupper()} <= listed

    assert failing(check, "function", "method") == []


def test_errors_that_are_listed_exist():
    def check(each):
        root = each.name.partition(".")[0]
        ours = [module for name, module in sys.modules.items() if name.partition(".")[0] == root]
        return all(
            any(hasattr(module, name) for module in (builtins, *ours)) for name in each.fields("raises")
        )

    assert failing(check, "class", "function", "method") == []


def is_call(each):
    """Whether a function is a call of a service, as a plan or a flow."""
    result = str(each.value.__annotations__.get("return", ""))
    return each.name.startswith("copr.v3.calls.") and result.startswith(("Call[", "Plan[", "Flow["))


def test_a_call_names_its_endpoint_and_its_errors():
    assert len([each for each in of_kind("function") if is_call(each)]) > 50

    def check(each):
        return not is_call(each) or bool(each.fields("source") and each.fields("raises"))

    assert failing(check, "function") == []
