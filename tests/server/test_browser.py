"""The pages in the Chromium of this machine: in a wide and a narrow window, with and without scripts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import make_pictures
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from copr_local import LocalCopr

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 800}
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
LARGEST = 50_000  # bytes of the HTML of a page
PATIENCE = 60_000  # milliseconds
ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with make_pictures.chromium() as started:
        yield started


@pytest.fixture(scope="module")
def copr() -> Iterator[LocalCopr]:
    with LocalCopr(username="alice", chroots=make_pictures.CHROOTS, builds="scripted") as running:
        make_pictures.fill(running)
        yield running


@pytest.fixture
def opened(browser: Browser, copr: LocalCopr) -> Iterator[Callable[..., Page]]:
    """Open a window; a page that loads something from elsewhere, or whose script fails, fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_window(signed_in: bool = True, **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "request",
            lambda sent: None if sent.url.startswith((copr.url, "data:")) else problems.append(sent.url),
        )
        page.on("console", lambda said: problems.append(said.text) if "Policy" in said.text else None)
        if signed_in:
            make_pictures.sign_in(page, copr)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert problems == []


@pytest.mark.parametrize(
    ("signed_in", "paths"),
    [(False, make_pictures.FOR_ALL), (True, make_pictures.FOR_USERS)],
    ids=["everybody", "a user"],
)
def test_every_page_can_be_read_by_everybody(
    opened: Callable[..., Page], copr: LocalCopr, signed_in: bool, paths: tuple[str, ...]
) -> None:
    page = opened(signed_in)
    problems = []
    for path in paths:
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        answer = page.goto(copr.url + path)
        assert answer is not None
        if len(answer.body()) > LARGEST:
            problems.append(f"{path} has {len(answer.body())} bytes")
        problems += [f"{path}, wide: {text}" for text in findings(page)]
        page.set_viewport_size(NARROW)
        page.emulate_media(color_scheme="dark")
        problems += [f"{path}, narrow and dark: {text}" for text in findings(page)]
    assert problems == []


def findings(page: Page) -> list[str]:
    """What axe-core finds on the page that is open, and whether the page is wider than its window."""
    page.evaluate(AXE)  # the policy of the pages lets nobody add a script element
    options = {"runOnly": ALL_RULES, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    texts = [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        texts.append("it is wider than the window")
    return texts


@pytest.mark.parametrize(
    ("name", "options"),
    [("scripted", {"viewport": WIDE}), ("plain", {"viewport": NARROW, "java_script_enabled": False})],
    ids=["wide, with scripts", "narrow, without scripts"],
)
def test_from_nothing_to_the_command_that_installs(
    opened: Callable[..., Page], copr: LocalCopr, name: str, options: dict[str, Any]
) -> None:
    has_scripts = options.get("java_script_enabled", True)
    page = opened(**options)

    def see(text: str, row: str | None = None) -> None:
        """Wait for a text on the page or in a row; without scripts, load the page again until it is there."""
        deadline = time.monotonic() + PATIENCE / 1000
        place = page if row is None else page.get_by_role("row", name=row)
        found = place.get_by_text(text).first
        while not has_scripts and not found.is_visible() and time.monotonic() < deadline:
            page.wait_for_timeout(200)
            page.reload()
        found.wait_for()

    page.get_by_role("link", name="New project").click()
    page.get_by_label("Name").fill(f"{name}/")
    page.get_by_label("x86_64 of Fedora 45").check()
    page.get_by_role("button", name="Make the project").click()
    assert page.get_by_label("Name").input_value() == f"{name}/"
    assert page.get_by_label("Name").get_attribute("aria-invalid") == "true"
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make the project").click()
    page.get_by_role("heading", name=f"alice/{name}").wait_for()

    copr.script(f"{name}-hello", takes=math.inf, log="first line\n", chroot="fedora-45-x86_64")
    page.get_by_role("link", name="New build").first.click()
    file = {"name": f"{name}-hello-1.0-1.src.rpm", "mimeType": "application/x-rpm", "buffer": b"Name: hello"}
    page.get_by_label("Source RPM or spec file").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Build", exact=True).click()
    page.get_by_role("heading", name="Build ").first.wait_for()
    see("running")
    page.get_by_role("row", name="fedora-45-x86_64").get_by_role("link", name="log").click()
    see("first line")
    copr.script(f"{name}-hello", takes=0, fails="it cannot greet", chroot="fedora-45-x86_64")
    see("Build failed: it cannot greet")
    if has_scripts:
        see("This step has finished.")

    page.get_by_role("link", name="build ").first.click()
    see("Why it failed")
    assert page.get_by_text("fedora-45-x86_64: it cannot greet").is_visible()
    copr.script(f"{name}-hello", fails="", chroot="fedora-45-x86_64")
    page.get_by_role("button", name="Build again what failed").click()
    see("succeeded", row="fedora-45-x86_64")
    page.get_by_role("link", name="How to install").click()
    assert page.get_by_text("dnf install").first.inner_text() == f"dnf install {name}-hello"

    page.get_by_role("link", name="Builds", exact=True).click()
    page.get_by_role("checkbox", name="Build ").last.check()
    page.get_by_role("button", name="Delete the chosen builds").click()
    assert not has_scripts or findings(page) == []
    page.get_by_label("Type delete 1").fill("delete 1")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("heading", name="Builds").wait_for()
    assert page.get_by_role("checkbox", name="Build ").count() == 1

    page.get_by_role("link", name="Settings").click()
    page.get_by_role("link", name="Delete the project").click()
    page.get_by_label("Type").fill(f"alice/{name}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("heading", name="alice").wait_for()
    assert not page.get_by_role("link", name=f"alice/{name}").is_visible()


def test_commands_are_copied_by_a_button(opened: Callable[..., Page], copr: LocalCopr) -> None:
    page = opened(signed_in=False, permissions=["clipboard-read", "clipboard-write"])
    page.goto(copr.url + make_pictures.PROJECT)
    button = page.get_by_role("button", name="Copy").nth(1)
    button.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("dnf install ")
