"""`kill -9` in the middle of real builds, and a restart: every build finishes, and nothing is built twice."""

from __future__ import annotations

import json
import platform
import signal
from pathlib import Path
from typing import Any

import pytest
from other_process import change

from copr_local import LocalCopr
from copr_local.builders.results import write_results
from copr_local.builders.tasks import BuiltPackage
from copr_local.data.folder_sharing import PREFIX as PROCESS
from copr_local.rules import builds, queue
from copr_local.rules.queue import Step
from copr_local.testing.rpm_file import RpmFile

QUICK, SLOW = f"epel-10-{platform.machine()}", f"fedora-45-{platform.machine()}"

SPEC = """\
Name:           nap
Version:        1.0
Release:        1%{?dist}
Summary:        Sleeps while it is built
License:        MIT
BuildArch:      noarch

%description
Sleeps while it is built for Fedora.

%build
%{?fedora:sleep 4}
echo built >> nap

%install
install -D -m 0644 nap %{buildroot}%{_datadir}/nap

%files
%{_datadir}/nap
"""


def states(api: Any, build_id: int) -> dict[str, str]:
    items = api.get("/build-chroot/list", build_id=build_id)["items"]
    return {chroot["name"]: chroot["state"] for chroot in items}


def test_builds_of_a_process_that_was_killed_are_ended_by_the_next(serve: Any, tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path), "--port", "0", "--builders", "3")
    first = serve(*arguments).ready()
    api = first.api()
    owner = api.get("/auth-check")["name"]
    api.call("POST", f"/project/add/{owner}", {"name": "hello", "chroots": [QUICK, SLOW]})
    build_id = api.upload("nap.spec", SPEC.encode(), ownername=owner)["id"]
    queued = api.upload("nap.spec", SPEC.encode(), ownername=owner)["id"]
    api.until(lambda: states(api, build_id) == {QUICK: "succeeded", SLOW: "running"})
    results = tmp_path / "results" / owner / "hello"
    (done,) = (results / QUICK).glob(f"{build_id:08d}-nap/*.noarch.rpm")
    written = done.stat().st_mtime_ns
    assert first.end(signal.SIGKILL)[0] == -signal.SIGKILL

    second = serve(*arguments).ready()
    api = second.api()
    for number in (build_id, queued):
        over = api.wait(number)
        assert (over["state"], states(api, number)) == ("succeeded", {QUICK: "succeeded", SLOW: "succeeded"})
    assert done.stat().st_mtime_ns == written
    for chroot in (QUICK, SLOW):
        (build,) = (results / chroot).glob(f"{build_id:08d}-*")
        assert json.loads((build / "results.json").read_text())
        assert (results / chroot / "repodata/repomd.xml").exists()
    assert second.end(signal.SIGTERM) == (0, "stopped\n", "")


def lose(data: Path, statement: str) -> None:
    """Change the database as if a process had died in the middle of a step."""
    assert change(data, statement) > 0


@pytest.mark.parametrize("state", ["starting", "running"])
@pytest.mark.parametrize("step", ["source", "chroot"])
def test_a_step_that_was_lost_is_done_again_and_its_half_results_go(
    state: str, step: str, tmp_path: Path, script: Any, api_of: Any
) -> None:
    data = tmp_path / "data"
    with LocalCopr(data, chroots=[QUICK, SLOW], builder=script.builder()) as first:
        api = api_of(first)
        api.project(chroots=[QUICK, SLOW])
        build_id = api.upload()["id"]
        assert api.wait(build_id)["state"] == "succeeded"
    if step == "source":
        lose(data, f"UPDATE build SET source_state = '{state}', state = '{state}'")
        lose(data, "DELETE FROM build_chroot")
        half = data / f"results/local/hello/srpm-builds/{build_id:08d}/half.src.rpm"
        (data / "tmp" / "tmpuploaded").mkdir()
        lose(data, """UPDATE build SET source = '{"tmp": "tmpuploaded", "pkg": "hello-1.0-1.src.rpm"}'""")
    else:
        lose(data, f"UPDATE build_chroot SET state = '{state}', packages = '[]' WHERE name = '{QUICK}'")
        lose(data, f"UPDATE build SET state = '{state}'")
        half = data / f"results/local/hello/{QUICK}/{build_id:08d}-hello/half.rpm"
    half.write_text("half a package")
    script.started.clear()
    with LocalCopr(data, builder=script.builder()) as second:
        api = api_of(second)
        assert api.wait(build_id)["state"] == "succeeded"
        assert states(api, build_id) == {QUICK: "succeeded", SLOW: "succeeded"}
    again = [(build_id, QUICK)]
    if step == "source":
        again = [(build_id, "source"), (build_id, QUICK), (build_id, SLOW)]
    assert sorted(script.started) == sorted(again)
    assert not half.exists()


@pytest.mark.parametrize("made", [["hello.noarch", "hello.src"], ["hello.noarch"], []])
def test_only_results_of_which_every_package_is_there_are_kept(
    made: list[str], tmp_path: Path, script: Any, api_of: Any
) -> None:
    data = tmp_path / "data"
    with LocalCopr(data, chroots=[QUICK], builder=script.builder()) as first:
        api = api_of(first)
        api.project(chroots=[QUICK])
        build_id = api.upload()["id"]
        api.wait(build_id)
    lose(data, "UPDATE build_chroot SET state = 'running', packages = '[]'")
    lose(data, "UPDATE build SET state = 'running'")
    folder = data / f"results/local/hello/{QUICK}/{build_id:08d}-hello"
    named = [BuiltPackage("hello", 0, "1.0", "1", arch) for arch in ("noarch", "src")]
    write_results(folder, named)
    for package in made:
        name, arch = package.split(".")
        RpmFile(name, 0, "1.0", "1", arch, "", "/usr/share/hello", "made", 0).write(folder)
    script.started.clear()
    with LocalCopr(data, builder=script.builder()) as second:
        assert api_of(second).wait(build_id)["state"] == "succeeded"
    assert script.started == ([] if len(made) == len(named) else [(build_id, QUICK)])


def test_a_source_rpm_that_was_not_imported_yet_is_not_built_again(
    tmp_path: Path, script: Any, api_of: Any
) -> None:
    data = tmp_path / "data"
    with LocalCopr(data, chroots=[QUICK], builder=script.builder(), builders=0) as first:
        api = api_of(first)
        api.project(chroots=[QUICK])
        build_id = api.upload()["id"]
        with first.database.writing() as tx:
            queue.claim(tx, Step(build_id))
        with first.database.writing() as tx:
            queue.begin(tx, Step(build_id))
            queue.source_built(tx, Step(build_id), package="hello", version="1.0-1", srpm="hello.src.rpm")
        assert api.get(f"/build/{build_id}")["state"] == "importing"
        assert states(api, build_id) == {QUICK: "waiting"}
    with LocalCopr(data, builder=script.builder()) as second:
        assert api_of(second).wait(build_id)["state"] == "succeeded"
    assert script.started == [(build_id, QUICK)]


def test_what_a_dead_process_left_lying_about_is_removed(tmp_path: Path, script: Any, api_of: Any) -> None:
    data = tmp_path / "data"
    script.hold()
    with LocalCopr(data, chroots=[QUICK], builder=script.builder(), builders=0) as first:
        api = api_of(first)
        api.project(chroots=[QUICK])
        waiting = api.upload()["id"]
        with first.database.reading() as tx:
            wanted = builds.get(tx, waiting).source["tmp"]
    (data / "tmp/tmporphan").mkdir()
    (data / "tmp/tmporphan/x.src.rpm").write_text("x")
    (data / "incoming/tmphalf").write_text("x")
    (data / "trash/old").mkdir()
    with LocalCopr(data, builder=script.builder(), builders=0) as second:
        assert [path.name for path in (data / "tmp").iterdir()] == [wanted]
        assert [path.name for path in (data / "incoming").rglob("*") if PROCESS not in path.name] == []
        api_of(second).until(lambda: not list((data / "trash").iterdir()))
