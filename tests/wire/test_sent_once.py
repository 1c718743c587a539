"""A call that is not safe to repeat is sent once, also over a reused connection.

The libraries below may retry on their own; this checks that they do not.
"""

from __future__ import annotations

import asyncio
import socket

import pytest

from copr.v3 import AsyncClient, Client, CoprConnectionException, Policy

WRITES = {
    "cancel": lambda client: client.build_proxy.cancel(5),
    "delete": lambda client: client.build_proxy.delete(5),
    "delete project": lambda client: client.project_proxy.delete("alice", "hello"),
    "generate": lambda client: client.webhook_proxy.generate("alice", "hello"),
}


def cut(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


def blocking(stub, config, policy, write):
    client = Client(config, policy=policy)
    client.base_proxy.home()
    stub.answers = [cut]
    write(client)


def awaiting(stub, config, policy, write):
    async def main():
        async with AsyncClient(config, policy=policy) as client:
            await client.base_proxy.home()
            stub.answers = [cut]
            await write(client)

    asyncio.run(main())


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("carry", [blocking, awaiting])
def test_a_write_whose_answer_is_lost_is_sent_once(stub, carry, name):
    config = {"copr_url": stub.url, "login": "lo", "token": "to"}
    with pytest.raises(CoprConnectionException):
        carry(stub, config, Policy(attempts=4, pause=0), WRITES[name])
    assert len(stub.requests) == 2
    assert stub.connections == 1
