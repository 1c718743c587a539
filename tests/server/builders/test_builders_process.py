"""Running one command: how it ends when the build is cancelled."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

import pytest

from copr_local.builders.sandbox.process import Deadline, run
from copr_local.builders.tasks import BuildCancelled

ROUNDS = 600  # the race lasts a few microseconds between two polls of the process: many tries find it


def test_a_command_that_ends_while_it_is_being_ended_leaves_no_other_error(tmp_path: Path) -> None:
    longest = 0.004  # seconds; `true` takes one or two milliseconds

    def cancel_soon(_pid: int) -> None:
        time.sleep(random.uniform(0, longest))
        raise BuildCancelled

    before = len(os.listdir("/proc/self/fd"))
    for _ in range(ROUNDS):
        with pytest.raises(BuildCancelled):
            run(
                ["true"],
                output=lambda _piece: None,
                directory=tmp_path,
                environment=os.environ,
                cancelled=threading.Event(),
                deadline=Deadline(60),
                check=cancel_soon,
            )
    assert len(os.listdir("/proc/self/fd")) == before
