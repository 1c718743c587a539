"""Programs that the distribution is made with, and the error if one of them fails."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

SECONDS = 300


class DistributionError(Exception):
    """The distribution cannot be made."""


def run(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Return what a command prints; it must end well."""
    try:
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise DistributionError(f"{command[0]} is not installed") from error
    if done.returncode:
        raise DistributionError(f"{' '.join(map(str, command))} failed:\n{done.stdout[-4000:]}")
    return done.stdout
