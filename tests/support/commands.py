"""Run commands of `copr-local` in this process, and make a build for them to show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from click.testing import CliRunner

from copr_local.cli import main

X86 = "fedora-45-x86_64"
URL = "https://example.com/hello-1.0-1.src.rpm"


def run(data: Path, *arguments: str, status: int = 0) -> str:
    """Return what a command prints; if it is expected to fail, its errors."""
    done = CliRunner().invoke(main, [*arguments, "--data", str(data)], catch_exceptions=False)
    assert done.exit_code == status, done.output
    return done.stderr if status else done.stdout


def submit(api: Any, **options: Any) -> int:
    body = {"ownername": "local", "projectname": "hello", "pkgs": [URL], **options}
    build_id: int = api.call("POST", "/build/create/url", body)["items"][0]["id"]
    return build_id
