"""Waiting with the messages of a local Copr: each build is requested when it has ended, and not before."""

from __future__ import annotations

import asyncio
import threading

import pytest
from rabbitmq_server import free_port

from copr.events import Broker
from copr.v3 import Client, wait
from copr.v3.aio import AsyncClient
from copr.v3.aio import wait as wait_async

X86 = "fedora-45-x86_64"
URL = "https://example.com/hello-1.0-1.src.rpm"
NEVER = 3600  # seconds between two polls: what ends before was woken by a message

pytestmark = pytest.mark.local_copr(builds="scripted", chroots=[X86])


@pytest.fixture
def client(local_copr):
    """Return a client; builds run until the test lets them end."""
    client = Client(local_copr.config)
    client.project_proxy.add("local", "hello", [X86])
    local_copr.script("hello", takes=1e9)
    return client


def let_end(local_copr):
    """Let builds end a moment after the test has begun to wait."""
    timer = threading.Timer(0.2, lambda: local_copr.script("hello", takes=0))
    timer.start()
    return timer


def test_a_wait_is_woken_by_the_message_of_the_end(client, local_copr, copr_messages):
    build = client.build_proxy.create_from_url("local", "hello", URL)
    seen = []
    timer = let_end(local_copr)
    [build] = wait(build, NEVER, lambda builds: seen.append(builds[0].state), events=copr_messages)
    timer.join()
    assert build.state == "succeeded"
    assert len(seen) == 2, "once at the beginning, and once at the end"


def test_an_async_wait_is_woken_by_the_message_of_the_end(client, local_copr, copr_messages):
    async def work():
        async with AsyncClient(local_copr.config) as client:
            submit = client.build_proxy.create_from_url
            builds = [await submit("local", "hello", URL) for _ in range(2)]
            timer = let_end(local_copr)
            waits = (wait_async(build, NEVER, events=copr_messages) for build in builds)
            done = await asyncio.gather(*waits)
            timer.join()
            return [build.state for [build] in done]

    assert asyncio.run(work()) == ["succeeded", "succeeded"]


def test_a_wait_without_a_broker_polls(client, local_copr):
    local_copr.script("hello", takes=0)
    build = client.build_proxy.create_from_url("local", "hello", URL)
    with Broker(f"amqp://127.0.0.1:{free_port()}/") as events:
        [build] = wait(build, 0.05, events=events)
    assert build.state == "succeeded"


@pytest.mark.parametrize("url", ["https://broker.test/", "amqp://broker.test/?color=red"])
def test_a_url_that_is_not_that_of_a_broker_is_refused(url):
    with pytest.raises(ValueError, match=r"amqp|color"):
        Broker(url)
