"""Messages of a local Copr on a real broker, and a real consumer of fedora-messaging that gets them."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pytest
from sqlalchemy import func, select

from copr.events import Broker
from copr.v3 import Client, wait
from copr_local import LocalCopr
from copr_local.data.pending_work import OutgoingMessage

X86 = "fedora-45-x86_64"
QUEUE = "4f2a7ab8-0d0c-4bb8-9d6b-5a3b0a2a6d7e"
DEADLINE = 240  # seconds
END = "org.example.copr.build.end"

CONFIGURATION = """
amqp_url = "{url}"
[queues.{queue}]
durable = true
auto_delete = false
exclusive = false
arguments = {{}}
[[bindings]]
queue = "{queue}"
exchange = "amq.topic"
routing_keys = ["org.example.#"]
"""

CONSUMER = """
import json
from fedora_messaging import api

def got(message):
    about = message.body["build"], message.body["chroot"]
    print(json.dumps([type(message).__name__, message.topic, message.id, *about]), flush=True)

api.consume(got)
"""


class Consumer:
    """A program with the callback of a consumer, in the environment of copr-messaging."""

    def __init__(self, python: Path, folder: Path, url: str) -> None:
        configuration = folder / "consumer.toml"
        configuration.write_text(CONFIGURATION.format(url=url, queue=QUEUE))
        self.got: list[tuple[str, str, str, int, str]] = []
        with (folder / "errors").open("wb") as errors:
            self.process = subprocess.Popen(
                [python, "-c", CONSUMER],
                env={"FEDORA_MESSAGING_CONF": str(configuration)},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            self.got.extend(tuple(json.loads(line)) for line in lines)

    def ends(self) -> set[tuple[int, str]]:
        return {(build, chroot) for _, topic, _, build, chroot in self.got if topic == END}

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE)
        self._reader.join(DEADLINE)


def until(condition: Callable[[], Any]) -> None:
    """Wait until a condition is true."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def waiting_messages(copr: LocalCopr) -> int:
    with copr.database.reading() as tx:
        return tx.session.scalar(select(func.count()).select_from(OutgoingMessage)) or 0


@pytest.fixture(scope="module")
def copr(broker: Any) -> Iterator[LocalCopr]:
    """Start a local Copr that publishes to the broker, with a project; a queue gets all messages."""
    with pika.BlockingConnection(pika.URLParameters(broker.url)) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True)
        channel.queue_bind(QUEUE, "amq.topic", "org.example.#")
    with LocalCopr(builds="scripted", chroots=[X86], events=broker.url, topic_prefix="org.example") as copr:
        Client(copr.config).project_proxy.add("local", "hello", [X86])
        yield copr


@pytest.fixture
def submit(copr: LocalCopr) -> Callable[[], Any]:
    client = Client(copr.config)
    url = "https://example.com/hello-1.0-1.src.rpm"
    return lambda: client.build_proxy.create_from_url("local", "hello", url)


def test_each_end_is_delivered_once_and_in_order_although_the_broker_is_killed(
    broker: Any, copr: LocalCopr, submit: Any, environment: Any, tmp_path: Path
) -> None:
    python = environment("copr-messaging", "released").command("python")
    consumer = Consumer(python, tmp_path, broker.url)
    try:
        builds = wait([submit() for _ in range(3)], interval=0.05)
        until(lambda: len(consumer.ends()) == 6)
        builds.append(submit())
        with Broker(broker.url) as events:
            broker.kill()
            builds += wait([submit() for _ in range(3)], interval=0.05, events=events)
        assert waiting_messages(copr) >= 9, "they stay in the database meanwhile"
        broker.start()
        ends = {(build.id, chroot) for build in builds for chroot in ("srpm-builds", X86)}
        until(lambda: consumer.ends() == ends and waiting_messages(copr) == 0)
    finally:
        consumer.stop()

    first_time = list(dict.fromkeys(consumer.got))  # a message may come twice, with the same id
    assert len({message_id for _, _, message_id, _, _ in first_time}) == len(first_time) == 6 * len(builds)
    in_order = [
        ("BuildChrootStartedV1", "org.example.copr.build.start"),
        ("BuildChrootStartedV1DontUse", "org.example.copr.chroot.start"),
        ("BuildChrootEndedV1", END),
    ]
    for build in builds:
        of_build = [
            (kind, topic, chroot) for kind, topic, _, number, chroot in first_time if number == build.id
        ]
        assert of_build == [(*each, chroot) for chroot in ("srpm-builds", X86) for each in in_order]


def test_a_wait_is_woken_by_messages_of_the_broker(broker: Any, copr: LocalCopr, submit: Any) -> None:
    copr.script("hello", takes=1e9)
    builds = [submit() for _ in range(2)]
    connected = threading.Event()
    with Broker(broker.url) as events:
        unsubscribe = events.subscribe(lambda message: connected.set())
        assert connected.wait(DEADLINE)
        unsubscribe()
        timer = threading.Timer(0.2, lambda: copr.script("hello", takes=0))
        timer.start()
        assert [build.state for build in wait(builds, interval=3600, events=events)] == ["succeeded"] * 2
        timer.join()
