"""Plans for many builds, with scripted responses: in batches, canceled together, built again."""

from __future__ import annotations

import pytest
from scripted import ScriptedTransport, reply, run

from copr._errors import CoprAuthException, CoprException, CoprValidationException
from copr._policy import Policy, persist
from copr.v3.calls import many, mock_chroot, project

URL = "http://example.test/{}.src.rpm"


def build(number, **fields):
    owner = {"ownername": "alice", "projectname": "p", "project_dirname": "p"}
    return {"id": number, "state": "pending", "source_package": {"url": None}, **owner, **fields}


def page(*items):
    return {"items": list(items), "meta": {}}


def submitted(numbers):
    return [reply(200, page(build(number))) for number in numbers]


def places(script):
    """Return the source of each submission, and the build that it is batched with or after."""
    return [
        (
            call.json["pkgs"][0].removeprefix("http://example.test/").removesuffix(".src.rpm"),
            call.json.get("with_build_id"),
            call.json.get("after_build_id"),
        )
        for call in script.calls
    ]


def test_a_batch_starts_after_the_one_before_it():
    script = ScriptedTransport(*submitted([1, 2, 3, 4]))
    batches = [[URL.format("a"), URL.format("b")], [URL.format("c")], [], URL.format("d")]

    builds = run(many.create_in_order("alice", "p", batches, {"chroots": ["x"]}), script)

    assert [each.id for each in builds] == [1, 2, 3, 4]
    assert places(script) == [("a", None, None), ("b", 1, None), ("c", None, 1), ("d", None, 3)]
    assert all(call.json["chroots"] == ["x"] for call in script.calls)


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("after_build_id", [("a", None, 9), ("b", 1, None), ("c", None, 1)]),
        ("with_build_id", [("a", 9, None), ("b", 9, None), ("c", None, 9)]),
    ],
)
def test_the_first_batch_may_have_a_place_already(option, expected):
    script = ScriptedTransport(*submitted([1, 2, 3]))

    run(
        many.create_in_order("o", "p", [[URL.format("a"), URL.format("b")], [URL.format("c")]], {option: 9}),
        script,
    )

    assert places(script) == expected


def test_a_refusal_names_what_was_submitted_before():
    script = ScriptedTransport(*submitted([1]), reply(400, {"error": "No."}))
    with pytest.raises(CoprException, match=r"No\.") as caught:
        run(many.create_in_order("alice", "p", [[URL.format("a"), URL.format("b")]]), script)
    assert "submitted before: build 1" in caught.value.__notes__


def test_builds_are_cancelled_and_those_that_are_over_stay():
    script = ScriptedTransport(
        reply(200, build(1, state="canceled")),
        reply(400, {"error": "Cannot cancel build 2"}),
        reply(200, build(2, state="succeeded")),
    )
    builds = run(many.cancel_list([1, 2], at_once=1), script)
    assert [(each.id, each.state) for each in builds] == [(1, "canceled"), (2, "succeeded")]


def test_a_build_that_goes_on_is_not_taken_for_cancelled():
    script = ScriptedTransport(
        reply(400, {"error": "Cannot cancel build 2"}), reply(200, build(2, state="running"))
    )
    with pytest.raises(CoprException, match="Cannot cancel build 2"):
        run(many.cancel_list([2]), script)


def test_who_may_not_cancel_is_told_so():
    with pytest.raises(CoprAuthException):
        run(many.cancel_list([2]), ScriptedTransport(reply(403, {"error": "You may not."})))


CHROOTS = page(
    {"name": "a", "state": "succeeded"}, {"name": "b", "state": "failed"}, {"name": "c", "state": "canceled"}
)


def test_what_failed_is_built_again_from_the_same_source_rpm():
    over = build(5, state="failed", source_package={"url": URL.format("a")}, project_dirname="p:x")
    script = ScriptedTransport(reply(200, over), reply(200, CHROOTS), *submitted([6]))

    assert run(many.rebuild_failed(5, {"timeout": 60}), script).id == 6

    document = script.calls[-1].json
    assert document["chroots"] == ["b", "c"]
    assert document["pkgs"] == [URL.format("a")]
    assert document["project_dirname"] == "p:x"
    assert document["timeout"] == 60


@pytest.mark.parametrize(
    ("fields", "chroots", "words"),
    [
        ({"state": "running"}, None, "has not finished; it is running"),
        ({"state": "succeeded"}, page({"name": "a", "state": "succeeded"}), "failed in no chroot"),
        ({"state": "failed", "source_package": {"url": None}}, CHROOTS, "made no source RPM"),
        ({"state": "failed", "source_package": {"url": None}}, page(), "made no source RPM"),
        ({"state": "canceled", "source_package": {"url": ""}}, page(), "made no source RPM"),
    ],
)
def test_what_cannot_be_built_again_says_why(fields, chroots, words):
    answers = [reply(200, build(5, **fields)), *([reply(200, chroots)] if chroots else [])]
    with pytest.raises(CoprValidationException, match=words):
        run(many.rebuild_failed(5), ScriptedTransport(*answers))


OFFERED = {"fedora-44-x86_64": "", "fedora-45-x86_64": "", "fedora-45-aarch64": "", "epel-10-x86_64": ""}


def test_patterns_match_chroots_in_the_services_order():
    script = ScriptedTransport(reply(200, OFFERED))
    assert run(mock_chroot.matching("epel-*", "fedora-*-x86_64"), script) == [
        "fedora-44-x86_64",
        "fedora-45-x86_64",
        "epel-10-x86_64",
    ]


def test_a_pattern_without_a_match_is_an_error_that_shows_what_there_is():
    with pytest.raises(CoprValidationException, match=r"'suse-\*'.*epel-10-x86_64"):
        run(mock_chroot.matching("suse-*"), ScriptedTransport(reply(200, OFFERED)))


@pytest.mark.parametrize(
    ("add", "remove"), [(["fedora-45-*"], ["fedora-44-*"]), ("fedora-45-*", "fedora-44-*")]
)
def test_chroots_are_added_and_removed_and_the_others_stay(add, remove):
    has = {"chroot_repos": {"fedora-44-x86_64": "", "epel-10-x86_64": ""}}
    script = ScriptedTransport(reply(200, has), reply(200, OFFERED), reply(200, {}))

    run(project.edit_chroots("alice", "p", add=add, remove=remove), script)

    assert script.calls[-1].json["chroots"] == ["epel-10-x86_64", "fedora-45-x86_64", "fedora-45-aarch64"]


def test_a_chroot_that_is_not_there_cannot_be_removed():
    script = ScriptedTransport(reply(200, {"chroot_repos": {"epel-10-x86_64": ""}}))
    with pytest.raises(CoprValidationException, match="alice/p has no chroot 'fedora"):
        run(project.edit_chroots("alice", "p", remove=["fedora-44-x86_64"]), script)


def test_a_submission_in_a_series_is_as_patient_as_any_other():
    script = ScriptedTransport(*submitted([1]), reply(429), *submitted([2]))
    plan = many.create_in_order("alice", "p", [[URL.format("a")], [URL.format("b")]])
    builds = run(persist(plan, Policy(attempts=2)), script)
    assert [each.id for each in builds] == [1, 2]
