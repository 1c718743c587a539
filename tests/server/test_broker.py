"""Builders that get their claims by a message broker, RabbitMQ or Redis, and what both sides agree on."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from elsewhere import add_builders
from rabbitmq_server import free_port

from copr_local import LocalCopr, LocalCoprError
from copr_local.agent.program import Program
from copr_local.broker.application import NEEDED, application, queue_of
from copr_local.broker.sender import Sender
from copr_local.cli.doctor import _broker
from copr_local.rules import builders, leases

if TYPE_CHECKING:
    from redis_server import RedisServer

X86 = "fedora-45-x86_64"
BUILD = {
    "ownername": "local",
    "projectname": "hello",
    "pkgs": ["https://example.com/hello-1.0-1.src.rpm"],
}


@pytest.fixture(params=["broker", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a RabbitMQ and of a Redis server."""
    found: str = request.getfixturevalue(request.param).url
    return found


@pytest.fixture
def copr(url: str) -> Iterator[LocalCopr]:
    with LocalCopr(builds="scripted", builders=0, chroots=[X86], broker=url) as copr:
        yield copr


@pytest.fixture
def api(copr: LocalCopr, api_class: Any) -> Any:
    api = api_class(copr, copr.config["login"], copr.config["token"])
    api.project(chroots=[X86])
    return api


@pytest.fixture
def start(copr: LocalCopr, url: str, tmp_path: Path) -> Iterator[Callable[[], tuple[Program, str]]]:
    """Start a builder in this process; return it and the name of its queue."""
    tokens = add_builders(copr, big=["x86_64"])
    with ExitStack() as stack:

        def one() -> tuple[Program, str]:
            def scripted(_settings: Any) -> Any:
                return copr.script.builder()

            program = Program(
                copr.url, tokens["big"], tmp_path / "work", arches=("x86_64",), builder=scripted, broker=url
            )
            program.start()
            stack.callback(program.stop)
            with copr.database.reading() as tx:
                return program, builders.queue_of(builders.get(tx, "big"))

        yield one


def slots(copr: LocalCopr) -> int:
    """Return the number of slots that the builder has told the service about."""
    with copr.database.reading() as tx:
        return (builders.get(tx, "big").offer or {"slots": -1})["slots"]


def test_messages_may_be_repeated_lost_and_wrong(copr: LocalCopr, api: Any, start: Any, url: str) -> None:
    def submit() -> int:
        build: int = api.call("POST", "/build/create/url", BUILD)["items"][0]["id"]
        return build

    program, queue = start()
    first = submit()
    assert api.wait(first)["state"] == "succeeded"
    courier: Any = program._courier
    assert courier._app.amqp.queues[queue].exchange.name == "", "permissions for this queue are enough"

    carrier: Any = copr._remote_steps.carrier
    for path in (f"/builder/claims/{first}/{X86}/1", "/api_3/auth-check", f"/builder/claims/999/{X86}/1"):
        carrier.send(queue, path)  # it has ended; it is no claim; there is no such build
    second = submit()
    assert api.wait(second)["state"] == "succeeded"
    assert api.get(f"/build/{first}")["state"] == "succeeded"

    sent: list[str] = []
    copr._remote_steps.carrier = Lossy(sent)
    third = submit()
    api.until(lambda: sent)
    assert api.get(f"/build/{third}")["state"] == "starting"
    copr._remote_steps.carrier = carrier
    copr._worker._next_renewal = 0  # leases are looked at now, and not within the next seconds
    copr.clock.advance(seconds=leases.LEASE + 5)
    assert api.wait(third)["state"] == "succeeded"
    assert sent == [f"/builder/claims/{third}/srpm-builds/1"]

    program.stop()
    assert slots(copr) == 0


class Lossy:
    """A broker that loses each message."""

    is_ready = True

    def __init__(self, sent: list[str]) -> None:
        self._sent = sent

    def send(self, queue: str, path: str) -> None:
        self._sent.append(path)


def test_a_service_without_a_broker_that_answers_says_so(
    caplog: pytest.LogCaptureFixture, api_class: Any
) -> None:
    port = free_port()
    urls = [f"amqp://guest:secret@127.0.0.1:{port}//", f"redis://:secret@127.0.0.1:{port}/0"]
    for url in urls:
        sender = Sender(url, lambda: None, leases.LEASE)
        sender.start()
        api_class.until(lambda: f"the broker 127.0.0.1:{port} does not answer" in caplog.text)
        assert not sender.is_ready
        sender.stop()
        caplog.clear()
    with LocalCopr(builds="scripted", builders=0, events=urls[0]):
        api_class.until(lambda: f"messages cannot be published to 127.0.0.1:{port}" in caplog.text)
    assert "secret" not in caplog.text


def test_the_doctor_knows_a_broker(url: str) -> None:
    finding = _broker(url)
    assert finding.is_well
    assert re.fullmatch(r"(RabbitMQ|Redis) [0-9.]+ at 127.0.0.1:[0-9]+", finding.text)
    assert "cannot be used" in _broker(f"redis://127.0.0.1:{free_port()}/0").text


def test_redis_that_removes_messages_is_a_warning(
    redis: RedisServer, caplog: pytest.LogCaptureFixture, api_class: Any
) -> None:
    def send(*words: str) -> None:
        with socket.create_connection(("127.0.0.1", redis.port), timeout=60) as connection:
            connection.sendall(" ".join(words).encode() + b"\r\n")
            assert connection.recv(100) == b"+OK\r\n"

    send("CONFIG", "SET", "maxmemory", "100mb")
    assert _broker(redis.url).is_well, "by default, nothing is removed"
    send("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        assert "set `maxmemory-policy noeviction` in redis.conf" in _broker(redis.url).text
        assert not _broker(redis.url).is_well
        sender = Sender(redis.url, lambda: None, 30)
        sender.start()
        api_class.until(lambda: "Redis removes messages when its memory is full" in caplog.text)
        sender.stop()
    finally:
        send("CONFIG", "SET", "maxmemory-policy", "noeviction")
        send("CONFIG", "SET", "maxmemory", "0")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://localhost/", "does not begin with amqp, amqps, redis, rediss"),
        ("amqp:///x", "and a host"),
        ("redis://localhost/0?cacertfile=/x", "need a URL with the scheme amqps or rediss"),
    ],
)
def test_urls_that_cannot_be_used_are_refused(url: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(LocalCoprError, match=text):
        LocalCopr(tmp_path, broker=url).start()
    with pytest.raises(ValueError, match=text):
        Program("http://localhost", "token", tmp_path / "work", arches=("x86_64",), broker=url)


def test_celery_is_needed_for_a_broker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "celery", None)
    with pytest.raises(LocalCoprError) as refused:
        LocalCopr(tmp_path, broker="redis://localhost").start()
    assert str(refused.value) == NEEDED


def test_no_timeout_of_a_broker_ends_a_long_build() -> None:
    """A message is acknowledged when it is taken, and one is taken for each free slot."""
    for url in ("amqp://localhost//", "rediss://localhost/0?cacertfile=/ca.pem"):
        settings = application(url).conf
        assert (settings.task_acks_late, settings.worker_prefetch_multiplier) == (False, 0)
        assert (settings.accept_content, settings.worker_enable_remote_control) == (["json"], False)
        assert settings.task_default_delivery_mode == "transient", "a confirmation does not wait for a disk"
    assert application("amqp://localhost//").conf.broker_transport_options == {"confirm_publish": True}
    assert settings.broker_use_ssl["ssl_ca_certs"] == "/ca.pem"
    assert settings.broker_transport_options["global_keyprefix"] == "copr-local:"
    assert queue_of("copr-local.big").durable
