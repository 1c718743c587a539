#!/usr/bin/env bash
# copr 2.7: the first page of a listing trusts REQUESTS_CA_BUNDLE, the second page does not.
#
# next_page() (and so unlimited() and all_pages()) sends the next request with a new Session and
# Session.send, which does not read REQUESTS_CA_BUNDLE. With a Copr whose certificate is from a company's own
# authority, everything works until a listing has a second page. The error is not a CoprException either.
#
# Seen with copr 2.7, requests 2.34.2, munch 4.0.0 (PyPI). The service is a stub on loopback.
# Exit status: 0 as described, 1 it has changed, 2 a program or package is missing.
set -euo pipefail
command -v openssl >/dev/null || { echo "openssl is missing: apt-get install openssl"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check copr==2.7 requests==2.34.2 munch==4.0.0 2>pip.log ||
    { cat pip.log; exit 2; }
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout key.pem -out certificate.pem 2>openssl.log
unset CURL_CA_BUNDLE
export NO_PROXY=localhost REQUESTS_CA_BUNDLE=$folder/certificate.pem
venv/bin/python - <<'PYTHON'
import json, ssl, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

from copr.v3 import Client, CoprException
from copr.v3.pagination import next_page


class Service(BaseHTTPRequestHandler):
    """A page of one build."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"items": [{"id": 1}], "meta": {"limit": 1, "offset": 0}}).encode())

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain("certificate.pem", "key.pem")
with Server(("127.0.0.1", 0), Service) as server:
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = Client({"copr_url": f"https://localhost:{server.server_port}"})
    page = client.build_proxy.get_list("owner", "project", pagination={"limit": 1})
    first = f"{len(page)} build"
    try:
        second = f"{len(next_page(page))} build"
    except Exception as error:
        kind = "a" if isinstance(error, CoprException) else "not a"
        second = f"{type(error).__name__}, {kind} CoprException"
    server.shutdown()
print("copr", version("copr"), "requests", version("requests"))
print("first page: ", first)
print("second page:", second)
raise SystemExit((first, second) != ("1 build", "SSLError, not a CoprException"))
PYTHON
