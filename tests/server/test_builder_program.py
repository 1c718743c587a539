"""The builder program: it builds for a service elsewhere, and survives what happens to it and in between."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from elsewhere import add_builders, clean

from copr_local import LocalCopr
from copr_local.agent import couriers
from copr_local.agent.disk import Disk, Unwritable
from copr_local.agent.program import FolderInUse, Program
from copr_local.agent.service import Service, Wish
from copr_local.builders import documents
from copr_local.builders.sandbox.leftovers import MARK, mark_of
from copr_local.builders.tasks import BuildFailed, ChrootTask
from copr_local.data.models import BuildChroot
from copr_local.rules import builders, leases
from copr_local.testing.rpm_file import RpmFile

X86 = "fedora-45-x86_64"
LARGE = 400_000  # bytes of a source: less than what a test client writes to a file
SPEC = """\
Name: sleepy
Version: 1.0
Release: 1
Summary: A package that sleeps
License: MIT
BuildArch: noarch
%description
A package that sleeps.
%build
test ! -e /builddir/build/SOURCES/x
echo it sleeps
sleep 600 & sleep 600
%files
"""


@pytest.fixture(scope="module")
def service() -> Iterator[LocalCopr]:
    """Start a service without builders of its own."""
    with LocalCopr(builds="scripted", builders=0, chroots=[X86]) as copr:
        yield copr


@pytest.fixture
def api(service: LocalCopr, api_class: Any) -> Iterator[Any]:
    api = api_class(service, service.config["login"], service.config["token"])
    api.project(chroots=[X86])
    yield api
    clean(service, api)


@pytest.fixture
def copr(service: LocalCopr, api: Any) -> LocalCopr:
    return service


@pytest.fixture
def start(copr: LocalCopr, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """Start builders with scripted builds in this process."""
    tokens = add_builders(copr, big=["x86_64"], other=["x86_64"])
    with ExitStack() as stack:

        def one(
            name: str = "big", folder: str | None = None, interval: float = 0.1, **options: Any
        ) -> Program:
            program = Program(
                copr.url,
                tokens[name],
                tmp_path / (folder or name),
                arches=("x86_64",),
                **{"builder": lambda _settings: copr.script.builder(), "interval": interval, **options},
            )
            program.start()
            stack.callback(program.stop)
            return program

        yield one


def submit(api: Any, size: int = 10, tmp: Path | None = None) -> tuple[int, bytes]:
    """Submit an upload of about this size; return the id of the build, and the file."""
    package = RpmFile("hello", 0, "1.0", "1", "src", "", "hello.spec", os.urandom(size // 2).hex(), 0)
    content = package.write(Path(tmp or "/nonexistent")).read_bytes()
    return api.upload(content=content)["id"], content


def live_log(copr: LocalCopr, step: str = X86) -> Path:
    (log,) = copr.data.glob(f"results/local/hello/{step}/*/builder-live.log")
    return log


def log_is(copr: LocalCopr, text: str) -> bool:
    return any(
        text in log.read_text() for log in copr.data.glob(f"results/local/hello/{X86}/*/builder-live.log")
    )


def test_a_build_is_built_elsewhere(copr: LocalCopr, api: Any, start: Any, tmp_path: Path) -> None:
    start()
    build, _ = submit(api, tmp=tmp_path)
    assert api.wait(build)["state"] == "succeeded"
    packages = api.get(f"/build/built-packages/{build}")[X86]["packages"]
    assert sorted(package["arch"] for package in packages) == ["src", "x86_64"]
    api.until(lambda: list((tmp_path / "big/claims").iterdir()) == [])
    backend = live_log(copr).with_name("backend.log").read_text()
    assert "Claimed by the builder big" in backend


def test_cut_connections_lose_and_repeat_nothing(
    copr: LocalCopr, api: Any, start: Any, tmp_path: Path
) -> None:
    text = "\n".join(f"{number} {os.urandom(500).hex()}" for number in range(3000))
    copr.script(log=text)
    with ExitStack() as faults:
        faults.enter_context(copr.faults.cut(LARGE // 4, path="/builder/*/source", count=2))
        for path in ("/builder/*/log", "/builder/*/files/*", "/builder/*/finish"):
            faults.enter_context(copr.faults.reset("during", path=path, count=1))
            faults.enter_context(copr.faults.reset("after", path=path, count=1))
        faults.enter_context(copr.faults.status(502, "after", path="/builder/*/finish", count=1))
        start()
        build, content = submit(api, LARGE, tmp_path)
        assert api.wait(build)["state"] == "succeeded"
    assert text in live_log(copr).read_text()
    assert live_log(copr).read_text().count(text[:100]) == 1
    (srpm,) = copr.data.glob("results/local/hello/srpm-builds/*/*.src.rpm")
    assert srpm.read_bytes() == content


def test_a_builder_waits_for_a_service_that_is_away(
    copr: LocalCopr, api: Any, start: Any, tmp_path: Path
) -> None:
    with copr.faults.status(503, path="/builder/*", count=3) as fault:
        start()
        api.until(lambda: fault.hits == 3)
    build, _ = submit(api, tmp=tmp_path)
    assert api.wait(build)["state"] == "succeeded"


def test_a_task_of_another_version_is_left_to_other_builders(
    copr: LocalCopr, api: Any, start: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    understand, asked = documents.task_of, []

    def of_big(document: Any, context: Any) -> Any:
        if "big" in context.directory.parts:
            asked.append(document["build_id"])
            del document["timeout"]  # as from a service that does not have it yet
        return understand(document, context)

    monkeypatch.setattr(documents, "task_of", of_big)
    start("big")
    build, _ = submit(api, tmp=tmp_path)
    api.until(lambda: asked)
    start("other")
    assert api.wait(build)["state"] == "succeeded"


def test_a_cancelled_build_is_ended(copr: LocalCopr, api: Any, start: Any, tmp_path: Path) -> None:
    copr.script(chroot=X86, takes=600, log="it takes long")
    start()
    build, _ = submit(api, tmp=tmp_path)
    api.until(lambda: log_is(copr, "it takes long"))
    api.call("PUT", f"/build/cancel/{build}")
    api.until(lambda: list((tmp_path / "big/claims").iterdir()) == [])
    assert "Build cancelled." in live_log(copr).read_text()
    copr.script.clear()
    build, _ = submit(api, tmp=tmp_path)
    assert api.wait(build)["state"] == "succeeded"


def test_a_builder_that_slept_past_its_lease_goes_on_with_other_builds(
    copr: LocalCopr, api: Any, start: Any, tmp_path: Path
) -> None:
    copr.script(chroot=X86, takes=2 * leases.LEASE)
    start("big", interval=3600)  # it sends no sign of life
    build, _ = submit(api, tmp=tmp_path)

    def is_running() -> bool:
        with copr.database.reading() as tx:
            chroot = tx.session.get(BuildChroot, (build, X86))
            return chroot is not None and chroot.state == "running"

    api.until(is_running)
    copr.clock.advance(seconds=leases.LEASE + 5)
    copr._worker._next_renewal = 0  # leases are looked at now, and not within the next seconds
    copr._worker.wake()
    api.until(lambda: api.get(f"/build-chroot/{build}/{X86}")["state"] == "pending")
    copr.script.clear()
    start("other")
    assert api.wait(build)["state"] == "succeeded"
    api.until(lambda: list((tmp_path / "big/claims").iterdir()) == [])
    again, _ = submit(api, tmp=tmp_path)
    assert api.wait(again)["state"] == "succeeded"


def test_a_stopped_builder_gives_its_steps_back(
    copr: LocalCopr, api: Any, start: Any, tmp_path: Path
) -> None:
    copr.script(chroot=X86, takes=600, log="it takes long")
    program = start()
    build, _ = submit(api, tmp=tmp_path)
    api.until(lambda: log_is(copr, "it takes long"))
    program.stop()
    assert api.get(f"/build-chroot/{build}/{X86}")["state"] == "pending"
    copr.script.clear()
    start("other")
    assert api.wait(build)["state"] == "succeeded"


def test_a_removed_builder_stops_its_build(copr: LocalCopr, api: Any, start: Any, tmp_path: Path) -> None:
    copr.script(chroot=X86, takes=600, log="it takes long")
    start()
    build, _ = submit(api, tmp=tmp_path)
    api.until(lambda: log_is(copr, "it takes long"))
    with copr.database.writing() as tx:
        builders.remove(tx, "big")
    api.until(lambda: list((tmp_path / "big/claims").iterdir()) == [])
    assert api.get(f"/build-chroot/{build}/{X86}")["state"] == "pending"


def test_a_build_fails_if_its_results_are_refused(
    copr: LocalCopr, api: Any, start: Any, tmp_path: Path
) -> None:
    with copr.faults.status(400, path="/builder/*/files/*.x86_64.rpm", count=1):
        start()
        build, _ = submit(api, tmp=tmp_path)
        assert api.wait(build)["state"] == "failed"
    assert "the service refuses the results" in live_log(copr).with_name("backend.log").read_text()


@pytest.mark.parametrize(
    "error", [BuildFailed("rpmbuild failed"), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))]
)
def test_a_full_disk_of_a_builder_fails_no_build(
    error: Exception,
    copr: LocalCopr,
    api: Any,
    start: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(couriers, "LONGEST_PAUSE", 0.1)

    def trouble() -> str | None:
        with copr.database.reading() as tx:
            return (builders.get(tx, "big").offer or {}).get("trouble")

    def filling(_task: ChrootTask) -> list[Any]:
        program._disk._least_free = 2**62
        raise error

    program = start(builder=lambda _settings: replace(copr.script.builder(), build_chroot=filling))
    build, _ = submit(api, tmp=tmp_path)
    api.until(lambda: "no builds are taken until this has changed" in caplog.text)
    api.until(lambda: "and builds need" in (trouble() or ""))
    api.until(lambda: api.get(f"/build-chroot/{build}/{X86}")["state"] == "pending")
    start("other")
    assert api.wait(build)["state"] == "succeeded"
    program._disk._least_free = 0
    api.until(lambda: "builds are taken" in caplog.messages[-1] and trouble() is None)


def test_a_folder_that_cannot_be_written_is_a_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot write to" in Disk(tmp_path / "none").trouble()
    assert "cannot write to" in Disk(tmp_path / "file", least_free=0).trouble()
    assert Disk(tmp_path, least_free=0).trouble() == ""


def test_a_source_that_cannot_be_written_is_not_requested_for_ever(
    copr: LocalCopr, api: Any, tmp_path: Path
) -> None:
    service = Service(copr.url, add_builders(copr, big=["x86_64"])["big"], threading.Event())
    submit(api, tmp=tmp_path)
    wish = Wish(("x86_64",))
    claim = service.claim(wish, 20)
    assert claim is not None
    service.accept(claim, wish)
    with pytest.raises(Unwritable, match=os.strerror(errno.ENOSPC)):
        service.download(claim, Path("/dev/full"))
    service.close()


def test_a_folder_has_one_builder(start: Any) -> None:
    start("big", "one")
    with pytest.raises(FolderInUse):
        start("other", "one")


def marked(folder: Path) -> set[int]:
    """Return the processes of the builds of a builder."""
    wanted = os.fsencode(f"{MARK}={mark_of(folder)}")
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (path / "environ").read_bytes():
                found.add(int(path.name))
        except OSError:
            pass
    return found


def test_nothing_is_left_of_a_cancelled_build_nor_of_a_killed_builder(tmp_path: Path, api_class: Any) -> None:
    """Real builds by the program `copr-local builder`, in processes of their own."""
    tmp_path.chmod(0o755)
    (tmp_path / "sleepy.spec").write_text(SPEC)
    with LocalCopr(builders=0, chroots=[X86]) as copr, ExitStack() as stack:
        with copr.database.writing() as tx:
            (tmp_path / "token").write_text(builders.add(tx, "big", ["x86_64"]))

        def start() -> subprocess.Popen[bytes]:
            command = [
                sys.executable,
                "-m",
                "copr_local",
                "builder",
                "--service",
                copr.url,
                "--arch",
                "x86_64",
            ]
            options = ["--token-file", tmp_path / "token", "--slots", "1", "--work", tmp_path / "work"]
            process = subprocess.Popen(
                [*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        api = api_class(copr, copr.config["login"], copr.config["token"])
        api.project(chroots=[X86])
        folder = tmp_path / "work"
        process = start()

        def sleeping() -> int:
            build: int = api.upload("sleepy.spec", (tmp_path / "sleepy.spec").read_bytes())["id"]
            api.until(lambda: log_is(copr, "it sleeps"))
            assert marked(folder)
            return build

        build = sleeping()
        api.call("PUT", f"/build/cancel/{build}")
        since = time.monotonic()
        api.until(lambda: not marked(folder))
        took = time.monotonic() - since
        assert took < 20, "2 seconds on a machine without other work"
        api.call("DELETE", f"/build/delete/{build}")

        build = sleeping()
        process.send_signal(signal.SIGKILL)
        process.wait()
        copr.clock.advance(seconds=2 * leases.LEASE)
        api.until(lambda: api.get(f"/build-chroot/{build}/{X86}")["state"] == "pending")
        again = start()
        api.until(lambda: log_is(copr, "it sleeps"))
        again.send_signal(signal.SIGTERM)
        assert again.wait(60) == 0
        assert not marked(folder)
        assert api.get(f"/build-chroot/{build}/{X86}")["state"] == "pending"
