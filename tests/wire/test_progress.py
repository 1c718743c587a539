"""Progress on a terminal, drawn by rich or tqdm; nothing where nobody looks."""

from __future__ import annotations

import io
import sys

import pytest

from copr.progress import Progress
from copr.results import Build
from copr.v3 import Client, Policy


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(params=["rich", "tqdm"])
def library(request, monkeypatch):
    """The library that is installed, as far as the client can see."""
    for name in {"rich", "tqdm"} - {request.param}:
        for module in [name, *(each for each in sys.modules if each.startswith(f"{name}."))]:
            monkeypatch.setitem(sys.modules, module, None)
    return request.param


def use(file, stub, tmp_path):
    """Upload, download, wait for builds and follow a log. Return what is on the terminal."""
    source = tmp_path / "hello-1-1.src.rpm"
    source.write_bytes(b"x" * 150_000)
    client = Client({"copr_url": stub.url, "login": "lo", "token": "to"}, policy=Policy.none())
    with Progress(file) as progress:
        stub.answers = [(200, {}, b'{"id": 5, "state": "pending"}')]
        options = {"progress_callback": progress.upload(source.name)}
        client.build_proxy.create_from_file("alice", "hello", str(source), options)
        stub.answers = [(200, {}, b"y" * 250_000)]
        target = str(tmp_path / "result.rpm")
        client.build_chroot_proxy.download(f"{stub.url}/result.rpm", target, progress.download("result.rpm"))
        for states in (["running", "pending", "failed"], ["succeeded", "succeeded", "failed"]):
            progress.builds([Build(id=place, state=state) for place, state in enumerate(states)])
        progress.log("+ make [all]\n")
    return file.getvalue()


def test_a_terminal_shows_uploads_downloads_states_and_logs(library, stub, tmp_path):
    shown = use(Terminal(), stub, tmp_path)
    for text in ("hello-1-1.src.rpm", "result.rpm", "1 failed, 2 succeeded", "3/3", "+ make [all]"):
        assert text in shown, text
    assert ("250.0 kB/250.0 kB" if library == "rich" else "250k/250k") in shown


def test_nothing_is_shown_where_there_is_no_terminal(library, stub, tmp_path):
    assert use(io.StringIO(), stub, tmp_path) == ""


def test_nothing_is_shown_without_a_library(monkeypatch, stub, tmp_path):
    for name in ("rich", "tqdm"):
        for module in [name, *(each for each in sys.modules if each.startswith(f"{name}."))]:
            monkeypatch.setitem(sys.modules, module, None)
    assert use(Terminal(), stub, tmp_path) == ""
