"""A server for programs that compare clients: it answers as it is told, and records the requests."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Returns the status, the headers and the body of the response to a method and a path.
Answer = Callable[[str, str], tuple[int, dict[str, str], bytes]]


class Recorder(BaseHTTPRequestHandler):
    """Records the parts of a request that matter, with a fixed boundary of multipart bodies."""

    server: Any

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.headers.get("Content-Type")
        if boundary := re.search("boundary=(.*)", kind or ""):
            body = body.replace(boundary[1].encode(), b"BOUNDARY")
            kind = kind.replace(boundary[1], "BOUNDARY")
        self.server.sent.append(
            {
                "request": f"{self.command} {self.path}",
                "type": kind,
                "login": self.headers.get("Authorization"),
                "cookie": self.headers.get("Cookie"),
                "accept": self.headers.get("Accept"),
                "body": body.decode("latin-1"),
            }
        )
        status, headers, content = self.server.answer(self.command, self.path)
        self.send_response(status)
        for name, value in headers.items():
            is_path = name == "Location"  # which is a whole URL in a response
            self.send_header(name, f"http://{self.headers['Host']}{value}" if is_path else value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, *args: object) -> None:
        pass


def recording(answer: Answer) -> tuple[str, list[object]]:
    """Start a server that lives as long as the program. Return its URL, and the list of recorded requests."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.answer, server.sent = answer, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}", server.sent
