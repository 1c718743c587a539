"""The place of a source build in an installed root, which is made when the first program needs it."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from ..log import BuildLog
from ..result_logs import ResultLogs
from ..sandbox.capture import Capture
from ..sandbox.process import Output
from ..sandbox.sandbox import Sandbox
from ..settings import Settings
from ..sources.place import Helper
from ..tasks import RootTask, SourceTask
from .installed import InstalledRoot
from .throwaway import run_as_root


class RootSources:
    """An installed root in which a source RPM is made.

    :param task: the build.
    :param root: what the task says of the root.
    :param sandbox: the sandbox of the build.
    :param log: the live log of the build.
    :param settings: what to do about foreign architectures.
    :param stack: keeps the root in use until the build has ended.
    """

    has_network = True

    def __init__(
        self,
        task: SourceTask,
        root: RootTask,
        sandbox: Sandbox,
        log: BuildLog,
        settings: Settings,
        stack: ExitStack,
    ) -> None:
        self.name = f"the programs of {task.chroot}, in an installed root"
        self._task = task
        self._root_task = root
        self._sandbox = sandbox
        self._log = log
        self._settings = settings
        self._stack = stack

    @functools.cached_property
    def _root(self) -> InstalledRoot:
        """The root; many sources need none, such as an uploaded source RPM."""
        self._log.line(f"The source RPM is made with {self.name}")
        logs = self._stack.enter_context(closing(ResultLogs(self._task.directory, self._log)))
        arguments = (self._root_task, self._sandbox, logs, self._settings, self._stack)
        return InstalledRoot(self._task.chroot, *arguments)

    def macros(self, project: Mapping[str, str]) -> list[str]:
        """Return the options for rpm programs: all other macros are those of the root.

        :param project: macros that name the build and its project.
        :returns: options for rpmspec and rpmbuild.
        """
        # One source RPM is for all chroots, so its release has no %dist.
        home = self._sandbox.inside(self._sandbox.home)
        defined = {"_topdir": f"{home}/build", "_buildhost": "copr-local", "dist": "%{nil}", **project}
        return [part for name, body in defined.items() for part in ("--define", f"{name} {body}")]

    def require(self, program: str) -> str:
        """Install a program.

        :param program: file name of the program.
        :returns: its path in the root.
        :raises BuildFailed: no repository of the chroot has it, or it cannot be installed.
        :raises BuildCancelled: the build was cancelled.
        """
        path = f"/usr/bin/{program}"
        self._root.install(["install", path])
        return path

    def provide(self, packages: Sequence[str]) -> None:
        """Install packages.

        :param packages: names of packages, or what they provide.
        :raises BuildFailed: no repository of the build has one of them, or it cannot be installed.
        :raises BuildCancelled: the build was cancelled.
        """
        if packages:
            self._root.install(["install", *packages])

    def run(
        self,
        command: Sequence[str],
        output: Output,
        *,
        directory: Path | None = None,
        network: bool = False,
    ) -> int:
        """Run a program of the root as the build user; the root is read-only.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param directory: current directory, as the service sees it; by default the sandbox's home.
        :param network: True if the program may use the network, even if the build may not.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded, or the root cannot be installed.
        """
        network = network or self._sandbox.network
        return self._root.run(command, output, directory=directory, network=network)

    def read(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a program as `run` does, and read its output.

        :param command: program and arguments.
        :returns: the exit status, and the output.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded, or the root cannot be installed.
        """
        answer = Capture(command[0])
        return self.run(command, answer), answer.text

    def run_script(self, command: Sequence[str], output: Output, directory: Path) -> int:
        """Run a script of the submitter as the build user, with the network.

        :param command: the script and its arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param directory: current directory, as the service sees it.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded, or the root cannot be installed.
        """
        return self.run(command, output, directory=directory, network=True)

    def run_installer(self, command: Sequence[str], output: Output, directory: Path, made: Path) -> int:
        """Run a program as root of a copy of the root, which has dnf and is thrown away.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param directory: current directory, as the service sees it.
        :param made: folder in the sandbox's home for the source RPMs that the program makes.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded, or the root cannot be installed.
        """
        self.require("dnf")
        self._log.line("It runs as root of a root of its own, which is thrown away afterwards")
        return run_as_root(self._root, command, output, directory=directory, made=made, suffix=".src.rpm")

    def helper(self, script: Path, needs: str) -> Helper:
        """Install what a Python program of this service needs, and return it; it has the network.

        :param script: the program.
        :param needs: file name of the program that has the modules that it imports.
        :returns: the helper.
        :raises BuildFailed: no repository of the chroot has it, or it cannot be installed.
        :raises BuildCancelled: the build was cancelled.
        """
        self.require(needs)
        copy = self._sandbox.outside / script.name
        copy.write_bytes(script.read_bytes())
        copy.chmod(0o644)
        self._sandbox.place(copy, self._sandbox.home / script.name)
        return _HelperInside(self, self._sandbox, script.name)


class _HelperInside:
    """A Python program that runs with the modules of the root."""

    def __init__(self, place: RootSources, sandbox: Sandbox, name: str) -> None:
        self.folder = sandbox.make_directory(sandbox.home / "helper")
        self._place = place
        self._program = ["/usr/bin/python3", "-I", sandbox.inside(sandbox.home / name)]
        self.inside = sandbox.inside

    def run(self, arguments: Sequence[str], output: Output) -> int:
        return self._place.run([*self._program, *arguments], output, directory=self.folder, network=True)
