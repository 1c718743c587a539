"""A real HTTP server on loopback that sends the responses of a test."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


class Stub(ThreadingHTTPServer):
    """Answers each request with the next of `answers`, and then always with the last; stores the requests.

    An answer is (status, headers, body), or a function that takes the request handler.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = [(200, {}, b"{}")]
        self.requests = []
        self.connections = 0

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request, client_address):
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request, client_address):
        """Ignore errors: some tests are about a client that closes the connection."""

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a message in two pieces takes 40 ms

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.command, self.path, self.headers, body))
        answer = self.server.next_answer()
        if callable(answer):
            answer(self)
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, *args):
        pass


def serving():
    """Run a stub until the block ends."""
    return running(Stub())


@contextmanager
def running(server):
    """Run a server of the standard library until the block ends."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def paged(stub, count):
    """Let the service list `count` things, by the limit and offset of the query."""

    def answer(handler):
        query = dict(parse_qsl(urlsplit(handler.path).query))
        limit, offset = int(query.get("limit") or 0), int(query.get("offset") or 0)
        items = [{"id": number} for number in range(count)][offset : offset + limit if limit else None]
        meta = {"limit": limit or None, "offset": offset, "order": "id", "order_type": "ASC"}
        content = json.dumps({"items": items, "meta": meta}).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    stub.answers = [answer]
