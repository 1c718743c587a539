"""An upload into the local Copr, beside a program that only receives the bytes and writes them to a file.

    python -m benchmarks.service_upload [--megabytes N] [--samples N]

Rules: curl sends the same form to both, in turns, and both write to the same disk. Processor time is that of
the receiver. The service takes the form apart and answers with a build.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from copr.v3 import Client
from copr_local import LocalCopr

CHROOT = "fedora-45-x86_64"
GOAL = 2.2  # times the time by hand
MEGABYTE = 1_000_000


def by_hand(file: Path, target: Path) -> None:
    """Send the form to a program that writes the body to a file."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        receiver = threading.Thread(target=_receive, args=(listener, target))
        receiver.start()
        _curl(file, f"http://127.0.0.1:{listener.getsockname()[1]}/", "--header", "Expect:")
        receiver.join()
    target.unlink()


def _receive(listener: socket.socket, target: Path) -> None:
    connection, _ = listener.accept()
    with connection, target.open("wb") as written:
        head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is not None
        left = int(length[1]) - written.write(body)
        buffer = memoryview(bytearray(256 * 1024))
        while left:
            left -= written.write(buffer[: connection.recv_into(buffer)])
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


def into_service(copr: LocalCopr, file: Path) -> None:
    """Upload the file as a build, and delete the build."""
    login = f"{copr.config['login']}:{copr.config['token']}"
    fields = ("--form", "ownername=local", "--form", "projectname=large", "--user", login)
    made = json.loads(_curl(file, f"{copr.url}/api_3/build/create/upload", *fields))
    Client(copr.config).build_proxy.cancel(made["id"])


def _curl(file: Path, url: str, *options: str) -> bytes:
    command = ["curl", "--silent", "--show-error", "--fail", *options, "--form", f"pkgs=@{file}", url]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - curl


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that work takes, and those of this process's processor time."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - used


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.service_upload", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--megabytes", type=int, default=500, help="size of the file")
    parser.add_argument("--samples", type=int, default=5, help="how many pairs to measure")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks-") as folder,
        LocalCopr(f"{folder}/data", builds="scripted", builders=0, chroots=[CHROOT]) as copr,
    ):
        Client(copr.config).project_proxy.add("local", "large", [CHROOT])
        file = Path(folder) / "large-1-1.src.rpm"
        with file.open("wb") as written:
            for _ in range(options.megabytes):
                written.write(os.urandom(MEGABYTE))
        pairs = []
        for _ in range(options.samples):
            hand = timed(lambda: by_hand(file, Path(folder) / "by-hand"))
            pairs.append((hand, timed(lambda: into_service(copr, file))))
    seconds = statistics.median(service[0] for _, service in pairs)
    times, processor = (statistics.median(service[i] / hand[i] for hand, service in pairs) for i in (0, 1))
    print("| work | by hand | local Copr | time | processor time | goal |")
    print("| --- | ---: | ---: | ---: | ---: | --- |")
    print(
        f"| upload of {options.megabytes} MB | {statistics.median(hand[0] for hand, _ in pairs):.2f} s "
        f"| {seconds:.2f} s | {times:.2f}x | {processor:.2f}x "
        f"| at most {GOAL}x: {'met' if times <= GOAL else 'not met'} |"
    )


if __name__ == "__main__":
    main()
