"""Runs the programs of a build in the namespaces of its root, with the limits and the log of its sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..sandbox import seccomp
from ..sandbox.capture import Capture
from ..sandbox.leftovers import MARK
from ..sandbox.limiter import resource_limits
from ..sandbox.machine import HOST_NAME
from ..sandbox.process import Output
from ..sandbox.sandbox import Sandbox
from ..tasks import BuildFailed
from .namespace import Folders, Ids, entering


class Session:
    """What a build needs to run programs of a root.

    :param sandbox: the sandbox of the build: its folders, limits, time and cancel event.
    :param ids: the ids of the root.
    :param handler: result of `emulation.handler`, if the root is for another architecture.
    :raises BuildFailed: there is no sandbox on this machine; the text says what to install.
    """

    def __init__(self, sandbox: Sandbox, ids: Ids, handler: str = "") -> None:
        if sandbox.confinement.bwrap is None:
            raise BuildFailed(f"no root can be installed here: {sandbox.confinement.reason}")
        self._bwrap = sandbox.confinement.bwrap
        self.sandbox = sandbox
        self.ids = ids
        self._handler = handler

    def run(
        self,
        folders: Folders,
        view: Sequence[str],
        command: Sequence[str],
        output: Output,
        *,
        environment: Mapping[str, str],
        ids: Ids | None = None,
        network: bool = False,
        installs: bool = False,
    ) -> int:
        """Run a program in a namespace of its own.

        :param folders: what the namespace has to show.
        :param view: options of bwrap that show it to the program, and give the program its capabilities.
        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes; its exceptions end the program.
        :param environment: variables besides those of the sandbox.
        :param ids: the ids of the namespace; None for those of the root.
        :param network: True if the program may use the network.
        :param installs: True for a program that gives files to many ids.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        bwrap = [
            *(self._bwrap, "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
            *("--unshare-cgroup-try", "--hostname", HOST_NAME, "--unsetenv", MARK),
            *(() if network else ("--unshare-net",)),
        ]
        ids = self.ids if ids is None else ids
        limits = resource_limits(self.sandbox.limits, counts_processes=True)
        variables = self.sandbox.environment(network) | dict(environment)
        with seccomp.handed_over(installs=installs, has_one_id=ids.is_single) as handle:
            inside = entering(
                ids,
                folders,
                [*bwrap, *view, *seccomp.options(handle), "--", *command],
                limits=limits,
                isolator=self.sandbox.isolator if network else None,
                handler=self._handler,
            )
            return self.sandbox.execute(inside, output, variables, handle)

    def read(self, folders: Folders, view: Sequence[str], command: Sequence[str]) -> tuple[int, str]:
        """Run a program in a namespace of its own, without network, and read its output.

        :param folders: what the namespace has to show.
        :param view: options of bwrap, as in `run`.
        :param command: program and arguments.
        :returns: the exit status, and the output.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded, or the output is larger than `Capture` keeps.
        """
        answer = Capture(command[0])
        return self.run(folders, view, command, answer, environment={}), answer.text

    def scratch(self, name: str) -> Path:
        """Return the path of a folder for the files of one run, which no program of the build sees.

        :param name: name of the folder.
        :returns: the path; it is removed with the sandbox.
        """
        return self.sandbox.outside / name
