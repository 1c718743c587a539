"""Several service processes on one PostgreSQL database and one data folder.

Most tests run two services in this process: they share nothing but the database and the folder.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builder_requests import OFFER
from page_forms import Browser

from copr_local import LocalCopr, LocalCoprError
from copr_local.builders.tasks import Received
from copr_local.data import folder_sharing, postgresql, postgresql_processes
from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database
from copr_local.data.outages import Outage
from copr_local.filesystem.file_lock import try_lock
from copr_local.rules import builders, users

if TYPE_CHECKING:
    from databases import Databases
    from postgresql_server import PostgreSQLServer

X86 = "fedora-45-x86_64"
LINK = "https://example.com/hello-1.0-1.src.rpm"
BUILDS = 6
PROJECT = {"ownername": "local", "projectname": "hello"}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQLServer]:
    from postgresql_server import PostgreSQLServer

    with PostgreSQLServer() as server:
        yield server


@pytest.fixture(scope="module")
def own_databases(server: PostgreSQLServer) -> Databases:
    from databases import Databases

    return Databases(server)


@pytest.fixture
def url(own_databases: Databases) -> Iterator[str]:
    """Return the URL of an empty database that has the tables."""
    with own_databases.removed():
        yield own_databases.new()


@pytest.fixture
def start(
    url: str, tmp_path: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], LocalCopr]]:
    """Return a function that starts one more service. A slow machine does not change who leads."""
    monkeypatch.setattr(postgresql_processes, "CONFIRMED", 300)
    monkeypatch.setattr(postgresql_processes, "_SET_UP", f"LISTEN {postgresql_processes.CHANNEL}")
    running: list[LocalCopr] = []

    def start() -> LocalCopr:
        builder = script.builder()
        copr = LocalCopr(tmp_path / "data", chroots=[X86], builder=builder, builders=1, database=url)
        copr.start()
        running.append(copr)
        return copr

    yield start
    script.release()
    for copr in running:
        copr.stop()


def leaders(*services: LocalCopr) -> list[int]:
    """Return the places of the services that lead."""
    return [place for place, copr in enumerate(services) if copr.database.is_leading()]


def test_services_share_the_work(start: Any, script: Any, api_of: Any, tmp_path: Path) -> None:
    one, two = start(), start()
    assert leaders(one, two) == [0]
    api, other = api_of(one), api_of(two)
    assert other.get("/project/list", ownername="local")["items"] == []
    api.project(chroots=[X86])
    found = other.get("/project/list", ownername="local")["items"]
    assert [project["name"] for project in found] == ["hello"], "the cached response is too old"

    # A file that the second one has received is built by the first one, at once.
    build = other.upload()["id"]
    assert api.wait(build)["state"] == "succeeded"
    folders = sorted((tmp_path / "data/incoming").glob("process-????????"))
    assert len(folders) == 2
    assert not any(list(folder.iterdir()) for folder in folders)

    # It hears that a build was cancelled, and a third service takes no build away from it.
    script.hold(X86)
    held = other.call("POST", "/build/create/url", {**PROJECT, "pkgs": [LINK]})["items"][0]["id"]
    api.until(lambda: (held, X86) in script.started)
    three = start()
    assert leaders(one, two, three) == [0]
    assert api_of(three).get(f"/build/{held}")["state"] == "running"
    other.call("PUT", f"/build/cancel/{held}")
    api.until(lambda: not one._worker._running)
    assert script.started.count((held, X86)) == 1

    # Forms and links of one are accepted by another one.
    link = one.sign_in_url().removeprefix(one.url)
    page = Browser(two)
    key = link.partition("key=")[2]
    assert "Sign in as local" in page.get(link)
    assert page.send(link, key=key).location == "/"
    assert "This link was used" in Browser(one).send("/login/", status=400, key=key).text

    # When the leader stops, another one goes on.
    one.stop()
    script.release()
    other.until(lambda: leaders(two, three))
    build = api_of(three).call("POST", "/build/create/url", {**PROJECT, "pkgs": [LINK]})["items"][0]["id"]
    assert other.wait(build)["state"] == "succeeded"


def test_a_leader_that_loses_its_connection_finishes_what_it_has_begun(
    server: PostgreSQLServer, url: str, start: Any, script: Any, api_of: Any
) -> None:
    one, two = start(), start()
    api = api_of(two)
    api.project(chroots=[X86])
    script.hold(X86)
    build = api.call("POST", "/build/create/url", {**PROJECT, "pkgs": [LINK]})["items"][0]["id"]
    api.until(lambda: (build, X86) in script.started)
    name = url.partition("?")[0].rpartition("/")[2]
    key = postgresql_processes._LEADER & 0xFFFFFFFF
    holder = f"SELECT pid FROM pg_locks WHERE objid = {key} AND mode = 'ExclusiveLock' AND granted"
    before = server.execute(holder, name)
    server.execute(f"SELECT pg_terminate_backend({before[0][0]}, 60000)", name)
    api.until(lambda: server.execute(holder, name) not in ([], before))
    api.until(lambda: len(leaders(one, two)) == 1)
    script.release()
    assert api.wait(build)["state"] == "succeeded"
    assert script.started.count((build, X86)) == 1


def test_a_builder_elsewhere_can_use_any_of_the_services(start: Any, api_of: Any, tmp_path: Path) -> None:
    one, two = start(), start()
    api = api_of(one)
    api.project(chroots=[X86])
    one._worker._builders = 0
    with two.database.writing() as tx:
        token = builders.add(tx, "big", ["x86_64"])
    client = two.app.test_client()
    login = {"Authorization": f"Bearer {token}"}
    got: list[Any] = []
    offer = {**OFFER, "wait": 25}
    waiting = threading.Thread(
        target=lambda: got.append(client.post("/builder/claims", json=offer, headers=login))
    )
    waiting.start()
    api.until(lambda: two._remote_steps._offers)
    build = api.call("POST", "/build/create/url", {**PROJECT, "pkgs": [LINK]})["items"][0]["id"]
    waiting.join()
    claim = got[0].get_json()["claim"]
    assert claim.startswith(f"/builder/claims/{build}/srpm-builds/")
    assert two._worker._running == {}
    accepted = one.app.test_client().post(f"{claim}/accept", json=OFFER, headers=login)
    assert accepted.status_code == 200

    # Results that one service checks are not checked by another one: the builder asks again.
    step = next(iter(builders_steps(one)))
    lock = try_lock(tmp_path / f"data/incoming/claim-{build}-srpm-builds-{step.claim}.lock")
    assert lock is not None
    end = {"outcome": "failed", "reason": "it did not work", "log": 0, "files": {}}
    assert client.post(f"{claim}/finish", json=end, headers=login).status_code == 503
    lock.close()
    answer = one.app.test_client().post(f"{claim}/finish", json=end, headers=login)
    assert (answer.status_code, api.wait(build)["state"]) == (200, "failed")
    two._worker._remote.receive(step, Received("succeeded", "", tmp_path))  # the request came twice
    api.until(lambda: not two._worker._remote._results)
    assert api.get(f"/build/{build}")["state"] == "failed"
    assert list((tmp_path / "data/incoming").glob("claim-*")) == []


def test_steps_of_a_dead_process_are_requeued_and_those_of_a_living_one_are_not(
    start: Any, script: Any, api_of: Any, tmp_path: Path
) -> None:
    copr = start()
    api = api_of(copr)
    api.project(chroots=[X86])
    (own,) = (tmp_path / "data/incoming").glob("process-*.lock")
    script.hold(X86)
    build = api.call("POST", "/build/create/url", {**PROJECT, "pkgs": [LINK]})["items"][0]["id"]
    api.until(lambda: (build, X86) in script.started)
    assert json.loads(own.read_bytes()) == [[build, X86, 1]]

    other = own.with_name("process-0123abcd.lock")
    lock = try_lock(other)
    assert lock is not None
    other.write_bytes(own.read_bytes())
    copr._worker._maintenance.run()
    assert other.exists()
    assert script.started.count((build, X86)) == 1
    lock.close()
    copr._worker._maintenance.run()  # what it has stored is the claim that the living one has
    assert not other.exists()
    api.until(lambda: script.started.count((build, X86)) == 2)
    own.with_name("process-4567cdef.lock").write_text(f'[[{build}, "{X86}", 1], [99, null, 1]]')
    own.with_name("process-89abcdef.lock").write_text("[[1")
    copr._worker._maintenance.run()
    script.release()
    assert api.wait(build)["state"] == "succeeded"
    assert script.started.count((build, X86)) == 2
    api.until(lambda: json.loads(own.read_bytes()) == [])
    assert list(own.parent.glob("process-*.lock")) == [own]


def builders_steps(copr: LocalCopr) -> list[Any]:
    with copr.database.reading() as tx:
        return builders.building(tx, "big")


def test_a_frozen_writer_does_not_stop_the_others(
    url: str, data_folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "SILENCE", 3)
    with closing(Database(data_folder, url=url)) as frozen, closing(Database(data_folder)) as other:

        def write() -> None:
            with frozen.writing() as tx:
                users.add(tx, "alice")
                with other.writing() as another:
                    users.add(another, "bob")
                users.add(tx, "carol")

        with pytest.raises(Outage):
            write()
        with frozen.writing() as tx:
            users.add(tx, "alice")


def test_folders_and_databases_that_do_not_belong_together_are_refused(
    own_databases: Databases, url: str, tmp_path: Path, start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(data: str, database: str) -> str:
        with pytest.raises(LocalCoprError) as refused:
            LocalCopr(tmp_path / data, database=database, builds="scripted").start()
        assert "\n" not in str(refused.value)
        return str(refused.value)

    start()
    assert f"does not belong to {tmp_path}/other but to another data folder" in refusal("other", url)
    assert not (tmp_path / "other").exists()
    found = refusal("data", own_databases.new())
    assert f"{tmp_path}/data has another database than postgresql" in found
    assert f"remove {tmp_path}/data/database.id" in found
    (tmp_path / "copy").mkdir()
    for name in ("database.url", "database.id"):
        (tmp_path / "copy" / name).write_bytes((tmp_path / "data" / name).read_bytes())
    monkeypatch.setattr(postgresql_processes, "JOINING", 0)
    assert "is in use by a copr-local with another data folder" in refusal("copy", url)


def test_a_start_waits_until_another_process_has_prepared_the_folder(tmp_path: Path) -> None:
    first, second = (folder_sharing.FolderLock(tmp_path / "lock", is_shared=True) for _ in range(2))
    alone = folder_sharing.FolderLock(tmp_path / "lock")
    first.take()
    assert first.is_alone
    waiting = threading.Thread(target=second.take)
    waiting.start()
    with pytest.raises(folder_sharing.InUseError, match=f"^{os.getpid()}$"):
        alone.take()
    assert waiting.is_alive()
    first.share()
    waiting.join()
    assert not second.is_alone
    first.release()
    assert folder_sharing.is_locked(tmp_path / "lock")
    second.release()
    assert not folder_sharing.is_locked(tmp_path / "lock")
