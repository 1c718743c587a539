"""What a place is in which a package is built: this machine, or an installed root."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .sandbox.process import Output
from .tasks import BuildFailed


class Place(Protocol):
    """A place in which a package is built."""

    macros: list[str]
    """The options that give rpm programs their macros."""

    def run(self, command: Sequence[str], output: Output) -> int:
        """Run a program of the build.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes; its exceptions end the program.
        :returns: the exit status; a negative number is the signal that ended the program.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """

    def read(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a program of the build, and read its output.

        :param command: program and arguments.
        :returns: the exit status, and the output (stdout and stderr together).
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """

    def unpack(self, srpm: str, options: Sequence[str]) -> tuple[int, str]:
        """Unpack a source RPM, and find out what can be told of its spec at once.

        :param srpm: path of the file, as programs of the build know it.
        :param options: options of programs that read the spec.
        :returns: the exit status of `rpm --install`, and what it printed.
        :raises BuildFailed: a limit was exceeded.
        :raises BuildCancelled: the build was cancelled.
        """

    def rpmbuild(self, options: list[str], spec: str) -> list[str]:
        """Provide what a spec requires, and return the command of rpmbuild.

        :param options: options of rpmbuild.
        :param spec: path of the spec, as programs of the build know it.
        :returns: program and options, without what rpmbuild is to do.
        :raises BuildFailed: a requirement is missing, or the place cannot build for the chroot.
        :raises BuildCancelled: the build was cancelled.
        """

    def failure(self, status: int, output: str) -> BuildFailed:
        """Return the exception to raise after rpmbuild failed.

        :param status: exit status of rpmbuild.
        :param output: end of its output.
        :returns: an exception with the reason.
        :raises BuildCancelled: the build was cancelled.
        """
