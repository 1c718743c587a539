"""Records have the service's data, and nothing else."""

from __future__ import annotations

import copy
import gc
import json
import pickle
from pprint import pformat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from munch import Munch

from copr._calls import listing, record
from copr._list import List
from copr._wire import Call, Reply
from copr.results import Record

BODY = {
    "id": 5,
    "state": "running",
    "source_package": {"name": "hello", "version": None},
    "chroots": ["a", "b"],
}


def read(body, decode=record):
    response = object()
    reply = Reply(200, "OK", "http://service/", {}, json.dumps(body).encode(), response)
    return decode(Call("GET", "/", decode=decode), reply)


def test_keys_are_attributes_in_nested_records_too():
    build = read(BODY)
    assert build.id == build["id"] == 5
    assert build.source_package.name == "hello"
    assert isinstance(build, Munch)
    assert isinstance(build, dict)


def test_a_missing_key_is_an_attribute_error_and_a_key_error():
    build = read(BODY)
    with pytest.raises(AttributeError, match="nothing"):
        _ = build.nothing
    with pytest.raises(KeyError):
        _ = build["nothing"]
    assert build.get("nothing", 1) == 1


def test_where_it_came_from_can_be_reached_and_is_shown():
    build = read(BODY)
    assert build.__response__ is build["__response__"]
    assert "__response__" in repr(build)
    with pytest.raises(KeyError):
        _ = build["__proxy__"]
    build.__proxy__ = "the proxy"
    assert build["__proxy__"] == "the proxy"
    assert "the proxy" in repr(build)


def test_where_it_came_from_is_no_part_of_the_data():
    build = read(BODY)
    build.__proxy__ = object()
    assert build == BODY
    assert dict(build) == BODY
    assert list(build) == list(BODY)
    assert json.loads(json.dumps(build)) == BODY
    assert {**build} == BODY
    assert build | {"x": 1} == {**BODY, "x": 1}
    assert "__response__" not in build
    for other in (pickle.loads(pickle.dumps(build)), copy.copy(build), copy.deepcopy(build), build.copy()):
        assert other == BODY
        assert isinstance(other, Record)
    assert "hello" in pformat(dict(build))


@pytest.mark.parametrize("made", [read, Munch])
def test_a_copy_shares_what_a_copy_of_munch_shares(made):
    fields = {"chroots": ["x"], "source": {"names": ["a"]}, "tasks": [{"id": 1}]}
    build = made(copy.deepcopy(fields))
    build.other = other = object()
    build.pair = ([1], 2)
    copied, shallow = build.copy(), copy.copy(build)
    copied.chroots.append("y")
    copied.source["names"].append("b")
    copied.tasks[0]["id"] = 2
    copied.pair[0].append(3)
    assert build == {**fields, "other": other, "pair": ([1], 2)}
    assert copied.other is other
    shallow.chroots.append("z")
    assert build.chroots == ["x", "z"]


def test_a_record_can_be_changed_like_any_munch():
    build = read(BODY)
    build.state = "succeeded"
    build["extra"] = 1
    del build.chroots
    assert (build["state"], build.extra, "chroots" in build) == ("succeeded", 1, False)


def test_a_page_is_a_list_with_its_meta():
    page = read({"items": [BODY, BODY], "meta": {"limit": 2, "offset": 0}}, listing)
    assert isinstance(page, List)
    assert [build.id for build in page] == [5, 5]
    assert page.meta.limit == 2
    assert page.__response__ is not None
    assert type(page).__module__ == "copr.v3.helpers"


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
documents = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@settings(deadline=None)
@given(st.dictionaries(st.text(), documents))
def test_any_object_comes_through_as_it_was_sent(body):
    assert read(body) == body


def test_a_large_response_leaves_the_objects_that_a_program_froze_frozen():
    body = {"text": "x" * 2_000_000}
    frozen_before = gc.get_freeze_count()
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        read(body)
        assert frozen > frozen_before
        assert gc.get_freeze_count() > frozen / 2  # some end meanwhile; unfreezing leaves none
    finally:
        gc.unfreeze()
    read(body)
    assert gc.get_freeze_count() == 0
    assert gc.isenabled()
