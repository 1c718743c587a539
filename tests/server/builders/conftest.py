"""Fixtures of the builder tests: real source RPMs, tasks, and a view of the machine's processes."""

from __future__ import annotations

import hashlib
import http.server
import os
import ssl
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from processes import command_lines

from copr_local.builders.sandbox import sandbox
from copr_local.builders.sandbox.machine import PATH
from copr_local.builders.sandbox.sandbox import Confinement, Sandbox
from copr_local.builders.tasks import ChrootTask, Limits, SourceTask

LEAD = 96  # bytes


def spec(preamble: str = "", sections: str = "", *, name: str = "hello", noarch: bool = True) -> str:
    return f"""\
Name: {name}
Version: 1.0
Release: 1%{{?dist}}
Summary: A package of the tests
License: MIT
{"BuildArch: noarch" if noarch else ""}
{preamble}
%description
A package of the tests.
%files
{sections}
%changelog
* Mon Jan 05 2026 A Packager <packager@example.com> - 1.0-1
- First
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return a new folder that other users can enter: builds of root are other users.

    pytest closes its own folders to them.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(name="spec")
def spec_fixture() -> Callable[..., str]:
    return spec


@pytest.fixture
def make_srpm(tmp_path: Path) -> Callable[..., Path]:
    """Make a source RPM from a spec and its sources with rpmbuild, in a folder of its own."""

    def make(text: str, sources: Mapping[str, str] | None = None, *options: str) -> Path:
        (made,) = rpmbuild(tmp_path, text, sources or {}, "-bs", "--undefine=dist", *options)
        return made

    return make


@pytest.fixture
def build_rpm(tmp_path: Path) -> Callable[..., Path]:
    """Build the only RPM of a spec with rpmbuild, in a folder of its own."""

    def make(text: str) -> Path:
        (made,) = rpmbuild(tmp_path, text, {}, "-bb", "--undefine=dist")
        return made

    return make


def rpmbuild(where: Path, text: str, sources: Mapping[str, str], *options: str) -> list[Path]:
    folder = where / f"rpmbuild-{uuid4()}"
    folder.mkdir()
    (folder / "package.spec").write_text(text)
    for name, content in sources.items():
        (folder / name).write_text(content)
    defines = [f"_topdir {folder}", f"_sourcedir {folder}", f"_srcrpmdir {folder}", f"_rpmdir {folder}"]
    options += tuple(part for define in defines for part in ("--define", define))
    subprocess.run(
        ["rpmbuild", *options, folder / "package.spec"],
        check=True,
        capture_output=True,
        env={"PATH": PATH, "HOME": str(folder)},
    )
    return list(folder.rglob("*.rpm"))


@pytest.fixture
def source_task(tmp_path: Path) -> Callable[..., SourceTask]:
    """Return a source task for an uploaded file, or with the fields that the test sets."""

    def make(uploaded: Path | None = None, **fields: Any) -> SourceTask:
        fields.setdefault("source_type", "upload")
        fields.setdefault("source", {"pkg": uploaded.name} if uploaded else {})
        fields.setdefault("directory", tmp_path / "results" / "srpm-builds" / "00000007")
        return SourceTask(build_id=7, uploaded=uploaded, **fields)

    return make


@pytest.fixture
def chroot_task(tmp_path: Path) -> Callable[..., ChrootTask]:
    """Return a task for one chroot, by default fedora-42-x86_64."""

    def make(srpm: Path, chroot: str = "fedora-42-x86_64", **fields: Any) -> ChrootTask:
        fields.setdefault("directory", tmp_path / "results" / chroot / "00000007-hello")
        return ChrootTask(build_id=7, chroot=chroot, srpm=srpm, **fields)

    return make


@pytest.fixture
def bubblewrap() -> Confinement:
    """Return the confinement of a machine with working namespaces; these tests need such a machine."""
    found = sandbox.probe()
    assert found.bwrap is not None, found.reason
    return found


@pytest.fixture(params=["bubblewrap", "none"])
def confinement(request: pytest.FixtureRequest) -> Confinement:
    """Return both ways to run programs, one after the other."""
    if request.param == "none":
        return Confinement(None, "as asked for by a test")
    found: Confinement = request.getfixturevalue("bubblewrap")
    return found


@pytest.fixture
def sandboxed(tmp_path: Path, confinement: Confinement) -> Callable[..., Sandbox]:
    """Return a function that makes a sandbox, with and without bubblewrap; a test sets the limits by name."""

    def make(
        cancelled: threading.Event | None = None, network: bool = False, timeout: float = 300, **limits: int
    ) -> Sandbox:
        return Sandbox(
            tmp_path / "work",
            Limits(**limits),
            cancelled or threading.Event(),
            timeout=timeout,
            network=network,
            confinement=confinement,
        )

    return make


@pytest.fixture
def isolated(tmp_path: Path, bubblewrap: Confinement) -> Callable[..., Sandbox]:
    """Return a function that makes a sandbox with bubblewrap."""

    def make(network: bool = False, mark: str = "", timeout: float = 300, **limits: int) -> Sandbox:
        return Sandbox(
            tmp_path / "work",
            Limits(**limits),
            threading.Event(),
            timeout=timeout,
            network=network,
            confinement=bubblewrap,
            mark=mark,
        )

    return make


class GitRepository:
    """A git repository in which a test makes commits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = folder.as_uri()
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *arguments]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_ALLOW_PROTOCOL": "file:http",
        }
        done = subprocess.run(
            command, cwd=self.folder, check=True, capture_output=True, text=True, env=environment
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str]) -> str:
        """Write files, commit everything, and return the hash of the commit."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def git_repository(tmp_path: Path) -> Callable[..., GitRepository]:
    """Make a git repository, by default with the name `upstream`."""
    return lambda name="upstream": GitRepository(tmp_path / "git" / name)


class Marker:
    """Finds the processes of one test by the unique number of seconds in their command lines."""

    def __init__(self) -> None:
        self.seconds = f"{10_000 + uuid4().int % 10**12 / 10**9:.9f}"

    def _commands(self) -> list[bytes]:
        return command_lines(self.seconds)

    def alive(self) -> int:
        """Return how many processes with the marker exist, of any program."""
        return len(self._commands())

    def sleeps(self) -> bool:
        """Wait until one of the processes is `sleep` itself; return False after 10 seconds."""
        return self._becomes(lambda: any(command.startswith(b"sleep\0") for command in self._commands()), 10)

    def vanishes(self, within: float = 2.0) -> bool:
        """Wait until no process is left; return False after `within` seconds."""
        return self._becomes(lambda: not self._commands(), within)

    def _becomes(self, condition: Callable[[], bool], within: float) -> bool:
        until = time.monotonic() + within
        while not (reached := condition()) and time.monotonic() < until:
            time.sleep(0.02)
        return reached


@pytest.fixture
def marker() -> Marker:
    return Marker()


class FileServer:
    """A web server on loopback for the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        handler = partial(_QuietHandler, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> FileServer:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def encrypt(self, folder: Path) -> Path:
        """Switch to https with a self-signed certificate in `folder`, and return the certificate's file."""
        certificate, key = folder / "certificate.pem", folder / "key.pem"
        options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
        names = ["-addext", "subjectAltName=IP:127.0.0.1"]
        command = ["openssl", "req", *options, *names, "-keyout", key, "-out", certificate]
        subprocess.run(command, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.port}"
        return certificate

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def file_server(tmp_path: Path) -> Iterator[FileServer]:
    folder = tmp_path / "served"
    folder.mkdir()
    with FileServer(folder) as server:
        yield server


@pytest.fixture
def forge() -> Callable[[Path, bytes, bytes], None]:
    """Replace bytes in the header and the uncompressed payload of a source RPM, and correct its digests."""

    def replace(rpm: Path, old: bytes, new: bytes) -> None:
        assert len(old) == len(new)
        data = rpm.read_bytes()
        begin = _after_header(data, LEAD)
        begin += -begin % 8
        end = _after_header(data, begin)
        signatures, header, payload = data[:begin], data[begin:end], data[end:]
        assert old in header
        forged_payload = payload.replace(old, new)
        forged_header = header.replace(old, new)
        forged_header = forged_header.replace(
            hashlib.sha256(payload).hexdigest().encode(), hashlib.sha256(forged_payload).hexdigest().encode()
        )
        for digest in (hashlib.sha1, hashlib.sha256):
            before, after = digest(header).hexdigest().encode(), digest(forged_header).hexdigest().encode()
            signatures = signatures.replace(before, after)
        signatures = signatures.replace(
            hashlib.md5(header + payload).digest(), hashlib.md5(forged_header + forged_payload).digest()
        )
        rpm.write_bytes(signatures + forged_header + forged_payload)

    return replace


def _after_header(data: bytes, start: int) -> int:
    entries, size = struct.unpack(">II", data[start + 8 : start + 16])
    return int(start + 16 + 16 * entries + size)
