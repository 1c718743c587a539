"""Downloads are complete or do not appear, resume after a lost connection, and need little memory."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import socket
import struct
import tracemalloc

import pytest

from copr.v3 import (
    AsyncClient,
    Client,
    CoprConnectionException,
    CoprException,
    CoprUnknownResponseException,
    CoprValidationException,
    Policy,
)

CONTENT = random.Random(1).randbytes(3_000_000)
QUICK = Policy(attempts=2, pause=0.01)


class File:
    """A file on a server that supports ranges. `cuts` are the numbers of bytes after which it hangs up.

    With `resets`, it resets the connection then.
    """

    def __init__(self, *cuts, content=CONTENT, resets=False):
        self.cuts = list(cuts)
        self.content = content
        self.resets = resets
        self.asked = []

    @property
    def version(self):
        return f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'

    def __call__(self, handler):
        start, status = 0, 200
        asked = handler.headers.get("Range")
        self.asked.append(asked)
        if asked and handler.headers.get("If-Range") == self.version:
            start, status = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]), 206
        body = self.content[start:]
        handler.send_response(status)
        handler.send_header("ETag", self.version)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        cut = self.cuts.pop(0) if self.cuts else None
        handler.wfile.write(body if cut is None else body[:cut])
        if cut is not None:
            handler.close_connection = True
            if self.resets:
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                handler.server.shutdown_request = handler.server.close_request  # which sends the usual end


def blocking(stub, *arguments):
    return Client({"copr_url": stub.url}, policy=QUICK).base_proxy.download(*arguments)


def awaiting(stub, *arguments):
    async def main():
        async with AsyncClient({"copr_url": stub.url}, policy=QUICK) as client:
            return await client.base_proxy.download(*arguments)

    return asyncio.run(main())


@pytest.fixture(params=[blocking, awaiting])
def download(request):
    return request.param


def test_a_file_arrives_whole(stub, download, tmp_path):
    stub.answers = [File()]
    seen = []
    path = tmp_path / "a.rpm"
    assert download(stub, f"{stub.url}/a.rpm", path, lambda *there: seen.append(there)) == str(path)
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert list(tmp_path.iterdir()) == [path]


def test_a_host_that_is_not_there_is_the_one_in_the_error(stub, download, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/a.rpm"
        with pytest.raises(CoprConnectionException, match=f"Unable to connect to {url}. Connection refused"):
            download(stub, url, tmp_path / "a.rpm")


def test_a_broken_download_goes_on_where_it_broke(stub, download, tmp_path):
    file = File(1_000_000, 500_000, 700_000, 1, 200_000)
    stub.answers = [file]
    download(stub, f"{stub.url}/a.rpm", tmp_path / "a.rpm")
    assert (tmp_path / "a.rpm").read_bytes() == CONTENT
    assert file.asked[0] is None
    assert file.asked[1].startswith("bytes=")
    assert len(file.asked) == 6


def test_a_download_goes_on_over_a_line_that_breaks_before_a_large_block_is_whole(stub, download, tmp_path):
    stub.answers = [File(*[100_000] * 4, resets=True)]
    download(stub, f"{stub.url}/a.rpm", tmp_path / "a.rpm")
    assert (tmp_path / "a.rpm").read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_taken_from_its_beginning(stub, download, tmp_path):
    file = File(1_000_000)
    other = CONTENT[::-1]

    def change(handler):
        file(handler)
        file.content = other

    stub.answers = [change, file]
    download(stub, f"{stub.url}/a.rpm", tmp_path / "a.rpm")
    assert (tmp_path / "a.rpm").read_bytes() == other


def test_a_download_of_which_nothing_more_arrives_is_an_error(stub, download, tmp_path):
    stub.answers = [File(1000, *[0] * 50)]
    with pytest.raises(CoprConnectionException):
        download(stub, f"{stub.url}/a.rpm", tmp_path / "a.rpm")
    assert not (tmp_path / "a.rpm").exists()


def test_a_file_that_is_not_there_is_an_error_and_leaves_nothing(stub, download, tmp_path):
    stub.answers = [(404, {}, b"<html>Not Found</html>")]
    with pytest.raises(CoprUnknownResponseException, match="was answered 404"):
        download(stub, f"{stub.url}/a.rpm", tmp_path / "a.rpm")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error(stub, download, tmp_path):
    stub.answers = [File()]
    with pytest.raises(CoprValidationException, match="cannot be written"):
        download(stub, f"{stub.url}/a.rpm", tmp_path / "nothing" / "a.rpm")


def test_what_is_no_address_is_an_error(stub, download, tmp_path):
    with pytest.raises(CoprException, match="not an http or https URL"):
        download(stub, "/etc/passwd", tmp_path / "a.rpm")


def test_no_login_goes_to_the_files_host(stub, tmp_path):
    stub.answers = [File(content=b"x")]
    client = Client({"copr_url": "https://copr.invalid", "login": "lo", "token": "to"})
    client.base_proxy.download(f"{stub.url}/a.rpm", tmp_path / "a.rpm")
    assert "Authorization" not in stub.requests[0][2]


def test_memory_stays_flat(stub, tmp_path):
    stub.answers = [File(content=bytes(40_000_000))]
    client = Client({"copr_url": stub.url}, policy=QUICK)
    client.base_proxy.download(f"{stub.url}/warm.rpm", tmp_path / "warm.rpm")
    tracemalloc.start()
    client.base_proxy.download(f"{stub.url}/a.rpm", tmp_path / "a.rpm")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 15_000_000
