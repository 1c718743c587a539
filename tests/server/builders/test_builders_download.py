"""Downloads of a service that refuses private networks."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from copr_local.builders.sources import download


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
        *("ff02::1", "2001:0:7f00:1::ffff:ffff", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1"),
        *("192.0.0.8", "192.0.0.170", "fec0::1", "5f00::1", "4000::1", "2001:db8::1", "::ffff:224.0.0.1"),
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not download.is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_an_address_that_is_public(address: str) -> None:
    assert download.is_public(address)


@pytest.fixture
def server() -> Iterator[int]:
    """Serve a file, what a request says, and a redirect to 127.0.0.2, on 127.0.0.0/8; return the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", f"http://127.0.0.2:{self.server.server_address[1]}/said")
                self.end_headers()
                return
            said = self.headers["Host"].partition(":")[0], self.path, self.headers["Authorization"]
            body = b"marker" if self.path == "/file" else json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("0.0.0.0", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running.server_address[1]
        running.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0.0.0.0"])
def test_the_own_machine_is_refused_under_all_its_names(
    server: int, tmp_path: Path, host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    assert download.main(f"http://{host}:{server}/file", str(file), "100", "public") == 1
    assert "does not download from private networks" in capsys.readouterr().out
    assert not file.exists()


def test_each_redirect_is_checked(
    server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(download, "is_public", lambda address: address == "127.0.0.1")
    file = tmp_path / "file"
    assert download.main(f"http://127.0.0.1:{server}/file", str(file), "100", "public") == 0
    assert file.read_bytes() == b"marker"
    assert download.main(f"http://127.0.0.1:{server}/away", str(file), "100", "public") == 1
    assert "127.0.0.2 is not on the public internet" in capsys.readouterr().out
    assert download.main(f"http://127.0.0.1:{server}/away", str(file), "100", "any") == 0


def test_a_name_is_resolved_once(server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def counted(host: str, *arguments: object, **more: object) -> object:
        asked.append(host)
        return resolve("127.0.0.1", *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", counted)
    monkeypatch.setattr(download, "is_public", lambda _address: True)
    assert download.main(f"http://name.example:{server}/file", str(tmp_path / "f"), "100", "public") == 0
    assert asked == ["name.example"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://bücher.example:{}/ä b?ö#c", ["xn--bcher-kva.example", "/%C3%A4%20b?%C3%B6", None]),
        ("http://name.example:{}/a%20b%C3?x=%26", ["name.example", "/a%20b%C3?x=%26", None]),
        ("http://a:b%40ü@name.example:{}/x", ["name.example", "/x", "Basic YTpiQMO8"]),
        ("http://a:b@name.example:{}/away", ["127.0.0.2", "/said", None]),
    ],
)
def test_a_url_may_be_as_people_write_it(
    server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: list[str | None]
) -> None:
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1", *rest, **more)
    )
    monkeypatch.setattr(download, "is_public", lambda _address: True)
    file = tmp_path / "file"
    assert download.main(url.format(server), str(file), "1000", "public") == 0
    assert json.loads(file.read_bytes()) == said


@pytest.mark.parametrize("proxied", ["http_proxy", "HTTP_PROXY"])
def test_a_proxy_is_not_asked_for_private_addresses(
    server: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    proxied: str,
) -> None:
    monkeypatch.setenv(proxied, f"http://127.0.0.1:{server}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert download.main("http://10.1.2.3/file", str(tmp_path / "file"), "100", "public") == 1
    assert "10.1.2.3 is not on the public internet" in capsys.readouterr().out
