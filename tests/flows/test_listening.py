"""Waiting with messages: which builds are polled, and how often, also if messages are lost."""

from __future__ import annotations

import json

import pytest
from scripted import Clock, lost, run

from copr._wire import Reply
from copr.events import Feed, Message
from copr.results import Record
from copr.v3 import _listening
from copr.v3._listening import RARER, Listener
from copr.v3._waiting import Waiting, waiting

START, END = "org.example.copr.build.start", "org.example.copr.build.end"


@pytest.fixture
def feed(monkeypatch):
    monkeypatch.setattr(_listening, "GATHERING", 0)
    return Feed()


def message(topic, build, chroot="fedora-45-x86_64", status=1):
    return Message(topic, {"build": build, "chroot": chroot, "status": status})


class Service:
    """Builds that finish one after the other: when the end of one is polled, the next one has ended."""

    def __init__(self, feed, count):
        self.feed, self.count = feed, count
        self.ended = 0
        self.paths = []

    def build(self, number):
        state = "succeeded" if number <= self.ended else "running"
        return {"id": number, "state": state, "ownername": "alice", "projectname": "p"}

    def end_one(self):
        self.ended += 1
        self.feed(message(END, self.ended))

    def __call__(self, call):
        self.paths.append(call.path)
        if call.path == "/build/list":
            offset, limit = call.query["offset"], call.query["limit"]
            numbers = range(self.count - offset, max(self.count - offset - limit, 0), -1)
            body = {"items": [self.build(number) for number in numbers], "meta": {}}
        else:
            body = self.build(int(call.path.rsplit("/", 1)[1]))
        if self.ended < self.count:
            self.end_one()
        return Reply(200, "OK", "http://service/", {}, json.dumps(body).encode())


def test_each_of_two_hundred_builds_is_requested_once(feed):
    service = Service(feed, 200)
    records = [Record(service.build(number)) for number in range(1, 201)]
    builds = run(waiting(records, 3600, None, 0, feed), service, Clock())
    assert {build.state for build in builds} == {"succeeded"}
    assert service.paths.count("/build/list") == 2
    assert len(service.paths) <= 202


@pytest.fixture
def listener(feed):
    listener = Listener(feed, [1, 2])
    yield listener
    listener.close()


def test_builds_that_may_have_finished_are_due(feed, listener):
    feed(message(END, 1))
    feed(message(END, 2, "srpm-builds", 0))
    feed(message(END, 3))
    assert listener.wait(60) == {1, 2}


@pytest.mark.parametrize(
    "messages",
    [
        [message(START, 1)],
        [message(END, 1, "srpm-builds")],
        [message(START, 1, "other"), message(END, 1)],
        [message(END, 3)],
        [Message("org.example.git.receive", {"build": "1"}), Message(END, [1]), object()],
    ],
    ids=["a start", "the source", "another chroot runs", "another build", "of other programs"],
)
def test_other_messages_are_no_news(messages, feed, listener):
    for each in messages:
        feed(each)
    assert listener.wait(0) is None
    feed(message(END, 2))
    assert listener.wait(60) == {2}


def test_all_builds_are_due_if_messages_may_have_been_lost(feed, listener):
    feed(message(END, 1))
    assert listener.is_trusted
    feed(None)
    assert listener.wait(60) is None
    assert not listener.is_trusted


def test_messages_are_not_relied_on_after_a_build_finished_without_one(feed, listener):
    feed(message(END, 1))
    listener.finished(1)
    assert listener.is_trusted
    listener.finished(2)
    assert not listener.is_trusted


def test_builds_are_polled_rarely_while_messages_come_and_as_usual_otherwise(feed):
    watched = Waiting([Record({"id": 1, "state": "running"})], 30, 0, feed)
    assert watched.pause(0) == 30, "there was no message yet"
    feed(message(START, 1))
    assert watched.pause(0) == 30 * RARER
    feed(None)
    assert watched.pause(0) == 30
    feed(message(START, 1))
    watched.poll_failed(lost())
    assert watched.pause(0) == 30
    watched.close()


def test_a_build_that_ends_without_a_message_is_found_by_polling(feed):
    class Silent(Service):
        def end_one(self):
            self.ended += 1

    service = Silent(feed, 2)
    records = [Record(service.build(number)) for number in (1, 2)]
    builds = run(waiting(records, 0.01, None, 0, feed), service, Clock())
    assert [build.state for build in builds] == ["succeeded", "succeeded"]


def test_nobody_listens_after_the_wait(feed):
    service = Service(feed, 1)
    run(waiting([Record(service.build(1))], 3600, None, 0, feed), service, Clock())
    assert feed._callbacks == []
