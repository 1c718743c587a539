"""Takes the pictures of the local Copr's pages that the documentation shows.

    .venv/bin/python docs/make_pictures.py     writes docs/assets/*-page.png

It needs the browser Chromium (`apt-get install chromium-headless-shell`, `dnf install chromium-headless`)
and Playwright. The builds are scripted, so nothing else is needed. tests/server/test_browser.py and
benchmarks/first_paint.py use the same browser, projects and pages.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from copr.v3 import Client, wait
from copr_local import LocalCopr
from copr_local.web.submissions import SOURCES

ASSETS = Path(__file__).resolve().parent / "assets"
#: Names of the browser. Those without windows start in half the time.
CHROMIUM = ("chromium-headless-shell", "headless_shell", "chromium", "chromium-browser")
CHROOTS = ["fedora-45-x86_64", "fedora-44-x86_64", "epel-10-x86_64"]
PICTURES: dict[str, tuple[str, int, int, Literal["light", "dark"]]] = {
    # name of the file: the path of the page, width and height of the picture, colours
    "project-page": ("/coprs/alice/greetings/", 1100, 720, "light"),
    "build-page": ("/coprs/build/4/", 1100, 900, "light"),
    "monitor-page": ("/coprs/alice/greetings/monitor/", 1100, 420, "dark"),
    "new-build-page": ("/coprs/alice/greetings/new-build/scm/", 1100, 760, "light"),
}
PROJECT = "/coprs/alice/greetings/"

#: Pages that everybody sees, and those that a user sees who is signed in.
FOR_ALL = (
    *("/", "/search/?q=hello", "/login/", "/api/", "/api_3/docs", "/coprs/alice/", "/nothing"),
    *("/results/alice/greetings/", PROJECT, f"{PROJECT}builds/", f"{PROJECT}packages/", f"{PROJECT}monitor/"),
    *(f"{PROJECT}package/hello/", "/coprs/build/3/", "/coprs/build/4/", "/coprs/build/4/log/epel-10-x86_64/"),
)
FOR_USERS = (
    *("/new-project/", "/api/", PROJECT, "/coprs/build/4/", "/coprs/build/4/delete/"),
    *(f"{PROJECT}builds/", f"{PROJECT}package/hello/edit/"),
    *(f"{PROJECT}settings/", f"{PROJECT}settings/epel-10-x86_64/", f"{PROJECT}permissions/"),
    *(f"{PROJECT}webhooks/", f"{PROJECT}fork/", f"{PROJECT}delete/", f"{PROJECT}new-package/"),
    *(f"{PROJECT}new-build/{source}/" for source in SOURCES),
)

LARGEST = 150_000  # bytes
COMPILER = """\
Executing(%build): /bin/sh -e /var/tmp/rpm-tmp.kXuVJc
+ make -j2
gcc -O2 -Werror=format-security -c -o hello.o hello.c
gcc -O2 -Werror=format-security -c -o welcome.o welcome.c
\x1b[1mwelcome.c:3:10:\x1b[0m \x1b[31mfatal error:\x1b[0m wchar.h: No such file or directory
    3 | #include <wchar.h>
compilation terminated.
make: *** [Makefile:3: welcome.o] Error 1
"""
DESCRIPTION = """\
Programs that **greet** the world.

- `hello` is the classic
- `welcome` is for guests
"""


def fill(copr: LocalCopr) -> None:
    """Make a project with some packages and builds: the newest one, build 4, failed in one chroot."""
    client = Client(copr.config)
    client.project_proxy.add(
        "alice",
        "greetings",
        CHROOTS,
        description=DESCRIPTION,
        instructions="Enable it, and say `hello`.",
        homepage="https://example.com/greetings",
        contact="alice@example.com",
    )
    copr.script("hello", packages=["hello", "hello-doc.noarch"])
    copr.script("welcome", chroot="epel-*", fails="bad exit status of %build", log=COMPILER)
    for package in ("hello-2.12-1", "ahoy-0.9-3", "hello-2.12.1-1", "welcome-1.4-2"):
        url = f"https://example.com/{package}.src.rpm"
        copr.clock.advance(minutes=7)
        wait(client.build_proxy.create_from_url("alice", "greetings", url), interval=0.05, timeout=60)
    copr.clock.advance(minutes=3)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the Chromium of this machine, as a context manager; nothing is downloaded."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        sys.exit(
            "This needs Chromium: apt-get install chromium-headless-shell, or dnf install chromium-headless"
        )
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


def sign_in(page: Page, copr: LocalCopr) -> None:
    """Sign in as the first user."""
    page.goto(f"{copr.url}/login/")
    page.get_by_label("Login").fill(copr.config["login"])
    page.get_by_label("Token").fill(copr.config["token"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def main() -> None:
    """Start a local Copr, fill it, and take the pictures."""
    with (
        LocalCopr(username="alice", port=2677, chroots=CHROOTS, builds="scripted") as copr,
        chromium() as browser,
    ):
        fill(copr)
        for name, (path, width, height, colours) in PICTURES.items():
            size = {"width": width, "height": height}
            page = browser.new_page(viewport=size, color_scheme=colours)  # type: ignore[arg-type]
            sign_in(page, copr)
            page.goto(copr.url + path)
            file = ASSETS / f"{name}.png"
            page.screenshot(path=file)
            page.close()
            print(f"{file.name}: {file.stat().st_size:,} bytes")
            if file.stat().st_size > LARGEST:
                sys.exit(f"{file} is larger than {LARGEST:,} bytes.")


if __name__ == "__main__":
    main()
