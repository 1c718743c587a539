"""What `copr-local serve` says and sets up at its start."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from copr_local.builders.sandbox import protection, seccomp
from copr_local.builders.sandbox.sandbox import Confinement
from copr_local.cli.serve import _warn_of_missing_protection

LONG_LISTING = 300_000  # objects; by default, Python searches all objects for cycles meanwhile


@pytest.mark.parametrize(("user", "rights"), [(0, "users of their own"), (1000, "the rights of this user")])
def test_builds_without_a_sandbox_are_announced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: int, rights: str
) -> None:
    monkeypatch.setattr(protection, "probe", lambda: Confinement(None, "bwrap is not installed"))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    _warn_of_missing_protection()
    said = capsys.readouterr().err
    assert f"builds have {rights}, without a sandbox" in said
    assert "(bwrap is not installed)" in said


def test_what_a_sandbox_does_not_protect_is_announced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(protection, "probe", lambda: Confinement("/usr/bin/bwrap", "bubblewrap 0.9"))
    monkeypatch.setattr(seccomp, "lack", lambda: "this kernel has no seccomp filters")
    monkeypatch.setattr(protection, "find_isolator", lambda: None)
    _warn_of_missing_protection()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == (
        "copr-local: warning: builds can make all system calls: this kernel has no seccomp filters"
    )
    assert lines[1].startswith("copr-local: warning: builds that use the network")
    assert "slirp4netns" in lines[1]
    assert len(lines) == 2


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let `copr-local serve` start and end in this process, and undo afterwards what it has set up."""
    module: Any = importlib.import_module("copr_local.cli.serve")
    reads, writes = os.pipe()
    os.write(writes, b"\0")
    monkeypatch.setattr(module, "catch_ends", lambda: reads)
    monkeypatch.setattr(module, "_warn_of_missing_protection", lambda: None)
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own; those of the tests are higher
    arguments = ["--data", str(tmp_path), "--port", "0", "--builders", "0"]
    try:
        done = CliRunner().invoke(module.serve, arguments)
        assert done.exit_code == 0, done.output
        yield
    finally:
        gc.set_threshold(*threshold)
        gc.unfreeze()
        sys.setswitchinterval(interval)
        os.close(reads)
        os.close(writes)


def test_threads_with_much_to_do_let_the_others_run(served: None) -> None:
    assert sys.getswitchinterval() == pytest.approx(0.001), "turns are short"
    gc.collect()  # now there are few old objects, so Python would search all of them soon
    searched = gc.get_stats()[2]["collections"]
    listing = [[number] for number in range(LONG_LISTING)]
    assert gc.get_stats()[2]["collections"] == searched, "all threads stop during a search of all objects"
    assert len(listing) == LONG_LISTING
    assert gc.get_freeze_count() > 10_000, "the objects of the start are never searched"
