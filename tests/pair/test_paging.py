"""`unlimited` reads each build of a real listing once, while builds are added to it."""

from __future__ import annotations

import pytest

from copr.v3 import Client, unlimited
from copr_local import LocalCopr

CHROOT = "fedora-44-x86_64"


@pytest.mark.parametrize("connections", [1, 4])
def test_each_build_comes_once_while_others_are_added(connections):
    with LocalCopr(username="alice", chroots=[CHROOT], builds="scripted", builders=0) as copr:
        proxy = Client(copr.config).build_proxy
        Client(copr.config).project_proxy.add("alice", "hello", [CHROOT])

        def add(count):
            urls = [f"https://example.com/hello{number}-1-1.src.rpm" for number in range(count)]
            return [build.id for build in proxy.create_from_urls("alice", "hello", urls)]

        before = add(90)
        seen = []
        first = proxy.get_list("alice", "hello", pagination={"limit": 20})
        for build in unlimited(first, connections=connections):
            seen.append(build.id)
            if len(seen) in (10, 30):
                add(25)
        assert len(seen) == len(set(seen))
        assert set(before) <= set(seen)
