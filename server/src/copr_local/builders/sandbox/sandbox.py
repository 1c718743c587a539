"""The sandbox of one build: its programs cannot damage the machine, and see only the files that they need.

With `bwrap`:

- A build sees the programs and settings of the system read-only (`/usr`, `/etc`, the RPM database), and has
  its own `/dev`, `/proc` and `/tmp`. Its HOME is `/builddir`, which is writable. Other home folders, the data
  of the service and the rest of the file system do not exist there. Its `sh` is bash, as in Fedora.
- It has its own namespaces for processes, network, IPC and host name. Its network is loopback only, unless
  the build may use the network. When the service dies, the kernel kills the build.
- It never runs as root. If the service runs as root, each build gets a user id from a range that no
  distribution uses. Otherwise the build has the service's own user id, mapped into a user namespace.

If `bwrap` is not installed or cannot create namespaces (as in most containers), programs run under `reaper`:
they see this machine and its network. If the service runs as root, they still have a user id of their own;
otherwise they have the permissions of the service. The log of the build contains a line about this.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
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
from ...releases import TIMEOUT
from ..tasks import BuildCancelled, BuildFailed, Limits
from . import process, reaper, seccomp
from .capture import LARGEST, Capture
from .identity import become, closed_to_others, next_user_id
from .leftovers import MARK
from .limiter import prlimit, resource_limits
from .machine import HOST_NAME, PATH, hosts, machine_files, seen
from .network import RESOLVER, find_isolator, in_own_network, resolver
from .process import Deadline, Output
from .resource_usage import Meter, size

USER = "mockbuild"

_HOME = Path("/builddir")


@dataclass(frozen=True)
class Confinement:
    """How programs are confined on this machine.

    :param bwrap: path of the program `bwrap`; None if programs are not confined.
    :param reason: text for the log: the version of `bwrap`, or why it cannot be used.
    """

    bwrap: str | None
    reason: str


@functools.lru_cache(maxsize=1)
def probe() -> Confinement:
    """Find out how this machine can confine programs, by a trial run; the result is cached.

    :returns: `bwrap` if the trial run succeeded; otherwise no confinement, and the reason.
    """
    bwrap = shutil.which("bwrap", path=PATH)
    if bwrap is None:
        return Confinement(
            None, "bwrap is not installed: apt-get install bubblewrap / dnf install bubblewrap"
        )
    answered = subprocess.run([bwrap, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    candidate = Confinement(bwrap, answered.stdout.strip())
    with (
        tempfile.TemporaryDirectory(prefix="copr-local-") as directory,
        Sandbox(
            Path(directory) / "work", Limits(), threading.Event(), confinement=candidate, timeout=10
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
    """A private work directory of a build, and the programs that run in it.

    Use it as a context manager: it creates the work directory, and removes it at the end. Entering it raises
    `BuildFailed` if there is no `bwrap`, and the build could not work in the path of the work directory.

    The attribute `home` is the writable directory, as the service sees it; `inside` converts a path below it.
    `outside` is a directory for files that no program in the sandbox can see. `scratch` and `shared` are the
    build's own /tmp and /dev/shm, and `user_id` is its user and group id.

    :param work: the work directory; nothing else may use it. An old one is removed.
    :param limits: limits of the build.
    :param cancelled: event that ends the build when it is set.
    :param timeout: seconds after which the build is ended; they start now.
    :param network: True if programs may use the network.
    :param confinement: how programs are confined; by default the result of `probe`.
    :param mark: what `leftovers` finds the programs by if the service is killed.
    :param private_networks: False to keep programs that may use the network away from this machine and from
        private networks, where this machine can do so.
    :source: bwrap(1), prlimit(1)
    """

    def __init__(
        self,
        work: Path,
        limits: Limits,
        cancelled: threading.Event,
        *,
        timeout: float = TIMEOUT,
        network: bool = False,
        confinement: Confinement | None = None,
        mark: str = "",
        private_networks: bool = True,
    ) -> None:
        self.work = work.absolute()
        self.limits = limits
        self._cancelled = cancelled
        self._mark = mark
        self.isolator = None if private_networks else find_isolator()
        self.network = network
        self.confinement = confinement or probe()
        self.user_id = next_user_id()
        self._deadline = Deadline(timeout)
        self.home = self.work / "home"
        self.outside = self.work / "outside"
        self.scratch = self.work / "tmp"
        self.shared = self.work / "shm"
        self._meter = Meter(self.work, limits)

    def __enter__(self) -> Sandbox:
        if self.confinement.bwrap is None:
            self._check_path(f"make a sandbox possible ({self.confinement.reason})")
        if self.work.exists():
            remove_tree(self.work)
        self.work.mkdir(parents=True, mode=0o700 if self.confinement.bwrap else 0o755)
        self.outside.mkdir(mode=0o700)
        for directory in (self.home, self.scratch, self.shared):
            self.make_directory(directory)
        (self.work / "passwd").write_text(
            f"root:x:0:0::/root:/usr/sbin/nologin\n{USER}:x:{self.user_id}:{self.user_id}::{_HOME}:/bin/sh\n"
        )
        (self.work / "group").write_text(f"root:x:0:\n{USER}:x:{self.user_id}:\n")
        (self.work / "hosts").write_text(hosts(None))
        (self.work / "network-hosts").write_text(hosts(Path("/etc/hosts")))
        (self.work / "resolv.conf").write_text(resolver(self.isolator))
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._meter.close()
        remove_tree(self.work)

    def __str__(self) -> str:
        if self.confinement.bwrap is None:
            rights = f"runs as user {self.user_id}" if os.geteuid() == 0 else "has the rights of this service"
            kind = f"none ({self.confinement.reason}); the build {rights}, and sees its files and network"
        else:
            kind = f"{self.confinement.reason}, {'with' if self.network else 'without'} network"
        limits = self.limits
        return (
            f"{kind}; at most {self._deadline.seconds:g} s, {size(limits.memory)} of memory, "
            f"{size(limits.disk)} of disk, {size(limits.log)} of log, {limits.processes} processes"
        )

    def _check_path(self, way_out: str) -> None:
        """Check that a build without a sandbox can work in its folder."""
        if " " in str(self.work):
            raise BuildFailed(
                f"without a sandbox, rpm cannot build in a path with spaces: {self.work.parent};"
                f" choose another one with --data, or {way_out}"
            )
        if os.geteuid() == 0 and (closed := closed_to_others(self.work)):
            raise BuildFailed(
                f"builds never run as root, and their user {self.user_id} cannot enter {closed}:"
                f" let others enter it (chmod o+rx), choose another one with --data, or {way_out}"
            )

    def inside(self, path: Path) -> str:
        """Convert a path of the service to the path that programs in the sandbox use.

        :param path: path of `home`, or of something in it.
        :returns: the path in the sandbox.
        """
        if self.confinement.bwrap is None:
            return str(path)
        return str(_HOME / path.relative_to(self.home))

    @property
    def temporary(self) -> str:
        """The directory for temporary files: its path in the sandbox."""
        return str(self.scratch) if self.confinement.bwrap is None else "/tmp"  # noqa: S108 - the build's own

    def make_directory(self, directory: Path) -> Path:
        """Create a directory that programs in the sandbox can write to.

        :param directory: path of the directory, as the service sees it.
        :returns: the same path.
        :raises OSError: the directory cannot be created, or exists already.
        """
        directory.mkdir()
        self._give(directory)
        return directory

    def place(self, file: Path, target: Path) -> None:
        """Move a file of the service into `home`, and make the build its owner.

        A file or link at the target is replaced. A link is never followed, because it could lead out of
        `home`. Call this only while no program of the build runs.

        :param file: the file, on the same file system as `home`.
        :param target: path in `home` to move it to, as the service sees it.
        :raises BuildFailed: the build has replaced the folder of `target` by a link, or `target` is a folder.
        :raises OSError: the file cannot be moved.
        """
        folder = target.parent
        if folder.resolve() != self.home.resolve() / folder.relative_to(self.home) or target.is_dir():
            raise BuildFailed(f"the build has replaced {target.name} or its folder")
        self._give(file)
        file.replace(target)

    def take(self, file: Path) -> None:
        """Make the service the owner of a file that the build wrote, and let everybody read it.

        :param file: the file; it must not be a symbolic link.
        :raises OSError: the file does not exist, or cannot be changed.
        """
        os.chown(file, os.geteuid(), os.getegid(), follow_symlinks=False)
        file.chmod(0o644)

    def check(self) -> None:
        """Check that the build is not cancelled and has time left.

        Call this while the build waits for something other than a program in the sandbox.

        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: the time limit has passed.
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
        """Run a program in the sandbox.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes; its exceptions end the program.
        :param directory: current directory, as the service sees it; by default `home`.
        :param network: True if this program may use the network, even if the build may not.
        :param sees: more files and folders of this machine that the program can read, at the same paths.
        :returns: the exit status; a negative number is the signal that ended the program.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        network = network or self.network
        with seccomp.handed_over() as handle:
            prefix = self._prefix(directory or self.home, network, sees, handle)
            limits = resource_limits(self.limits, counts_processes=self.confinement.bwrap is not None)
            whole = [*prefix, *prlimit(limits), *command]
            if network and self.isolator is not None and self.confinement.bwrap is not None:
                whole = in_own_network(whole, self.isolator)
            return self.execute(whole, output, self.environment(network), handle)

    def read(self, command: Sequence[str], *, largest: int = LARGEST, **options: Any) -> tuple[int, str]:
        """Run a program in the sandbox, and read its output.

        :param command: program and arguments.
        :param largest: largest output, in bytes.
        :param options: options of `run`: `directory`, `network` and `sees`.
        :returns: the exit status, and the output (stdout and stderr together).
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded, or the output is larger than `largest`.
        """
        answer = Capture(command[0], largest)
        return self.run(command, answer, **options), answer.text

    def run_outside(self, command: Sequence[str], output: Output) -> int:
        """Run a program of the service without confinement, in `home`, with the service's own environment.

        It is cancelled with the build, and the limits of the build on time, memory, processes and disk space
        are checked.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes; its exceptions end the program.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        return self.execute([*_reaper(), *command], output, os.environ)

    def execute(
        self,
        command: Sequence[str],
        output: Output,
        environment: Mapping[str, str],
        handle: int | None = None,
    ) -> int:
        """Run a program without confinement, in `home`, with the limits of the build; see `run_outside`.

        :param command: program and arguments; it may confine itself.
        :param output: takes each piece of stdout and stderr, as bytes; its exceptions end the program.
        :param environment: all environment variables.
        :param handle: a file descriptor that the program gets; None for none.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        status = process.run(
            command,
            output=output,
            directory=self.home,
            environment={**environment, MARK: self._mark},
            cancelled=self._cancelled,
            deadline=self._deadline,
            check=self._meter.check,
            handles=() if handle is None else (handle,),
        )
        if status != 0:
            self._meter.final_check()
        return status

    def counting(self, directory: Path) -> contextlib.AbstractContextManager[None]:
        """Count the files of one more directory as disk space of the build, as a context manager.

        :param directory: the directory.
        :returns: a context manager, which raises `BuildFailed` at the end if the limit is exceeded.
        """
        return self._meter.counting(directory)

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self.user_id, self.user_id, follow_symlinks=False)

    def environment(self, network: bool) -> dict[str, str]:
        """Return the environment of programs in the sandbox.

        :param network: True for the proxies of this machine, too.
        :returns: all variables.
        """
        environment = {
            "PATH": PATH,
            "HOME": self.inside(self.home),
            **dict.fromkeys(("USER", "LOGNAME"), USER),
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "TMPDIR": self.temporary,
            "OMP_WAIT_POLICY": "passive",  # else rpmbuild takes a third more processor time, to wait
        }
        if network:
            proxies = {"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"}
            environment |= {name: value for name, value in os.environ.items() if name.lower() in proxies}
        return environment

    def _prefix(self, directory: Path, network: bool, sees: Sequence[Path], handle: int | None) -> list[str]:
        if self.confinement.bwrap is None:
            own = [] if os.geteuid() else become(self.user_id)
            return [*_reaper(), *own, "env", f"--chdir={directory}"]
        names = str(self.work / ("network-hosts" if network else "hosts"))
        return [
            self.confinement.bwrap,
            "--die-with-parent",  # no "--new-session": `process` has made a session with a low priority
            *("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
            *(() if network else ("--unshare-net",)),
            *("--hostname", HOST_NAME, "--unsetenv", MARK),
            *machine_files(),
            *("--ro-bind", str(self.work / "passwd"), "/etc/passwd"),
            *("--ro-bind", str(self.work / "group"), "/etc/group"),
            *(("--ro-bind", names, "/etc/hosts") if os.path.exists("/etc/hosts") else ()),
            *(("--ro-bind-try", str(self.work / "resolv.conf"), RESOLVER) if network else ()),
            *("--proc", "/proc", "--dev", "/dev"),
            *("--bind", str(self.home), str(_HOME)),
            *("--bind", str(self.scratch), "/tmp"),  # noqa: S108 - the build's own
            *("--bind", str(self.scratch), "/var/tmp"),  # noqa: S108 - the build's own
            # A real directory, so that its files count as disk space; nothing would count those of a tmpfs.
            *("--bind", str(self.shared), "/dev/shm"),  # noqa: S108 - the build's own
            *(option for path in sees for option in seen(path)),
            # `/` and `/dev` are tmpfs too, so they are made read-only.
            *("--remount-ro", "/dev", "--remount-ro", "/"),
            *("--chdir", self.inside(directory)),
            *seccomp.options(handle),
            *self._identity(),
        ]

    def _identity(self) -> list[str]:
        """Return the options and programs that give the build its user id and no capabilities."""
        if os.geteuid() != 0:
            user = str(self.user_id)
            return ["--unshare-user", "--uid", user, "--gid", user, "--"]
        capabilities = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP")
        return [*capabilities, "--", *become(self.user_id)]


def _reaper() -> list[str]:
    return [sys.executable, "-I", "-S", reaper.__file__, str(os.getpid())]
