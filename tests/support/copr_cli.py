"""The released copr-cli as a process, with a Copr of its own."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

from copr_local import LocalCopr

SECONDS = 60  # limit for a command; copr-cli polls a build that it waits for every 30 seconds


class CoprCli:
    """The released copr-cli with a client, and a Copr of its own."""

    def __init__(self, command: list[str], copr: LocalCopr, home: Path) -> None:
        self.copr = copr
        self.home = home
        self._command = command

    def start(self, *arguments: str | Path, config: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, "--config", config or self.copr.config_path, *arguments],
            cwd=self.home,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self, *arguments: str | Path, status: int = 0, config: Path | None = None
    ) -> tuple[list[str], list[str]]:
        """Run a command that exits with `status`. Return the lines of its output and of its errors."""
        with self.start(*arguments, config=config) as process:
            return finish(process, status)

    def build(self, project: str, srpm: Path) -> str:
        """Submit a build without waiting. Return its id."""
        printed, _ = self.run("build", project, srpm, "--nowait")
        return printed[-1].removeprefix("Created builds: ")

    def wait_for(self, build: str, *states: str) -> str:
        """Wait until the service has a build in one of these states; return what `status` prints then."""
        end = time.monotonic() + SECONDS
        while (state := self._state(build)) not in states:
            assert time.monotonic() < end, f"build {build} is {state}, not {' or '.join(states)}"
            time.sleep(0.05)
        return self.run("status", build)[0][0]

    def _state(self, build: str) -> str:
        """Return the state of a build. A command per poll would be most of the work of these tests."""
        with urlopen(f"{self.copr.url}/api_3/build/{build}", timeout=SECONDS) as response:
            state: str = json.load(response)["state"]
        return state


def finish(process: subprocess.Popen[str], status: int = 0) -> tuple[list[str], list[str]]:
    try:
        printed, errors = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert process.returncode == status, f"{process.args}: {process.returncode}\n{printed}\n{errors}"
    return printed.splitlines(), errors.splitlines()
