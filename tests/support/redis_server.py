"""A Redis server for tests, in a temporary folder, on a free port of the loopback interface.

    with RedisServer() as redis:
        LocalCopr(broker=redis.url)

It stores nothing on the disk, as Redis does by default within the first hour: what is in it is lost when it
ends.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from rabbitmq_server import free_port

DEADLINE = 60  # seconds


class RedisServer:
    """A server that runs from `start` to `stop`, or inside `with`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="copr-redis-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL for clients."""
        return f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, *options: str) -> None:
        """Start the server, and wait until it answers."""
        program = shutil.which("redis-server", path="/usr/bin:/usr/sbin:/usr/local/bin") or "redis-server"
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", *options]
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=output, stderr=output)
        until = time.monotonic() + DEADLINE
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "output").read_text()
            assert time.monotonic() < until, (self.folder / "output").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server."""
        self._end(kill=False)

    def kill(self) -> None:
        """Kill the server."""
        self._end(kill=True)

    def _end(self, *, kill: bool) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            process.kill() if kill else process.terminate()
            process.wait(DEADLINE)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except ConnectionError:
            return False
