"""The types of results match the recorded responses of the frontend of 2026, field by field."""

from __future__ import annotations

import gzip
import inspect
import json
import re
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

import pytest
from recordings import WIRE

from copr import results
from copr._list import List
from copr.results import FreeRecord, Record
from copr.v3 import BaseProxy, Client

#: Fields that the service sends in addition, and that are of no use to a program.
UNTYPED = {"output"}

#: Endpoints that this frontend does not have.
NOT_RECORDED = ("POST /build/create/rpm-upload", "POST /module/build/{ownername}/{projectname}")


def annotations(kind):
    """Return the types of a record's fields."""
    types = {}
    for each in reversed(kind.__mro__):
        if issubclass(each, Record) and each is not Record:
            types.update(inspect.get_annotations(each))
    return types


def wrong(value, kind, place):
    """Return the places in a response at which a value is not of its type."""
    if kind is Any:
        return []
    if isinstance(kind, UnionType):
        return min((wrong(value, each, place) for each in get_args(kind)), key=len)
    if get_origin(kind) in (list, List):
        items = value["items"] if get_origin(kind) is List else value
        if not isinstance(items, list):
            return [f"{place}: {items!r} is no list"]
        return [found for item in items for found in wrong(item, get_args(kind)[0], f"{place}[]")]
    if get_origin(kind) is dict:
        return [found for item in value.values() for found in wrong(item, get_args(kind)[1], f"{place}{{}}")]
    if issubclass(kind, Record):
        if not isinstance(value, dict):
            return [place]
        fields = annotations(kind)
        if issubclass(kind, FreeRecord) and not fields:
            return []
        surplus = [f"{place}.{name}: no type" for name in value.keys() - fields.keys() - UNTYPED]
        missing = [f"{place}.{name}: not there" for name in fields.keys() - value.keys()]
        found = [
            each
            for name in fields.keys() & value.keys()
            for each in wrong(value[name], fields[name], f"{place}.{name}")
        ]
        return surplus + missing + found
    is_number = kind is int and isinstance(value, bool)
    fits = value is None if kind in (None, NoneType) else isinstance(value, kind) and not is_number
    return [] if fits else [f"{place}: {value!r} is no {kind.__name__}"]


@cache
def recorded():
    """Return method and path, and the text of the response, of each successful exchange."""
    with gzip.open(WIRE / "frontend-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        (f"{row['method']} {row['path'].removeprefix('/api_3').rstrip('/')}", row["response_body"])
        for row in rows
        if row.get("status") == 200 and row["path"].startswith("/api_3/")
    ]


def methods():
    """Return the methods that are one call each, with the endpoint that their docstring names."""
    client = Client({"copr_url": "http://127.0.0.1", "login": "lo", "token": "to"})
    for name, proxy in vars(client).items():
        for each, method in inspect.getmembers(proxy, inspect.ismethod):
            plan = getattr(method, "plan", None)
            kind = plan and plan.__annotations__["return"]
            if kind and kind.startswith("Call[") and (name == "base_proxy" or each not in vars(BaseProxy)):
                source = re.search(r":source: ``(.*?)/?``", method.__doc__)[1]
                yield pytest.param(source, kind.removeprefix("Call[").removesuffix("]"), id=f"{name}.{each}")


@pytest.mark.parametrize(("source", "kind"), list(methods()))
def test_recorded_answers_are_of_the_type_of_the_method(source, kind):
    pattern = re.sub(r"{\w+}", "[^/]+", source.replace("{build_id}", r"\d+"))
    of_what = eval(kind, {**vars(results), "List": List})
    answers = [json.loads(body) for asked, body in recorded() if re.fullmatch(pattern, asked)]
    assert answers or source in NOT_RECORDED
    if of_what is not bool:
        assert [found for body in answers for found in wrong(body, of_what, "answer")] == []
