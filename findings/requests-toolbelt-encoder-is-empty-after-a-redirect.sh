#!/usr/bin/env bash
# After a redirect or a retry, requests sends the headers of a MultipartEncoder, and none of its bytes.
#
# MultipartEncoder of requests-toolbelt streams an upload, and has no `tell` and no `seek`. So requests does not
# know that it has been read: for the redirect 307 or 308, or with a `Retry` that repeats a POST, it sends the same
# Content-Length and no body. The server waits for the body until a timeout. With `files=...`, the whole body is
# sent again. The uploads of copr 2.7 use this encoder: its copr_url must be the URL that redirects lead to.
#
# Seen with requests 2.34.2, requests-toolbelt 1.0.0, urllib3 2.8.0 (PyPI). The servers are on loopback.
# Exit status: 0 as described, 1 it has changed, 2 the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check requests==2.34.2 requests-toolbelt==1.0.0 \
    urllib3==2.8.0 2>"$folder/pip.log" || { cat "$folder/pip.log"; exit 2; }
export NO_PROXY=127.0.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

import requests
from requests.adapters import HTTPAdapter, Retry
from requests_toolbelt import MultipartEncoder

seen = []  # path, Content-Length and received bytes of each request


class Service(BaseHTTPRequestHandler):
    """Redirects /old to /new, and is busy for the first request to /busy."""

    timeout = 2

    def do_POST(self):
        announced, received = int(self.headers["Content-Length"]), 0
        try:
            while received < announced and (block := self.rfile.read1(announced - received)):
                received += len(block)
        except TimeoutError:
            self.close_connection = True
        seen.append((self.path, announced, received))
        status = {"/old": 307, "/busy": 503 if len(seen) == 1 else 200}.get(self.path, 200)
        self.send_response(status)
        if status == 307:
            self.send_header("Location", "/new")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def post(path, *, streamed):
    """Upload 100 bytes, and return the requests that the service got."""
    seen.clear()
    session = requests.Session()
    session.mount("http://", HTTPAdapter(max_retries=Retry(1, status_forcelist=[503], allowed_methods=["POST"])))
    fields = {"file": ("hello.txt", b"x" * 100)}
    if streamed:
        body = MultipartEncoder(fields)
        session.post(url + path, data=body, headers={"Content-Type": body.content_type}, timeout=10)
    else:
        session.post(url + path, files=fields, timeout=10)
    return [f"{path} {received} of {announced} bytes" for path, announced, received in seen]


with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    redirected, repeated = post("/old", streamed=True), post("/busy", streamed=True)
    plain = post("/old", streamed=False), post("/busy", streamed=False)
    server.shutdown()
print(", ".join(f"{name} {version(name)}" for name in ("requests", "requests-toolbelt", "urllib3")))
print("MultipartEncoder, redirect 307: ", *redirected, sep="\n    ")
print("MultipartEncoder, status 503:   ", *repeated, sep="\n    ")
print("files=..., both:                ", *plain[0], *plain[1], sep="\n    ")
empty = all(" 0 of" not in first and " 0 of" in second for first, second in (redirected, repeated))
whole = all(" 0 of" not in line for lines in plain for line in lines)
raise SystemExit(0 if empty and whole else 1)
PYTHON
