"""Runs the programs of one build so that they cannot hurt the machine, nor see more of it than they need.

Inside `bwrap` a build sees the system's programs and settings read-only (`/usr`, `/etc`, the RPM database), a
`/dev`, `/proc` and `/tmp` of its own, and one writable directory: `/builddir`, also its HOME. Homes, the
service's data and the rest of the file system do not exist there. It has its own process, network, IPC and
host name space; the network is loopback only unless it is allowed. When the service dies, so does the build:
the first process of its PID namespace asks the kernel for that. Its `sh` is bash, as in Fedora.

A build never runs as root: a service that is root gives each build a user id from a range that no
distribution hands out; another service's build has that service's own id, mapped into a user namespace.

Where `bwrap` is missing or may not make namespaces (most containers), programs run under `reaper`, with the
rights and the network of the service. The build's log says so.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ...filesystem.remove_tree import remove_tree
from ..tasks import BuildCancelled, BuildFailed, Limits
from . import process, reaper
from .process import Deadline, Output
from .resource_usage import Meter, size

PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin"
USER = "mockbuild"

_HOME = Path("/builddir")
# 60706 to 61183 belong to nobody by systemd's assignment of user ids, and exist in a rootless container too.
_FIRST_USER_ID, _USER_IDS = 60_706, 478
# The kernel counts processes per user id: two services should not begin with the same one.
_user_numbers = itertools.count(os.getpid())

_CAPTURE = 1024**2  # bytes of a program's answer that is read into memory


@dataclass(frozen=True)
class Confinement:
    """How programs are confined on this machine: `bwrap` (None: not at all), and why, for the log."""

    bwrap: str | None
    reason: str


@functools.lru_cache(maxsize=1)
def probe() -> Confinement:
    """What this machine can do, found out once by trying."""
    bwrap = shutil.which("bwrap", path=PATH)
    if bwrap is None:
        return Confinement(
            None, "bwrap is not installed: apt-get install bubblewrap / dnf install bubblewrap"
        )
    asked = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    candidate = Confinement(bwrap, asked.stdout.strip())
    with (
        tempfile.TemporaryDirectory(prefix="copr-local-") as directory,
        Sandbox(
            Path(directory) / "work", Limits(seconds=10), threading.Event(), confinement=candidate
        ) as sandbox,
    ):
        try:
            status, answer = sandbox.read(["true"])
        except BuildFailed as failure:
            status, answer = 1, str(failure)
    if status == 0:
        return candidate
    return Confinement(None, f"{candidate.reason} cannot make a sandbox here: {answer.strip() or status}")


class Sandbox:
    """A private work directory and the programs that run in it; as a context manager, it is removed.

    `home` is the writable directory as the service sees it; `inside` says what programs call a file there.
    `outside` is for files that no program in the sandbox sees.
    """

    def __init__(
        self,
        work: Path,
        limits: Limits,
        cancelled: threading.Event,
        *,
        network: bool = False,
        confinement: Confinement | None = None,
    ) -> None:
        """Prepare for `work`, which must not be used by anything else; its time limit begins now.

        `confinement`: by default the best this machine can do.
        """
        self._work = work.absolute()
        self._limits = limits
        self._cancelled = cancelled
        self._network = network
        self._confinement = confinement or probe()
        self._user_id = os.geteuid() or _FIRST_USER_ID + next(_user_numbers) % _USER_IDS
        self._deadline = Deadline(limits.seconds)
        self.home = self._work / "home"
        self.outside = self._work / "outside"
        self._temporary = self._work / "tmp"
        self._shared = self._work / "shm"
        self._meter = Meter(self._work, limits)

    def __enter__(self) -> Sandbox:
        if self._confinement.bwrap is None and " " in str(self._work):
            raise BuildFailed(
                f"without a sandbox rpm builds in no folder with blanks in its name: {self._work.parent};"
                f" name another one with --data, or make a sandbox possible ({self._confinement.reason})"
            )
        if self._work.exists():
            self._end_leftovers()
            remove_tree(self._work)
        self._work.mkdir(parents=True, mode=0o700)
        self.outside.mkdir()
        for directory in (self.home, self._temporary, self._shared):
            self.make_directory(directory)
        (self._work / "passwd").write_text(
            f"root:x:0:0::/root:/usr/sbin/nologin\n{USER}:x:{self._user_id}:{self._user_id}::{_HOME}:/bin/sh\n"
        )
        (self._work / "group").write_text(f"root:x:0:\n{USER}:x:{self._user_id}:\n")
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._meter.close()
        remove_tree(self._work)

    def __str__(self) -> str:
        if self._confinement.bwrap is None:
            kind = f"none ({self._confinement.reason}); the build has this service's rights and network"
        else:
            kind = f"{self._confinement.reason}, {'with' if self._network else 'without'} network"
        limits = self._limits
        return (
            f"{kind}; at most {limits.seconds:g} s, {size(limits.memory)} of memory, "
            f"{size(limits.disk)} of disk, {size(limits.log)} of log, {limits.processes} processes"
        )

    def inside(self, path: Path) -> str:
        """The name by which programs in the sandbox know `path`, which lies in `home`."""
        if self._confinement.bwrap is None:
            return str(path)
        return str(_HOME / path.relative_to(self.home))

    @property
    def temporary(self) -> str:
        """The directory for temporary files, as programs in the sandbox know it."""
        return str(self._temporary) if self._confinement.bwrap is None else "/tmp"  # noqa: S108 - the build's own

    def make_directory(self, directory: Path) -> Path:
        """Make a directory that programs in the sandbox may write, and return it."""
        directory.mkdir()
        self._give(directory)
        return directory

    def place(self, file: Path, target: Path) -> None:
        """Move a file of this service to `target` in `home`, and give it to the build.

        What the build has put there is replaced, never followed: a link could lead out of `home`. Nothing of
        the build runs meanwhile.

        Raises `BuildFailed`: the folder of `target` is not what it was, or `target` is a folder.
        """
        folder = target.parent
        if folder.resolve() != self.home.resolve() / folder.relative_to(self.home) or target.is_dir():
            raise BuildFailed(f"the build put something else in the place of {target.name}")
        self._give(file)
        file.replace(target)

    def take(self, file: Path) -> None:
        """Make a file that the build wrote the service's own, readable by all; it is not behind a link."""
        os.chown(file, os.geteuid(), os.getegid(), follow_symlinks=False)
        file.chmod(0o644)

    def check(self) -> None:
        """Look whether the build is to go on, where it waits for something else than its programs.

        Raises `BuildCancelled`, and `BuildFailed` where its time is over.
        """
        if self._cancelled.is_set():
            raise BuildCancelled
        self._deadline.check()

    def run(
        self,
        command: Sequence[str],
        output: Output,
        *,
        directory: Path | None = None,
        network: bool = False,
        sees: Sequence[Path] = (),
    ) -> int:
        """Run a program in `directory` (by default `home`) and return its exit status.

        `network`: this program has it, even if the build has not. `sees`: what else of this machine it may
        read. Its output goes to `output`.

        Raises `BuildCancelled`, `BuildFailed` when a limit is exceeded, and what `output` raises.
        """
        network = network or self._network
        prefix = self._prefix(directory or self.home, network, sees)
        status = self._run([*prefix, *self._limiter(), *command], output, self._environment(network))
        if status != 0:
            self._meter.final_check()
        return status

    def read(self, command: Sequence[str], **options: Any) -> tuple[int, str]:
        """Run a program, with the options of `run`, and return its exit status and what it printed.

        Raises `BuildFailed` also where that is more than 1 MiB.
        """
        answer = bytearray()

        def collect(piece: bytes) -> None:
            answer.extend(piece)
            if len(answer) > _CAPTURE:
                raise BuildFailed(f"{command[0]} answered with more than {size(_CAPTURE)}")

        status = self.run(command, collect, **options)
        return status, answer.decode(errors="replace")

    def run_outside(self, command: Sequence[str], output: Output) -> int:
        """Run a program of this service: not confined, but under the same clock, disk limit and cancel."""
        return self._run([*_reaper(), *command], output, os.environ)

    def _give(self, path: Path) -> None:
        if self._confinement.bwrap is not None and os.geteuid() == 0:
            os.chown(path, self._user_id, self._user_id, follow_symlinks=False)

    def _end_leftovers(self) -> None:
        """End what a killed service left of this build: a `bwrap` that was just starting does not notice."""
        name = b"\0%b\0" % os.fsencode(self.home)
        for process_id in (entry for entry in os.listdir("/proc") if entry.isdigit()):
            with contextlib.suppress(OSError):
                if name in Path(f"/proc/{process_id}/cmdline").read_bytes():
                    os.kill(int(process_id), signal.SIGKILL)

    def _run(self, command: Sequence[str], output: Output, environment: Mapping[str, str]) -> int:
        return process.run(
            command,
            output=output,
            directory=self.home,
            environment=environment,
            cancelled=self._cancelled,
            deadline=self._deadline,
            check=self._meter.check,
        )

    def _environment(self, network: bool) -> dict[str, str]:
        environment = {
            "PATH": PATH,
            "HOME": self.inside(self.home),
            "USER": USER,
            "LOGNAME": USER,
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "TMPDIR": self.temporary,
        }
        if network:
            proxies = {"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"}
            environment |= {name: value for name, value in os.environ.items() if name.lower() in proxies}
        return environment

    def _limiter(self) -> list[str]:
        wanted = {
            "data": (resource.RLIMIT_DATA, self._limits.memory),
            "fsize": (resource.RLIMIT_FSIZE, self._limits.disk),
            "core": (resource.RLIMIT_CORE, 0),
        }
        if self._confinement.bwrap is not None:
            # Counted per user id and user namespace, so only inside; a few are `bwrap` and `prlimit`.
            wanted["nproc"] = (resource.RLIMIT_NPROC, self._limits.processes + 8)
        return ["prlimit", *(f"--{name}={_at_most(*limit)}" for name, limit in wanted.items()), "--"]

    def _prefix(self, directory: Path, network: bool, sees: Sequence[Path]) -> list[str]:
        if self._confinement.bwrap is None:
            return [*_reaper(), "env", f"--chdir={directory}"]
        return [
            self._confinement.bwrap,
            "--die-with-parent",  # no "--new-session": `process` has made one, and put it behind
            *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
            *(() if network else ("--unshare-net",)),
            *("--hostname", "copr-local"),
            *_system(),
            *("--ro-bind", str(self._work / "passwd"), "/etc/passwd"),
            *("--ro-bind", str(self._work / "group"), "/etc/group"),
            *("--proc", "/proc", "--dev", "/dev", "--dir", "/run"),
            *("--bind", str(self.home), str(_HOME)),
            *("--bind", str(self._temporary), "/tmp"),  # noqa: S108 - the build's own
            *("--bind", str(self._temporary), "/var/tmp"),  # noqa: S108 - the build's own
            # A real directory, so that what is put there counts as disk; a tmpfs would be nobody's memory.
            *("--bind", str(self._shared), "/dev/shm"),  # noqa: S108 - the build's own
            *(option for path in sees for option in _seen(path)),
            # `/` and `/dev` are tmpfs as well.
            *("--remount-ro", "/dev", "--remount-ro", "/"),
            *("--chdir", self.inside(directory)),
            *self._identity(),
        ]

    def _identity(self) -> list[str]:
        user = str(self._user_id)
        if os.geteuid() != 0:
            return ["--unshare-user", "--uid", user, "--gid", user, "--"]
        return [
            *("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP", "--"),
            *("setpriv", "--reuid", user, "--regid", user, "--clear-groups"),
            *("--bounding-set=-all", "--inh-caps=-all", "--"),
        ]


def _reaper() -> list[str]:
    return [sys.executable, "-I", "-S", reaper.__file__, str(os.getpid())]


def _at_most(kind: int, wanted: int) -> int:
    hard = resource.getrlimit(kind)[1]
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _seen(path: Path) -> list[str]:
    """The options that show a directory of this machine where it is; by themselves its parents are closed."""
    parents = [
        option for each in reversed(path.parents) for option in ("--perms", "0755", "--dir", str(each))
    ]
    return [*parents, "--ro-bind", str(path), str(path)]


def _system() -> list[str]:
    """The read-only parts of this machine that a build sees."""
    options = ["--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            options += ["--symlink", os.readlink(name), name]
        else:
            options += ["--ro-bind-try", name, name]
    options += ["--ro-bind-try", "/var/lib/rpm", "/var/lib/rpm"]
    options += _shell()
    resolver = os.path.realpath("/etc/resolv.conf")
    if not resolver.startswith("/etc/"):
        options += ["--ro-bind-try", resolver, resolver]
    return options


def _shell() -> list[str]:
    """The options that make bash the `sh` of a build, where it is Debian's dash: specs count on bash."""
    bash, shell = shutil.which("bash", path=PATH), os.path.realpath("/bin/sh")
    if bash is None or os.path.basename(shell) != "dash":
        return []
    return ["--ro-bind", os.path.realpath(bash), shell]
