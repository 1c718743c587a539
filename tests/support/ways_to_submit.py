"""Every way to create something on a service, with each client; and what a lost response costs.

A way is a function of a client and a folder that has the files to upload. `losses.prepared()` is the service.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager

import pytest
from gateway import CUTS, RESET, gateway
from losses import CHROOTS, GROUP_PROJECT, PACKAGES, PROJECT, URL
from sqlalchemy import text

from copr.client import CoprClient
from copr.client_v2 import CoprClient as Client2
from copr.v3 import AsyncClient, Client, CoprException, Policy
from copr_local.data import models

GIT = "https://example.com/hello.git"
SRPM, RPM = "hello-1-1.src.rpm", "hello-1-1.noarch.rpm"
NEW = ("alice", "new")

COUNTED = [kind.__tablename__ for kind in (models.Project, models.Build, models.Package)]

#: With `copr.v3`: the name of the method, and what is special.
V3 = {
    "create_from_file": lambda c, f: c.build_proxy.create_from_file(*PROJECT, str(f / SRPM)),
    "create_from_file, a spec file": lambda c, f: c.build_proxy.create_from_file(
        *PROJECT, str(f / "hello.spec")
    ),
    "create_from_file, of a group": lambda c, f: c.build_proxy.create_from_file(
        *GROUP_PROJECT, str(f / SRPM)
    ),
    "create_from_file, in a folder": lambda c, f: c.build_proxy.create_from_file(
        *PROJECT, str(f / SRPM), project_dirname="tools:custom:x"
    ),
    "create_from_file, some chroots": lambda c, f: c.build_proxy.create_from_file(
        *PROJECT, str(f / SRPM), {"chroots": CHROOTS[:2], "background": True, "timeout": 60}
    ),
    "create_from_file, without a chroot": lambda c, f: c.build_proxy.create_from_file(
        *PROJECT, str(f / SRPM), {"exclude_chroots": CHROOTS[:1]}
    ),
    "create_from_file, after a batch": lambda c, f: c.build_proxy.create_from_file(
        *PROJECT, str(f / SRPM), {"after_build_id": 1}
    ),
    "create_from_file, in a batch": lambda c, f: c.build_proxy.create_from_file(
        *PROJECT, str(f / SRPM), {"with_build_id": 1}
    ),
    "create_from_rpm_upload": lambda c, f: c.build_proxy.create_from_rpm_upload(*PROJECT, str(f / RPM)),
    "create_from_url": lambda c, f: c.build_proxy.create_from_url(*PROJECT, URL),
    "create_from_urls, two": lambda c, f: c.build_proxy.create_from_urls(
        *PROJECT, [URL, "https://example.com/ed.spec"]
    ),
    "create_from_scm": lambda c, f: c.build_proxy.create_from_scm(*PROJECT, GIT),
    **{
        f"create_from_scm, {method}": lambda c, f, method=method: c.build_proxy.create_from_scm(
            *PROJECT, GIT, "main", "sub", "hello.spec", "git", method
        )
        for method in ("rpkg", "tito", "tito_test", "make_srpm")
    },
    "create_from_pypi": lambda c, f: c.build_proxy.create_from_pypi(*PROJECT, "munch", "4.0", "fedora", [3]),
    "create_from_rubygems": lambda c, f: c.build_proxy.create_from_rubygems(*PROJECT, "rake"),
    "create_from_custom": lambda c, f: c.build_proxy.create_from_custom(
        *PROJECT, "#!/bin/sh\nmake\n", CHROOTS[2], ["make", "tar"], "out"
    ),
    "create_from_distgit": lambda c, f: c.build_proxy.create_from_distgit(*PROJECT, "hello", "f44"),
    **{
        f"package_proxy.build, {kind}": lambda c, f, kind=kind: c.package_proxy.build(*PROJECT, f"of-{kind}")
        for kind in PACKAGES
    },
    **{
        f"package_proxy.add, {kind}": lambda c, f, kind=kind: c.package_proxy.add(
            *PROJECT, "new", kind, PACKAGES[kind]
        )
        for kind in PACKAGES
    },
    "project_proxy.add": lambda c, f: c.project_proxy.add(*NEW, CHROOTS[:1], description="d"),
    "project_proxy.add, of a group": lambda c, f: c.project_proxy.add("@team", "new", CHROOTS[:1]),
    "project_proxy.fork": lambda c, f: c.project_proxy.fork(*PROJECT, *NEW),
    "project_proxy.fork, into a group": lambda c, f: c.project_proxy.fork(*PROJECT, "@team", "new"),
}

#: With the client of API v1.
V1 = {
    "create_new_build, a URL": lambda c, f: c.create_new_build("tools", [URL]),
    "create_new_build, a file": lambda c, f: c.create_new_build("tools", [str(f / SRPM)]),
    "create_new_build_pypi": lambda c, f: c.create_new_build_pypi("tools", "munch", "4.0"),
    "create_new_build_rubygems": lambda c, f: c.create_new_build_rubygems("tools", "rake"),
    "create_new_build_custom": lambda c, f: c.create_new_build_custom("tools", "#!/bin/sh\nmake\n"),
    "create_new_build_scm": lambda c, f: c.create_new_build_scm("tools", GIT, committish="main"),
    "create_new_build_tito": lambda c, f: c.create_new_build_tito("tools", GIT, git_branch="main"),
    "create_new_build_mock": lambda c, f: c.create_new_build_mock("tools", GIT, "hello.spec"),
    "create_new_build_distgit": lambda c, f: c.create_new_build_distgit("tools", GIT, "f44"),
    "build_package": lambda c, f: c.build_package("tools", "of-scm", ownername="alice"),
    "add_package_pypi": lambda c, f: c.add_package_pypi("new", "tools", "munch", "4.0"),
    "create_project": lambda c, f: c.create_project("new", description="d", chroots=CHROOTS[:1]),
    "fork_project": lambda c, f: c.fork_project("alice/tools", "new"),
}

#: With the client of API v2.
V2 = {
    "builds.create_from_url": lambda c, f: c.builds.create_from_url(1, URL),
    "builds.create_from_file": lambda c, f: c.builds.create_from_file(1, str(f / SRPM)),
    "projects.create": lambda c, f: c.projects.create("new", "alice", CHROOTS[:1]),
}


def blocking(way, config, files, **limits):
    """Submit with the blocking client of `copr.v3`."""
    with Client(config, policy=Policy(pause=0.05, **limits)) as client:
        return way(client, files)


def awaiting(way, config, files, **limits):
    """Submit with the async client."""

    async def main():
        async with AsyncClient(config, policy=Policy(pause=0.05, **limits)) as client:
            return await way(client, files)

    return asyncio.run(main())


def _old(make, bridge):
    def submit(way, config, files, **limits):
        return way(make(config, bridge, Policy(pause=0.05, **limits)), files)

    return submit


def _v1(config, bridge, policy):
    login = config["login"], config["token"], config["copr_url"]
    return CoprClient("alice", *login, bridge=bridge, policy=policy)


def _v2(config, bridge, policy):
    login = config["copr_url"], config["login"], config["token"]
    return Client2.create_from_params(*login, bridge=bridge, policy=policy)


def _natively_and_not(make):
    return {"natively": _old(make, bridge=False), "over API v3": _old(make, bridge=True)}


def _light(carry):
    """Return a carrier that sends without an HTTP library, as in a program that has loaded none."""

    def submit(way, config, files, **limits):
        with pytest.MonkeyPatch.context() as patched:
            for module in ("_light", "_light_async"):
                patched.setattr(f"copr.{module}.is_possible", lambda: True)
            return carry(way, config, files, **limits)

    return submit


#: The carriers of `copr.v3` over its light transports.
LIGHT = {"blocking": _light(blocking), "async": _light(awaiting)}

#: The clients: their ways to submit, and functions that carry out one of them.
CLIENTS = {
    "`copr.v3`": (V3, {"blocking": blocking, "async": awaiting}),
    "API v1": (V1, _natively_and_not(_v1)),
    "API v2": (V2, _natively_and_not(_v2)),
}


#: How many projects, builds and packages there are, in one statement.
COUNTS = text("SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in COUNTED))


def existing(copr):
    """Return how many projects, builds and packages a service has."""
    with copr.database.reading() as tx:
        return list(tx.session.execute(COUNTS).one())


def _faulty(**fault):
    """Return a way to lose a response by a fault of the service."""

    @contextmanager
    def lose(copr):
        (kind, arguments), *_ = fault.items()
        with getattr(copr.faults, kind)(*arguments, method="POST", count=1) as met:
            yield copr.config
            assert met.hits == 1

    return lose


def _cut(change):
    """Return a way to lose a response by a gateway that changes it."""

    @contextmanager
    def lose(copr):
        with gateway(copr.url) as between:
            between.change = change
            yield {**copr.config, "copr_url": between.url}
            assert between.change is None

    return lose


def _refused(response):
    """Return a way to lose a submission by a gateway that reads it, and then refuses it."""

    @contextmanager
    def lose(copr):
        with gateway(copr.url) as between:
            between.instead = response
            yield {**copr.config, "copr_url": between.url}
            assert between.instead is None

    return lose


def _status(status, reason):
    """Return a response of a proxy."""
    return f"HTTP/1.1 {status} {reason}\r\nServer: proxy\r\nContent-Length: 0\r\n\r\n".encode()


#: Seconds: the client's time limit for a response, a response that is later, and the limit for all others.
LIMIT, LATE, PATIENCE = 0.5, 0.7, 120

#: Ways to lose a submission before the service has carried it out, and ways to lose the response to it.
NOT_CARRIED_OUT = {
    "the connection is reset before the request is read": _faulty(reset=["before"]),
    "the connection is reset while the request is read": _faulty(reset=["during"]),
    "status 502, and the request never arrived": _faulty(status=[502, "before"]),
    "the connection is reset after the whole request was read": _refused(RESET),
    "status 503 after the whole request was read": _refused(_status(503, "Service Unavailable")),
}
#: Refusals: the service says that it does not carry out the submission.
REFUSED = {
    "status 413 after the whole request was read": _refused(_status(413, "Content Too Large")),
}
CARRIED_OUT = {
    "the connection is reset before the response": _faulty(reset=["after"]),
    "status 502 in place of the response": _faulty(status=[502, "after"]),
    "status 504 in place of the response": _faulty(status=[504, "after"]),
    **{f"{name} in place of the response": _cut(CUTS[name]) for name in ("an empty 200", "a page of HTML")},
    **{f"the response is {name}": _cut(change) for name, change in CUTS.items() if name.startswith("cut")},
    "half of a body of unknown length": _cut(CUTS["half of a body of unknown length"]),
    "cut in the body": _faulty(cut=[10]),
    "no response in time": _faulty(delay=[LATE, "after"]),
    "no response in time, and carried out after that": _faulty(delay=[LATE, "before"]),
}
LOSSES = {**NOT_CARRIED_OUT, **REFUSED, **CARRIED_OUT}


def outcome(copr, way, submit, files, loss):
    """Submit while the response is lost. Return how many things were made, and what the caller got.

    A new project may have packages of its own, which do not count.
    """
    before = existing(copr)
    with LOSSES[loss](copr) as config:
        try:
            got = submit(way, config, files, read=LIMIT if "in time" in loss else PATIENCE)
        except CoprException as error:
            got = error
    made = [now - then for now, then in zip(existing(copr), before, strict=True)]
    return next(filter(None, made), 0), got
