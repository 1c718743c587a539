"""The link that `copr-local serve` prints on a terminal signs the first user in, once."""

from __future__ import annotations

import os
import pty
from contextlib import redirect_stdout

import pytest
from page_forms import Browser

from copr_local import LocalCopr, LocalCoprError
from copr_local.cli.serve import announce


def path(copr: LocalCopr) -> str:
    return copr.sign_in_url().removeprefix(copr.url)


def test_a_link_signs_in_once(scripted_copr: LocalCopr) -> None:
    link = path(scripted_copr)
    browser, other = Browser(scripted_copr), Browser(scripted_copr)
    assert "Sign in as local" in browser.get(link)
    assert 'name="token"' not in other.get(link)
    key = link.partition("key=")[2]
    assert browser.send(link, key=key).location == "/"
    assert "Sign out" in browser.get("/")
    assert "This link was used" in other.send("/login/", status=400, key=key).text
    page = other.get(link)
    assert "This link was used" in page
    assert 'name="token"' in page
    assert "Sign in" in other.get("/")


def test_a_link_is_valid_for_ten_minutes_and_only_with_its_key(scripted_copr: LocalCopr) -> None:
    link = path(scripted_copr)
    browser = Browser(scripted_copr)
    for key in ("", "x", "ä"):
        assert "This link was used" in browser.send("/login/", status=400, key=key).text
    scripted_copr.clock.advance(minutes=10)
    assert "This link was used" in browser.get(link)
    assert browser.send("/login/", status=400, key=link.partition("key=")[2])


def test_a_terminal_shows_a_link_and_a_log_file_does_not(scripted_copr: LocalCopr) -> None:
    controller, terminal = pty.openpty()
    with open(terminal, "w") as output, redirect_stdout(output):
        announce(scripted_copr)
    shown = ""
    while "ready" not in shown:
        shown += os.read(controller, 10_000).decode()
    os.close(controller)
    assert f"sign in: {scripted_copr.url}/login/?key=" in shown
    reads, writes = os.pipe()
    with open(writes, "w") as output, redirect_stdout(output):
        announce(scripted_copr)
    with open(reads) as file:
        assert "key=" not in file.read()


def test_a_service_that_does_not_run_has_no_link() -> None:
    with pytest.raises(LocalCoprError, match="not running"):
        LocalCopr().sign_in_url()
