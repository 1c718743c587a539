"""A write over a kept connection is sent once if its response is lost: by requests and by aiohttp, which
repeats a DELETE or PUT by itself by default.

The service is a local Copr. It carries the write out and then resets the connection.
"""

from __future__ import annotations

import asyncio

import pytest

from copr.v3 import AsyncClient, Client, CoprConnectionException, CoprNoResultException, Policy
from copr_local import LocalCopr

pytestmark = pytest.mark.usefixtures("either_transport")

CHROOT = "fedora-44-x86_64"
PATIENT = Policy(attempts=4, pause=0)


@pytest.fixture(scope="module")
def began():
    """A project with build 1, which is pending, and build 2, which is canceled."""
    with LocalCopr(username="alice", chroots=[CHROOT], builds="scripted", builders=0) as copr:
        client = Client(copr.config)
        client.project_proxy.add("alice", "hello", [CHROOT])
        client.project_proxy.add("alice", "empty", [CHROOT])
        for _ in range(2):
            client.build_proxy.create_from_url("alice", "hello", "https://example.com/hello-1-1.src.rpm")
        client.build_proxy.cancel(2)
        yield copr, copr.snapshot()


@pytest.fixture
def service(began):
    copr, state = began
    copr.restore(state)
    return copr


def canceled(client):
    return client.build_proxy.get(1).state == "canceled"


def gone(question):
    try:
        question()
    except CoprNoResultException:
        return True
    return False


#: The write, and what tells that it was carried out.
WRITES = {
    "PUT": (lambda client: client.build_proxy.cancel(1), canceled),
    "DELETE": (
        lambda client: client.build_proxy.delete_list([2]),
        lambda client: gone(lambda: client.build_proxy.get(2)),
    ),
    "DELETE of one": (
        lambda client: client.build_proxy.delete(2),
        lambda client: gone(lambda: client.build_proxy.get(2)),
    ),
    "DELETE of a project": (
        lambda client: client.project_proxy.delete("alice", "empty"),
        lambda client: gone(lambda: client.project_proxy.get("alice", "empty")),
    ),
}


def blocking(service, write):
    client = Client(service.config, policy=PATIENT)
    client.base_proxy.home()
    write(client)


def awaiting(service, write):
    async def main():
        async with AsyncClient(service.config, policy=PATIENT) as client:
            await client.base_proxy.home()
            await write(client)

    asyncio.run(main())


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize("carry", [blocking, awaiting])
def test_a_write_whose_response_is_lost_is_sent_once(service, carry, name):
    write, was_carried_out = WRITES[name]
    with (
        service.faults.reset("after", method=name.split()[0]) as fault,
        pytest.raises(CoprConnectionException),
    ):
        carry(service, write)
    assert fault.hits == 1
    assert was_carried_out(Client(service.config))
