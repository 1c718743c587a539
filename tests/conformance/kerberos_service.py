"""A service that accepts users with a Kerberos ticket (RFC 4559), and gives them a session.

Rules: it is a program of its own, because it needs gssapi. KRB5_KTNAME names its keytab. It prints its port,
and exits when its standard input is closed.

    GET /api_3/gssapi_login/    Negotiate, then the cookie `session` and the user's name
    GET /api_3/auth-check       with that cookie: the user's name
"""

from __future__ import annotations

import json
import secrets
import sys
import threading
from base64 import b64decode, b64encode
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import gssapi

SESSIONS: dict[str, str] = {}


class Handler(BaseHTTPRequestHandler):
    """Answers requests for both endpoints."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/api_3/gssapi_login/":
            self.log_in()
        elif self.path == "/api_3/auth-check":
            session = SimpleCookie(self.headers.get("Cookie", "")).get("session")
            name = SESSIONS.get(session.value) if session else None
            if name is None:
                self.answer(401, {"error": "Login invalid/expired."})
            else:
                self.answer(200, {"name": name, "id": 1})
        else:
            self.answer(404, {"error": "There is no such address."})

    def log_in(self) -> None:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Negotiate":
            self.answer(401, {"error": "No ticket."}, {"WWW-Authenticate": "Negotiate"})
            return
        context = gssapi.SecurityContext(usage="accept", creds=gssapi.Credentials(usage="accept"))
        reply = context.step(b64decode(token))
        name = str(context.initiator_name).partition("@")[0]
        session = secrets.token_hex(16)
        SESSIONS[session] = name
        headers = {"Set-Cookie": f"session={session}; HttpOnly; Path=/"}
        if reply:
            headers["WWW-Authenticate"] = f"Negotiate {b64encode(reply).decode()}"
        self.answer(200, {"name": name}, headers)

    def answer(self, status: int, document: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing: standard error is for errors."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
