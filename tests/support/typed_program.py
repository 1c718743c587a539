"""A program for type checkers: every line says what they must find. It is never run."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, assert_type

import munch

from copr import create_client2_from_file_config
from copr.client_v2.resources import BuildList
from copr.results import Build, BuildChroot, MockChroots, Project, SourcePackage
from copr.v3 import AsyncClient, Client, CoprException, aio, next_page, succeeded, unlimited, wait
from copr.v3.helpers import List

client = Client.create_from_config_file()
assert_type(client, Client)

build = client.build_proxy.get(5)
assert_type(build, Build)
assert_type(build.id, int)
assert_type(build.source_package, SourcePackage)
assert_type(build.source_package.name, str | None)
assert_type(build.ended_on, int | None)
assert_type(client.build_proxy.get(build_id=5), Build)
assert_type(build.__response__, Any)
assert_type(build.toDict(), dict[str, Any])
assert_type(build.toJSON(), str)
build.note = "of the program"
as_dict: dict[str, Any] = build
as_munch: munch.Munch = build
assert_type(wait(build), list[Build])
assert_type(wait([build], timeout=60, callback=lambda builds: print(builds[0].state)), list[Build])
assert_type(succeeded(build) and succeeded([build]), bool)

builds = client.build_proxy.get_list("alice", "hello", status="failed", pagination={"limit": 3})
assert_type(builds, List[Build])
assert_type(builds[0].state, str)
assert_type(builds.meta.limit, int | None)
assert_type(wait(builds)[0].source_package.name, str | None)
assert_type(next_page(builds), List[Build])


def print_all(objects: List) -> None:
    """Take a list of anything."""
    for item in objects:
        print(item.anything)


print_all(builds)
for each in unlimited(builds, connections=4):
    assert_type(each, Build)

assert_type(client.build_proxy.create_from_url("alice", "hello", "http://x"), Build)
assert_type(client.build_proxy.create_from_urls("alice", "hello", ["http://x"]), List[Build])
assert_type(client.build_proxy.get_many([1, 2]), List[Build])
assert_type(client.project_proxy.add("alice", "hello", ["fedora-45-x86_64"], exist_ok=True), Project)
assert_type(client.project_proxy.get("alice", "hello").chroot_repos, dict[str, str])
assert_type(client.project_proxy.can_build_in("bob", "alice", "hello"), bool)
assert_type(client.build_chroot_proxy.get_list(5), List[BuildChroot])
assert_type(client.build_chroot_proxy.get_build_config(5, "x").timeout, int)
assert_type(client.project_chroot_proxy.get_build_config("alice", "hello", "x").isolation, str)
part = client.build_chroot_proxy.get_build_config(5, "x")
print(part.isolation)  # type: ignore[attr-defined]  # pyright: ignore[reportArgumentType]
assert_type(client.build_proxy.get_built_packages(5)["x"].packages[0].arch, str)
assert_type(client.mock_chroot_proxy.get_list(), MockChroots)
assert_type(client.base_proxy.auth_check().name, str)
assert_type(client.package_proxy.get("alice", "hello", "p").builds.latest, Build | None)
assert_type(CoprException().status, int | None)

client.build_proxy.get()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
client.build_proxy.get_list("alice")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
client.project_proxy.get("alice", "hello", colour="red")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
print(build.colour)  # type: ignore[attr-defined]  # pyright: ignore[reportArgumentType]

project = create_client2_from_file_config().projects.get_one(1)
assert_type(project.id, int)
assert_type(project.get_builds().next_page(), BuildList)
for old_build in project.get_builds():
    assert_type(old_build.submitted_on, int | None)
project.description = 5  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


async def main() -> None:
    async with AsyncClient.create_from_config_file() as client:
        coming: Coroutine[Any, Any, Build] = client.build_proxy.get(5)
        assert_type(await coming, Build)
        build = await client.build_proxy.get(5)
        assert_type(build, Build)
        assert_type(await aio.wait([build]), list[Build])
        page = await client.build_proxy.get_list("alice", "hello", pagination={"limit": 3})
        assert_type(page, List[Build])
        async for each in aio.unlimited(page):
            assert_type(each.source_package.version, str | None)
        await client.build_proxy.get()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
