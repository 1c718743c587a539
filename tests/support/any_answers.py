"""A service that answers with any bytes, and answers and calls that transports are compared with."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import zlib

from copr._calls import record
from copr._policy import Policy
from copr._wire import Call

POLICY = Policy(attempts=1, connect=5, read=20, answer=60)
HURRIED = Policy(attempts=1, connect=5, read=0.3, answer=60)
LATE = Policy(attempts=1, connect=5, read=20, answer=0.3)
BODY = b'{"id": 5, "name": "caf\xc3\xa9"}'


class Service:
    """Answers each request with the next of `answers`: pieces to send; None closes, "reset" resets.

    A connection whose answer ends otherwise is kept. `seen`: the bytes of each connection.
    """

    def __init__(self, answers):
        self.answers = list(answers)
        self.seen = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.ended = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.seen.append(b"")
                threading.Thread(target=self.serve_one, args=(connection,), daemon=True).start()

    def serve_one(self, connection):
        place = len(self.seen) - 1
        with connection, contextlib.suppress(OSError):
            while self.read_request(connection, place):
                for piece in self.answers.pop(0) if self.answers else [None]:
                    if piece is None:
                        return
                    if piece == "silence":
                        self.ended.wait()
                        return
                    if piece == "reset":
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        return
                    connection.sendall(piece)

    def read_request(self, connection, place):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return False
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while lengths and len(body) < int(lengths[0].split(b":")[1]):
            body += connection.recv(65536)
        self.seen[place] += head + b"\r\n\r\n" + body
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.listener.close()


def identity(call):
    return {"User-Agent": "copr test", **({"Authorization": "Basic eDp5"} if call.login else {})}


def header(*lines, status=b"HTTP/1.1 200 OK", length=26):
    size = [] if length is None else [b"Content-Length: %d" % length]
    return b"\r\n".join([status, *lines, *size, b"", b""])


GET = Call("GET", "/build/5", decode=record)
COMPRESSED = gzip.compress(BODY)
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
ELSEWHERE = b"HTTP/1.1 302 Found\r\nLocation: /api_3/build/6?x=1\r\nContent-Length: 0\r\n\r\n"

ANSWERS = {
    "plain": [header(b"Content-Type: application/json", b"X-Y:  z "), BODY],
    "byte by byte": [bytes([byte]) for byte in header() + BODY],
    "lines": [header(length=22) + b'{"id": 5,\r\n\r\n"a": 1}\n\n'],
    "closing": [header(b"Connection: close") + BODY, None],
    "keep-alive": [header(b"Connection: Keep-Alive") + BODY],
    "cookies": [header(b"Set-Cookie: session=1; Path=/") + BODY],
    "empty": [header(length=0)],
    "a megabyte": [header(length=1_500_000), b"x" * 1_500_000],
    "gzip": [header(b"Content-Encoding: gzip", length=len(COMPRESSED)) + COMPRESSED],
    "deflate": [header(b"Content-Encoding: deflate", length=len(zlib.compress(BODY))) + zlib.compress(BODY)],
    "damaged gzip": [header(b"Content-Encoding: gzip") + BODY],
    "chunked": [header(b"Transfer-Encoding: chunked", length=None) + CHUNKED],
    "chunked and a length": [header(b"Transfer-Encoding: chunked") + CHUNKED],
    "cut chunks": [header(b"Transfer-Encoding: chunked", length=None) + CHUNKED[:9], None],
    "without a length": [header(length=None) + BODY, None],
    "HTTP/1.0": [header(status=b"HTTP/1.0 200 OK") + BODY, None],
    "HTTP/0.9": [BODY, None],
    "no reason": [header(status=b"HTTP/1.1 200") + BODY],
    "another reason": [header(status=b"HTTP/1.1 200 Really fine") + BODY],
    "continue": [b"HTTP/1.1 100 Continue\r\n\r\n", header() + BODY],
    "processing": [b"HTTP/1.1 102 Processing\r\n\r\n" + header() + BODY, None],
    "created": [header(status=b"HTTP/1.1 201 CREATED") + BODY],
    "no content": [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "not found": [header(status=b"HTTP/1.1 404 NOT FOUND") + BODY],
    "unavailable": [header(b"Retry-After: 3", status=b"HTTP/1.1 503 Unavailable") + BODY, None],
    "moved": [ELSEWHERE],
    "two lengths": [header(b"Content-Length: 3") + BODY, None],
    "negative length": [header(length=-1) + BODY, None],
    "wrong length": [header(b"Content-Length: many", length=None) + BODY, None],
    "too long": [header(length=8) + BODY],
    "cut in the status": [b"HTTP/1.1 200", None],
    "cut in the header": [header(b"X: y")[:25], None],
    "cut after a line": [b"HTTP/1.1 200 OK\r\nX: y\r\n", None],
    "cut in the body": [header() + BODY[:5], None],
    "reset in the body": [header() + BODY[:5], "reset"],
    "nothing": [None],
    "reset": ["reset"],
    "bare line feeds": [header().replace(b"\r\n", b"\n") + BODY, None],
    "a folded line": [header(b"X: y", b" z") + BODY],
    "a line without colon": [header(b"nothing") + BODY, None],
    "a space before the colon": [header(b"X : y") + BODY, None],
    "latin-1": [header(b"X: caf\xe9") + BODY],
    "many headers": [header(*[b"X-%d: y" % number for number in range(101)]) + BODY, None],
    "some headers": [header(*[b"X-%d: y" % number for number in range(90)]) + BODY],
    "a long header": [header(b"X: " + b"y" * 70_000) + BODY, None],
    "another protocol": [b"SSH-2.0-OpenSSH\r\n", None],
    "not JSON": [header(length=6) + b"<html>"],
}


#: Policies and answers that end with a timeout.
SILENCES = [
    (policy, answer)
    for policy in (HURRIED, LATE)
    for answer in (
        ["silence"],
        [header()[:20], "silence"],
        [header() + BODY[:5], "silence"],
        [header(status=b"HTTP/1.1 404 NOT FOUND") + BODY[:5], "silence"],
    )
]

#: Answers that a light transport reads by itself.
PLAIN = ["plain", "byte by byte", "lines", "closing", "keep-alive", "cookies", "empty", "a megabyte"]


CALLS = {
    "a read": GET,
    "with login": GET.with_login(),
    "a query": Call("GET", "/list", query={"a": "é&=/?#", "b": [1, 2], "c": None, "d": ""}, decode=record),
    "a quoted path": Call("GET", "/a%2Fb/c+d:e@f/", decode=record),
    "a path quoted otherwise": Call("GET", "/a%2fb/ü/[x]", decode=record),
    "a body": Call("POST", "/x", json={"ü": [None, True]}, login=True, decode=record),
    "a body of a read": Call("GET", "/x", json={"a": 1}, decode=record),
    "a form": Call("POST", "/x", form={"a": "é", "b": ["1", "2"]}, decode=record),
    "no body": Call("POST", "/x", decode=record),
    "removal": Call("DELETE", "/x", query={"a": "b"}, login=True, decode=record),
    "a change": Call("PUT", "/x", json={}, decode=record),
}
