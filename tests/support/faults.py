"""A proxy before a real service that loses responses on demand."""

from __future__ import annotations

import socket
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LATE = 0.3  # seconds


class FaultyLine(ThreadingHTTPServer):
    """Passes requests to `target`, except for the faults that `faults` lists for the next POSTs.

    A fault is "before" (the connection is closed before the request is read), "during" (closed when the
    request is read; it is not passed on), "after" (passed on, and closed instead of a response), "502"
    (passed on; the response is an HTML page), "silence" (passed on, without a response), "late" (closed;
    passed on a while later), or "rival" (closed, and passed on twice, as if somebody else sent the same).
    """

    daemon_threads = True

    def __init__(self, target):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = urlsplit(target).netloc
        self.faults = []
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one(self):
        fault = self.server.faults.pop(0) if self.command == "POST" and self.server.faults else None
        if fault == "before":
            self.cut()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if fault == "during":
            self.cut()
            return
        if fault == "late":
            self.cut()
            time.sleep(LATE)
        if fault == "rival":
            self.hand_on(body)
        answer, content = self.hand_on(body)
        if fault in ("after", "rival"):
            self.cut()
        elif fault == "late":
            pass
        elif fault == "silence":
            self.server.over.wait(30)
            self.close_connection = True
        elif fault == "502":
            self.answer(502, [("Content-Type", "text/html")], b"<html>Proxy Error</html>")
        else:
            kept = [
                (name, value)
                for name, value in answer.getheaders()
                if name not in ("Content-Length", "Connection")
            ]
            self.answer(answer.status, kept, content)

    def hand_on(self, body):
        onward = HTTPConnection(self.server.target, timeout=30)
        onward.request(self.command, self.path, body, dict(self.headers))
        answer = onward.getresponse()
        content = answer.read()
        onward.close()
        return answer, content

    do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815 - http.server's names

    def answer(self, status, headers, content):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def cut(self):
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *args):
        pass
