#!/usr/bin/env bash
# copr 2.7: `connection_attempts` also repeats submissions whose response was lost. Each makes a build.
#
# The name suggests attempts to connect. But a POST is sent again after any lost connection, also if the
# service has received and carried out the first one. The caller gets one build, and the project has two.
#
# Seen with copr 2.7, requests 2.34.2, munch 4.0.0 (PyPI). The service is a stub on loopback. Takes 5 s more,
# the pause of copr 2.7 between two attempts.
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

submitted = []


class Service(BaseHTTPRequestHandler):
    """Makes a build of each submission, and loses the connection after the first one."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        submitted.append(request["clone_url"])
        if len(submitted) > 1:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"id": len(submitted)}).encode())

    def log_message(self, *_):
        pass


with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    login = {"username": "user", "login": "login", "token": "token"}
    client = Client({"copr_url": url, "connection_attempts": 2, **login})
    build = client.build_proxy.create_from_scm("owner", "project", "https://example.org/hello.git")
    server.shutdown()
print("copr", version("copr"))
print("builds that the caller knows:", build.id)
print("builds that the service made:", *range(1, len(submitted) + 1))
raise SystemExit((build.id, len(submitted)) != (2, 2))
PYTHON
