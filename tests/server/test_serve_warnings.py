"""What `copr-local serve` says at its start about the protection of this machine."""

from __future__ import annotations

import os

import pytest

from copr_local.builders.sandbox import sandbox
from copr_local.builders.sandbox.sandbox import Confinement
from copr_local.cli.serve import _warn_if_not_confined


@pytest.mark.parametrize(("user", "rights"), [(0, "as root"), (1000, "with the rights of this user")])
def test_builds_without_a_sandbox_are_announced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], user: int, rights: str
) -> None:
    monkeypatch.setattr(sandbox, "probe", lambda: Confinement(None, "bwrap is not installed"))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    _warn_if_not_confined()
    said = capsys.readouterr().err
    assert f"builds run {rights}, without a sandbox" in said
    assert "bwrap is not installed" in said


def test_nothing_is_said_about_a_sandbox_that_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sandbox, "probe", lambda: Confinement("/usr/bin/bwrap", "bubblewrap 0.9"))
    _warn_if_not_confined()
    assert capsys.readouterr().err == ""
