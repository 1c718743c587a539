"""Calls are values: they can be compared, have neither host nor token, and their paths are safe."""

import copy
import io
import pickle
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copr._calls import path, record
from copr._submission import Submission
from copr._wire import Call, FilePart, Pause, Question, Together, all_slots
from copr.v3 import CoprValidationException
from copr.v3.calls import build, build_chroot, many, project, submit


def test_equal_calls_are_equal():
    assert build.get(5) == build.get(5)
    assert build.get(5) != build.get(6)
    assert project.get("alice", "hello") != project.delete("alice", "hello")


@pytest.mark.parametrize(
    "part",
    [
        {"query": {"id": 5}},
        {"json": {"id": 5}},
        {"form": {"id": 5}},
        {"files": []},
        {"login": True},
        {"repeatable": False},
        {"progress": print},
        {"into": io.BytesIO()},
    ],
    ids=lambda part: next(iter(part)),
)
def test_calls_that_differ_in_one_part_are_not_equal(part):
    assert Call("GET", "/build/5", decode=record, **part) == Call("GET", "/build/5", decode=record, **part)
    assert Call("GET", "/build/5", decode=record, **part) != build.get(5)


def test_pauses_and_files_are_equal_if_their_parts_are():
    assert Pause(5) == Pause(5)
    assert Pause(5) not in (Pause(6), 5, Question())
    part = FilePart("pkgs", "a.src.rpm", "a.src.rpm", "application/x-rpm")
    assert part == FilePart("pkgs", "a.src.rpm", "a.src.rpm", "application/x-rpm")
    assert part not in (
        FilePart("pkgs", "b.src.rpm", "a.src.rpm", "application/x-rpm"),
        "a.src.rpm",
        Pause(5),
    )
    assert {Pause(5), Pause(5), part} == {part, Pause(5)}


@pytest.mark.parametrize("name", all_slots(Submission))
def test_no_part_of_a_call_can_be_changed(name):
    call = project.add("alice", "hello", [])
    before = getattr(call, name)
    with pytest.raises(AttributeError, match=f"'{name}' cannot be set"):
        setattr(call, name, None)
    with pytest.raises(AttributeError, match=f"'{name}' cannot be deleted"):
        delattr(call, name)
    assert getattr(call, name) is before


def test_another_call_is_made_of_a_call_which_stays_as_it_is(tmp_path):
    call = submit.create_from_file("alice", "hello", tmp_path / "a.src.rpm")
    part = FilePart("pkgs", "b.src.rpm", "b.src.rpm", "application/x-rpm", b"content")
    other = call.with_files([part])
    assert type(other) is type(call)
    assert other.files == (part,)
    assert call.files != other.files
    assert other.with_files(call.files) == call
    assert call.within(5).within(8).limit == 5
    assert call.limit is None


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda call: pickle.loads(pickle.dumps(call))])
def test_a_copy_of_a_call_is_equal(copied):
    assert copied(build.get(5)) == build.get(5)


def test_a_call_can_be_moved_below_a_prefix_but_a_whole_url_stays():
    assert build.get(5).below("/api_3").path == "/api_3/build/5"
    assert (
        build.get(5).at("https://files.example.org/log").below("/api_3").path
        == "https://files.example.org/log"
    )
    assert build.get(5).below("/api_3").at("/build/5") == build.get(5)


def test_only_a_read_without_login_follows_redirects_unless_it_is_told_to_stay():
    assert build.get(5).follows
    assert not build.get(5).staying().follows
    assert not build.get(5).with_login().follows
    assert not build.cancel(5).follows


@pytest.mark.parametrize("at_once", [-1, 0, 1])
def test_of_several_flows_one_at_least_is_carried_out_at_any_time(at_once):
    assert Together([build.get(5), build.get(6)], at_once).at_once == 1


def test_a_null_is_left_out_of_the_query():
    assert build.get_list("alice", "hello").target() == "/build/list?ownername=alice&projectname=hello"
    assert Call("GET", "/x", decode=record, query={"a": [1, None, 2], "b": None}).target() == "/x?a=1&a=2"


def test_pagination_goes_into_the_query():
    target = build_chroot.get_list(7, pagination={"limit": 3, "order": "name"}).target()
    assert target == "/build-chroot/list?build_id=7&limit=3&order=name"


def test_reads_may_be_repeated_and_submissions_may_not(tmp_path):
    assert build.get(5).repeatable
    assert not submit.create_from_file("alice", "hello", tmp_path / "a.src.rpm").repeatable
    assert not project.add("alice", "hello", []).repeatable


def test_the_callers_build_options_stay_as_they_are(tmp_path):
    options = {"chroots": ["fedora-42-x86_64"], "progress_callback": print}
    call = submit.create_from_file("alice", "hello", tmp_path / "a.src.rpm", buildopts=options)
    assert options == {"chroots": ["fedora-42-x86_64"], "progress_callback": print}
    assert call.progress is print
    assert "progress_callback" not in call.json


texts = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: name not in (".", ".."))


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_no_name_leaves_its_place_in_a_path(names):
    joined = path(*names)
    parts = urlsplit("http://service/api_3" + joined)
    assert (parts.query, parts.fragment) == ("", "")
    assert [unquote(segment) for segment in joined.split("/")[1:]] == names


@pytest.mark.parametrize("name", ["", ".", "..", "\ud800"])
def test_a_name_that_would_be_resolved_away_is_refused(name):
    with pytest.raises(CoprValidationException, match="not a valid name"):
        project.delete("alice", name)


@pytest.mark.parametrize("build_ids", ["1234", b"1234", 1234, None])
def test_one_number_is_no_list_of_builds_and_neither_are_its_digits(build_ids):
    with pytest.raises(CoprValidationException, match="is not a list of build ids"):
        build.delete_list(build_ids)
    for plan in (many.cancel_list, build.get_many):
        with pytest.raises(CoprValidationException, match="is not a list of build ids"):
            next(plan(build_ids))


def test_builds_may_come_from_anything_that_gives_their_numbers():
    assert build.delete_list(number for number in (5, 6)) == build.delete_list([5, 6])


def test_a_group_is_written_as_the_service_writes_it():
    assert project.add("@devs", "hello", []).path == "/project/add/@devs"


def test_a_call_shows_no_more_than_what_it_asks():
    assert repr(Call("GET", "/build/5", decode=record)) == "<Call GET /build/5>"
