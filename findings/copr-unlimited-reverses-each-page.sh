#!/usr/bin/env bash
# copr 2.7: unlimited() yields the items of each page in reverse order, but the pages in order.
#
# all_pages() of the same module yields the order of the service. So neither "newest first" nor "oldest
# first" holds for unlimited(), and a loop that stops at the first known id misses items.
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
from urllib.parse import parse_qs, urlsplit

from copr.v3 import Client
from copr.v3.pagination import all_pages, unlimited


class Service(BaseHTTPRequestHandler):
    """Seven builds, in pages as large as the request says."""

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        limit, offset = int(query["limit"][0]), int(query.get("offset", ["0"])[0])
        items = [{"id": number} for number in range(1, 8)][offset : offset + limit]
        body = json.dumps({"items": items, "meta": {"limit": limit, "offset": offset}}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client({"copr_url": f"http://127.0.0.1:{server.server_port}"})

    def ids(read):
        page = client.build_proxy.get_list("owner", "project", pagination={"limit": 3})
        return [build.id for build in read(page)]

    seen = ids(all_pages), ids(unlimited)
    server.shutdown()
print("copr", version("copr"))
print("all_pages:", *seen[0])
print("unlimited:", *seen[1])
raise SystemExit(seen != ([1, 2, 3, 4, 5, 6, 7], [3, 2, 1, 6, 5, 4, 7]))
PYTHON
