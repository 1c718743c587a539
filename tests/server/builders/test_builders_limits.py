"""The limits of a sandbox: time, processes, memory, files and printed text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sandbox_shell import shell

from copr_local.builders.sandbox import limiter, resource_usage
from copr_local.builders.tasks import BuildFailed

MIB = 1024**2


def test_a_program_that_runs_too_long_is_ended_with_everything_it_started(sandboxed, marker):
    began = time.monotonic()
    with (
        sandboxed(timeout=1) as sandbox,
        pytest.raises(BuildFailed, match=r"^it ran longer than 1 s \(timeout\)$"),
    ):
        shell(sandbox, f"trap '' TERM INT HUP; setsid sleep {marker.seconds} & sleep {marker.seconds}")
    assert time.monotonic() - began < 3
    assert marker.vanishes(within=0.5)


def test_the_time_limit_is_for_all_programs_of_a_build_together(sandboxed):
    with sandboxed(timeout=1) as sandbox:
        time.sleep(1.1)  # as another program of the build does
        with pytest.raises(BuildFailed, match="timeout"):
            shell(sandbox, "true")


def test_a_storm_of_processes_is_ended(sandboxed, marker):
    with sandboxed(processes=60) as sandbox, pytest.raises(BuildFailed, match="more than 60 processes"):
        shell(sandbox, f"while :; do sleep {marker.seconds} & done")
    assert marker.vanishes()


def test_the_kernel_refuses_processes_over_the_limit(isolated, monkeypatch):
    # The kernel must enforce its limit before the service counts the processes.
    monkeypatch.setattr(resource_usage, "_LOOK_AT_PROCESSES", 60.0)
    count = (
        "import os, time\n"
        "started = 0\n"
        "try:\n"
        "    while os.fork() or time.sleep(0.2): started += 1\n"
        "except BlockingIOError:\n"
        "    print(started)\n"
    )
    with isolated(processes=60) as sandbox:
        _, answer = sandbox.read(["python3", "-c", count])
    assert 30 <= int(answer.split()[0]) <= 68


ALLOCATE = "import time; data = bytearray({mib} << 20); data[::4096] = data[::4096].replace(b'\\0', b'x')"


def test_a_tree_of_processes_that_uses_too_much_memory_is_ended(sandboxed):
    one = ALLOCATE.format(mib=60) + "; time.sleep(30)"
    with (
        sandboxed(memory=200 * MIB) as sandbox,
        pytest.raises(BuildFailed, match="more than 200 MiB of memory"),
    ):
        shell(sandbox, f'for i in 1 2 3 4; do python3 -c "{one}" & done; wait')


def test_one_process_is_refused_more_memory_than_the_limit(sandboxed):
    with sandboxed(memory=200 * MIB) as sandbox:
        status, answer = sandbox.read(["python3", "-c", ALLOCATE.format(mib=300)])
    assert status != 0
    assert "MemoryError" in answer


def test_memory_that_processes_share_counts_once(sandboxed):
    script = (
        ALLOCATE.format(mib=80)
        + "\nimport os\nchildren = [os.fork() for _ in range(2)]\ntime.sleep(0.8)\n"
        + "print(sum(1 for pid in children if pid and os.waitpid(pid, 0)) if all(children) else '')\n"
    )
    with sandboxed(memory=200 * MIB) as sandbox:
        status, _ = sandbox.read(["python3", "-c", script])
    assert status == 0


@pytest.mark.parametrize("where", ["$HOME", "$TMPDIR"])
def test_files_without_end_are_ended(sandboxed, where):
    forever = f"i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > {where}/$i; done"
    with (
        sandboxed(disk=30 * MIB) as sandbox,
        pytest.raises(BuildFailed, match="files are larger than 30 MiB"),
    ):
        shell(sandbox, forever)


def test_shared_memory_counts_as_disk(isolated):
    forever = "i=0; while :; do i=$((i+1)); head -c 1000000 /dev/zero > /dev/shm/$i; done"
    with (
        isolated(disk=30 * MIB) as sandbox,
        pytest.raises(BuildFailed, match="files are larger than 30 MiB"),
    ):
        shell(sandbox, forever)


NAMELESS = """
import ctypes, mmap, os, sys, time
kind, place = sys.argv[1:]
libc = ctypes.CDLL(None)
for _ in range(6):  # no file may be larger than the limit of all
    if place == "memory":
        handle = os.memfd_create("x")
    else:
        handle = os.open("x", os.O_CREAT | os.O_RDWR)
        os.unlink("x")
    for _ in range(10):
        os.write(handle, b"x" * 2**20)
    if kind == "mapped":  # one page of it, and no handle
        libc.mmap(None, ctypes.c_size_t(4096), mmap.PROT_READ, mmap.MAP_SHARED, handle, ctypes.c_long(0))
        os.close(handle)
time.sleep(60)
"""
SHARED = """
import mmap, time
for _ in range(6):
    shared = mmap.mmap(-1, 10 * 2**20)
    shared.write(b"x" * len(shared))
    shared.madvise(mmap.MADV_DONTNEED)  # the pages stay, but not in this process
    globals()[f"shared{_}"] = shared
time.sleep(60)
"""
MEMORY, DISK = "more than 50 MiB of memory", "files are larger than 50 MiB"


@pytest.mark.parametrize(("place", "reason"), [("memory", MEMORY), ("disk", DISK)])
def test_open_files_without_a_name_count(sandboxed, place, reason):
    with sandboxed(memory=50 * MIB, disk=50 * MIB) as sandbox, pytest.raises(BuildFailed, match=reason):
        sandbox.read(["python3", "-c", NAMELESS, "open", place])


def sees_mapped_files() -> bool:
    try:
        return next(Path("/proc/self/map_files").iterdir()).exists()
    except PermissionError:
        return False


if sees_mapped_files():  # as root of the machine; for others, what is mapped counts

    @pytest.mark.parametrize(("place", "reason"), [("memory", MEMORY), ("disk", DISK)])
    def test_mapped_files_without_a_name_count(sandboxed, place, reason):
        with sandboxed(memory=50 * MIB, disk=50 * MIB) as sandbox, pytest.raises(BuildFailed, match=reason):
            sandbox.read(["python3", "-c", NAMELESS, "mapped", place])


def test_shared_mappings_count(sandboxed):
    with sandboxed(memory=50 * MIB) as sandbox, pytest.raises(BuildFailed, match=MEMORY):
        sandbox.read(["python3", "-c", SHARED])


SOCKETS = """
import socket, time
pairs = [socket.socketpair() for _ in range(400)]
time.sleep(60)
"""


def test_what_sockets_can_hold_counts(sandboxed):
    reason = "more than 150 MiB of memory, most of it for 8[0-9]{2} open files"
    with sandboxed(memory=150 * MIB) as sandbox, pytest.raises(BuildFailed, match=reason):
        sandbox.read(["python3", "-c", SOCKETS])


def test_a_process_has_a_limit_of_open_files_and_is_ended_first(sandboxed):
    with sandboxed() as sandbox:
        _, said = sandbox.read(["sh", "-c", "ulimit -Hn; cat /proc/self/oom_score_adj"])
    files, order = map(int, said.split())
    assert files <= limiter.HANDLES
    assert order == 1000


def test_a_shared_mapping_counts_once(sandboxed):
    # Written in pieces: one text of that size would be 30 MiB more for a moment.
    fits = (
        "import mmap, time; shared = mmap.mmap(-1, 30 << 20)\n"
        "for _ in range(30): shared.write(b'x' * (1 << 20))\n"
        "time.sleep(2)"
    )
    with sandboxed(memory=50 * MIB) as sandbox:
        assert sandbox.read(["python3", "-c", fits])[0] == 0


def test_files_without_end_are_ended_even_if_they_are_empty(sandboxed):
    many = "import os\nfor i in range(10**7): os.close(os.open(str(i), os.O_CREAT))"
    with sandboxed(files=3000) as sandbox, pytest.raises(BuildFailed, match="made more than 3000 files"):
        sandbox.read(["python3", "-c", many])


def test_one_file_without_end_stops_at_the_limit(sandboxed, tmp_path):
    with sandboxed(disk=5 * MIB) as sandbox:
        with pytest.raises(BuildFailed, match="its files are larger than 5 MiB"):
            shell(sandbox, "cat /dev/zero > file")
        assert (sandbox.home / "file").stat().st_size == 5 * MIB


def test_an_answer_may_be_as_large_as_its_reader_allows(sandboxed):
    command = ["head", "-c", "2000000", "/dev/zero"]
    with sandboxed() as sandbox:
        assert len(sandbox.read(command, largest=2_000_000)[1]) == 2_000_000
        with pytest.raises(BuildFailed, match="head printed more than"):
            sandbox.read(command, largest=1_999_999)


def test_an_answer_without_end_is_not_read_into_memory(sandboxed):
    with sandboxed() as sandbox, pytest.raises(BuildFailed, match="yes printed more than 16 MiB"):
        sandbox.read(["yes"])
