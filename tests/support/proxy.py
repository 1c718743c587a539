"""A forward proxy on loopback: it asks for a login, relays http requests, and opens tunnels for https."""

from __future__ import annotations

import base64
import http.client
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from stub import running

USER, PASSWORD = "proxy-user", "proxy-pass"
LOGIN = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a message in two pieces takes 40 ms

    def do_GET(self):
        self.server.asked.append((self.command, self.path))
        if not self.is_known():
            return
        target = urlsplit(self.path)
        onward = http.client.HTTPConnection(target.hostname, target.port)
        onward.request("GET", target.path, headers={"User-Agent": self.headers["User-Agent"]})
        answer = onward.getresponse()
        body = answer.read()
        onward.close()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self):
        self.server.asked.append((self.command, self.path))
        if not self.is_known():
            return
        host, port = self.path.split(":")
        with socket.create_connection((host, int(port))) as onward:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=relay, args=(onward, self.connection))
            back.start()
            relay(self.connection, onward)
            back.join()
        self.close_connection = True

    def is_known(self):
        if self.headers.get("Proxy-Authorization") == LOGIN:
            return True
        self.send_response(407)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def log_message(self, *args):
        pass


def relay(source, target):
    try:
        while block := source.recv(65536):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one side closed the connection


class Proxy(ThreadingHTTPServer):
    """The proxy. `asked` has the requests that it got."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []


def serving_proxy():
    """Run a proxy until the block ends."""
    return running(Proxy())
