"""Commands that manage a data folder, while a service uses it and while none does."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from commands import X86, run, submit

from copr_local import LocalCopr
from copr_local.builders import tools
from copr_local.builders.repository import update
from copr_local.cli import main
from copr_local.data import client_configuration


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(params=["running", "stopped"])
def folder(data: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Return a data folder that a service uses, then one that no service uses."""
    with LocalCopr(data, builds="scripted", chroots=[X86, "epel-10-x86_64"]):
        if request.param == "running":
            yield data
    if request.param == "stopped":
        yield data


@pytest.fixture
def copr(data: Path) -> Iterator[LocalCopr]:
    with LocalCopr(data, builds="scripted", chroots=[X86, "epel-10-x86_64"]) as copr:
        yield copr


def works(url: str, found: client_configuration.ClientConfiguration) -> bool:
    return requests.get(f"{url}/api_3/auth-check", auth=(found.login, found.token), timeout=10).ok


def test_a_user_is_added_with_a_configuration_to_keep(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "bob.conf"
    file.write_text(run(folder, "user", "add", "bob", "--admin"))
    found = client_configuration.read(file)
    assert found is not None
    with LocalCopr(tmp_path / "other") as other:
        assert not works(other.url, found)
    listed = [line.split() for line in run(folder, "user", "list").splitlines()]
    assert [line[0] for line in listed] == ["local", "bob"]
    assert listed[1][-1] == "administrator"
    assert run(folder, "user", "add", "bob", status=1) == "copr-local: the user 'bob' exists already\n"


def test_a_new_token_works_at_once_and_the_old_one_no_longer(copr: LocalCopr, tmp_path: Path) -> None:
    before = client_configuration.read(copr.config_path)
    assert before is not None
    assert works(copr.url, before)
    file = tmp_path / "new.conf"
    file.write_text(run(copr.data, "user", "token", "local"))
    after = client_configuration.read(file)
    assert after is not None
    assert after.copr_url == copr.url
    assert works(copr.url, after)
    assert not works(copr.url, before)
    assert client_configuration.read(copr.config_path) == after
    assert run(copr.data, "user", "token", "nobody", status=1) == "copr-local: No such user `nobody'\n"


def test_groups_are_joined_and_left(folder: Path) -> None:
    for name in ("alice", "bob"):
        run(folder, "user", "add", name)
    run(folder, "group", "add", "devs", "alice")
    run(folder, "group", "join", "devs", "bob", "alice")
    assert run(folder, "group", "list") == "@devs  alice bob\n"
    run(folder, "group", "leave", "devs", "alice")
    assert run(folder, "group", "list") == "@devs  bob\n"
    assert "@devs" in run(folder, "user", "list")
    for arguments, error in (
        (("leave", "devs", "alice"), "alice is not in the group devs"),
        (("add", "devs"), "the group 'devs' exists already"),
        (("add", "@x"), "'@x' is not a valid group name: use letters, digits, '_', '-' and '.', and no @"),
        (("join", "others", "bob"), "Group others does not exist."),
    ):
        assert run(folder, "group", *arguments, status=1) == f"copr-local: {error}\n"


def test_a_group_is_removed_unless_it_owns_projects(copr: LocalCopr, api: Any) -> None:
    run(copr.data, "group", "add", "devs", "local")
    api.project("tools", owner="@devs", chroots=[X86])
    error = "copr-local: The group devs owns @devs/tools: delete its projects first, through the API\n"
    assert run(copr.data, "group", "remove", "devs", status=1) == error
    assert run(copr.data, "group", "list") == "@devs  local\n"
    api.call("POST", "/project/delete/@devs/tools", {"verify": True})
    run(copr.data, "group", "remove", "devs")
    assert run(copr.data, "group", "list") == ""
    assert "@devs" not in run(copr.data, "user", "list")
    error = "copr-local: Group devs does not exist.\n"
    assert run(copr.data, "group", "remove", "devs", status=1) == error
    run(copr.data, "group", "add", "devs")
    assert run(copr.data, "group", "list") == "@devs  -\n"


def test_chroots_are_offered_and_disabled(copr: LocalCopr, api: Any) -> None:
    run(copr.data, "chroot", "add", "fedora-46-x86_64", "fedora-46-aarch64", "--comment", "new")
    run(copr.data, "chroot", "disable", "epel-10-x86_64")
    offered = {X86: "", "fedora-46-x86_64": "new", "fedora-46-aarch64": "new"}
    assert api.get("/mock-chroots/list") == offered
    listed = run(copr.data, "chroot", "list").splitlines()
    assert [line.split()[0] for line in listed] == list(offered)
    assert "epel-10-x86_64     disabled" in run(copr.data, "chroot", "list", "--all")
    assert "the chroot 'nope' is not offered" in run(copr.data, "chroot", "disable", "nope", status=1)
    assert "'nope' is not a valid chroot name" in run(copr.data, "chroot", "add", "nope", status=1)
    run(copr.data, "chroot", "add", "epel-10-x86_64")
    assert list(api.get("/mock-chroots/list"))[-1] == "epel-10-x86_64"


def test_projects_and_builds_are_listed(copr: LocalCopr, api: Any) -> None:
    api.project(chroots=[X86])
    api.project("empty", chroots=[X86, "epel-10-x86_64"])
    copr.script("hello", fails="no")
    api.wait(submit(api))
    copr.script("hello", fails="")
    api.wait(submit(api))
    projects = [line.split() for line in run(copr.data, "project", "list").splitlines()]
    assert [line[:3] for line in projects] == [["local/hello", "1", "2"], ["local/empty", "2", "0"]]
    assert run(copr.data, "project", "list", "local").count("\n") == 2
    builds = [line.split() for line in run(copr.data, "build", "list").splitlines()]
    assert [line[:5] for line in builds] == [
        ["2", "succeeded", "local/hello", "hello", "1.0-1"],
        ["1", "failed", "local/hello", "hello", "1.0-1"],
    ]
    assert run(copr.data, "build", "list", "--limit", "1").startswith("2 ")
    assert run(copr.data, "build", "list", "local/hello", "--state", "failed").startswith("1 ")
    assert run(copr.data, "build", "list", "local/empty") == ""
    for arguments, error in (
        (("build", "list", "local/nope"), "Project local/nope does not exist."),
        (("build", "list", "hello"), "'hello' is not a project: write OWNER/NAME,"),
        (("build", "list", "local/"), "'local/' is not a project: write OWNER/NAME,"),
        (("project", "list", "nobody"), "'nobody' is not a user or group: write NAME for a user,"),
        (("project", "list", "@devs"), "'@devs' is not a user or group: write NAME for a user,"),
        (("project", "list", "local/hello"), "'local/hello' is not a user or group: write NAME"),
    ):
        assert run(copr.data, *arguments, status=1).startswith(f"copr-local: {error}")


def test_what_nothing_refers_to_is_removed(copr: LocalCopr, api: Any) -> None:
    api.project(chroots=[X86])
    api.wait(submit(api))
    copr.script(takes=3600)
    waiting = api.upload(content=b"x" * 100)["id"]
    # Wait until its step has started: before that, temporary files appear and disappear.
    api.until((copr.data / "results/local/hello/srpm-builds/00000002/builder-live.log").exists)
    kept = {path for path in copr.data.rglob("*") if path.is_file() and "copr.db" not in path.name}
    results = copr.data / "results/local"
    litter = [
        results / "hello/srpm-builds/00000077",
        results / "hello" / X86 / "00000077-gone",
        results / "hello" / X86 / "00000001-othername",
        results / "nothing",
        copr.data / "tmp/tmpgone",
    ]
    for folder in litter:
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x" * 1000)
    assert run(copr.data, "gc") == "0 removed, 0 bytes freed\n"  # the orphans are too new
    told = run(copr.data, "gc", "--dry-run", "--older-than", "0").splitlines()
    assert sorted(told[:-1]) == sorted(map(str, litter))
    assert told[-1] == "5 to remove"
    assert run(copr.data, "gc", "--older-than", "0").endswith("5 removed, 4.88 KiB freed\n")
    assert not any(folder.exists() for folder in litter)
    assert [path for path in kept if not path.exists()] == []
    copr.script(takes=0)
    assert api.wait(waiting)["state"] == "succeeded"


def test_a_backup_of_a_running_service_is_a_service(copr: LocalCopr, api: Any, tmp_path: Path) -> None:
    api.project(chroots=[X86])
    api.wait(submit(api))
    copr.script(takes=3600)
    api.wait(submit(api), "running")
    target = tmp_path / "backup"
    assert run(copr.data, "backup", str(target)) == f"copied to {target}\n"
    assert "exists already: choose another folder" in run(copr.data, "backup", str(target), status=1)
    assert not list(tmp_path.glob(".*"))
    with LocalCopr(target, builds="scripted") as second:
        other = type(api)(second, copr.config["login"], copr.config["token"])
        assert other.get("/build/1") == {
            **api.get("/build/1"),
            "repo_url": f"{second.url}/results/local/hello",
            "source_package": {
                "name": "hello",
                "version": "1.0-1",
                "url": f"{second.url}/results/local/hello/srpm-builds/00000001/hello-1.0-1.src.rpm",
            },
        }
        assert other.wait(2)["state"] == "succeeded"
        assert second.config["token"] == copr.config["token"]
    assert api.get("/build/2")["state"] == "running"


def test_a_backup_leaves_out_what_builds_and_gpg_are_at(copr: LocalCopr, api: Any, tmp_path: Path) -> None:
    api.project(".hello", chroots=[X86])
    chroot = copr.data / "results/local/.hello" / X86
    work = chroot / "00000007-hello/.work"
    (copr.data / "keys/local").mkdir(parents=True)
    work.mkdir(parents=True)
    os.mkfifo(work / "pipe")
    (copr.data / "keys/local/pubkey.gpg").write_text("key")
    with socket.socket(socket.AF_UNIX) as agent:
        path = copr.data / "keys/local/S.gpg-agent"
        agent.bind(str(path))
        run(copr.data, "backup", str(tmp_path / "backup"))
    copied = tmp_path / "backup"
    assert os.listdir(copied / "keys/local") == ["pubkey.gpg"]
    assert os.listdir(copied / "results/local/.hello" / X86 / "00000007-hello") == []
    assert (copied / "results/local/.hello" / X86 / "repodata/repomd.xml").exists()


def test_a_backup_while_builds_come_and_go_has_the_results_of_all_its_builds(
    copr: LocalCopr, api: Any, tmp_path: Path
) -> None:
    api.project(chroots=[X86])
    ended = threading.Event()

    def keep_building() -> None:
        while not ended.is_set():
            api.wait(submit(api))

    builder = threading.Thread(target=keep_building)
    builder.start()
    try:
        api.until(lambda: api.get("/build/list", ownername="local", projectname="hello")["items"][5:])
        run(copr.data, "backup", str(tmp_path / "backup"))
    finally:
        ended.set()
        builder.join()
    with LocalCopr(tmp_path / "backup", builds="scripted", builders=0) as second:
        other = type(api)(second)
        builds = other.get("/build/list", ownername="local", projectname="hello")["items"]
        assert len(builds) >= 6
        for build in builds:
            if build["state"] == "succeeded":
                folder = second.data / f"results/local/hello/{X86}/{build['id']:08d}-hello"
                assert (folder / "results.json").exists()
        assert run(second.data, "gc", "--dry-run", "--older-than", "0") is not None


@pytest.mark.parametrize("arguments", [("user", "list"), ("gc",), ("backup", "x"), ("build", "log", "1")])
def test_a_folder_without_a_copr_is_named(arguments: tuple[str, ...], tmp_path: Path) -> None:
    error = run(tmp_path, *arguments, status=1)
    assert error.startswith(f"copr-local: {tmp_path} is not a data folder: create it with `copr-local serve`")
    assert list(tmp_path.iterdir()) == []


def test_a_user_without_a_home_is_asked_for_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", home)
    done = CliRunner().invoke(main, ["user", "list"])
    expected = "this user has no home folder: give a data folder with --data or COPR_LOCAL_DATA"
    assert (done.exit_code, done.stderr) == (1, f"copr-local: {expected}\n")


def test_a_damaged_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "copr.db").write_text("x" * 5000)
    error = run(tmp_path, "user", "list", status=1)
    assert "file is not a database" in error
    assert error.count("\n") == 1


def test_the_doctor_says_what_can_be_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = run(tmp_path / "none", "doctor").splitlines()
    found = {line.split()[1]: (line[:2], line.split(maxsplit=2)[2]) for line in lines}
    assert found["data"] == ("--", f"{tmp_path}/none does not exist yet")
    assert found["rpmbuild"] == ("ok", "/usr/bin/rpmbuild")
    assert found["createrepo_c"] == ("ok", update.program())
    machine = os.uname().machine
    assert found[f"fedora-45-{machine}"][0] == "ok"
    other = {"x86_64": "aarch64", "aarch64": "x86_64"}[machine]
    text = f"builds noarch packages only: this machine is {machine}"
    assert found[f"fedora-45-{other}"] == ("--", text)
    monkeypatch.setattr("copr_local.builders.tools.PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pyp2spec", None)
    monkeypatch.setattr(update, "program", lambda: str(tmp_path / "createrepo_c"))
    lines = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)]).stdout.splitlines()
    assert any(line.startswith("--  rpmbuild") and "apt-get install rpm" in line for line in lines)
    assert any(line.startswith("--  createrepo_c") and "nothing can be published" in line for line in lines)
    assert any(line.startswith("--  pyp2spec") and "copr-local[pypi]" in line for line in lines)
    assert CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)]).exit_code == 1


def test_the_doctor_sees_that_a_program_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "programs" / "tito"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho Traceback; echo \"No module named 'rpm'\"; exit 1\n")
    program.chmod(0o755)
    find = tools.find
    broken = tools.Tool(str(program), (program.parent,))
    monkeypatch.setattr(tools, "find", lambda name: broken if name == "tito" else find(name))
    (line,) = [line for line in run(tmp_path / "none", "doctor").splitlines() if line.split()[1] == "tito"]
    reason = f"no builds by tito: {program} does not start: No module named 'rpm': "
    assert line.startswith("--")
    assert reason + tools.HOW_TO_GET["tito"] in line


def test_the_doctor_needs_no_program_to_say_that_one_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("chmod", "choom", "du", "env", "nice", "prlimit", "setpriv"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path)])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert "--  coreutils   nothing can be built: rm not in PATH; install the package coreutils" in lines
    assert any(line.startswith("ok  util-linux") for line in lines)


def test_the_doctor_looks_at_the_chroots_on_offer(folder: Path) -> None:
    lines = run(folder, "doctor").splitlines()
    assert [line.split()[1] for line in lines[-2:]] == [X86, "epel-10-x86_64"]


def test_every_command_says_what_it_does() -> None:
    def commands(group: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, command in group.commands.items():
            yield (*path, name)
            if hasattr(command, "commands"):
                yield from commands(command, (*path, name))

    say: Callable[..., str] = lambda *path: CliRunner().invoke(main, [*path, "--help"]).stdout  # noqa: E731
    found = list(commands(main, ()))
    assert len(found) > 20
    for path in found:
        assert len(say(*path).splitlines()[2].split()) >= 2, path
    assert "..." not in say().partition("Commands:")[2]


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    for arguments, words in (
        (["build", "list", "--state", "bogus"], "'bogus' is not one of"),
        (["gc", "--older-than", "-5"], "-5.0 is not in the range x>=0"),
        (["serve", "--public-url", "foo"], "foo is not a URL with the scheme http or https"),
        (["serve", "--public-url", "http://"], "http:// is not a URL with the scheme http or https"),
        (
            ["serve", "--events", "http://a:secret@b.c/d"],
            "http://a:***@b.c/d is not a URL with the scheme amqp or amqps",
        ),
        (["serve", "--pypi", "ftp://a.b"], "ftp://a.b is not a URL with the scheme http or https"),
        (
            ["serve", "--public-url", "http://a:99999/"],
            "http://a:99999/ is not a valid URL: Port out of range",
        ),
        (["serve", "--public-url", "http://a /b"], "'http://a /b' is not a valid URL: it has blanks"),
        (["serve", "--public-url", "http://a/?b=c"], "http://a/?b=c has a user name, a query or a fragment"),
        (["serve", "--public-url", "http://a/#b"], "http://a/#b has a user name, a query or a fragment"),
        (
            ["serve", "--public-url", "http://a:b@c/"],
            "http://a:***@c/ has a user name, a query or a fragment",
        ),
        (["serve", "--distgit", "mine"], "'mine' is not NAME=URL"),
        (["serve", "--distgit", "m=x"], "x is not a URL with the scheme http or https or git or file"),
        (["serve", "--lookaside", "mine=http://[x"], "http://[x is not a valid URL: Invalid IPv6 URL"),
        (["serve", "--data", ""], "the name of the folder is empty"),
        (["user", "list", "--data", ""], "the name of the folder is empty"),
    ):
        place = [] if "--data" in arguments else ["--data", str(tmp_path)]
        done = CliRunner().invoke(main, [*arguments, *place])
        assert done.exit_code == 2, arguments
        assert words in done.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["/proc/b", "file/b", "x" * 300])
def test_a_backup_that_cannot_be_written_is_one_line(place: str, copr: LocalCopr, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    error = run(copr.data, "backup", str(tmp_path / place), status=1)
    assert error.startswith(f"copr-local: cannot back up to {tmp_path / place}: ")
    assert error.count("\n") == 1
    assert "Errno" not in error


def test_a_backup_into_the_data_folder_is_refused(copr: LocalCopr) -> None:
    done = CliRunner().invoke(main, ["backup", str(copr.data / "b"), "--data", str(copr.data)])
    assert done.exit_code == 1
    assert "is inside the data folder" in done.output
