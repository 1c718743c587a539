"""Many builds on our service: in batches, followed, canceled together, and built again after failures."""

from __future__ import annotations

import uuid

import pytest
from srpm import make_srpm

from copr.v3 import Client, wait

CHROOTS = ["fedora-45-x86_64", "epel-10-x86_64"]
SECONDS = {"interval": 0.1, "timeout": 120}


@pytest.fixture
def proxies(service):
    return Client(service.config)


@pytest.fixture
def project(proxies):
    return proxies.project_proxy.add("alice", f"many-{uuid.uuid4().hex[:8]}", CHROOTS[:1])


def test_a_batch_is_built_after_the_one_before_it(proxies, project, tmp_path):
    slow = make_srpm(tmp_path, "slow", build="sleep 1")
    quick = make_srpm(tmp_path, "quick")

    builds = proxies.build_proxy.create_in_order("alice", project.name, [[slow, slow], [quick]])

    first, second, last = wait(builds, **SECONDS)
    assert [each.state for each in (first, second, last)] == ["succeeded"] * 3
    assert last.started_on >= max(first.ended_on, second.ended_on)


def test_a_log_is_read_while_the_build_goes_on(proxies, project, tmp_path):
    srpm = make_srpm(tmp_path, "talker", build="for n in 1 2 3; do echo line $n; sleep 0.5; done")
    build = proxies.build_proxy.create_from_file(
        "alice", project.name, srpm, buildopts={"chroots": CHROOTS[:1]}
    )
    pieces = []
    chroot = proxies.build_chroot_proxy.follow_log(build.id, CHROOTS[0], pieces.append, interval=0.1)

    text = "".join(pieces)
    assert chroot.state == "succeeded"
    assert len(pieces) > 2
    assert [text.count(f"\nline {number}\n") for number in (1, 2, 3)] == [1, 1, 1]
    assert proxies.build_chroot_proxy.get_log(build.id, CHROOTS[0]) == text
    assert "talker-1.0-1" in proxies.build_chroot_proxy.get_log(build.id, None)


def test_many_are_cancelled_at_once(proxies, project, tmp_path):
    endless = make_srpm(tmp_path, "endless", build="sleep 600")
    builds = [proxies.build_proxy.create_from_file("alice", project.name, endless) for _ in range(6)]

    proxies.build_proxy.cancel_list([build.id for build in builds])
    proxies.build_proxy.cancel_list([build.id for build in builds])

    assert {build.state for build in wait(builds, **SECONDS)} == {"canceled"}


def test_what_failed_is_built_again_and_only_there(proxies, project, tmp_path):
    proxies.project_proxy.edit_chroots("alice", project.name, add=["epel-*"])
    picky = make_srpm(tmp_path, "picky", build='test -z "%{?rhel}"')
    [build] = wait(proxies.build_proxy.create_from_file("alice", project.name, picky), **SECONDS)
    assert build.state == "failed"

    [again] = wait(proxies.build_proxy.rebuild_failed(build.id), **SECONDS)

    assert again.chroots == [name for name in again.chroots if name.startswith("epel-")] != []
    assert again.source_package.name == "picky"
