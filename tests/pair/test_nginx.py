"""The packaged configuration of nginx with two service processes behind it, of which the leader is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from copr.v3 import Client
from copr_local.agent.service import Service, Wish
from copr_local.data import client_configuration
from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database
from copr_local.data.pending_work import OutgoingMessage
from copr_local.rules import builders

CHROOT = "fedora-45-x86_64"
DEADLINE = 120  # seconds
RPM = os.urandom(1024**2)


@pytest.fixture
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, list[Any], str]]:
    """Run two service processes behind nginx, as `services, processes, url`."""
    from nginx_server import NginxServer
    from postgresql_server import PostgreSQLServer
    from service_processes import ServiceProcesses

    with PostgreSQLServer() as server, NginxServer() as nginx:
        for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.setenv(name, str(nginx.certificate))
        with ServiceProcesses(tmp_path, server.new_database(), nginx.url) as services:
            processes = [services.start(), services.start()]
            nginx.start(*(each.port for each in processes))
            yield services, processes, nginx.url


def until(condition: Any) -> Any:
    """Wait until a condition is true, and return its value."""
    deadline = time.monotonic() + DEADLINE
    while not (value := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return value


def is_listening(port: int) -> bool:
    """Return True if a service still listens on a port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def chunks(boundary: str) -> Iterator[bytes]:
    """Yield the form of an upload in pieces, so that its length is not known in advance."""
    form = json.dumps({"ownername": "local", "projectname": "hello"})

    def head(name: str, more: str) -> bytes:
        return f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; {more}\r\n\r\n'.encode()

    yield head("json", 'filename="json"\r\nContent-Type: application/json') + form.encode() + b"\r\n"
    yield head("pkgs", 'filename="hello-1.0-1.src.rpm"')
    for begin in range(0, len(RPM), 100_000):
        yield RPM[begin : begin + 100_000]
    yield f"\r\n--{boundary}--\r\n".encode()


def test_clients_go_on_when_a_process_is_killed(services: Any, tmp_path: Path) -> None:
    running, (leader, other), url = services
    stored = client_configuration.read(running.data / "client.conf")
    assert stored is not None
    assert stored.copr_url == url
    client = Client(stored.as_dict())
    client.project_proxy.add("local", "hello", [CHROOT])
    source = tmp_path / "hello-1.0-1.src.rpm"
    source.write_bytes(RPM)

    # An upload with its length, and one in chunks.
    first = client.build_proxy.create_from_file("local", "hello", source)
    sent = requests.post(
        f"{url}/api_3/build/create/upload",
        data=chunks("limit"),
        headers={"Content-Type": "multipart/form-data; boundary=limit"},
        auth=(stored.login, stored.token),
        timeout=DEADLINE,
    )
    assert sent.status_code == 200, sent.text
    second = sent.json()["id"]
    # A published file, and parts of it.
    for number in (first.id, second):
        until(lambda number=number: client.build_proxy.get(number).state == "succeeded")
    address = f"{client.build_proxy.get_source_chroot(second).result_url}/hello-1.0-1.src.rpm"
    assert address.startswith(url)
    whole = requests.get(address, timeout=DEADLINE)
    part = requests.get(address, headers={"Range": "bytes=1000-1999"}, timeout=DEADLINE)
    assert (whole.content, part.status_code, part.content) == (RPM, 206, RPM[1000:2000])

    # A builder waits for a step and a client reads a log, while the leader is killed.
    with closing(Database(DataFolder(running.data, Path.touch))) as database, database.writing() as tx:
        token = builders.add(tx, "arm", ["aarch64"])
    answers: list[Any] = []
    polls = [threading.Thread(target=poll, args=(url, token, answers), daemon=True) for _ in range(2)]
    for thread in polls:
        thread.start()
    build = client.build_proxy.create_from_file("local", "hello", source)
    lines: list[str] = []
    follow = partial(client.build_chroot_proxy.follow_log, write=lines.append, interval=0.05)
    reader = threading.Thread(target=follow, args=(build.id, CHROOT), daemon=True)
    reader.start()
    until(lambda: lines)
    os.kill(leader.pid, signal.SIGKILL)
    until(lambda: not is_listening(leader.port))  # what is sent before may be lost, and clients say so
    more = [client.build_proxy.create_from_file("local", "hello", source) for _ in range(3)]
    for each in (build, *more):
        until(lambda each=each: client.build_proxy.get(each.id).state == "succeeded")
    reader.join()
    assert "".join(lines).endswith("".join(f"line {number}\n" for number in range(50)))
    assert {pid for pid, build_id, _ in running.begun() if build_id > build.id} == {other.pid}
    # Each step has ended once, and nothing of the killed process is left.
    with closing(Database(DataFolder(running.data, Path.touch))) as database, database.reading() as tx:
        messages = tx.session.scalars(select(OutgoingMessage)).all()
    bodies = [message.body for message in messages if message.topic == "copr.build.end"]
    ends = Counter((body["build"], body["chroot"]) for body in bodies)
    numbers = (first.id, second, build.id, *(each.id for each in more))
    assert ends == {(number, chroot): 1 for number in numbers for chroot in (CHROOT, "srpm-builds")}
    until(lambda: len(list(running.data.glob("incoming/process-????????"))) == 1)
    for thread in polls:
        thread.join()
    assert answers == [None, None]
    client.close()


def poll(url: str, token: str, answers: list[Any]) -> None:
    """Wait for a step as a builder elsewhere does, until the answer is that there is none."""
    with closing(Service(url, token, threading.Event())) as service:
        answers.append(service.claim(Wish(("aarch64",), ("*-aarch64",)), 5.0))
