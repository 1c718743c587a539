"""Starts the service that the clients use: the stub, and a slow connection to it, as processes.

Rules: everything is on loopback, and starts and stops together. The certificate is new each time. It is
trusted in addition to all usual authorities, because loading those is part of the cost of TLS.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

import certifi

PROGRAMS = Path(__file__).parent

#: Seconds for a program to stop after its standard input was closed.
TIME_TO_END = 5


class Service:
    """A running stub.

    `urls` has the URLs `http`, `https`, and `far`, which is HTTPS with a round trip of `round_trip` seconds.
    `authorities` is the file of trusted certificates.

    :param folder: folder for the certificate.
    :param round_trip: round trip time of the slow connection, in seconds.
    """

    def __init__(self, folder: Path, round_trip: float = 0.05) -> None:
        self.authorities = folder / "authorities.pem"
        self._certificate = folder / "certificate.pem"
        self._key = folder / "key.pem"
        self._round_trip = round_trip
        self._processes: list[subprocess.Popen[str]] = []
        self.urls: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._make_certificate()
        try:
            ports = self._start("stub.py", self._certificate, self._key)
            far = self._start("link.py", ports["https"], self._round_trip)
        except BaseException:
            self.__exit__()
            raise
        self.urls = {
            "http": f"http://127.0.0.1:{ports['http']}",
            "https": f"https://127.0.0.1:{ports['https']}",
            "far": f"https://127.0.0.1:{far}",
        }
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            try:
                process.communicate(timeout=TIME_TO_END)  # closes its standard input
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()

    def _start(self, program: str, *arguments: object) -> Any:
        """Start a program of this folder, and return the JSON of its first line."""
        process = subprocess.Popen(  # noqa: S603 - a program of this folder
            [sys.executable, "-P", PROGRAMS / program, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{program} did not start; its error message is above.")
        return json.loads(line)

    def _make_certificate(self) -> None:
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        command += "-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 "
        command += "-addext keyUsage=critical,digitalSignature,keyCertSign -keyout"
        subprocess.run(  # noqa: S603 - no more than it says
            [*command.split(), self._key, "-out", self._certificate], check=True, capture_output=True
        )
        self.authorities.write_text(Path(certifi.where()).read_text() + self._certificate.read_text())
