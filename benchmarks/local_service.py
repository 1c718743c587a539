"""A process with a local Copr and a client, which builds what its standard input says. For `builds.py`.

    python -m benchmarks.local_service BUILDERS [DNF-CONFIGURATION]

Each line of the input is a JSON object: `spec`, a path; `project`, a name; `count`, how many builds;
`at_once`, how many of them are submitted before the first one is waited for; `without`, beginnings of the
names of roots to remove first. The answer is a line with the seconds from the first submission to the last
`succeeded`, and the peak of this process's memory meanwhile, in bytes.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select

from copr.v3 import Client
from copr_local import LocalCopr
from copr_local.builders.roots.namespace import find_ids
from copr_local.builders.roots.store import Store
from copr_local.data.models import Build

CHROOT = "fedora-44-x86_64"
PAUSE = 0.005  # seconds between two looks at the database, which cost nothing; a request costs more


def main() -> None:
    """Serve until the input ends."""
    builders, *configuration = sys.argv[1:]
    chroots = {CHROOT: Path(configuration[0])} if configuration else [CHROOT]
    with LocalCopr(chroots=chroots, builders=int(builders)) as copr:
        client = Client(copr.config)
        print(json.dumps({}), flush=True)
        for line in sys.stdin:
            print(json.dumps(build(copr, client, json.loads(line))), flush=True)


def build(copr: LocalCopr, client: Client, told: dict[str, Any]) -> dict[str, float]:
    """Carry out one line of the input, and return the answer."""
    owner, project = copr.config["username"], told["project"]
    client.project_proxy.add(owner, project, [CHROOT], exist_ok=True)
    remove_roots(copr, tuple(told["without"]))
    forget_peak()
    began = time.perf_counter()
    left = told["count"]
    while left > 0:
        together = min(left, told["at_once"])
        left -= together
        made = [client.build_proxy.create_from_file(owner, project, told["spec"]) for _ in range(together)]
        for each in made:
            wait(copr, each.id)
    return {"seconds": time.perf_counter() - began, "peak": peak()}


def remove_roots(copr: LocalCopr, beginnings: tuple[str, ...]) -> None:
    """Remove the roots whose names begin so."""
    with copr.database.reading() as tx:
        folder = tx.data_folder.roots
    if beginnings and folder.is_dir():
        store = Store(folder, find_ids(folder))
        for root in folder.iterdir():
            if root.name.startswith(beginnings):
                store.remove(root)


def wait(copr: LocalCopr, build_id: int) -> None:
    """Wait until a build has succeeded. Requests would cost a tenth of the processor time of a build."""
    seen = -1
    while True:
        version = copr.database.version()
        if version != seen:
            seen = version
            with copr.database.reading() as tx:
                state = tx.session.scalar(select(Build.state).where(Build.id == build_id))
            if state == "succeeded":
                return
            if state in ("failed", "canceled", "skipped"):
                raise RuntimeError(f"build {build_id} is {state}: see its log in {copr.url}")
        time.sleep(PAUSE)


def forget_peak() -> None:
    """Let the kernel measure the peak of this process's memory from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """Return the peak of this process's resident memory, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main()
