"""Roles in a project: requested, granted, refused, removed; and what they allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SET = "/project/permissions/set/local/hello"
GET = "/project/permissions/get/local/hello"
REQUEST = "/project/permissions/request/local/hello"


@pytest.fixture
def bob(api: Any, log_in: Callable[..., Any]) -> Any:
    """Return the API as a user without a role in the project local/hello."""
    api.project()
    return log_in("bob")


def can_build(bob: Any) -> bool:
    answer: bool = bob.get("/project/permissions/can_build_in/bob/local/hello")["can_build_in"]
    return answer


def test_a_builder_may_build_and_nothing_else(api: Any, bob: Any) -> None:
    assert not can_build(bob)
    bob.upload(expect=403)
    assert bob.call("PUT", REQUEST, {"builder": True}) == {"updated": True}
    assert not can_build(bob)
    assert api.get(GET) == {"permissions": {"bob": {"admin": "nothing", "builder": "request"}}}
    assert api.call("PUT", SET, {"bob": {"builder": "approved"}}) == {"updated": ["bob"]}
    assert can_build(bob)
    build = bob.upload()
    assert build["submitter"] == "bob"
    bob.error("PUT", "/project/edit/local/hello", 403, {"description": "mine"})
    bob.error("GET", GET, 403)
    bob.wait(build["id"])
    bob.error("DELETE", f"/build/delete/{build['id']}", 403)


def test_an_admin_may_build_change_the_project_and_answer_requests_but_not_delete(
    api: Any, bob: Any, log_in: Callable[..., Any]
) -> None:
    api.call("PUT", SET, {"bob": {"admin": "approved"}})
    assert bob.call("PUT", "/project/edit/local/hello", {"description": "mine"})["description"] == "mine"
    log_in("carol").call("PUT", REQUEST, {"builder": True, "admin": True})
    bob.call("PUT", SET, {"carol": {"builder": "approved", "admin": "nothing"}})
    assert bob.get(GET)["permissions"]["carol"] == {"admin": "nothing", "builder": "approved"}
    assert can_build(bob)
    bob.upload()
    assert bob.error("DELETE", "/project/delete/local/hello", 403) == "Only owners may delete their projects."


def test_what_was_given_can_be_taken_back_and_given_up(api: Any, bob: Any) -> None:
    api.call("PUT", SET, {"bob": {"builder": "approved"}})
    error = bob.error("PUT", REQUEST, 400, {"builder": True})
    assert error == "You already are 'builder' in 'local/hello'"
    assert can_build(bob), "asking again takes nothing away"
    assert bob.call("PUT", REQUEST, {"builder": False}) == {"updated": True}
    assert not can_build(bob)
    assert api.get(GET)["permissions"]["bob"] == {"admin": "nothing", "builder": "nothing"}
    api.call("POST", SET, {"bob": {"builder": "approved"}})
    api.call("PUT", SET, {"bob": {"builder": "nothing"}})
    assert not can_build(bob)


def test_a_change_that_is_partly_wrong_changes_nothing(api: Any, bob: Any) -> None:
    changes = {"bob": {"builder": "approved"}, "nobody": {"builder": "approved"}}
    assert api.error("PUT", SET, 400, changes) == "user 'nobody' doesn't exist in database"
    assert api.error("GET", GET, 404) == "No permissions set on local/hello project"


@pytest.mark.parametrize(
    "changes", [["bob"], "bob", 5, {"bob": "builder"}, {"bob": {"builder": ["approved"]}}, {"bob": None}]
)
def test_a_change_that_makes_no_sense_is_refused(api: Any, bob: Any, changes: Any) -> None:
    api.error("PUT", SET, 400, changes)


def test_permissions_go_with_their_project(api: Any, bob: Any) -> None:
    api.call("PUT", SET, {"bob": {"builder": "approved"}})
    api.call("DELETE", "/project/delete/local/hello")
    api.project()
    assert not can_build(bob)
