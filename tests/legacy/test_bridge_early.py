"""The bridges over API v3 as it was in 2020: fields that it did not have are made from others."""

from __future__ import annotations

import math
import time

import pytest

from copr.client import CoprClient
from copr.client_v2.client import CoprClient as ClientV2
from copr_local import LocalCopr

CHROOTS = ["fedora-44-x86_64", "fedora-rawhide-x86_64"]
PACKAGE_FIELDS = ["id", "state", "chroots", "pkg_version", "submitted_on", "canceled"]


def v1(service, bridge):
    login = service.config["login"], service.config["token"]
    return CoprClient("alice", *login, service.url, bridge=bridge)


def v2(service, bridge):
    login = service.config["login"], service.config["token"]
    return ClientV2.create_from_params(service.url, *login, bridge=bridge)


def _until(state, submitted):
    (build,) = submitted.builds_list
    while build.handle.get_build_details().status != state:
        time.sleep(0.05)


@pytest.fixture(scope="module")
def service():
    with LocalCopr(
        builds="scripted", username="alice", chroots=CHROOTS, apis={"v1", "v2", "v3-2020"}
    ) as copr:
        cl = v1(copr, False)
        cl.create_project("tools", chroots=CHROOTS, use_bootstrap_container=True)
        cl.create_project("plain", chroots=CHROOTS)
        copr.script("broken", fails=True)
        for name, end in (("hello", "succeeded"), ("broken", "failed")):
            _until(end, cl.create_new_build("tools", [f"https://example.com/{name}-1-1.src.rpm"]))
        copr.script("hello", takes=math.inf)
        _until("running", cl.create_new_build("tools", ["https://example.com/hello-2-1.src.rpm"]))
        yield copr


def _package(cl, name):
    package = cl.get_package(
        "tools", name, with_latest_build=True, with_latest_succeeded_build=True, with_all_builds=True
    ).data["package"]
    latest = [package["latest_build"], package["latest_succeeded_build"]]
    return [
        each and {field: each[field] for field in PACKAGE_FIELDS} for each in [*latest, *package["builds"]]
    ]


LOOKS = {
    "get_project_details": lambda cl: cl.get_project_details("tools").data,
    "get_project_details of one without bootstrap": lambda cl: cl.get_project_details("plain").data,
    "get_build_config": lambda cl: cl.get_build_config("alice/tools", CHROOTS[0]).data,
    "get_package that succeeded": lambda cl: _package(cl, "hello"),
    "get_package that failed": lambda cl: _package(cl, "broken"),
    **{
        f"get_build_details({number})": lambda cl, number=number: cl.get_build_details(number).data
        for number in (1, 2, 3)
    },
}
TASKS = {
    "of a project": lambda cl: cl.build_tasks.get_list(project_id=1),
    "that succeeded": lambda cl: cl.build_tasks.get_list(project_id=1, state="succeeded"),
    "that run": lambda cl: cl.build_tasks.get_list(project_id=1, state="running"),
    "one": lambda cl: [cl.build_tasks.get_one(2, CHROOTS[0])],
}


@pytest.mark.parametrize("look", LOOKS)
def test_api_v1_is_answered(look, service):
    assert LOOKS[look](v1(service, True)) == LOOKS[look](v1(service, False))


@pytest.mark.parametrize("look", TASKS)
def test_tasks_of_api_v2_are_answered(look, service):
    native, bridged = (
        [(task.build_id, task.chroot_name, task.state) for task in TASKS[look](v2(service, bridge))]
        for bridge in (False, True)
    )
    assert bridged == native
