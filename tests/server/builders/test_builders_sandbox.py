"""The sandbox: what a program in it can see, use and leave behind. Its limits are in another file."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from processes import command_lines
from sandbox_shell import shell

from copr_local.builders.sandbox import sandbox as sandboxes
from copr_local.builders.sandbox.leftovers import MARK, end_leftovers, mark_of
from copr_local.builders.sandbox.resource_usage import Meter
from copr_local.builders.sandbox.sandbox import Confinement, Sandbox
from copr_local.builders.tasks import BuildCancelled, BuildFailed, Limits


def test_a_program_runs_and_its_output_and_status_come_back(sandboxed):
    with sandboxed() as sandbox:
        assert shell(sandbox, "echo out; echo err >&2; exit 3") == (3, "out\nerr\n")


def test_a_program_works_in_its_home_and_finds_it_writable(sandboxed):
    with sandboxed() as sandbox:
        status, _ = shell(sandbox, 'echo kept > file && test "$HOME" = "$PWD" && test -w "$TMPDIR"')
        assert status == 0
        assert (sandbox.home / "file").read_text() == "kept\n"
        assert shell(sandbox, f"cat {sandbox.inside(sandbox.home / 'file')}") == (0, "kept\n")


def test_the_work_directory_is_gone_afterwards_whatever_a_program_made_of_it(sandboxed, tmp_path):
    deep = "import os\nfor i in range(1200): os.mkdir('deep'); os.chdir('deep')\n"
    with sandboxed() as sandbox:
        assert sandbox.read(["python3", "-c", deep]) == (0, "")
        assert shell(sandbox, "mkdir -p ~/x/y; touch ~/x/y/z; chmod 0 ~/x/y ~/x") == (0, "")
    assert not (tmp_path / "work").exists()


def test_what_a_killed_service_left_on_the_disk_is_gone(sandboxed, tmp_path):
    home = tmp_path / "work" / "home"
    home.mkdir(parents=True)
    (home / "file").touch()
    with sandboxed() as sandbox:
        assert shell(sandbox, "ls") == (0, "")


def test_programs_that_a_killed_service_left_are_ended_and_no_others(tmp_path):
    mark = mark_of(tmp_path)
    programs = {
        "left": {MARK: mark},
        "of another folder": {MARK: mark_of(tmp_path.parent)},
        "similar": {MARK: f"{mark}0", f"{MARK}_OLD": mark, "OTHER": f"x {MARK}={mark}"},
    }
    command = [sys.executable, "-c", "print(flush=True); input()", f"{MARK}={mark}"]
    with contextlib.ExitStack() as stack:
        running = {
            name: stack.enter_context(
                subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            )
            for name, variables in programs.items()
        }
        for program in running.values():
            assert program.stdout.readline() == b"\n"
        assert end_leftovers(mark) == 1
        assert running["left"].wait(60) == -signal.SIGKILL
        for name in ("of another folder", "similar"):
            assert running[name].communicate(b"\n") == (b"", None)
            assert running[name].returncode == 0


KILLED = """
import os, random, signal, sys, threading, time
from pathlib import Path
from copr_local.builders.sandbox.sandbox import Confinement, Sandbox
from copr_local.builders.tasks import Limits

bwrap, work, mark = sys.argv[1:]
chance = random.Random(7)
sandbox = Sandbox(Path(work), Limits(), threading.Event(), confinement=Confinement(bwrap, ""), mark=mark)
with sandbox:
    for _ in range(20):
        service = os.fork()
        while service == 0:
            sandbox.read(["true"])
        time.sleep(chance.uniform(0.005, 0.02))
        os.kill(service, signal.SIGKILL)
        os.waitpid(service, 0)
"""


def test_a_service_that_is_killed_while_a_sandbox_is_made_leaves_nothing_to_the_next(bubblewrap, tmp_path):
    """A `bwrap` that is killed before its child has asked to die with it leaves the child, which waits."""
    mark = mark_of(tmp_path)
    work = tmp_path / "work"
    subprocess.run([sys.executable, "-c", KILLED, bubblewrap.bwrap, work, mark], check=True)
    until = time.monotonic() + 60
    while True:  # what was killed between fork and exec has no mark yet
        end_leftovers(mark)
        left = command_lines(work / "home")
        if not left:
            break
        assert time.monotonic() < until, left


def test_a_program_sees_nothing_of_the_environment_of_the_service(sandboxed, monkeypatch):
    monkeypatch.setenv("COPR_SECRET", "42")
    with sandboxed() as sandbox:
        _, answer = sandbox.read(["env"])
    assert "COPR_SECRET" not in answer
    assert "LANG=C.UTF-8\n" in answer


def test_homes_data_and_other_builds_do_not_exist_inside(isolated, tmp_path):
    secret = tmp_path / "data" / "copr.db"
    secret.parent.mkdir()
    secret.write_text("token")
    with isolated() as sandbox:
        assert shell(sandbox, f"cat {secret}")[0] != 0
        _, root = shell(sandbox, "ls /")
        assert not {"home", "root", "srv", "mnt", "opt"} & set(root.split())
        assert shell(sandbox, "ls -A /run && ls -A /tmp && ls -A /dev/shm") == (0, "")
        _, names = shell(sandbox, "cut -d: -f1 /etc/passwd")
        assert names.split() == ["root", "mockbuild"]


@pytest.mark.parametrize(
    "path", ["/x", "/usr/x", "/etc/x", "/dev/x", "/run/x", "/var/x", "/proc/sys/kernel/x"]
)
def test_nothing_outside_home_and_temporary_directories_can_be_written(isolated, path):
    with isolated() as sandbox:
        status, answer = shell(sandbox, f"echo x > {path}")
    assert status != 0
    assert "Read-only" in answer or "denied" in answer or "No such file" in answer


def test_a_program_is_no_root_has_no_capability_and_sees_only_its_own_processes(isolated):
    with isolated() as sandbox:
        _, answer = shell(sandbox, "id -un; grep CapEff /proc/self/status; ls -d /proc/[0-9]* | wc -l")
    user, capabilities, processes = answer.splitlines()
    assert user == "mockbuild"
    assert int(capabilities.split()[1], 16) == 0
    assert int(processes) < 8


def test_the_network_is_unreachable_unless_it_is_allowed(isolated, file_server):
    connect = f"exec 3<>/dev/tcp/127.0.0.1/{file_server.port}"
    with isolated() as sandbox:
        assert shell(sandbox, connect)[0] != 0
        assert shell(sandbox, "cat /proc/net/dev | tail -n +3 | cut -d: -f1")[1].split() == ["lo"]
    with isolated(network=True) as sandbox:
        assert shell(sandbox, connect)[0] == 0


def test_an_abstract_socket_of_the_machine_is_unreachable(isolated):
    with socket.socket(socket.AF_UNIX) as listener, isolated() as sandbox:
        name = f"copr-test-{os.getpid()}"
        listener.bind("\0" + name)
        listener.listen()
        assert name in Path("/proc/net/unix").read_text()
        assert name not in shell(sandbox, "cat /proc/net/unix")[1]


def test_cancel_ends_the_whole_process_tree_within_two_seconds(sandboxed, marker):
    cancelled = threading.Event()
    times = []

    def cancel():
        assert marker.sleeps()
        times.append(time.monotonic())
        cancelled.set()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    with sandboxed(cancelled) as sandbox, pytest.raises(BuildCancelled):
        shell(sandbox, f"(setsid sleep {marker.seconds} >&- 2>&- &) ; exec >&- 2>&-; sleep {marker.seconds}")
    assert time.monotonic() - times[0] < 2
    canceller.join()
    assert marker.alive() == 0


def test_a_cancel_while_a_sandbox_is_being_made_leaves_nothing_behind(isolated, monkeypatch, tmp_path):
    chance = random.Random(7)

    def cancel(*_):
        time.sleep(chance.uniform(0, 0.002))
        raise BuildCancelled

    monkeypatch.setattr(Meter, "check", cancel)
    with isolated() as sandbox:
        for _ in range(100):
            with pytest.raises(BuildCancelled):
                sandbox.read(["true"])
        assert command_lines(sandbox.home) == []


def test_daemons_end_with_the_program_that_started_them(sandboxed, marker):
    with sandboxed() as sandbox:
        status, answer = shell(sandbox, f"(setsid sleep {marker.seconds} &); echo started")
        assert (status, answer) == (0, "started\n")
        assert marker.vanishes()


def test_nothing_survives_a_service_that_is_killed(tmp_path, confinement, marker):
    service = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, threading\n"
            "from pathlib import Path\n"
            "from copr_local.builders.sandbox.sandbox import Confinement, Sandbox\n"
            "from copr_local.builders.tasks import Limits\n"
            "def build():\n"
            "    confinement = Confinement(sys.argv[2] or None, '')\n"
            "    work = Path(sys.argv[1])\n"
            "    with Sandbox(work, Limits(), threading.Event(), confinement=confinement) as sandbox:\n"
            "        sandbox.read(['sh', '-c', 'setsid sleep $0 & sleep $0', sys.argv[3]])\n"
            "thread = threading.Thread(target=build)\n"
            "thread.start()\n"
            "thread.join()\n",
            tmp_path / "work",
            confinement.bwrap or "",
            marker.seconds,
        ]
    )
    assert marker.sleeps()
    service.send_signal(signal.SIGKILL)
    service.wait()
    assert marker.vanishes(within=30)


def test_a_machine_without_bubblewrap_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(sandboxes, "PATH", str(tmp_path))
    found = sandboxes.probe.__wrapped__()
    assert found.bwrap is None
    assert found.reason == "bwrap is not installed: apt-get install bubblewrap / dnf install bubblewrap"


def test_a_machine_where_bubblewrap_may_not_make_namespaces_says_so(monkeypatch, tmp_path):
    refused = (
        "#!/bin/sh\n[ $1 = --version ] && echo bubblewrap 9 || { echo 'bwrap: No permissions'; exit 1; }\n"
    )
    (tmp_path / "bwrap").write_text(refused)
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr(sandboxes, "PATH", f"{tmp_path}:{sandboxes.PATH}")
    found = sandboxes.probe.__wrapped__()
    assert found == Confinement(None, "bubblewrap 9 cannot make a sandbox here: bwrap: No permissions")


def test_no_program_is_root_or_can_become_root(sandboxed):
    ask = "id -u; grep -E 'Cap(Eff|Bnd)|NoNewPrivs' /proc/self/status"
    with sandboxed() as sandbox:
        status, answer = shell(sandbox, ask)
        assert status == 0
        lines = answer.split()
        assert lines[0] == str(sandbox.user_id) != "0"
        if os.geteuid() == 0 or sandbox.confinement.bwrap is not None:
            assert {lines[2], lines[4], lines[6]} == {"0" * 16, "1"}
        if os.geteuid() == 0:
            assert (sandbox.home).stat().st_uid == sandbox.user_id


def test_without_bubblewrap_a_folder_with_blanks_in_its_name_is_refused(tmp_path):
    refused = Sandbox(
        tmp_path / "my data" / "work",
        Limits(),
        threading.Event(),
        confinement=Confinement(None, "for a test"),
    )
    with pytest.raises(BuildFailed, match=r"path with spaces: .*/my data; .*\(for a test\)$"), refused:
        pass
    assert list(tmp_path.iterdir()) == []


if os.geteuid() == 0:  # the builds of an ordinary user are this user

    def test_without_bubblewrap_a_folder_that_the_build_cannot_enter_is_refused(tmp_path):
        (tmp_path / "data").mkdir(mode=0o700)
        work = tmp_path / "data" / "results" / "work"
        refused = Sandbox(work, Limits(), threading.Event(), confinement=Confinement(None, "for a test"))
        words = rf"^builds never run as root, .* cannot enter {tmp_path}/data: .* \(for a test\)$"
        with pytest.raises(BuildFailed, match=words), refused:
            pass
        assert list((tmp_path / "data").iterdir()) == []
