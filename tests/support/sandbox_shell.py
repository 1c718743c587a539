"""A shell in a sandbox, for tests of what programs can do there."""

from __future__ import annotations

from copr_local.builders.sandbox.sandbox import Sandbox


def shell(sandbox: Sandbox, script: str) -> tuple[int, str]:
    """Return the exit status and the output of a script."""
    return sandbox.read(["bash", "-c", script])
