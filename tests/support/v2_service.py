"""A service with projects of two owners and builds in all states; and client v2 for it."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager

from copr.client_v2 import CoprClient
from copr.v3 import Client, Policy, wait
from copr_local import LocalCopr
from copr_local.rules import users

CHROOTS = ["fedora-45-x86_64", "fedora-45-aarch64", "epel-10-x86_64", "centos-stream-10-x86_64"]
USED = CHROOTS[:2]


def address(package):
    return f"https://example.com/{package}-1.0-1.src.rpm"


@contextmanager
def populated():
    """A service with projects of two owners, and builds in all states."""
    with LocalCopr(builds="scripted", username="alice", chroots=CHROOTS, builders=8) as copr:
        copr.bob = copr.add_user("bob")
        copr.script("broken", chroot="source", fails="no spec file")
        copr.script("torn", chroot=USED[0], fails="no such header: zlib.h")
        copr.script("hello", packages=["hello", "hello-devel", "hello-doc.noarch"])
        alice, bob = Client(copr.config), Client(copr.bob)
        alice.project_proxy.add(
            "alice",
            "tools",
            USED,
            description="d",
            instructions="i",
            homepage="https://example.com/",
            contact="alice@example.com",
            additional_repos=["https://example.com/repo/"],
            enable_net=True,
        )
        alice.project_chroot_proxy.edit("alice", "tools", USED[0], additional_packages=["gcc", "make"])
        bob.project_proxy.add("bob", "bobs", USED[:1], devel_mode=True)
        alice.project_proxy.add("alice", "empty", USED[:1])
        with copr.database.writing() as tx:
            users.add_group(tx, "devs", "fas_devs", [users.get(tx, name) for name in ("alice", "bob")])
        bob.project_proxy.add("@devs", "shared", USED[:1])
        for package in ("hello", "broken", "torn", "hello"):
            wait(alice.build_proxy.create_from_url("alice", "tools", address(package)), interval=0.05)
        wait(bob.build_proxy.create_from_url("bob", "bobs", address("hello")), interval=0.05)
        copr.script("hello", chroot="fedora-*", takes=math.inf)
        running = alice.build_proxy.create_from_url(
            "alice", "tools", address("hello"), {"chroots": USED, "enable_net": False}
        )
        canceled = alice.build_proxy.create_from_url("alice", "tools", address("hello"))
        until_running(alice, running.id)
        until_running(alice, canceled.id)
        alice.build_proxy.cancel(canceled.id)
        wait(canceled, interval=0.05)
        yield copr


def until_running(client, build_id):
    deadline = time.monotonic() + 60
    while client.build_proxy.get(build_id).state != "running" or not all(
        each.state == "running" for each in client.build_chroot_proxy.get_list(build_id)
    ):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def client(service, bridge, config=None):
    login = (config or service.config)["login"], (config or service.config)["token"]
    return CoprClient.create_from_params(service.url, *login, bridge=bridge, policy=Policy(attempts=1))


def new(cl, **more):
    return cl.projects.create("new", "alice", USED[:1], **more)


def build(cl, **more):
    return cl.builds.create_from_url(1, address("slow"), **more)


def changed(cl, resource, **fields):
    for name, value in fields.items():
        setattr(resource, name, value)
    return resource.update()


def chroot_of(cl, name):
    return cl.projects.get_one(1).get_project_chroot(name)


def uploaded(cl, srpm):
    with open(srpm, "rb") as file:
        file.seek(0)
        return cl.builds.create_from_file(1, file_obj=file, file_name="other-1-1.src.rpm", chroots=USED)
