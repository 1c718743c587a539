"""Messages about builds: which steps have some, what is in them, and that they are stored with the states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import requests
from rabbitmq_server import free_port
from sqlalchemy import func, select

from copr_local import LocalCopr, LocalCoprError
from copr_local.data.database import Database
from copr_local.data.pending_work import OutgoingMessage
from copr_local.rules import interruptions, project_dirs, queue, sources, submission
from copr_local.rules.queue import Step
from copr_local.rules.submission import Options

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"
START, CHROOT_START, END = "copr.build.start", "copr.chroot.start", "copr.build.end"
STARTS = [(START, 3), (CHROOT_START, 3)]


@pytest.fixture(scope="module")
def service(controlled_builds: Any, api_class: Any) -> Iterator[tuple[LocalCopr, Any, Any]]:
    """Start a local Copr that keeps messages, for all tests, with a project; its builds are controlled."""
    builds = controlled_builds()
    with LocalCopr(builder=builds.builder(), builders=2, events=True) as copr:
        api = api_class(copr, copr.config["login"], copr.config["token"])
        api.project(chroots=[X86])
        yield copr, builds, api


@pytest.fixture
def script(service: tuple[LocalCopr, Any, Any]) -> Any:
    """Return the builds of the service. They succeed at once, and all that earlier tests made have ended."""
    _, builds, api = service
    builds.__init__()
    for build in api.get("/build/list", ownername="local", projectname="hello")["items"]:
        api.wait(build["id"])
    return builds


@pytest.fixture
def copr(service: tuple[LocalCopr, Any, Any], script: Any) -> LocalCopr:
    """Return the service, without messages."""
    service[0].messages.clear()
    return service[0]


@pytest.fixture
def api(service: tuple[LocalCopr, Any, Any], copr: LocalCopr) -> Any:
    return service[2]


def seen(copr: LocalCopr, chroot: str | None = None) -> list[tuple[str, int]]:
    """Return the topics and states of the messages, of one chroot or of all."""
    return [
        (message.topic, message.body["status"])
        for message in copr.messages
        if chroot in (None, message.body["chroot"])
    ]


def test_each_step_has_a_message_of_its_start_for_builds_and_chroots_and_one_of_its_end(api, copr):
    api.wait(api.upload()["id"])
    assert [(m.topic, m.body["chroot"], m.body["status"]) for m in copr.messages] == [
        (START, "srpm-builds", 3),
        (CHROOT_START, "srpm-builds", 3),
        (END, "srpm-builds", 1),
        (START, X86, 3),
        (CHROOT_START, X86, 3),
        (END, X86, 1),
    ]


def test_a_message_says_what_copr_messaging_requires(api, copr):
    build_id = api.upload()["id"]
    api.wait(build_id)
    start, end = copr.messages[0], copr.messages[-1]
    assert {**end.body, "pid": 0, "what": ""} == {
        "build": build_id,
        "chroot": X86,
        "copr": "hello",
        "owner": "local",
        "user": "local",
        "pkg": "hello",
        "version": "1.0-1",
        "status": 1,
        "ip": None,
        "who": "copr_local.worker",
        "pid": 0,
        "what": "",
    }
    assert end.body["what"].startswith("build end: user:local copr:hello owner:local pkg:hello build:")
    assert (start.body["pkg"], start.body["version"]) == (None, None), "the source is not known yet"


def test_the_headers_have_the_schema_the_severity_and_the_users(api, copr):
    api.wait(api.upload()["id"])
    assert {m.topic: (m.headers["fedora_messaging_schema"], m.severity) for m in copr.messages} == {
        START: (START, 20),
        CHROOT_START: (CHROOT_START, 10),
        END: (END, 20),
    }
    assert copr.messages[0].headers["fedora_messaging_user_local"] is True


@pytest.mark.parametrize(("outcome", "status"), [("fail", 0), ("skip", 5)])
def test_a_chroot_that_ran_has_an_end_however_it_ended(outcome, status, api, copr, script):
    getattr(script, outcome).add(X86)
    api.wait(api.upload()["id"])
    assert seen(copr, X86) == [*STARTS, (END, status)]


def test_chroots_that_wait_for_a_source_that_fails_have_no_messages(api, copr, script):
    script.fail.add("source")
    api.wait(api.upload()["id"])
    assert seen(copr) == [*STARTS, (END, 0)]


def test_an_excluded_chroot_has_no_messages(api, copr, script):
    script.exclusive_arch = ("aarch64",)
    api.wait(api.upload()["id"])
    assert seen(copr) == [*STARTS, (END, 1)]


@pytest.mark.parametrize("step", ["source", X86])
def test_a_step_that_is_cancelled_while_it_runs_ends_as_failed(step, api, copr, script):
    script.hold(step)
    build_id = api.upload()["id"]
    api.wait(build_id, "running")
    api.until(lambda: seen(copr, "srpm-builds" if step == "source" else step) == STARTS)
    api.call("PUT", f"/build/cancel/{build_id}")
    assert seen(copr)[-3:] == [*STARTS, (END, 0)]


def test_a_build_that_is_cancelled_while_it_waits_has_no_messages(api, copr, script):
    script.hold("source")
    running = [api.upload()["id"] for _ in range(2)]
    for build_id in running:
        api.wait(build_id, "running")
    waiting = api.upload()["id"]
    api.call("PUT", f"/build/cancel/{waiting}")
    assert {message.body["build"] for message in copr.messages} == set(running)


def test_a_forked_build_has_no_messages(api, copr):
    api.wait(api.upload()["id"])
    before = seen(copr)
    api.call("POST", "/project/fork/local/hello", {"name": "copy", "ownername": "local"})
    assert seen(copr) == before


def test_messages_are_there_as_soon_as_the_state_is(api, copr):
    for _ in range(5):
        copr.messages.clear()
        api.wait(api.upload()["id"])
        assert seen(copr)[-1] == (END, 1)


def test_whoever_subscribes_gets_each_new_message_until_they_end_it(api, copr, caplog):
    def fail(_message: object) -> None:
        raise ValueError("mine")

    got: list[str] = []
    copr.messages.subscribe(fail)
    unsubscribe = copr.messages.subscribe(lambda message: got.append(message.id))
    api.wait(api.upload()["id"])
    api.until(lambda: got == [message.id for message in copr.messages])
    unsubscribe()
    api.wait(api.upload()["id"])
    assert got == [message.id for message in copr.messages[:6]]
    assert "ValueError: mine" in caplog.text


def test_topics_begin_with_the_prefix(script):
    with LocalCopr(builder=script.builder(), events=True, topic_prefix="org.fedoraproject.prod") as copr:
        with copr.database.writing() as tx:
            body = {"user": None, "owner": "@team"}
            tx.send(OutgoingMessage(message_id="1", topic=END, sent_on=0, body=body))
        [message] = copr.messages
    assert message.topic == "org.fedoraproject.prod.copr.build.end"
    assert message.as_dict()["headers"]["sent-at"] == "1970-01-01T00:00:00+00:00"
    assert not [name for name in message.headers if "_user_" in name], "a group is no user"


def test_without_events_nothing_is_stored(api_class, script):
    with LocalCopr(builder=script.builder()) as copr:
        api = api_class(copr, copr.config["login"], copr.config["token"])
        api.project(chroots=[X86])
        api.wait(api.upload()["id"])
        with copr.database.reading() as tx:
            assert tx.session.scalar(select(func.count()).select_from(OutgoingMessage)) == 0
        with pytest.raises(LocalCoprError, match="use events=True, or the fixture copr_messages"):
            len(copr.messages)


class TestClaims:
    """Steps that run again, without a worker."""

    @pytest.fixture
    def database(self, data_folder: Any) -> Iterator[Database]:
        database = Database(data_folder, sender="http://copr.test")
        yield database
        database.close()

    @pytest.fixture
    def build_id(self, tx: Any, alice: Any, hello: Any) -> int:
        place = project_dirs.get_dir(tx, hello, "hello")
        return submission.submit(tx, alice, place, sources.link("https://a.test/a.spec"), Options()).id

    def ids(self, tx: Any) -> list[str]:
        tx.session.flush()
        return list(tx.session.scalars(select(OutgoingMessage.message_id).order_by(OutgoingMessage.id)))

    def test_a_step_that_runs_again_has_new_ids(self, tx, build_id):
        for _ in range(2):
            step = queue.claim(tx, Step(build_id))
            queue.begin(tx, step)
            interruptions.requeue(tx, step)
        ids = self.ids(tx)
        assert len(ids) == len(set(ids)) == 4
        assert {UUID(each).version for each in ids} == {5}

    def test_a_step_that_fails_before_it_runs_has_no_messages(self, tx, build_id):
        queue.abandon(tx, queue.claim(tx, Step(build_id)))
        assert self.ids(tx) == []

    def test_a_message_is_stored_with_the_state_or_not_at_all(self, tx, build_id):
        part = tx.session.begin_nested()
        queue.begin(tx, queue.claim(tx, Step(build_id)))
        assert len(self.ids(tx)) == 2
        part.rollback()
        assert self.ids(tx) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("amqp://me@broker.test/", "the URL of the broker broker.test cannot be used"),
        ("amqp://me:secret@broker.test/?color=red", "Unknown URL parameter: 'color'"),
        ("amqp://broker.test/?certfile=mine.pem", "certfile of the broker need a URL with the scheme amqps"),
        ("amqps://broker.test/?cacertfile=none.pem", "No such file"),
    ],
)
def test_a_broker_that_cannot_be_used_is_refused_in_one_line(url, said):
    with pytest.raises(LocalCoprError) as refused:
        LocalCopr(events=url).start()
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_broker_that_cannot_be_reached_does_not_hinder_the_service(script):
    with LocalCopr(builder=script.builder(), events=f"amqp://127.0.0.1:{free_port()}/") as copr:
        assert requests.get(f"{copr.url}/api_3/", timeout=30).ok


@pytest.mark.local_copr(builds="scripted", topic_prefix="org.example")
def test_the_fixture_makes_the_service_keep_messages(copr_messages, local_copr):
    assert copr_messages is local_copr.messages
    assert list(copr_messages) == []
