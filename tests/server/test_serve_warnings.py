"""What `copr-local serve` says at its start about the protection of this machine."""

from __future__ import annotations

import os

import pytest

from copr_local.builders.sandbox import protection, seccomp
from copr_local.builders.sandbox.sandbox import Confinement
from copr_local.cli.serve import _warn_of_missing_protection


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
