"""A RabbitMQ server for tests, in a temporary folder, on free ports of the loopback interface.

    with RabbitMQServer() as broker:
        pika.BlockingConnection(pika.URLParameters(broker.url))

The server has no other plugins, and its own epmd, which tells Erlang's nodes where others listen.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

PROGRAM = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # the one in PATH changes to a user of its own
DEADLINE = 180  # seconds
HELLO = b"AMQP\x00\x00\x09\x01"
SETTINGS = {
    "log.file": "server.log",
    "log.console": "false",
    "num_acceptors.tcp": "2",
    "disk_free_limit.absolute": "1MB",
}


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


class RabbitMQServer:
    """A server that runs from `start` to `stop`, or inside `with`.

    :param settings: lines of its configuration, besides `SETTINGS`.
    """

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="copr-rabbitmq-"))
        self.port = free_port()
        self._epmd_port, self._node_port = free_port(), free_port()
        lines = {**SETTINGS, "listeners.tcp.1": f"127.0.0.1:{self.port}", **(settings or {})}
        text = "".join(f"{name} = {value}\n" for name, value in lines.items())
        (self.folder / "rabbitmq.conf").write_text(text)
        (self.folder / "enabled_plugins").write_text("[].\n")
        self._process: subprocess.Popen[bytes] | None = None
        self._epmd: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL for clients."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def __enter__(self) -> RabbitMQServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        if self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait(DEADLINE)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server, and wait until it accepts connections."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),  # the secret of Erlang's nodes is there
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"copr{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._node_port),
            "RABBITMQ_BASE": str(self.folder),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_ALLOW_INPUT": "1",  # so that the script becomes the server
            # Two schedulers that do not spin while they wait: tests have few processors.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-noinput +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
            " -kernel inet_dist_use_interface {127,0,0,1}",
        }
        with (self.folder / "output").open("ab") as output:
            if self._epmd is None:
                self._epmd = subprocess.Popen(
                    [shutil.which("epmd") or "epmd"], env=environment, stdout=output, stderr=output
                )
            self._process = subprocess.Popen(
                [PROGRAM],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a signal for its group reaches the programs that it has started
            )
        until = time.monotonic() + DEADLINE
        while not self._answers():
            assert self._process.poll() is None, self._texts()
            assert time.monotonic() < until, self._texts()
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server: connections are closed, and durable queues are stored."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server and the programs that it has started."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        if process.poll() is None:
            if number == signal.SIGKILL:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
        process.wait(DEADLINE)

    def _answers(self) -> bool:
        """Return True if the server answers in its protocol, not only its socket."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE) as connection:
                connection.sendall(HELLO)
                return connection.recv(1) == b"\x01"
        except ConnectionError:
            return False

    def _texts(self) -> str:
        """Return what the server has written, for the error of a test."""
        names = ("output", "server.log")
        return "\n".join((self.folder / name).read_text() for name in names if (self.folder / name).exists())
