"""Many clients poll while builds run: all get responses, and every build finishes.

The load benchmark measures the times.
"""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from urllib.parse import urlsplit

from srpm import make_srpm

from copr.v3 import Client, wait
from copr_local import LocalCopr

CLIENTS, BUILDS = 200, 8


def poll(url, build_id, over):
    """Poll a build until `over` is set. Return the states that were seen."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    states = set()
    try:
        while not over.is_set():
            connection.request("GET", f"/api_3/build/{build_id}")
            answer = connection.getresponse()
            body = json.loads(answer.read())
            assert answer.status == 200, body
            states.add(body["state"])
            over.wait(0.25)
    finally:
        connection.close()
    return states


def test_two_hundred_clients_poll_while_eight_builds_run_without_an_error(tmp_path):
    srpm = make_srpm(tmp_path, build="sleep 2")
    over = threading.Event()
    with LocalCopr(builders=BUILDS) as copr, ThreadPoolExecutor(CLIENTS) as crowd:
        client = Client(copr.config)
        client.project_proxy.add("local", "p", ["fedora-45-x86_64"])
        try:
            builds = [client.build_proxy.create_from_file("local", "p", srpm) for _ in range(BUILDS)]
            polls = [crowd.submit(poll, copr.url, builds[n % BUILDS].id, over) for n in range(CLIENTS)]
            ended = wait(builds, interval=0.5, timeout=120)
        finally:
            over.set()
        assert [build.state for build in ended] == ["succeeded"] * BUILDS
        states = [poll.result() for poll in polls]
        # A client on a busy machine can miss the two seconds in which a build runs.
        assert all(any("running" in seen for seen in states[n::BUILDS]) for n in range(BUILDS))
