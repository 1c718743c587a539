"""An installed root of one build: its programs run as the build user, and dnf installs more into it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ..macros import parse_chroot
from ..result_logs import ResultLogs
from ..sandbox.capture import Capture
from ..sandbox.process import Output
from ..sandbox.sandbox import Sandbox
from ..settings import Settings
from ..tasks import BuildFailed, BuildSkipped, RootTask
from . import emulation
from .configuration import for_dnf, read_configuration
from .install import Installer
from .namespace import BUILD_USER, PLACE, ROOT, Folders, find_ids, only_capabilities
from .roots import Root, Roots
from .session import Session
from .store import Store


class InstalledRoot:
    """The root of a build, which begins as the base root of its chroot.

    :param chroot: name of the chroot.
    :param task: where the root is, and its repositories.
    :param sandbox: the sandbox of the build.
    :param logs: take the output of dnf and rpm.
    :param settings: what to do about foreign architectures.
    :param stack: keeps the root in use until the build has ended.
    :raises BuildFailed: this machine cannot install the root; the text says what to install.
    :raises BuildSkipped: the architecture is a foreign one, and the settings say to skip it.
    :raises BuildCancelled: the build was cancelled.
    """

    def __init__(
        self,
        chroot: str,
        task: RootTask,
        sandbox: Sandbox,
        logs: ResultLogs,
        settings: Settings,
        stack: ExitStack,
    ) -> None:
        parsed = parse_chroot(chroot)
        machine = os.uname().machine
        handler = ""
        if parsed.arch != machine and (parsed.arch, machine) != ("i686", "x86_64"):
            reason = f"this machine is {machine} and cannot install a root for {parsed.arch}"
            if settings.foreign_architecture == "skip":
                raise BuildSkipped(reason)
            if settings.foreign_architecture == "fail":
                raise BuildFailed(reason)
            handler = emulation.handler(parsed.arch)
        self.arch = parsed.arch
        self.sandbox = sandbox
        self.store = Store(task.roots, find_ids(task.roots))
        self.session = Session(sandbox, self.store.ids, handler)
        configuration = read_configuration(task.configuration, parsed)
        self.configuration = replace(
            configuration, modules=task.modules, bootstrap=task.bootstrap or configuration.bootstrap
        )
        self.repositories = task.repositories
        self.dnf_configuration = for_dnf(self.configuration, self.repositories)
        self.installer = Installer(self.session, self.store, self.configuration, self.repositories, logs.root)
        self._roots = Roots(self.session, self.store, self.configuration, self.installer, logs, stack)
        self.root: Root = self._roots.base()
        self._has_asked_dnf = False

    def install(self, command: Sequence[str]) -> bool:
        """Let dnf install something.

        :param command: command of dnf and its arguments.
        :returns: True if the root has changed.
        :raises BuildFailed: a package is missing, or cannot be installed, or what is wanted is not a package.
        :raises BuildCancelled: the build was cancelled.
        """
        for wanted in command[1:]:
            # Strangers write these words. An option of dnf could change what other builds find in its cache.
            if wanted.startswith("-") or not wanted.isprintable():
                raise BuildFailed(f"{wanted[:100]!r} is not a valid package or requirement")
        before = self.root
        self._has_asked_dnf = True
        self.root = self._roots.with_requirements(before, command)
        return self.root is not before

    def check_repositories(self) -> None:
        """Check that dnf can read the repositories of other servers, also if there is nothing to install.

        :raises BuildFailed: a repository cannot be read; the text names it.
        :raises BuildCancelled: the build was cancelled.
        """
        if not self._has_asked_dnf and any(each.url is not None for each in self.repositories):
            self.installer.dnf(
                self.root.layers, ["makecache"], tools=self.root.tools, database=self.root.database
            )

    def writable(self, folder: Path) -> tuple[Sequence[Path], Path | None]:
        """Make a copy of the root that can be changed.

        :param folder: an empty folder, which takes the changes.
        :returns: the layers of the copy, and the folder for `Folders.changes`.
        :raises BuildFailed: the root cannot be copied.
        :raises BuildCancelled: the build was cancelled.
        """
        return self._roots.writable(self.root, folder)

    def run(
        self, command: Sequence[str], output: Output, *, network: bool, directory: Path | None = None
    ) -> int:
        """Run a program of the root as the build user, without capabilities; the root is read-only.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :param network: True if the program may use the network.
        :param directory: current directory, as the service sees it; by default the sandbox's home.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        sandbox = self.sandbox
        named = {
            "home": sandbox.home,
            "tmp": sandbox.scratch,
            "shm": sandbox.shared,
            "hosts": sandbox.work / ("network-hosts" if network else "hosts"),
            "resolver": sandbox.work / "resolv.conf",
        }
        view = [
            *("--ro-bind", ROOT, "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/run"),
            *("--bind", f"{PLACE}/home", sandbox.inside(sandbox.home)),
            *("--bind", f"{PLACE}/tmp", "/tmp", "--bind", f"{PLACE}/tmp", "/var/tmp"),  # noqa: S108
            *("--bind", f"{PLACE}/shm", "/dev/shm", "--ro-bind", f"{PLACE}/hosts", "/etc/hosts"),  # noqa: S108
            *(("--ro-bind", f"{PLACE}/resolver", "/etc/resolv.conf") if network else ()),
            *("--remount-ro", "/dev", "--remount-ro", "/run"),
            *("--chdir", sandbox.inside(directory or sandbox.home)),
        ]
        ids = self.store.ids.for_build(sandbox.user_id)
        user = str(BUILD_USER)
        if ids.is_single or not self.root.has_setpriv:
            view += ["--unshare-user", "--uid", user, "--gid", user]
            become: list[str] = []
        else:
            view += only_capabilities("SETUID", "SETGID", "SETPCAP")
            become = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
            become += ["--bounding-set=-all", "--inh-caps=-all", "--"]
        return self.session.run(
            Folders(named, self.root.layers),
            view,
            [*become, *command],
            output,
            environment={},
            ids=ids,
            network=network,
        )

    def read(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a program as `run` does, without network, and read its output.

        :param command: program and arguments.
        :returns: the exit status, and the output.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded, or the output is larger than `Capture` keeps.
        """
        answer = Capture(command[0])
        return self.run(command, answer, network=False), answer.text
