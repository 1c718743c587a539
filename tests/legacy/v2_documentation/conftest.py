"""Services for the examples: one with API v2, and ones that have only API v3, of today and of 2020."""

from __future__ import annotations

import math
import shutil

import pytest
from srpm import make_srpm
from v2_examples import CHROOTS, ENABLED, OWNERS

import copr
from copr.client_v2.common import BuildStateValues
from copr.v3 import Client, wait
from copr_local import LocalCopr


@pytest.fixture(
    scope="package",
    params=[("v1", "v2", "v3"), ("v3",), ("v3-2020",)],
    ids=["over v2", "over v3", "over v3 of 2020"],
)
def began(request):
    """A service with projects and builds, and its state."""
    with LocalCopr(
        builds="scripted", username="alice", chroots=CHROOTS, builders=8, apis=request.param
    ) as service:
        alice = Client(service.config)
        alice.project_proxy.add("alice", "salt", ENABLED, enable_net=True)
        for owner in OWNERS:
            config = service.config if owner == "alice" else service.add_user(owner)
            Client(config).project_proxy.add(owner, "copr", CHROOTS[:1])
        service.script("broken", chroot="epel-*", fails="no such header: zlib.h")
        for package in ("hello", "broken", "hello", "broken"):
            wait(
                alice.build_proxy.create_from_url(
                    "alice", "salt", f"http://example.com/{package}-1-1.src.rpm"
                ),
                interval=0.05,
            )
        service.script("my", takes=math.inf)
        yield service, service.snapshot()


@pytest.fixture
def names(began, tmp_path, monkeypatch):
    """What the examples take for granted."""
    service, state = began
    service.restore(state)
    srpm = make_srpm(tmp_path)
    for name in ("my.src.rpm", "hello-2.8-1.fc20.src.rpm"):
        shutil.copy(srpm, tmp_path / name)
    monkeypatch.setenv("COPR_CONFIG", str(service.config_path))
    client = copr.create_client2_from_file_config()
    return {
        "cl": client,
        "p": client.projects.get_one(1),
        "b": client.builds.get_one(2),
        "BuildStateValues": BuildStateValues,
        "HERE": {
            "http://copr-fe-dev.cloud.fedoraproject.org/": f"{service.url}/",
            "vgologuz": "alice",
            "1835": "1",
            "3806": "1",
            "138421": "2",
            "106897": "2",
            "/tmp/": f"{tmp_path}/",
        },
    }
