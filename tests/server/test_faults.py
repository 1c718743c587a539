"""Injected network faults, as clients see them."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Any

import pytest
import requests

from copr_local import LocalCopr


@pytest.fixture
def copr(scripted_copr: LocalCopr) -> LocalCopr:
    return scripted_copr


def add(copr: LocalCopr, name: str = "hello") -> requests.Response:
    body = {"name": name, "chroots": ["fedora-45-x86_64"], "description": "x" * 90_000}
    auth = (copr.config["login"], copr.config["token"])
    return requests.post(f"{copr.url}/api_3/project/add/local", json=body, auth=auth, timeout=20)


def ask(copr: LocalCopr, path: str = "/api_3/mock-chroots/list", **kwargs: Any) -> requests.Response:
    return requests.get(f"{copr.url}{path}", **{"timeout": 20, **kwargs})


def projects(copr: LocalCopr) -> int:
    return len(ask(copr, "/api_3/project/list").json()["items"])


@pytest.mark.parametrize(("when", "carried_out"), [("before", 0), ("during", 0), ("after", 1)])
def test_a_reset_leaves_the_request_carried_out_or_not(when: Any, carried_out: int, copr: LocalCopr) -> None:
    with copr.faults.reset(when, path="/project/add") as fault:
        with pytest.raises(requests.ConnectionError):
            add(copr)
        assert fault.hits == 1
    assert projects(copr) == carried_out
    assert add(copr, "other").status_code == 200


@pytest.mark.parametrize(("when", "carried_out"), [("before", 0), ("after", 1)])
def test_a_status_is_a_page_of_no_api(when: Any, carried_out: int, copr: LocalCopr) -> None:
    with copr.faults.status(502, when, path="/project/add"):
        answer = add(copr)
    assert (answer.status_code, answer.reason) == (502, "Bad Gateway")
    assert answer.headers["Content-Type"] == "text/html"
    assert "502 Bad Gateway" in answer.text
    assert projects(copr) == carried_out


def test_an_unknown_status_is_refused(copr: LocalCopr) -> None:
    with pytest.raises(ValueError, match="799"):
        copr.faults.status(799)


def test_a_body_is_cut(copr: LocalCopr) -> None:
    with copr.faults.cut(100):
        answer = ask(copr, stream=True)
        assert int(answer.headers["Content-Length"]) > 100
        with pytest.raises(requests.exceptions.ChunkedEncodingError, match="100 bytes read"):
            _ = answer.content
    assert ask(copr).status_code == 200


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_of_nothing_is_refused_when_the_fault_is_set(copr: LocalCopr, speed: float) -> None:
    with pytest.raises(ValueError, match="bytes_per_second"):
        copr.faults.drip(speed)
    assert ask(copr).status_code == 200


def test_what_would_never_happen_is_refused_when_the_fault_is_set(copr: LocalCopr) -> None:
    never: Any = "afterwards"
    for inject in (partial(copr.faults.delay, 1), copr.faults.reset, partial(copr.faults.status, 503)):
        with pytest.raises(ValueError, match="afterwards"):
            inject(when=never)
    with pytest.raises(ValueError, match="negative"):
        copr.faults.delay(-1)
    wrong: dict[str, Any]
    for wrong in ({"chance": 30}, {"chance": -0.1}, {"chance": float("nan")}, {"count": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            copr.faults.status(503, **wrong)
    wrong = {"pth": "/build", "chanse": 0.5}
    with pytest.raises(TypeError, match="no option chanse, pth: its options are chance, count, method, path"):
        copr.faults.reset("after", **wrong)
    assert ask(copr).status_code == 200


def test_a_body_drips(copr: LocalCopr) -> None:
    whole = ask(copr).content
    with copr.faults.drip(len(whole) * 2):
        began = time.monotonic()
        assert ask(copr).content == whole
        assert 0.4 < time.monotonic() - began < 5


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_is_late(when: Any, copr: LocalCopr) -> None:
    with copr.faults.delay(0.3, when, path="/mock-chroots"):
        began = time.monotonic()
        assert ask(copr).status_code == 200
        assert time.monotonic() - began >= 0.3
        assert ask(copr, "/api_3/").elapsed.total_seconds() < 0.3


def test_an_answer_that_never_comes_does_not_hold_up_the_end() -> None:
    with LocalCopr(builds="scripted") as copr:
        copr.faults.delay(float("inf"), path="/api_3/")
        with pytest.raises(requests.Timeout):
            ask(copr, "/api_3/", timeout=0.2)
        began = time.monotonic()
    assert time.monotonic() - began < 5


def test_files_meet_faults_as_well(copr: LocalCopr) -> None:
    assert add(copr).status_code == 200
    path = "/results/local/hello/fedora-45-x86_64/repodata/repomd.xml"
    whole = ask(copr, path).content
    with copr.faults.cut(10, path="/results"), pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(copr, path)
    with copr.faults.drip(len(whole) * 4, path="*/repomd.xml"):
        assert ask(copr, path).content == whole


def test_the_newest_fault_that_matches_is_met(copr: LocalCopr) -> None:
    copr.faults.status(500)
    copr.faults.status(503, path="/mock-chroots/*", count=2)
    copr.faults.status(418, method="post")
    assert [ask(copr).status_code for _ in range(3)] == [503, 503, 500]
    assert add(copr).status_code == 418
    copr.faults.clear()
    assert ask(copr).status_code == 200


@pytest.mark.parametrize(
    ("path", "meets"),
    [
        ("/api_3/mock-chroots/list", True),
        ("/mock-chroots", True),
        ("/mock", False),
        ("*", True),
        ("/x", False),
    ],
)
def test_a_path_is_a_beginning_or_a_pattern(path: str, meets: bool, copr: LocalCopr) -> None:
    copr.faults.status(503, path=path)
    assert (ask(copr).status_code == 503) is meets


def test_chance_is_the_same_in_every_run(copr: LocalCopr) -> None:
    def run() -> list[int]:
        with copr.faults.status(503, chance=0.3):
            return [ask(copr).status_code for _ in range(30)]

    first = run()
    assert 3 <= first.count(503) <= 15
    assert run() == first


def test_a_count_is_kept_when_many_ask_at_once(copr: LocalCopr) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(ask(copr).status_code)) for _ in range(20)]
    with copr.faults.status(503, count=7) as fault:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert fault.hits == found.count(503) == 7
