"""What a place is in which a source RPM is made: this machine, or an installed root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ..sandbox.process import Output


class SourcePlace(Protocol):
    """A place in which a source RPM is made; it works on the files in the home of the build's sandbox."""

    name: str
    """What runs the programs, for the log."""

    has_network: bool
    """True if the programs that make a source RPM have network access without `network=True`."""

    def macros(self, project: Mapping[str, str]) -> list[str]:
        """Return the options that give rpm programs their macros for a source RPM.

        :param project: macros that name the build and its project: bodies by their names, without `%`.
        :returns: options for rpmspec and rpmbuild.
        :raises BuildFailed: the place cannot be made.
        :raises BuildCancelled: the build was cancelled.
        """

    def require(self, program: str) -> str:
        """Find a program, or install it.

        :param program: file name of the program, one of `tools.HOW_TO_GET`.
        :returns: its path.
        :raises BuildFailed: the program is not installed, or cannot be installed.
        :raises BuildCancelled: the build was cancelled.
        """

    def provide(self, packages: Sequence[str]) -> None:
        """Check packages that a script needs, or install them.

        :param packages: names of packages, or what they provide.
        :raises BuildFailed: one of them is missing.
        :raises BuildCancelled: the build was cancelled.
        """

    def run(
        self,
        command: Sequence[str],
        output: Output,
        *,
        directory: Path | None = None,
        network: bool = False,
    ) -> int:
        """Run a program of the place.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param directory: current directory, as the service sees it; by default the sandbox's home.
        :param network: True if the program may use the network, even if the build may not.
        :returns: the exit status; a negative number is the signal that ended the program.
        :raises BuildFailed: a limit was exceeded, or the place cannot be made.
        :raises BuildCancelled: the build was cancelled.
        """

    def read(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a program of the place, and read its output.

        :param command: program and arguments.
        :returns: the exit status, and the output (stdout and stderr together).
        :raises BuildFailed: a limit was exceeded, or the place cannot be made.
        :raises BuildCancelled: the build was cancelled.
        """

    def run_script(self, command: Sequence[str], output: Output, directory: Path) -> int:
        """Run a script of the submitter, as the build user and with the network.

        :param command: the script and its arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param directory: current directory, as the service sees it.
        :returns: the exit status.
        :raises BuildFailed: a limit was exceeded, or the place cannot be made.
        :raises BuildCancelled: the build was cancelled.
        """

    def run_installer(self, command: Sequence[str], output: Output, directory: Path, made: Path) -> int:
        """Run a program that may install packages for itself; it has the network.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param directory: current directory, as the service sees it.
        :param made: folder in the sandbox's home for the source RPMs that the program makes; other changes
            of the home can be lost.
        :returns: the exit status.
        :raises BuildFailed: a limit was exceeded, or the place cannot be made.
        :raises BuildCancelled: the build was cancelled.
        """

    def helper(self, script: Path, needs: str) -> Helper:
        """Return a Python program of this service that needs a program with the modules that it imports.

        :param script: the program.
        :param needs: file name of the program that has the modules, one of `tools.HOW_TO_GET`.
        :returns: the helper.
        :raises BuildFailed: what it needs is not installed, or cannot be installed.
        :raises BuildCancelled: the build was cancelled.
        """


class Helper(Protocol):
    """A Python program of this service, which has the network."""

    folder: Path
    """The folder that it can write to, as the service sees it."""

    def inside(self, path: Path) -> str:
        """Return the path by which the program knows a file.

        :param path: path of something in `folder`, as the service sees it.
        :returns: the path.
        """

    def run(self, arguments: Sequence[str], output: Output) -> int:
        """Run the program.

        :param arguments: its arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :returns: the exit status.
        :raises BuildFailed: a limit was exceeded.
        :raises BuildCancelled: the build was cancelled.
        """
