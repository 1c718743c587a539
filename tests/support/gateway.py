"""A gateway on loopback: it relays requests to a service, and may change the bytes of a response.

`change` takes the bytes of the response to the next POST and returns those that are sent in their place. Then
the connection is closed. `instead` is the response to the next POST, which is read and not relayed; RESET
resets the connection. Both are used once. `idle` is the number of seconds after which a connection that
nothing is sent on is closed; `closed` counts the closed connections.
"""

from __future__ import annotations

import gzip
import http.client
import socket
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from stub import running

#: Ways to lose a response: a function of its bytes for each.
CUTS = {
    "cut in the status line": lambda response: response[:10],
    "cut after the status line": lambda response: response[: response.index(b"\r\n") + 2],
    "cut in the header": lambda response: response[:40],
    "cut before the body": lambda response: response[: response.index(b"\r\n\r\n") + 2],
    "an empty 200": lambda response: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a page of HTML": lambda response: b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>",
    "half of a body of unknown length": lambda response: (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + response.partition(b"\r\n\r\n")[2][:20]
    ),
}


def page(status, reason, *headers):
    """Return a page of HTML with a status, as gateways send it."""
    head = "\r\n".join([f"HTTP/1.1 {status} {reason}", *headers, "Content-Length: 13", "", ""])
    return head.encode() + b"<html></html>"


def framed(response, body, *headers):
    """Return a response with another body, and headers that say how long it is."""
    lines = [line for line in response.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:] if b"ength" not in line]
    lines = [b"HTTP/1.1 200 OK", *lines, *(header.encode() for header in headers)]
    return b"\r\n".join([*lines, b"", b""]) + body


def body_of(response):
    return response.partition(b"\r\n\r\n")[2]


#: Responses of gateways after the service has carried out the request: a function of its response for each.
ODD = {
    "status 500 with a page": lambda response: page(500, "Internal Server Error"),
    "status 407 with a page": lambda response: page(
        407, "Proxy Authentication Required", "Proxy-Authenticate: Basic realm=proxy"
    ),
    "a redirect to a login page": lambda response: page(302, "Found", "Location: /login"),
    "an interim response, and then the real one": lambda response: (
        b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + response
    ),
    "a length that is too short": lambda response: framed(
        response, body_of(response), f"Content-Length: {len(body_of(response)) - 5}"
    ),
    "two lengths": lambda response: framed(response, b"{}", "Content-Length: 2", "Content-Length: 9"),
    "cut in the size of a chunk": lambda response: framed(
        response, b"5\r\n%s\r\n1" % body_of(response)[:5], "Transfer-Encoding: chunked"
    ),
    "cut in a compressed body": lambda response: framed(
        response, gzip.compress(body_of(response))[:40], "Content-Length: 40", "Content-Encoding: gzip"
    ),
}

RESET = "reset"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a message in two pieces takes 40 ms

    def setup(self):
        self.timeout = self.server.idle
        super().setup()

    def relay(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command == "POST" and self.server.instead is not None:
            self.refuse()
            return
        service = urlsplit(self.server.service)
        onward = http.client.HTTPConnection(service.hostname, service.port)
        onward.request(self.command, self.path, body, dict(self.headers))
        answer = onward.getresponse()
        content = answer.read()
        onward.close()
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        framing = ("transfer-encoding", "content-length")  # a body that comes in chunks is sent as a whole
        lines += [f"{name}: {value}" for name, value in answer.getheaders() if name.lower() not in framing]
        lines.append(f"Content-Length: {len(content)}")
        response = "\r\n".join([*lines, "", ""]).encode() + content
        if self.command == "POST" and self.server.change is not None:
            response, self.server.change = self.server.change(response), None
            self.close_connection = True
        self.wfile.write(response)

    def refuse(self):
        response, self.server.instead = self.server.instead, None
        self.close_connection = True
        if response == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.server.shutdown_request = self.server.close_request  # the other sends the usual end first
        else:
            self.wfile.write(response)

    do_GET = do_POST = do_PUT = do_DELETE = relay  # noqa: N815 - http.server's names

    def log_message(self, *args):
        pass


class Gateway(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, service, idle):
        super().__init__(("127.0.0.1", 0), Handler)
        self.service = service
        self.change = None
        self.instead = None
        self.idle = idle
        self.closed = 0

    def shutdown_request(self, request):
        super().shutdown_request(request)
        self.closed += 1

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


def gateway(service, idle=None):
    """Run a gateway to the service at a URL until the block ends."""
    return running(Gateway(service, idle))
