"""Services for client v2: one with API v2, and ones that have only API v3, of today and of 2020."""

from __future__ import annotations

import math

import pytest
from srpm import make_srpm
from v2_examples import CHROOTS, ENABLED, OWNERS

import copr
from copr.v3 import Client, wait
from copr_local import LocalCopr


@pytest.fixture(
    scope="package",
    params=[("v1", "v2", "v3"), ("v3",), ("v3-2020",)],
    ids=["over v2", "over v3", "over v3 of 2020"],
)
def began(request):
    """A service with projects and builds, and its state.

    Project 1 is mira's "lantern": its builds 1 and 3 succeeded, 2 and 4 failed in one chroot. New builds of
    "lamp" run until a test ends them.
    """
    with LocalCopr(
        builds="scripted", username="mira", chroots=CHROOTS, builders=8, apis=request.param
    ) as service:
        mira = Client(service.config)
        mira.project_proxy.add("mira", "lantern", ENABLED, enable_net=True)
        for owner in OWNERS:
            config = service.config if owner == "mira" else service.add_user(owner)
            Client(config).project_proxy.add(owner, "beacon", CHROOTS[:1])
        service.script("wick", chroot="opensuse-*", fails="no such header: wax.h")
        for package in ("glass", "wick", "glass", "wick"):
            wait(
                mira.build_proxy.create_from_url(
                    "mira", "lantern", f"https://example.com/{package}-1-1.src.rpm"
                ),
                interval=0.05,
            )
        service.script("lamp", takes=math.inf)
        yield service, service.snapshot()


@pytest.fixture
def service(began):
    """That service in its first state."""
    service, state = began
    service.restore(state)
    return service


@pytest.fixture
def mira(service, monkeypatch):
    """A client of API v2 with the login of the configuration file."""
    monkeypatch.setenv("COPR_CONFIG", str(service.config_path))
    return copr.create_client2_from_file_config()


@pytest.fixture
def lantern(mira):
    """The project that has builds."""
    return mira.projects.get_one(1)


@pytest.fixture(scope="session")
def lamp(tmp_path_factory):
    """The path of a source RPM."""
    return str(make_srpm(tmp_path_factory.mktemp("lamp"), name="lamp"))
