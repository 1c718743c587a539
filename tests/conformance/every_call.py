"""A program for either client: it calls methods against a stub, with many values for optional parameters.

It reads the names of the methods as JSON (null for all), and prints what was sent for each call, or the class
of the exception, as JSON.
"""

from __future__ import annotations

import inspect
import json
import sys
import tempfile
import threading
import warnings
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from copr.v3 import Client

LISTS = (None, [], ["a", "b"], ("a", "b"))
VALUES = (False, True, "", "word", 5, *LISTS)

#: Arguments that every call gets.
REQUIRED = {
    "ownername": "@devs",
    "projectname": "hello",
    "packagename": "hello",
    "pypi_package_name": "hello",
    "gem_name": "hello",
    "dstownername": "bob",
    "dstprojectname": "bye",
    "who": "bob",
    "chrootname": "fedora-42-x86_64",
    "chroots": ["fedora-42-x86_64"],
    "build_id": 5,
    "build_ids": [5, 6],
    "query": "hello",
    "url": "http://example.test/a.src.rpm",
    "urls": ["http://example.test/a.src.rpm"],
    "clone_url": "http://example.test/a.git",
    "script": "#! /bin/sh",
    "source_type": "scm",
    "source_dict": {"clone_url": "http://example.test/a.git"},
    "permissions": {"bob": {"builder": "approved"}},
}
OPTIONS = ("chroots", "exclude_chroots", "timeout", "background", "enable_net", "with_build_id", "other")
PAGES = ({"limit": 3}, {"limit": None}, {"limit": "3", "offset": 5, "order": "name", "order_type": "DESC"})


class Stub(BaseHTTPRequestHandler):
    sent: ClassVar[list[object]] = []

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        address = urlsplit(self.path)
        kind = self.headers.get("Content-Type", "")
        self.sent.append(
            {
                "method": self.command,
                "path": address.path,
                "query": sorted(parse_qsl(address.query, keep_blank_values=True)),
                "type": kind.partition(";")[0],
                "login": self.headers.get("Authorization"),
                "body": _parts(kind, body) if kind.startswith("multipart") else json.loads(body or b"null"),
            }
        )
        answer = b'{"items": [{"id": 5}], "meta": {}, "can_build_in": true, "name": "alice"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - http.server's names

    def log_message(self, *args):
        pass


def _parts(kind, body):
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    parts = []
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")
        text = part.get_payload(decode=True).decode()
        content = json.loads(text) if name == "json" else text
        parts.append([name, part.get_filename(), part.get_content_type(), content])
    return sorted(parts, key=lambda part: part[0])


def _calls(client, file, wanted):
    """Return each call: the name of the method, the parameter that is tried, and all arguments."""
    required = {**REQUIRED, "path": file}
    for proxy_name, proxy in sorted(vars(client).items()):
        if not proxy_name.endswith("_proxy"):
            continue
        for name, method in inspect.getmembers(proxy, inspect.ismethod):
            call = f"{proxy_name}.{name}"
            if name.startswith("_") or name == "create_from_config_file" or (wanted and call not in wanted):
                continue
            parameters = inspect.signature(method).parameters
            base = {each: required[each] for each in parameters if each in required}
            yield call, "", base
            for parameter, at in parameters.items():
                if parameter not in base:
                    for value in _values(parameter, at.default, file):
                        yield call, parameter, {**base, parameter: value}


def _values(parameter, default, file):
    if parameter == "buildopts":
        return [{option: value} for option in OPTIONS for value in VALUES]
    if parameter == "pagination":
        return PAGES
    if parameter == "comps":
        return [None, "", file]
    if parameter in ("python_versions", "additional_fields"):
        return LISTS
    return (None, False, True) if isinstance(default, bool) else VALUES


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    client = Client({"copr_url": address, "login": "lo", "token": "to", "username": "alice"})
    warnings.simplefilter("ignore")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "hello-1.0-1.src.rpm")
        file.write_text("a source RPM")
        for call, parameter, arguments in _calls(client, str(file), json.load(sys.stdin)):
            Stub.sent.clear()
            proxy, name = call.split(".")
            try:
                getattr(getattr(client, proxy), name)(**arguments)
                outcome = list(Stub.sent)
            except Exception as error:
                outcome = type(error).__name__
            shown = {each: "FILE" if value == str(file) else value for each, value in arguments.items()}
            found[f"{call} {parameter} {json.dumps(shown)}"] = outcome
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
