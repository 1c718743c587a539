"""A real nginx with `packaging/nginx.conf`, in a temporary folder, on a free port of the loopback interface.

    with NginxServer() as nginx, LocalCopr(data, public_url=nginx.url) as copr:
        nginx.start(port_of(copr))

Only the addresses and the certificate of the file are replaced. The certificate is made for the test.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from rabbitmq_server import free_port

CONFIGURATION = Path(__file__).parents[2] / "packaging" / "nginx.conf"
PROGRAM = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
DEADLINE = 60  # seconds
FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class NginxServer:
    """An nginx that runs inside `with`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="copr-nginx-"))
        self.certificate = self.folder / "certificate.pem"
        self._port = free_port()
        self.url = f"https://127.0.0.1:{self._port}"

        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> NginxServer:
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        command += ["-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        command += ["-out", str(self.certificate), "-keyout", str(self.folder / "key.pem")]
        subprocess.run(command, check=True, capture_output=True, timeout=DEADLINE)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(DEADLINE)
        shutil.rmtree(self.folder)

    def start(self, *ports: int) -> None:
        """Send requests to the services on these ports from now on."""
        assert PROGRAM is not None, "there is no nginx: .ci/setup.sh installs it"
        self._write(*ports)
        log = self.folder / "error.log"
        configuration = self.folder / "nginx.conf"
        self._process = subprocess.Popen(
            [PROGRAM, "-e", str(log), "-p", str(self.folder), "-c", str(configuration)],
            stdin=subprocess.DEVNULL,
        )
        until = time.monotonic() + DEADLINE
        while not (self.folder / "nginx.pid").exists():
            assert self._process.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.01)

    def _write(self, *ports: int) -> None:
        """Write the configuration: the packaged one in the place of what Debian's includes."""
        text = CONFIGURATION.read_text()
        servers = re.findall(r"    server 127\.0\.0\.1:\d+(.*;)\n", text)
        assert len(servers) == 2
        text = re.sub(r"(    server 127\.0\.0\.1:\d+.*;\n)+", "SERVERS\n", text)
        text = text.replace("SERVERS", "\n".join(f"server 127.0.0.1:{port}{servers[0]}" for port in ports))
        text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{self._port} ssl")
        text = text.replace("/etc/ssl/private/copr.example.com.key", str(self.folder / "key.pem"))
        text = text.replace("/etc/ssl/copr.example.com.crt", str(self.certificate))
        assert "/etc/" not in re.sub(r"#.*", "", text)
        paths = "".join(f"{name}_temp_path {self.folder / name};\n" for name in FOLDERS)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user}\ndaemon off;\nworker_processes 1;\npid {self.folder}/nginx.pid;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{paths}\n{text}\n}}\n"
        )
