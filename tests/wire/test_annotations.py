"""Programs can evaluate every public annotation: tool registries, pydantic, typer."""

from __future__ import annotations

import functools
import importlib
import inspect
import subprocess
import sys
import typing
from collections.abc import Mapping

import pydantic
import pytest

from copr import v3
from copr._drive import blocking
from copr.results import Build
from copr.v3 import aio, helpers
from copr.v3.calls import build

MODULES = [
    "copr",
    "copr.exceptions",
    "copr.results",
    "copr.util",
    "copr.v3",
    "copr.v3.aio",
    "copr.v3.auth",
    "copr.v3.auth.base",
    "copr.v3.auth.gssapi",
    "copr.v3.client",
    "copr.v3.exceptions",
    "copr.v3.helpers",
    "copr.v3.pagination",
    "copr.v3.proxies",
    "copr.v3.requests",
    "copr.client",
    "copr.client.client",
    "copr.client.exceptions",
    "copr.client.parsers",
    "copr.client.responses",
    "copr.client_v2",
    "copr.client_v2.client",
    "copr.client_v2.common",
    "copr.client_v2.entities",
    "copr.client_v2.handlers",
    "copr.client_v2.net_client",
    "copr.client_v2.resources",
    "copr.client_v2.schemas",
]


def public(module):
    """Yield the functions and classes that a module offers, and the methods of the classes."""
    names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
    for thing in (getattr(module, name) for name in names):
        if not getattr(thing, "__module__", "").startswith("copr"):
            continue
        if inspect.isclass(thing):
            yield thing
            for kind in thing.__mro__:
                if kind.__module__.startswith("copr"):
                    yield from methods(kind)
        elif inspect.isfunction(thing) or inspect.ismethod(thing):
            yield thing


def methods(kind):
    for name, member in vars(kind).items():
        if not name.startswith("_") or name == "__init__":
            function = getattr(member, "__func__", getattr(member, "fget", member))
            if inspect.isfunction(function):
                yield function


@pytest.mark.parametrize("name", MODULES)
def test_every_public_annotation_can_be_evaluated(name):
    for thing in public(importlib.import_module(name)):
        hints = typing.get_type_hints(thing)
        assert "_Name" not in repr(hints), thing
        if not inspect.isclass(thing):
            signature = inspect.signature(thing, eval_str=True)
            assert not [each for each in signature.parameters.values() if isinstance(each.annotation, str)]


def test_methods_have_the_types_that_are_written_down():
    assert typing.get_type_hints(v3.BuildProxy.get) == {"build_id": int, "return": Build}
    assert typing.get_type_hints(aio.AsyncBuildProxy.get) == {"build_id": int, "return": Build}
    several = typing.get_type_hints(v3.BuildProxy.create_from_urls)
    assert several["buildopts"] == Mapping[str, typing.Any] | None
    assert several["return"] == helpers.List[Build]
    assert typing.get_type_hints(v3.Client.create_from_config_file)["return"] is typing.Self
    assert typing.get_type_hints(v3.wait)["waitable"] == Build | list[Build] | tuple[Build, ...]


def test_signatures_of_methods_have_types():
    get = v3.BuildProxy({"copr_url": "http://127.0.0.1"}).get
    signature = inspect.signature(get)
    assert signature.parameters["build_id"].annotation is int
    assert signature.return_annotation is Build


@pytest.mark.parametrize(
    "read",
    [
        dict,
        lambda annotations: {**annotations},
        lambda annotations: dict(annotations.items()),
        lambda annotations: {name: annotations[name] for name in annotations},
        lambda annotations: {name: annotations.get(name) for name in [*annotations.keys()]},
        lambda annotations: dict(zip(annotations, annotations.values(), strict=True)),
        lambda annotations: annotations.copy(),
        lambda annotations: annotations | {},
    ],
)
def test_annotations_are_types_however_they_are_read(read):
    class Proxy:
        get = blocking(build.get)

    assert read(Proxy.get.__annotations__) == {"build_id": int, "return": Build}
    assert Proxy.get.__annotations__ == {"build_id": int, "return": Build}


def test_a_wrapper_of_a_method_has_its_types():
    @functools.wraps(v3.BuildProxy.cancel)
    def wrapper(*arguments):
        """Do nothing."""

    assert typing.get_type_hints(wrapper)["return"] is Build


def test_variables_for_types_are_the_same_in_all_parameters():
    hints = typing.get_type_hints(v3.next_page)
    assert isinstance(typing.get_args(hints["objects"])[0], typing.TypeVar)
    assert typing.get_args(hints["objects"]) == typing.get_args(hints["return"])


def test_pydantic_checks_the_arguments_of_a_method():
    proxy = v3.BuildProxy({"copr_url": "http://127.0.0.1"})
    for name, _ in inspect.getmembers(v3.BuildProxy, inspect.isfunction):
        if not name.startswith("_"):
            pydantic.validate_call(getattr(proxy, name))
    with pytest.raises(pydantic.ValidationError, match="valid integer"):
        pydantic.validate_call(proxy.get)("five")


def test_pydantic_takes_records_and_lists_of_them_as_they_are():
    class Model(pydantic.BaseModel):
        build: Build
        builds: helpers.List[Build]

    build = Build({"id": 5})
    model = Model(build=build, builds=helpers.List([build]))
    assert model.build is build
    assert model.builds == [build]
    with pytest.raises(pydantic.ValidationError):
        Model(build="a build", builds=helpers.List([]))
    pydantic.validate_call(v3.wait)
    pydantic.validate_call(v3.unlimited)


def test_nothing_is_evaluated_by_the_import():
    code = "import sys, copr.v3, copr.client, copr.client_v2; print('copr._annotations' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
