"""A service that responds from memory, so that the measurements show the client and the connection only.

Rules: a program that needs only the standard library. It handles the requests that are measured, over HTTP
and TLS, on loopback. Its responses have the form and the size of the responses of a real frontend. It
accepts any upload. It prints its two ports as one line of JSON, and stops when its standard input is closed.
It starts all threads at its start, so a client that opens a connection for each call does not wait for new
threads.

    GET /api_3/build/ID                                         a build
    GET /api/coprs/build/ID/                                    a build, as API v1 shows it
    GET /api_3/build/list?projectname=NUMBER&limit=&offset=     of a project with that many builds
    POST /api_3/build/create/upload                             a build
    GET /results/BYTES/NAME                                     a file of that size; supports Range
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import sys
import threading
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

#: Number of connections that are handled at the same time, for each of the two ports.
THREADS = 64
BLOCK = bytes(range(256)) * 4096
#: Size in bytes from which joining header and body takes longer than sending them one by one.
LARGE = 1024 * 1024

SYSTEMS = ("epel-10", "fedora-43", "fedora-rawhide")
RESULTS = "https://results.example.test/results/@integration/benchmark-of-the-client"
BUILD = {
    "chroots": [f"{system}-{architecture}" for system in SYSTEMS for architecture in ("x86_64", "aarch64")],
    "ended_on": 1795438743,
    "id": "NUMBER",
    "is_background": False,
    "ownername": "@integration",
    "project_dirname": "benchmark-of-the-client:pr:1234",
    "projectname": "benchmark-of-the-client",
    "repo_url": RESULTS,
    "started_on": 1795438683,
    "state": "succeeded",
    "submitted_on": 1795438623,
    "submitter": "integration-service",
    "source_package": {
        "name": "python-copr",
        "url": f"{RESULTS}:pr:1234/srpm-builds/09876543/"
        "python-copr-2.7-1.20261123085500123456.pr1234.17.gabcdef12.src.rpm",
        "version": "2.7-1.20261123085500123456.pr1234.17.gabcdef12",
    },
}
OLD_BUILD = {
    "output": "ok",
    "built_pkgs": ["python-copr 2.7", "python3-copr 2.7"],
    "chroots": dict.fromkeys(BUILD["chroots"], "succeeded"),
    "results_by_chroot": {name: f"{RESULTS}/{name}/09876543-python-copr/" for name in BUILD["chroots"]},
    "owner": "@integration",
    "project": "benchmark-of-the-client",
    "project_dirname": "benchmark-of-the-client:pr:1234",
    "results": RESULTS,
    "src_pkg": "https://example.com/python-copr-2.7-1.src.rpm",
    "src_version": "2.7-1",
    "status": "succeeded",
    "submitted_by": "integration-service",
    "submitted_on": 1795438623,
    "started_on": 1795438683,
    "ended_on": 1795438743,
}
OLD_BUILD_DOCUMENT = json.dumps(OLD_BUILD).encode() + b"\n"
BEFORE_NUMBER, AFTER_NUMBER = json.dumps(BUILD).encode().split(b'"NUMBER"')


def main() -> None:
    """Serve until standard input is closed. The arguments are the files of the certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:3])
    ports = {name: listen(tls) for name, tls in (("http", None), ("https", context))}
    print(json.dumps(ports), flush=True)
    sys.stdin.read()


def listen(tls: ssl.SSLContext | None) -> int:
    """Serve on a free port of loopback, and return the port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=THREADS)
    for _ in range(THREADS):
        threading.Thread(target=serve, args=(listener, tls), daemon=True).start()
    port: int = listener.getsockname()[1]
    return port


def serve(listener: socket.socket, tls: ssl.SSLContext | None) -> None:
    """Serve one connection after the other, without end."""
    scratch = memoryview(bytearray(len(BLOCK)))
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError):  # a client may disconnect at any moment
            if tls is not None:
                connection = tls.wrap_socket(connection, server_side=True)
            while answer_one(connection, scratch):
                pass
        connection.close()


def answer_one(connection: socket.socket, scratch: memoryview) -> bool:
    """Read a request and send the response. Return False if the client has disconnected."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        more = connection.recv(65536)
        if not more:
            return False
        data += more
    method, target, _ = data[: data.index(b"\r\n")].decode().split(" ")
    head = data[:end].lower()
    left = header_number(rb"content-length: (\d+)", head) - (len(data) - end - 4)
    if b"expect: 100-continue" in head:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    while left > 0:
        count = connection.recv_into(scratch, min(left, len(scratch)))
        if not count:
            return False
        left -= count
    if method == "GET" and target.startswith("/results/"):
        send_file(connection, int(target.split("/")[2]), header_number(rb"range: bytes=(\d+)-", head))
        return True
    body = document(target)
    head = header("200 OK", "application/json", len(body))
    if len(body) < LARGE:
        connection.sendall(head + body)
    else:
        connection.sendall(head)
        connection.sendall(body)
    return True


def header_number(pattern: bytes, head: bytes) -> int:
    """Return the number in a header, or 0."""
    found = re.search(pattern, head)
    return int(found[1]) if found else 0


def header(status: str, kind: str, length: int, more: str = "") -> bytes:
    """Return the header of a response."""
    return (
        f"HTTP/1.1 {status}\r\nServer: stub\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}\r\n"
    ).encode()


def document(target: str) -> bytes:
    """Return the JSON of the response for a path."""
    url = urlsplit(target)
    if url.path.startswith("/api/"):
        return OLD_BUILD_DOCUMENT
    name = url.path.rpartition("/")[2]
    if name != "list":
        return build(int(name) if name.isdigit() else 1) + b"\n"
    query = {key: values[0] for key, values in parse_qs(url.query).items()}
    count = int(query["projectname"])
    return listing(count, int(query.get("offset", 0)), int(query.get("limit", count)))


def build(number: int) -> bytes:
    """Return the JSON of a build."""
    return b"%b%d%b" % (BEFORE_NUMBER, number, AFTER_NUMBER)


@lru_cache(maxsize=1000)
def listing(count: int, offset: int, limit: int) -> bytes:
    """Return the JSON of a page of builds, newest first."""
    items = b", ".join(build(number) for number in range(count - offset, max(count - offset - limit, 0), -1))
    meta = {"limit": limit, "offset": offset, "order": "id", "order_type": "DESC"}
    return b'{"items": [%b], "meta": %b}\n' % (items, json.dumps(meta).encode())


def send_file(connection: socket.socket, size: int, start: int) -> None:
    """Send a file, starting at the byte `start`."""
    status = f"206 Partial Content\r\nContent-Range: bytes {start}-{size - 1}/{size}" if start else "200 OK"
    connection.sendall(header(status, "application/octet-stream", size - start, "Accept-Ranges: bytes\r\n"))
    for place in range(start, size, len(BLOCK)):
        connection.sendall(BLOCK[: size - place])


if __name__ == "__main__":
    main()
