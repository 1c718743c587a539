"""One client in several processes and several event loops: nobody gets another's answer."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys

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
    """A service that answers for each build with its number."""

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
    gc.collect()  # while the warning of the first, unclosed connection is ignored


def test_a_client_that_another_event_loop_uses_says_so(builds):
    async def main():
        async with AsyncClient({"copr_url": builds.url}) as client:
            await client.build_proxy.get(1)
            with pytest.raises(CoprException, match="in use in another event loop"):
                await asyncio.to_thread(lambda: asyncio.run(client.build_proxy.get(2)))

    asyncio.run(main())
