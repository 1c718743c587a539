"""How long requests hold the write lock of the database, in a project with very many builds.

    python -m benchmarks.write_lock [--builds N] [--few N] [--write]

Rules: the service is the real one; no builds run. For each request, the table has the longest time that a
transaction held the lock, and how many transactions there were. Times are processor time of the thread that
held the lock, so that they mean the same on a busy machine. The ratio compares them with the same request in
a project with few builds.
"""

from __future__ import annotations

import argparse
import gc
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import requests
from sqlalchemy import update

from copr_local import LocalCopr
from copr_local.data.models import Build, Package
from copr_local.rules import projects

from .environments import ROOT
from .load import CHROOTS, fill
from .sections import update_page

PAGE = ROOT / "docs" / "local-copr-load.md"
TITLE = "## How long requests hold the write lock"
LIMIT = 250  # milliseconds that the lock may be held
FIRST = 1000  # the first id of the packages and builds that `fill` writes
URLS = [f"https://example.com/url{number}-1-1.src.rpm" for number in range(1000)]
SOURCE = {"clone_url": "https://example.com/forge/all.git"}


@dataclass
class TimedLock:
    """A lock that notes for how long it was held, in seconds of processor time."""

    held: list[float] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)
    _since: float = 0.0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._since = time.thread_time()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.held.append(time.thread_time() - self._since)
        self._lock.release()


@dataclass(frozen=True)
class Request:
    """A request that writes, in the project `local/large` unless its path names another one."""

    title: str
    method: str
    path: str
    json: Any = None
    form: Any = None
    page: str = ""  # page with the form, whose secret is sent with it


@dataclass(frozen=True)
class Result:
    """How long one request held the lock: the longest time in milliseconds, and how many times."""

    title: str
    longest: float
    times: int


def write_requests(secret: str, count: int) -> Iterator[Request]:
    """Yield the requests, those that delete most at the end."""
    project = {"ownername": "local", "projectname": "large"}
    of = "local/large"
    chroot = CHROOTS[0]
    yield Request("submit a build of a URL", "POST", "build/create/url", {**project, "pkgs": [URLS[0]]})
    yield Request("submit builds of 1,000 URLs", "POST", "build/create/url", {**project, "pkgs": URLS})
    yield Request(
        "the same in a new directory",
        "POST",
        "build/create/url",
        {**project, "pkgs": URLS, "project_dirname": "large:custom:new"},
    )
    yield Request("submit a build of Git", "POST", "build/create/scm", {**project, **SOURCE})
    yield Request("check before a build", "POST", "build/check-before-build", project)
    yield Request("cancel a build", "PUT", f"build/cancel/{FIRST + count}")
    yield Request("delete a build", "DELETE", f"build/delete/{FIRST + 1}")
    some = [FIRST + number for number in range(2, min(10_000, count // 2))]
    yield Request("delete many builds", "DELETE", "build/delete/list", {"builds": some})
    yield Request("add a project", "POST", "project/add/local", {"name": "new", "chroots": CHROOTS})
    yield Request("edit the project", "PUT", f"project/edit/{of}", {"description": "changed"})
    yield Request("drop a chroot", "PUT", f"project/edit/{of}", {"chroots": CHROOTS[:1]})
    yield Request("add a chroot", "PUT", f"project/edit/{of}", {"chroots": CHROOTS})
    yield Request("regenerate repositories", "PUT", f"project/regenerate-repos/{of}")
    yield Request("edit a chroot", "PUT", f"project-chroot/edit/{of}/{chroot}", {"with_opts": "x"})
    yield Request("request a role", "PUT", f"project/permissions/request/{of}", {"admin": True})
    yield Request("set roles", "PUT", f"project/permissions/set/{of}", {"other": {"admin": "approved"}})
    yield Request("add a package", "POST", f"package/add/{of}/added/scm", SOURCE | {"package_name": "added"})
    yield Request(
        "edit a package", "POST", f"package/edit/{of}/package7/scm", SOURCE | {"package_name": "package7"}
    )
    yield Request("reset a package", "PUT", "package/reset", {**project, "package_name": "package7"})
    yield Request("build a package", "POST", "package/build", {**project, "package_name": "package8"})
    yield Request(
        "keep one build of a package with many",
        "POST",
        f"package/edit/{of}/package2/scm",
        SOURCE | {"package_name": "package2", "max_builds": 1},
    )
    yield Request(
        "delete a package with many builds",
        "DELETE",
        "package/delete",
        {**project, "package_name": "package1"},
    )
    yield Request("push to a forge, for all packages", "POST", f"/webhooks/github/1/{secret}/", PUSH)
    yield from _old_requests(count)
    yield from _forms(count)
    fork = {"name": "fork", "ownername": "local", "confirm": False}
    yield Request("fork the project", "PUT", f"project/fork/{of}", fork)
    yield Request("fork it once more", "PUT", f"project/fork/{of}", fork | {"confirm": True})
    yield Request("delete the fork", "DELETE", "project/delete/local/fork")


def _old_requests(count: int) -> Iterator[Request]:
    """Yield requests of API v1 and v2."""
    of, chroot = "/api/coprs/local/large", CHROOTS[0]
    last = FIRST + count
    urls = {"pkgs": " ".join(URLS), chroot: "y"}
    yield Request("v1: submit builds of 1,000 URLs", "POST", f"{of}/new_build/", form=urls)
    yield Request("v1: edit the project", "POST", f"{of}/modify/", form={"description": "changed"})
    yield Request("v1: edit a chroot", "POST", f"{of}/chroot/edit/{chroot}/", form={"buildroot_pkgs": "gcc"})
    yield Request("v1: cancel a build", "POST", f"/api/coprs/cancel_build/{last + 2}/")
    yield Request("v1: delete a build", "POST", f"/api/coprs/delete_build/{FIRST + count // 2}/")
    yield Request("v1: build a package", "POST", f"{of}/package/build/package9/")
    yield Request("v1: fork the project", "POST", f"{of}/fork/", form={"name": "old"})
    deleted = {"verify": "yes"}
    yield Request("v1: delete the fork", "POST", "/api/coprs/local/old/delete/", form=deleted)
    build = {"project_id": 1, "srpm_url": URLS[0], "chroots": CHROOTS}
    yield Request("v2: submit a build", "POST", "/api_2/builds", build)
    yield Request("v2: cancel a build", "PUT", f"/api_2/builds/{last + 3}", {"state": "canceled"})
    yield Request("v2: delete a build", "DELETE", f"/api_2/builds/{last + 3}")
    yield Request("v2: edit the project", "PUT", "/api_2/projects/1", {"description": "changed again"})
    yield Request("v2: drop a chroot", "DELETE", f"/api_2/projects/1/chroots/{CHROOTS[1]}")
    yield Request("v2: add a chroot", "POST", "/api_2/projects/1/chroots", {"name": CHROOTS[1]})


def _forms(count: int) -> Iterator[Request]:
    """Yield the forms of pages."""
    of = "/coprs/local/large"
    last = FIRST + count
    some = {"build": [last + number for number in range(10, 1000)]}
    urls = {"pkgs": "\n".join(URLS), "chroots": CHROOTS[:1]}
    yield Request("form: submit builds of 1,000 URLs", "POST", f"{of}/new-build/url/", form=urls)
    yield Request("form: cancel 990 builds", "POST", f"{of}/builds/cancel/", form=some, page=f"{of}/builds/")
    deleted = {**some, "word": "delete 990"}
    yield Request(
        "form: delete 990 builds", "POST", f"{of}/builds/delete/", form=deleted, page=f"{of}/builds/"
    )
    forked = {"ownername": "local", "name": "forked"}
    yield Request("form: fork the project", "POST", f"{of}/fork/", form=forked)
    yield Request(
        "form: delete the fork", "POST", "/coprs/local/forked/delete/", form={"word": "local/forked"}
    )


PUSH = {
    "ref": "refs/heads/main",
    "after": 40 * "a",
    "repository": {"clone_url": SOURCE["clone_url"], "default_branch": "main"},
    "commits": [{"added": ["one"], "removed": [], "modified": []}],
}


def measure(count: int) -> Iterator[Result]:
    """Measure all requests in a project with so many builds."""
    with LocalCopr(builds="scripted", builders=0, chroots=CHROOTS) as copr, requests.Session() as session:
        session.auth = (copr.config["login"], copr.config["token"])
        copr.add_user("other")

        def send(request: Request) -> None:
            path = request.path if request.path.startswith("/") else f"/api_3/{request.path}"
            form = request.form
            if path.startswith(("/coprs/", "/login/")):
                page = session.get(copr.url + (request.page or path), timeout=600).text
                found = re.search(r'name="csrf_token" value="([^"]+)"', page)
                form = {"csrf_token": found and found[1], **form}
            headers = {"X-GitHub-Event": "push"} if "webhooks" in path else {}
            answer = session.request(
                request.method,
                copr.url + path,
                json=request.json,
                data=form,
                headers=headers,
                timeout=600,
                allow_redirects=False,
            )
            if answer.status_code not in (200, 201, 204, 303) and "role" not in request.title:
                raise RuntimeError(f"{request.title}: {answer.status_code} {answer.text[:500]}")

        token = {name: copr.config[name] for name in ("login", "token")}
        send(Request("", "POST", "/login/", form=token))
        send(Request("", "POST", "project/add/local", {"name": "large", "chroots": CHROOTS}))
        fill(copr, count)
        secret = _prepare(copr, count)
        gc.freeze()  # as `copr-local serve` does
        lock = TimedLock()
        copr.database._writer = lock  # type: ignore[assignment]  # what it is used as
        for request in write_requests(secret, count):
            yield _measured(lock, request, send)
        with copr.database.writing() as tx:
            tx.session.execute(update(Build).values(state="succeeded", source_state="succeeded"))
        yield _measured(lock, Request("delete the project", "DELETE", "project/delete/local/large"), send)


def _measured(lock: TimedLock, request: Request, send: Any) -> Result:
    lock.held.clear()
    send(request)
    return Result(request.title, 1000 * max(lock.held, default=0), len(lock.held))


def _prepare(copr: LocalCopr, count: int) -> str:
    """Give a tenth of the builds to each of two packages, and all packages a source; return the secret."""
    with copr.database.writing() as tx:
        for package in (1, 2):
            first = FIRST + count - package * (count // 10)
            ids = range(first, first + count // 10)
            tx.session.execute(
                update(Build).where(Build.id.between(ids[0], ids[-1])).values(package_id=FIRST + package)
            )
        of_forge = {"type": "git", "committish": "", "subdirectory": "", "spec": "", **SOURCE}
        tx.session.execute(update(Package).values(source_type="scm", source=of_forge, webhook_rebuild=True))
        return str(projects.get(tx, "local", "large").webhook_secret)


def table(results: Iterable[Result], few: Mapping[str, Result], count: int) -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"| request | longest | transactions | beside {count:,} builds | {LIMIT} ms |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for result in results:
        ratio = result.longest / max(few[result.title].longest, 0.01)
        status = "met" if result.longest < LIMIT else "not met"
        yield f"| {result.title} | {result.longest:.0f} ms | {result.times} | {ratio:.1f}x | {status} |"


def section(lines: Iterable[str], count: int) -> str:
    """Return the section of the page of the documentation."""
    made = "\n".join(lines)
    return f"""{TITLE}

The database has one writer at a time. This is the longest time that one transaction of a request held the
write lock, in a project with {count:,} builds, as processor time of its thread. Large work is done in many
transactions, so that others can write in between.

{made}

    .venv/bin/python -m benchmarks.write_lock --write          measures all, and writes this section
"""


def main() -> None:
    """Measure and print. Write the section of the page if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.write_lock", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--builds", type=int, default=100_000, help="how many builds the large project has")
    parser.add_argument("--few", type=int, default=1_000, help="how many builds the small project has")
    parser.add_argument("--write", action="store_true", help=f"write the section of {PAGE.name}")
    options = parser.parse_args()
    few = {result.title: result for result in measure(options.few)}
    lines = []
    for line in table(measure(options.builds), few, options.few):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        update_page(PAGE, section(lines, options.builds))


if __name__ == "__main__":
    main()
