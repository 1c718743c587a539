"""A local Copr on a disk that a builder fills: `python full_disk.py FOLDER STEP`; FOLDER is a small disk.

The disk is full from the time when STEP (`source` or a chroot) is built until the service has noticed three
times that it cannot write the result. Prints the states that the build was seen in, how often the service
noticed, and the threads of the build that are left.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import requests

from copr_local import LocalCopr
from copr_local.builders.builder import Builder
from copr_local.builders.repository.update import update_repository
from copr_local.builders.tasks import BuiltPackage, SourceResult
from copr_local.worker import transitions

CHROOT = "fedora-45-x86_64"


class Disk(logging.Handler):
    """A disk that is full on demand, until the service has complained often enough."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._filler, self._database = folder / "filler", folder / "data" / "copr.db"
        self.complaints = 0

    def fill(self) -> None:
        with closing(sqlite3.connect(self._database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # so that the next write needs space
        try:
            with self._filler.open("wb", buffering=0) as file:
                while file.write(b"\0" * 4096):
                    pass
        except OSError:
            pass

    def emit(self, record: logging.LogRecord) -> None:
        self.complaints += "cannot be written yet" in record.getMessage()
        if self.complaints >= 3:
            self._filler.unlink(missing_ok=True)


def main(folder: Path, full_at: str) -> None:
    disk = Disk(folder)
    logging.getLogger("copr_local").addHandler(disk)
    transitions.RETRY_INTERVAL = 0.05

    def build_source(task):
        task.directory.mkdir(parents=True, exist_ok=True)
        srpm = task.directory / "hello-1.0-1.src.rpm"
        srpm.write_text("a source RPM")
        if full_at == "source":
            disk.fill()
        return SourceResult("hello", "1.0-1", srpm)

    def build_chroot(task):
        task.directory.mkdir(parents=True, exist_ok=True)
        if full_at == task.chroot:
            disk.fill()
        return [BuiltPackage("hello", 0, "1.0", "1", "noarch")]

    builder = Builder(build_source, build_chroot, update_repository)
    with LocalCopr(folder / "data", chroots=[CHROOT], builder=builder) as copr:
        auth = (copr.config["login"], copr.config["token"])
        post = {"name": "hello", "chroots": [CHROOT]}
        requests.post(f"{copr.url}/api_3/project/add/local", json=post, auth=auth, timeout=10)
        url = "https://example.com/hello-1.0-1.src.rpm"
        body = {"ownername": "local", "projectname": "hello", "pkgs": [url]}
        requests.post(f"{copr.url}/api_3/build/create/url", json=body, auth=auth, timeout=10)
        seen: list[str] = []
        until = time.monotonic() + 20
        while time.monotonic() < until and (not seen or seen[-1] not in ("succeeded", "failed")):
            state = requests.get(f"{copr.url}/api_3/build/1", timeout=10).json()["state"]
            seen += [state] if state not in seen[-1:] else []
            time.sleep(0.005)
        threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("copr-local-1-")]
        print(json.dumps({"states": seen, "complaints": disk.complaints, "threads": threads}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
