"""Packages that have a source: built again, with a limit for the number of builds that are kept."""

from __future__ import annotations

from uuid import uuid4

from copr.v3 import wait

SCRIPT = """#!/bin/sh
cat > made.spec <<END
Name: made
Version: 1.0
Release: 1
Summary: Made by a script
License: MIT
BuildArch: noarch
%description
Made by a script.
%files
END
"""


def test_a_package_is_rebuilt_and_its_older_build_goes(client):
    owner, name = "alice", f"rebuilds-{uuid4().hex}"
    client.project_proxy.add(owner, name, ["fedora-45-x86_64", "fedora-45-aarch64"])
    source = {"script": SCRIPT, "max_builds": 1, "chroot_denylist": "*-aarch64"}
    client.package_proxy.add(owner, name, "made", "custom", source)
    for _ in range(2):
        build = client.package_proxy.build(owner, name, "made")
        assert build.source_package.name == "made"
        [ended] = wait(build, interval=0.1, timeout=60)
        assert ended.state == "succeeded"
    assert ended.chroots == ["fedora-45-x86_64"]
    assert [kept.id for kept in client.build_proxy.get_list(owner, name, "made")] == [ended.id]
    package = client.package_proxy.get(owner, name, "made", with_latest_succeeded_build=True)
    assert package.builds.latest_succeeded == client.build_proxy.get(ended.id)
    [monitored] = client.monitor_proxy.monitor(owner, name).packages
    assert {chroot.build_id for chroot in monitored.chroots.values()} == {ended.id}
