"""`copr-local build log`: its output, and what happens when the log or its own reader disappears."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from commands import X86, run, submit

from copr_local import LocalCopr
from copr_local.cli.follow_log import GrowingLog, visible


class Follower:
    """`copr-local build log -f` in a process of its own; `text` has its output so far."""

    def __init__(self, data: Path, *arguments: str) -> None:
        command = [sys.executable, "-u", "-m", "copr_local", "build", "log", "-f", *arguments]
        self.process = subprocess.Popen([*command, "--data", str(data)], stdout=subprocess.PIPE, text=True)
        self.text = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.text += line

    def end(self) -> str:
        """Wait until the command has ended, and return all of its output."""
        self._reader.join(20)
        assert self.process.wait(20) == 0
        return self.text


@pytest.fixture
def copr(tmp_path: Path) -> Iterator[LocalCopr]:
    with LocalCopr(tmp_path / "data", builds="scripted", chroots=[X86]) as copr:
        yield copr


def test_a_log_is_shown_step_by_step(copr: LocalCopr, api: Any) -> None:
    api.project(chroots=[X86])
    copr.script("hello", log="checking for x... no", fails="no x")
    api.wait(submit(api))
    text = run(copr.data, "build", "log", "1")
    assert text.index("==> source <==") < text.index(f"==> {X86} <==") < text.index("Build failed: no x")
    assert run(copr.data, "build", "log", "1", X86).splitlines()[1] == "checking for x... no"
    error = f"copr-local: build 1 has no chroot nope; it has source, {X86}\n"
    assert run(copr.data, "build", "log", "1", "nope", status=1) == error
    assert run(copr.data, "build", "log", "99", status=1) == "copr-local: Build 99 does not exist.\n"
    log = copr.data / "results/local/hello" / X86 / "00000001-hello/builder-live.log"
    log.unlink()
    assert "Build failed: no x" in run(copr.data, "build", "log", "1", X86)


def test_a_log_is_followed_to_its_end(copr: LocalCopr, api: Any) -> None:
    api.project(chroots=[X86])
    copr.script("hello", takes=3600, log="still at it")
    api.wait(submit(api), "running")
    follower = Follower(copr.data, "1")
    api.until(lambda: "still at it\n" in follower.text)
    assert follower.process.poll() is None
    copr.script("hello", takes=0, fails="in the end")
    text = follower.end()
    assert text.endswith("Build failed: in the end\n")
    assert text.count("still at it") == 1
    assert text.count("==>") == 2


def test_a_log_that_is_followed_says_where_it_begins_anew(tmp_path: Path, api_class: Any) -> None:
    data = tmp_path / "data"
    with LocalCopr(data, builds="scripted", chroots=[X86]) as copr:
        api = api_class(copr, copr.config["login"], copr.config["token"])
        api.project(chroots=[X86])
        copr.script("hello", takes=3600, log="one\ntwo\nthree")
        api.wait(submit(api), "running")
        follower = Follower(data, "1", X86)
        api.until(lambda: "three\n" in follower.text)
    with LocalCopr(data, builds="scripted"):
        text = follower.end()
    first, second = text.split(f"==> {X86}, started again <==\n")
    assert [first.count(line) for line in ("one\n", "two\n", "three\n", "Built")] == [1, 1, 1, 0]
    assert second.endswith("Built hello.x86_64, hello.src\n")
    assert "one" not in second


def test_who_follows_a_log_is_told_that_nobody_builds(tmp_path: Path, api_class: Any) -> None:
    data = tmp_path / "data"
    follow = [sys.executable, "-m", "copr_local", "build", "log", "-f", "1", "--data", str(data)]
    with LocalCopr(data, builds="scripted", chroots=[X86]) as copr:
        api = api_class(copr, copr.config["login"], copr.config["token"])
        api.project(chroots=[X86])
        copr.script("hello", takes=3600)
        api.wait(submit(api), "running")
    follower = subprocess.Popen(follow, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert follower.stderr is not None
    assert follower.stderr.readline() == (
        f"copr-local: {data} is not served: the build continues when `copr-local serve` runs\n"
    )
    with LocalCopr(data, builds="scripted"):
        text, errors = follower.communicate(timeout=20)
    assert "Built hello.x86_64, hello.src" in text
    assert errors == ""


@pytest.mark.parametrize("rest", [b"", b" and more"])
def test_a_log_that_was_replaced_is_read_to_its_end_and_the_next_from_its_beginning(
    rest: bytes, tmp_path: Path
) -> None:
    live = tmp_path / "log/builder-live.log"
    live.parent.mkdir()
    live.write_bytes(b"the first run")
    with closing(GrowingLog(again="anew")) as log:
        assert log.more(None) == b""
        assert log.more(live.parent) == b"the first run"
        with live.open("ab") as file:
            file.write(rest)
        live.parent.rename(tmp_path / "trash")
        assert log.more(live.parent) == rest
        live.parent.mkdir()
        live.write_bytes(b"the second run, which is longer\n")
        assert log.more(live.parent) == b"\nanew\nthe second run, which is longer\n"
        assert log.more(live.parent) == b""
        live.write_bytes(b"shorter")
        assert log.more(live.parent) == b"anew\nshorter"


@pytest.mark.parametrize(
    "arguments", [("chroot", "list"), ("build", "log", "1"), ("doctor",), ("build", "--help")]
)
def test_a_command_ends_quietly_when_nobody_reads_on(
    arguments: tuple[str, ...], copr: LocalCopr, api: Any
) -> None:
    api.project(chroots=[X86])
    api.wait(submit(api))
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "copr_local", *arguments]
    if "--help" not in arguments:
        command += ["--data", str(copr.data)]
    with os.fdopen(writer, "wb") as unread:
        done = subprocess.run(command, check=False, stdout=unread, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def test_a_terminal_executes_nothing_of_a_log() -> None:
    log = b"a\x1b[2Jb\rc\x07\td\x7f\xc2\x9be \xc3\xa4\n"
    assert visible(log) == b"a^[[2Jb^Mc^G\td^??e \xc3\xa4\n"
