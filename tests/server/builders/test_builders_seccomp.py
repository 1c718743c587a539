"""The seccomp filter: which system calls programs in a sandbox are refused."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from pathlib import Path

import pytest

from copr_local.builders.sandbox import seccomp
from copr_local.builders.sandbox.sandbox import Sandbox
from copr_local.builders.tasks import Limits

# Debian has the headers of other architectures, too.
HEADERS = ("x86_64-linux-gnu/asm/unistd_64.h", "x86_64-linux-gnu/asm/unistd_32.h", "asm-generic/unistd.h")
KNOWN = os.uname().machine in seccomp._KINDS

ASK = """
import ctypes, errno, os, socket, sys, threading
libc = ctypes.CDLL(None, use_errno=True)

def ask(name, function, *arguments):
    ctypes.set_errno(0)
    result = function(*arguments)
    print(name, errno.errorcode.get(ctypes.get_errno(), "?") if result < 0 else "allowed")

ask("unshare user", libc.unshare, 0x10000000)
ask("unshare files", libc.unshare, 0x400)
ask("mount", libc.mount, None, None, None, 0, None)
ask("umount2", libc.umount2, None, 0)
for line in sys.argv[1].split(","):
    name, number = line.split()
    ask(name, libc.syscall, int(number), 0x10000000, 0, 0, 0, 0)
for family in (1, 2, 10, 16, 17, 38, 40):  # packets, kernel cryptography, virtual machines
    ask(f"family {family}", libc.socket, family, 3 if family == 16 else 1, 0)
ask("pair of family 1", libc.socketpair, 1, 1, 0, (ctypes.c_int * 2)())
ask("pair of family 30", libc.socketpair, 30, 1, 0, (ctypes.c_int * 2)())
for size in (256 * 1024, 256 * 1024 + 1, 2**32, 2**40 + 5):
    ask(f"segment {size}", libc.shmget, 0, ctypes.c_size_t(size), 0o1600)
for count in (250, 251):
    ask(f"semaphores {count}", libc.semget, 0, count, 0o1600)
ask("type into the terminal", libc.ioctl, 0, 0x5412, 0)
ask("read the size of the terminal", libc.ioctl, 0, 0x5413, 0)
thread = threading.Thread(target=print, args=("thread runs",))
thread.start()
thread.join()
os.waitpid(os.posix_spawnp("echo", ["echo", "program runs"], os.environ), 0)
"""
CALLS = ("bpf", "clone", "clone3", "io_uring_setup", "keyctl", "perf_event_open", "setns", "userfaultfd")

INT_80 = """
import ctypes, errno, mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("53 89f8 89f3 87ca cd80 5b c3"))  # call the system as 32-bit programs do
call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, *[ctypes.c_uint] * 3)
call = call(ctypes.addressof(ctypes.c_char.from_buffer(code)))
for number, *arguments in (
    (310, 0x10000000, 0, 0),  # unshare
    (288, 0, 0, 0),  # keyctl
    (425, 0, 0, 0),  # io_uring
    (20, 0, 0, 0),  # getpid
    (395, 0, 300000, 0o1600),  # shmget
    (117, 23, 0, 300000),  # ipc, for shmget
    (117, 0x10017, 0, 300000),
    (117, 2, 0, 251),  # ipc, for semget
    (117, 2, 0, 250),
):
    result = call(number, *arguments)
    print(errno.errorcode.get(-result, "allowed"))
"""


def run(tmp_path: Path, bubblewrap, *command: str) -> str:
    with Sandbox(tmp_path / "work", Limits(), threading.Event(), confinement=bubblewrap) as sandbox:
        return sandbox.read(["python3", "-c", *command])[1]


def test_a_program_is_refused_what_no_build_needs(tmp_path, bubblewrap):
    assert KNOWN, "no filter for this machine: see the tables of the module"
    column = seccomp._KINDS[os.uname().machine][0][1]
    tables = seccomp._NOT_PERMITTED | seccomp._NOT_IMPLEMENTED | {"clone": seccomp._CLONE}
    numbers = ",".join(f"{name} {tables[name][column]}" for name in CALLS)
    answers = dict(line.rsplit(" ", 1) for line in run(tmp_path, bubblewrap, ASK, numbers).splitlines())
    assert answers == {
        "unshare user": "EPERM",
        "unshare files": "EPERM",
        "mount": "EPERM",
        "umount2": "EPERM",
        **dict.fromkeys(CALLS, "EPERM"),
        "clone3": "ENOSYS",
        "io_uring_setup": "ENOSYS",
        **{f"family {number}": "allowed" for number in (1, 2, 10, 16)},
        **{f"family {number}": "EAFNOSUPPORT" for number in (17, 38, 40)},
        "pair of family 1": "allowed",
        "pair of family 30": "EAFNOSUPPORT",
        f"segment {256 * 1024}": "allowed",
        **{f"segment {size}": "ENOSPC" for size in (256 * 1024 + 1, 2**32, 2**40 + 5)},
        "semaphores 250": "allowed",
        "semaphores 251": "ENOSPC",
        "type into the terminal": "EPERM",
        "read the size of the terminal": "ENOTTY",
        "thread": "runs",
        "program": "runs",
    }


if os.uname().machine == "x86_64":  # no other machine here has two kinds of system calls

    def test_the_filter_holds_for_calls_of_32_bit_programs(tmp_path, bubblewrap):
        assert run(tmp_path, bubblewrap, INT_80).split() == [
            *("EPERM", "EPERM", "ENOSYS", "allowed"),
            *("ENOSPC", "ENOSPC", "ENOSPC", "ENOSPC", "allowed"),
        ]


@pytest.mark.parametrize("column", [0, 1, 2])
def test_the_numbers_are_those_of_the_kernel(column):
    tables = [seccomp._NOT_PERMITTED, seccomp._NOT_IMPLEMENTED, seccomp._CHOWN, seccomp._SYNC]
    tables.append({"clone": seccomp._CLONE, "ioctl": seccomp._IOCTL, "socket": seccomp._SOCKET})
    tables.append({"shmget": seccomp._SEGMENT, "semget": seccomp._SEMAPHORES})
    tables.append({"socketpair": seccomp._SOCKET_PAIR, "ipc": (None, seccomp._IPC, None)})
    ours = {name: row[column] for table in tables for name, row in table.items() if row[column] is not None}
    for header in Path("/usr/include").glob(HEADERS[column]):
        found = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text(), re.MULTILINE)
        kernel = {name: int(number) for name, number in found}
        assert ours == {name: kernel.get(name, number) for name, number in ours.items()}


def test_installed_packages_do_not_wait_for_the_disk(bubblewrap):
    ask = "import os; os.fdatasync(99); os.fsync(99); os.sync()"  # there is no file 99
    for installs in (True, False):
        with seccomp.handed_over(installs=installs) as handle:
            view = [bubblewrap.bwrap, "--ro-bind", "/", "/", *seccomp.options(handle)]
            ended = subprocess.run([*view, "python3", "-c", ask], check=False, pass_fds=[handle])
        assert (ended.returncode == 0) == installs


def test_there_is_no_filter_for_a_machine_whose_calls_are_not_known():
    assert seccomp.build_filter("vax") is None
    assert seccomp.options(None) == []
