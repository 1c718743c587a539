#!/usr/bin/env bash
# copr 2.7 takes a response with status 500 or 403 for a success, if its JSON has no field `error`.
#
# The client looks at the status only after it has found `error` in the body. A gateway, a rate limiter or an
# identity provider in front of a Copr may send JSON with another field. The call then returns an object
# as if all was well, and the program fails later, at a missing attribute.
#
# Seen with copr 2.7, requests 2.34.2, munch 4.0.0 (PyPI). The service is a stub on loopback.
# Exit status: 0 as described, 1 it has changed, 2 the packages cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check copr==2.7 requests==2.34.2 munch==4.0.0 \
    2>"$folder/pip.log" || { cat "$folder/pip.log"; exit 2; }
export NO_PROXY=127.0.0.1
"$folder/venv/bin/python" - <<'PYTHON'
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

from copr.v3 import Client


class Service(BaseHTTPRequestHandler):
    """The build with the id N has the response with status N."""

    def do_GET(self):
        status = int(self.path.split("?")[0].rsplit("/", 1)[1])
        field = "error" if status == 502 else "message"
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({field: "the service is not available"}).encode())

    def log_message(self, *_):
        pass


seen = {}
with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client({"copr_url": f"http://127.0.0.1:{server.server_port}"})
    for status in (403, 429, 500, 502):
        try:
            result = client.build_proxy.get(status)
            seen[status] = f"returned a {type(result).__name__}"
        except Exception as error:
            seen[status] = f"raised {type(error).__name__}"
    server.shutdown()
print("copr", version("copr"))
for status, what in seen.items():
    print(f"status {status}, field `{'error' if status == 502 else 'message'}`: {what}")
returned = "returned a Munch"
raise SystemExit(seen != {403: returned, 429: returned, 500: returned, 502: "raised CoprRequestException"})
PYTHON
