"""The place of a source build without a root: the programs of this machine, in the build's sandbox."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import tools
from ..log import BuildLog
from ..macros import rpm_options, source_macros
from ..rpm import database_has_packages
from ..sandbox.process import Output
from ..sandbox.sandbox import Sandbox
from ..settings import Settings
from ..tasks import BuildFailed
from .place import Helper
from .script_environment import with_stand_ins

_IS_THERE = 'rpm --query --whatprovides "$1" || command -v "$1"'


class MachineSources:
    """This machine, as the place where a source RPM is made.

    :param sandbox: the sandbox of the build.
    :param log: takes what is left out.
    :param settings: what to do about packages that a script needs.
    """

    name = "the programs of this machine"
    has_network = False

    def __init__(self, sandbox: Sandbox, log: BuildLog, settings: Settings) -> None:
        self._sandbox = sandbox
        self._log = log
        self._settings = settings
        self._sees: list[Path] = []

    def macros(self, project: Mapping[str, str]) -> list[str]:
        """Return the options that give rpm programs the macros of the newest Fedora.

        :param project: macros that name the build and its project.
        :returns: options for rpmspec and rpmbuild.
        :raises BuildFailed: the build replaced the folder that `.rpmmacros` belongs in.
        """
        return rpm_options(self._sandbox, {**source_macros(), **project})

    def require(self, program: str) -> str:
        """Find a program, and show it to the programs that run from now on.

        :param program: file name of the program, one of `tools.HOW_TO_GET`.
        :returns: its path.
        :raises BuildFailed: it is not installed; the text says how to install it.
        """
        tool = tools.require(program)
        self._sees += tool.sees
        return tool.path

    def provide(self, packages: Sequence[str]) -> None:
        """Check that packages are installed, as far as the settings say so.

        :param packages: names of packages, or what they provide.
        :raises BuildFailed: one of them is missing.
        :raises BuildCancelled: the build was cancelled.
        """
        sandbox, policy = self._sandbox, self._settings.build_requires
        missing = [name for name in packages if sandbox.read(["sh", "-c", _IS_THERE, "sh", name])[0] != 0]
        if not missing or policy == "ignore":
            return
        if policy == "check" or database_has_packages(sandbox):
            raise BuildFailed(f"missing builddeps: {', '.join(missing)}: install them on this machine")
        self._log.line(
            f"Not found: {', '.join(missing)}."
            " The script runs anyway, because this machine has no RPM database"
        )

    def run(
        self,
        command: Sequence[str],
        output: Output,
        *,
        directory: Path | None = None,
        network: bool = False,
    ) -> int:
        """Run a program in the sandbox.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param directory: current directory, as the service sees it; by default the sandbox's home.
        :param network: True if the program may use the network, even if the build may not.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        return self._sandbox.run(command, output, directory=directory, network=network, sees=self._sees)

    def read(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a program in the sandbox, and read its output.

        :param command: program and arguments.
        :returns: the exit status, and the output.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        return self._sandbox.read(command)

    def run_script(self, command: Sequence[str], output: Output, directory: Path) -> int:
        """Run a script of the submitter; its calls of dnf say what they leave out.

        :param command: the script and its arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param directory: current directory, as the service sees it.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        command = [*with_stand_ins(self._sandbox), *command]
        return self.run(command, output, directory=directory, network=True)

    def run_installer(self, command: Sequence[str], output: Output, directory: Path, made: Path) -> int:
        """Run a program as `run_script` does: nothing is installed on this machine.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param directory: current directory, as the service sees it.
        :param made: not used: all changes of the sandbox's home are kept.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        self._log.line(
            "The Makefile runs with the programs of this machine, and not as root:"
            " what it installs is left out"
        )
        return self.run_script(command, output, directory)

    def helper(self, script: Path, needs: str) -> Helper:
        """Return a Python program of this service; it runs outside of the sandbox, with the network.

        :param script: the program.
        :param needs: name of the module that it imports, and of the program that has it.
        :returns: the helper.
        :raises BuildFailed: the module is not installed; the text says how to install it.
        """
        if importlib.util.find_spec(needs) is None:
            raise BuildFailed(f"{needs} is not installed: {tools.HOW_TO_GET[needs]}")
        return _HelperOutside(self._sandbox, script)


class _HelperOutside:
    """A Python program that runs with the modules of this service, outside of the sandbox."""

    def __init__(self, sandbox: Sandbox, script: Path) -> None:
        self.folder = sandbox.outside
        self._sandbox = sandbox
        self._script = script

    def inside(self, path: Path) -> str:
        return str(path)

    def run(self, arguments: Sequence[str], output: Output) -> int:
        limit = f"--fsize={self._sandbox.limits.disk}"
        limited = ["env", f"TMPDIR={self.folder}", "prlimit", limit, "--"]
        program = [sys.executable, "-I", str(self._script)]
        return self._sandbox.run_outside([*limited, *program, *arguments], output)
