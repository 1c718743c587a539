"""One client in several processes and event loops: no call gets the response to another."""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import subprocess
import sys
import threading
import time

import pytest

from copr.v3 import AsyncClient, CoprException

FORKED = """
import os, sys
from copr.v3 import Client

client = Client({"copr_url": sys.argv[1]})
client.build_proxy.get(0)
children = []
for child in (1, 2, 3):
    if not (number := os.fork()):
        wrong = [n for n in range(child * 1000, child * 1000 + 200) if client.build_proxy.get(n).id != n]
        os._exit(bool(wrong))
    children.append(number)
for n in range(200):
    assert client.build_proxy.get(n).id == n
assert [os.waitpid(number, 0)[1] for number in children] == [0, 0, 0]
"""


@pytest.fixture
def builds(stub):
    """A service that returns a record with the requested id for each build."""

    def build(handler):
        body = json.dumps({"id": int(handler.path.rsplit("/", 1)[1])}).encode()
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    stub.answers = [build]
    return stub


def test_forks_of_a_process_share_no_connection(builds):
    subprocess.run([sys.executable, "-c", FORKED, builds.url], check=True, timeout=60)
    assert builds.connections == 4


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_client_that_was_not_closed_goes_on_in_the_next_event_loop(builds):
    client = AsyncClient({"copr_url": builds.url})

    async def main(number, close):
        assert (await client.build_proxy.get(number)).id == number
        if close:
            await client.close()

    asyncio.run(main(1, close=False))
    asyncio.run(main(2, close=True))
    asyncio.run(main(3, close=True))
    gc.collect()  # here, where the warning about the unclosed connection is ignored


def test_a_client_that_another_event_loop_uses_says_so(builds):
    async def main():
        async with AsyncClient({"copr_url": builds.url}) as client:
            await client.build_proxy.get(1)
            with pytest.raises(CoprException, match="in use in another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(client.build_proxy.get(2)))

    asyncio.run(main())


INTERRUPTED = """
import os, signal, sys, threading
from copr.v3 import Client, unlimited, wait

def interrupt_when_told():
    if os.read(0, 1):
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background ignores it
client = Client({"copr_url": sys.argv[1]})
page = client.build_proxy.get_list("o", "p", pagination={"limit": 2})
threading.Thread(target=interrupt_when_told, daemon=True).start()
print("ready", flush=True)
try:
    {ask}
except KeyboardInterrupt:
    print("interrupted")
"""

#: What asks the service, and how many requests it sends before it can only wait.
ASK = {
    "get_many": ("client.build_proxy.get_many(range(50))", 3),
    "unlimited": ("list(unlimited(page, connections=4))", 2),
    "wait": ("wait([*page, *page])", 3),
}


@pytest.fixture
def hanging(stub):
    """A service that returns a page, and then does not respond until the test ends."""
    over = threading.Event()
    page = {"items": [{"id": 2, "state": "running"}, {"id": 1, "state": "running"}], "meta": {"limit": 2}}
    stub.answers = [(200, {}, json.dumps(page).encode()), lambda handler: over.wait(60)]
    yield stub
    over.set()


@pytest.mark.parametrize("gets_it", ["the process", "another thread"])
@pytest.mark.parametrize("name", ASK)
def test_an_interrupt_ends_a_program_whose_connections_hang(hanging, name, gets_it):
    ask, requests = ASK[name]
    program = [sys.executable, "-c", INTERRUPTED.replace("{ask}", ask), hanging.url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(program, **pipes, text=True) as running:
        assert running.stdout.readline() == "ready\n"
        try:
            while len(hanging.requests) < requests:
                time.sleep(0.01)
            if gets_it == "the process":
                running.send_signal(signal.SIGINT)
            told = None if gets_it == "the process" else "now"
            assert running.communicate(told, timeout=20)[0] == "interrupted\n"
        finally:
            running.kill()


ENOUGH = """
import sys
from copr.v3 import Client, unlimited

page = Client({"copr_url": sys.argv[1]}).build_proxy.get_list("o", "p", pagination={"limit": 2})
print(next(unlimited(page, connections=4)).id)
"""


def test_a_program_that_has_enough_of_a_listing_waits_for_no_more_of_it(hanging):
    program = [sys.executable, "-c", ENOUGH, hanging.url]
    done = subprocess.run(program, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "2\n"
