"""The requests of builders on other machines: what they get, what they may send, and what is refused."""

from __future__ import annotations

import hashlib
import http.client
import json
import select
import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from builder_requests import OFFER, RPM, SOURCE, SRPM, X86, Caller

from copr_local import LocalCopr
from copr_local.builders.documents import OTHER_VERSION, VERSION
from copr_local.data.models import Build, BuildChroot, Project
from copr_local.http.lanes import THREADS
from copr_local.rules import builders, leases
from copr_local.testing.rpm_file import RpmFile
from copr_local.worker.setbacks import MOST


def test_nobody_gets_a_step_without_a_token(copr: LocalCopr, build: int) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}):
        answer = requests.post(
            f"{copr.url}/builder/claims", json={"arches": ["x86_64"]}, headers=headers, timeout=60
        )
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(
    "body", [None, [], {}, {"arches": "x86_64"}, {"arches": ["a b"]}, {"arches": ["s390x"]}, {"wait": "1"}]
)
def test_offers_that_are_not_valid_are_refused(body: Any, big: Caller) -> None:
    refused = big.send("POST", "/builder/claims", json=body)
    assert refused.status_code == 400
    assert OTHER_VERSION not in refused.text


@pytest.mark.parametrize("version", [None, VERSION - 1, VERSION + 1])
def test_a_builder_of_another_version_gets_nothing(
    version: int | None, copr: LocalCopr, build: int, big: Caller
) -> None:
    refused = big.send("POST", "/builder/claims", json={**OFFER, "tasks": version})
    assert (refused.status_code, refused.json()["error"]) == (400, f"the builder {OTHER_VERSION}")
    with copr.database.reading() as tx:
        (offer,) = [found.offer for found in builders.in_list(tx) if found.name == "big"]
    assert offer["trouble"] == f"the builder {OTHER_VERSION}"
    claim = big.send("POST", "/builder/claims", json=OFFER).json()["claim"]
    assert big.send("POST", f"{claim}/accept", json={**OFFER, "tasks": version}).status_code == 400
    assert big.accept(claim)["task"]["step"] == "source"


def test_a_step_is_given_once_and_has_no_secret(
    copr: LocalCopr, build: int, big: Caller, other: Caller
) -> None:
    given = big.take()
    assert given["claim"] == f"/builder/claims/{build}/{SOURCE}/1"
    assert given["task"]["file"] == "hello-1.0-1.src.rpm"
    with copr.database.reading() as tx:
        secret = tx.session.query(Project).one().webhook_secret
    text = json.dumps(given)
    for hidden in (secret, copr.config["token"], str(copr.data)):
        assert hidden not in text
    assert other.take(wait=0) == 204


@pytest.mark.parametrize(
    ("wishes", "status"), [({"chroots": ["epel-*"]}, 204), ({"chroots": ["srpm-*"]}, 200)]
)
def test_a_builder_can_want_some_chroots_only(wishes: Any, status: int, build: int, big: Caller) -> None:
    given = big.take(wait=0.2, **wishes)
    assert (given if given == 204 else 200) == status


def test_a_page_shows_builders_and_what_they_build(
    copr: LocalCopr, build: int, claim: str, other: Caller
) -> None:
    page = requests.get(f"{copr.url}/builders/", timeout=60).text
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]
    assert [row.partition("<td>")[2].partition("</td>")[0] for row in rows] == ["big", "other"]
    assert f'/coprs/build/{build}/">{build}</a> <span class="muted">{X86}</span>' in rows[0]
    assert ("never" in rows[0], "never" in rows[1]) == (False, True)
    assert "<td>x86_64, polls</td>" in rows[0]
    other.send("POST", "/builder/claims", json={**OFFER, "trouble": "the disk is <full>"})
    page = requests.get(f"{copr.url}/builders/", timeout=60).text
    assert '<span class="state failed">nothing</span> the disk is &lt;full&gt;' in page


def test_a_drained_builder_gets_nothing(copr: LocalCopr, build: int, big: Caller, other: Caller) -> None:
    with copr.database.writing() as tx:
        builders.drain(tx, "big")
    assert big.take(wait=0.2) == 204
    assert "claim" in other.take()


def test_waiting_builders_hold_no_thread(copr: LocalCopr, api: Any, big: Caller, packages: Any) -> None:
    url, count = urlsplit(copr.url), 2 * sum(THREADS.values())
    body = json.dumps(OFFER)
    headers = {**big._headers, "Content-Type": "application/json"}
    with ExitStack() as stack:
        waiting = []
        for _ in range(count):
            connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=60)
            stack.callback(connection.close)
            connection.request("POST", "/builder/claims", body, headers)
            waiting.append(connection)
        waiting.pop().close()  # nobody is given what one that has gone would get
        api.until(lambda: len(copr._remote_steps.waiting()) == count - 1)
        assert requests.get(f"{copr.url}/api_3", timeout=60).ok
        api.upload(content=packages(SRPM), chroots=[X86])
        (first, *_), _, _ = select.select([each.sock for each in waiting], [], [], 60)
        (given,) = [each for each in waiting if each.sock is first]
        assert json.loads(given.getresponse().read())["claim"]
    api.until(lambda: not copr._remote_steps.waiting())


def test_a_claim_is_accepted_once_by_its_builder(build: int, big: Caller, other: Caller) -> None:
    claim = big.send("POST", "/builder/claims", json=OFFER).json()["claim"]
    assert other.accept(claim) == 409
    assert big.log(claim) == 409
    assert big.send("POST", f"{claim}/accept", json={**OFFER, "arches": "x86_64"}).status_code == 400
    assert big.accept(claim)["task"]["step"] == "source"
    assert big.accept(claim) == 409
    assert big.log(claim) == {"offset": 0, "cancel": False}


def test_a_build_that_is_cancelled_before_it_is_accepted_does_not_begin(
    api: Any, build: int, big: Caller
) -> None:
    claim = big.send("POST", "/builder/claims", json=OFFER).json()["claim"]
    api.call("PUT", f"/build/cancel/{build}")
    assert big.accept(claim)["task"]["step"] == "source"
    assert big.log(claim) == {"offset": 0, "cancel": True}
    assert big.finish(claim, outcome="cancelled").status_code == 200
    assert api.get(f"/build/{build}")["state"] == "canceled"


def test_the_source_comes_in_ranges_with_its_digest(claim: str, big: Caller, packages: Any) -> None:
    whole = packages(SRPM)
    answer = big.send("GET", f"{claim}/source")
    assert answer.content == whole
    digest = answer.headers["ETag"].strip('"')
    assert digest == hashlib.sha256(whole).hexdigest()
    part = big.send("GET", f"{claim}/source", headers={"Range": "bytes=100-", "If-Range": f'"{digest}"'})
    assert (part.status_code, part.content) == (206, whole[100:])
    changed = big.send("GET", f"{claim}/source", headers={"Range": "bytes=100-", "If-Range": '"other"'})
    assert (changed.status_code, changed.content) == (200, whole)


def test_a_log_has_each_byte_once(copr: LocalCopr, claim: str, big: Caller) -> None:
    assert big.log(claim, 0, b"begun\n") == {"offset": 6, "cancel": False}
    assert big.log(claim, 0, b"begun\n") == {"offset": 6, "cancel": False}
    assert big.log(claim, 9, b"later\n") == {"offset": 6, "cancel": False}
    assert big.log(claim, 6, b"ended\n") == {"offset": 12, "cancel": False}
    (log,) = copr.data.glob(f"results/local/hello/{X86}/*/builder-live.log")
    assert log.read_bytes() == b"begun\nended\n"
    assert big.send("POST", f"{claim}/log?offset=x").status_code == 400


def test_a_cancelled_build_is_told_to_the_builder(api: Any, build: int, claim: str, big: Caller) -> None:
    api.call("PUT", f"/build/cancel/{build}")
    assert big.log(claim) == {"offset": 0, "cancel": True}
    assert big.put(claim, "0.rpm", b"") == 409
    assert big.finish(claim, outcome="cancelled").status_code == 200
    assert api.get(f"/build/{build}")["state"] == "canceled"


def test_a_builder_sees_its_own_claims_only(claim: str, big: Caller, other: Caller, packages: Any) -> None:
    wrong = [(other, claim), (big, claim.replace("/fedora", "9/fedora")), (big, claim[:-1] + "2")]
    for caller, path in wrong:
        assert caller.log(path, 0, b"mine") == 409
        assert caller.put(path, "0.rpm", b"mine") == 409
        assert caller.finish(path).status_code == 409
        assert caller.send("GET", f"{path}/source").status_code == 409
    assert big.log(claim) == {"offset": 0, "cancel": False}


def test_a_builder_that_was_silent_has_lost_its_claim(
    copr: LocalCopr, api: Any, build: int, claim: str, big: Caller, other: Caller, packages: Any
) -> None:
    assert big.log(claim, 0, b"the first\n") == {"offset": 10, "cancel": False}
    assert big.put(claim, "0.rpm", b"late") == 4
    copr.clock.advance(seconds=2 * leases.LEASE)
    path = other.take()["claim"]
    assert path == f"/builder/claims/{build}/{X86}/3"
    assert big.log(claim, 10, b"late\n") == 409
    assert big.put(claim, "0.rpm", b"late", 4) == 409
    assert big.finish(claim, packages(RPM), packages(SRPM)).status_code == 409
    assert other.log(path, 0, b"the second\n") == {"offset": 11, "cancel": False}
    assert other.finish(path, packages(RPM), packages(SRPM), log=11).status_code == 200
    assert api.get(f"/build/{build}")["state"] == "succeeded"
    (log,) = copr.data.glob(f"results/local/hello/{X86}/*/builder-live.log")
    assert log.read_bytes() == b"the second\n"
    assert list(copr.data.glob("incoming/claim-*")) == []


def test_an_end_needs_the_whole_log_and_all_files(
    api: Any, build: int, claim: str, big: Caller, packages: Any
) -> None:
    rpm, srpm = packages(RPM), packages(SRPM)
    about = {
        f"{number}.rpm": {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for number, data in enumerate([rpm, srpm])
    }
    end = {"outcome": "succeeded", "reason": "", "log": 6, "files": about}

    def missing() -> Any:
        answer = big.send("POST", f"{claim}/finish", json=end)
        assert answer.status_code == 422
        return answer.json()

    big.put(claim, "0.rpm", rpm[:100])
    assert missing() == {"log": 0, "files": {"0.rpm": 100, "1.rpm": 0}}
    big.put(claim, "0.rpm", rpm[100:-1] + b"?", 100)
    big.put(claim, "1.rpm", srpm)
    big.log(claim, 0, b"done.\n")
    assert missing() == {"log": 6, "files": {"0.rpm": 0}}
    big.put(claim, "0.rpm", rpm)
    for _ in range(2):
        assert big.send("POST", f"{claim}/finish", json=end).status_code == 200
    assert api.get(f"/build/{build}")["state"] == "succeeded"
    assert api.get(f"/build-chroot/{build}/{X86}")["result_url"]


def test_an_empty_file_is_a_result_too(api: Any, build: int, claim: str, big: Caller, packages: Any) -> None:
    files = {"0.rpm": packages(RPM), "1.rpm": packages(SRPM), "hw_info.log.gz": b""}
    about = {
        name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in files.items()
    }
    end = {"outcome": "succeeded", "reason": "", "log": 0, "files": about}
    assert big.send("POST", f"{claim}/finish", json=end).json()["files"] == dict.fromkeys(files, 0)
    for name, data in files.items():
        assert big.put(claim, name, data) == len(data)
    assert big.send("POST", f"{claim}/finish", json=end).status_code == 200
    assert api.get(f"/build/{build}")["state"] == "succeeded"


def test_a_builder_cannot_keep_a_claim_for_ever(
    copr: LocalCopr, build: int, claim: str, big: Caller, packages: Any
) -> None:
    assert big.log(claim, 0, b"begun\n") == {"offset": 6, "cancel": False}
    with copr.database.writing() as tx:
        chroot = tx.session.get_one(BuildChroot, (build, X86))
        chroot.started_on = tx.now - tx.session.get_one(Build, build).timeout - builders.TRANSFERS - 1
    assert big.log(claim, 6, b"still here\n") == 409
    assert big.finish(claim, packages(RPM), packages(SRPM), log=6).status_code == 409


@pytest.mark.parametrize(
    ("outcome", "state"), [("failed", "failed"), ("skipped", "skipped"), ("cancelled", "pending")]
)
def test_other_ends(outcome: str, state: str, api: Any, build: int, claim: str, big: Caller) -> None:
    assert big.finish(claim, outcome=outcome, reason="it did\nnot work").status_code in (200, 409)
    assert api.get(f"/build/{build}")["state"] == state


def test_a_step_is_given_back_to_the_queue_some_times(
    copr: LocalCopr, api: Any, build: int, claim: str, big: Caller, other: Caller
) -> None:
    reason = "the disk of the builder has 0 bytes free"
    last = {**OFFER, "trouble": reason}
    assert other.send("POST", "/builder/claims", json=last).status_code == 204
    for _ in range(MOST - 1):
        assert big.finish(claim, outcome="cancelled", reason=reason).status_code == 409
        with copr.database.reading() as tx:
            assert not any(builders.is_taking(tx, name) for name in ("big", "other"))
        claim = big.take()["claim"]
        with copr.database.reading() as tx:
            assert builders.is_taking(tx, "big")
    assert big.finish(claim, outcome="cancelled", reason=reason).status_code == 200
    assert api.get(f"/build/{build}")["state"] == "failed"
    (log,) = copr.data.glob(f"results/local/hello/{X86}/*/backend.log")
    assert f"builders have given it back 5 times, at last because {reason}" in log.read_text()


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ([RPM], "the builder sent 0 source RPMs; rpmbuild makes one"),
        ([SRPM, replace(RPM, arch="aarch64")], "hello-1.0-1.aarch64.rpm is for aarch64, and not for x86_64"),
        (
            [SRPM, replace(RPM, source="bye-1.0-1.src.rpm")],
            "hello-1.0-1.x86_64.rpm was not built from hello-1.0-1.src.rpm",
        ),
        (
            [replace(SRPM, name="bye"), replace(RPM, name="bye", source="bye-1.0-1.src.rpm")],
            "the builder sent packages of bye, and not of hello",
        ),
        ([SRPM, replace(RPM, name="a/b")], "rpmbuild did not make it: its name is 'a/b'"),
    ],
)
def test_packages_that_the_task_could_not_make_are_refused(
    made: list[RpmFile],
    reason: str,
    copr: LocalCopr,
    api: Any,
    build: int,
    claim: str,
    big: Caller,
    packages: Any,
    tmp_path: Path,
) -> None:
    files = [packages(each) if "/" not in each.name else odd(each, tmp_path) for each in made]
    assert big.finish(claim, *files).status_code == 200
    assert api.get(f"/build/{build}")["state"] == "failed"
    (log,) = copr.data.glob(f"results/local/hello/{X86}/*/builder-live.log")
    assert log.read_text() == f"Build failed: {reason}\n"
    assert not list(log.parent.glob("*.rpm"))


def odd(package: RpmFile, folder: Path) -> bytes:
    """Return an RPM whose name is not the name of a file."""

    class Odd(RpmFile):
        file_name = "odd.rpm"

    return Odd(**vars(package)).write(folder).read_bytes()


@pytest.mark.parametrize("name", ["results.json", ".hidden.rpm", "a b.rpm", "builder-live.log", "x.sh"])
def test_files_with_other_names_are_refused(name: str, claim: str, big: Caller) -> None:
    assert big.put(claim, name, b"") == 400


def test_a_restart_leaves_the_claim_to_the_builder(copr: LocalCopr, claim: str, big: Caller) -> None:
    copr._stop_worker()
    copr._start_worker()
    assert big.log(claim, 0, b"still here\n") == {"offset": 11, "cancel": False}


def test_a_test_client_waits_too(copr: LocalCopr, tokens: dict[str, str], api: Any, packages: Any) -> None:
    """Without the HTTP server, the thread of the request waits."""
    headers = {"Authorization": f"Bearer {tokens['big']}"}
    found: list[Any] = []

    def take() -> None:
        found.append(copr.app.test_client().post("/builder/claims", json=OFFER, headers=headers))

    thread = threading.Thread(target=take)
    thread.start()
    api.upload(content=packages(SRPM), chroots=[X86])
    thread.join(60)
    assert found[0].get_json()["claim"].endswith(f"/{SOURCE}/1")
