"""The place of a build in an installed root: its programs, its macros, and how its requirements get there."""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from ..log import Tail
from ..macros import project_macros
from ..result_logs import CONFIGURATION, PACKAGES, ResultLogs
from ..results import regular_files
from ..rpm import failure, last_error
from ..sandbox.process import Output
from ..sandbox.sandbox import Sandbox
from ..settings import Settings
from ..tasks import BuildFailed, ChrootTask, RootTask
from .installed import InstalledRoot

_TURNS = 10  # a spec whose requirements change more often is not followed, as in mock
_UNMET_DEPENDENCIES = 11  # exit status of rpmbuild if a BuildRequires is missing
_INSTALLED = "%{NAME}-%{EPOCHNUM}:%{VERSION}-%{RELEASE}.%{ARCH} %{BUILDTIME} %{SIZE} %{SIGMD5} installed\\n"
_NEXT = "copr-local: the output of this program ends here"
# One run instead of one for each program. It makes the source RPM again, with the macros of the root. Only
# its header is read, so it is not compressed.
_STATIC = f"""
rm -f "$topdir"/SRPMS/*.rpm
rpmbuild -bs --nodeps "$@" --define '_source_payload w.ufdio' "$topdir"/SPECS/*.spec || exit
echo; echo '{_NEXT}'
exec rpm --query --package --nosignature --requires "$topdir"/SRPMS/*.src.rpm
"""
_UNPACK = f"""
rpm --install --nosignature --define "_topdir $topdir" "$srpm" || exit
echo; echo '{_NEXT}'
"""
_INNER = re.compile(r"(rpmlib|config)\(")


class RootPlace:
    """An installed root in which a package is built.

    :param task: the build; it has a `root`.
    :param root: what the task says of the root.
    :param sandbox: the sandbox of the build.
    :param logs: take the output of all programs.
    :param settings: what to do about foreign architectures.
    :param stack: keeps the root in use until the build has ended.
    :raises BuildFailed: this machine cannot install the root; the text says what to install.
    :raises BuildSkipped: the architecture is a foreign one, and the settings say to skip it.
    """

    def __init__(
        self,
        task: ChrootTask,
        root: RootTask,
        sandbox: Sandbox,
        logs: ResultLogs,
        settings: Settings,
        stack: ExitStack,
    ) -> None:
        self._sandbox = sandbox
        self._logs = logs
        self._first: tuple[int, str] | None = None  # the first answer of `_STATIC`
        self._root = InstalledRoot(task.chroot, root, sandbox, logs, settings, stack)
        _store_configuration(task.directory / CONFIGURATION, self._root.dnf_configuration)
        defined = {"_topdir": f"{sandbox.inside(sandbox.home)}/build", "_buildhost": "copr-local"}
        defined |= project_macros(task.build_id, task.project)
        self.macros = [part for name, body in defined.items() for part in ("--define", f"{name} {body}")]
        if task.additional_packages:
            self._root.install(["install", *task.additional_packages])

    def run(self, command: Sequence[str], output: Output) -> int:
        """Run a program of the root as the build user, without capabilities; the root is read-only.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        return self._root.run(command, output, network=self._sandbox.network)

    def read(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a program as `run` does, without network, and read its output.

        :param command: program and arguments.
        :returns: the exit status, and the output.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        return self._root.read(command)

    def unpack(self, srpm: str, options: Sequence[str]) -> tuple[int, str]:
        """Unpack a source RPM, and read the requirements of its spec.

        :param srpm: path of the file in the sandbox.
        :param options: options of rpmbuild.
        :returns: the exit status of `rpm --install`, and what it printed.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        status, answer = self._read_script(f"srpm=$1; shift{_UNPACK}{_STATIC}", [srpm, *options])
        unpacked, is_unpacked, made = answer.partition(f"\n{_NEXT}\n")
        if not is_unpacked:
            return status, answer
        self._first = (status, made)
        return 0, unpacked

    def rpmbuild(self, options: list[str], spec: str) -> list[str]:
        """Install the requirements of a spec, until it names nothing new, and return the command of rpmbuild.

        :param options: options of rpmbuild.
        :param spec: path of the spec in the sandbox.
        :returns: the command of rpmbuild, without what it is to do.
        :raises BuildFailed: a requirement is missing, or the spec fails.
        :raises BuildCancelled: the build was cancelled.
        """
        requirements: list[str] = []
        for _ in range(_TURNS):
            before, requirements = requirements, self._static(options)
            if requirements == before or not self._install_requirements(requirements):
                break
        if any(each.startswith("rpmlib(DynamicBuildRequires)") for each in requirements):
            self._provide_generated(options, spec)
        self._root.check_repositories()
        self._list_packages()
        launcher = ["setarch", "i686"] if (self._root.arch, os.uname().machine) == ("i686", "x86_64") else []
        return [*launcher, "rpmbuild", *options]

    def _list_packages(self) -> None:
        """Write the log of the packages in the root."""
        store, key = self._root.store, f"installed-{self._root.root.key}"
        listed = store.recall(key)
        if listed is None:
            status, answer = self.read(["rpm", "--query", "--all", "--queryformat", _INSTALLED])
            if status != 0:
                return
            lines = sorted(line for line in answer.splitlines() if line.endswith(" installed"))
            listed = "".join(f"{line}\n" for line in lines)
            store.remember(key, listed)
        self._logs.write(PACKAGES, listed)

    def failure(self, status: int, output: str) -> BuildFailed:
        """Return the exception to raise after rpmbuild failed.

        :param status: exit status of rpmbuild.
        :param output: end of its output.
        :returns: an exception with the reason.
        """
        return failure("rpmbuild", status, output)

    def _provide_generated(self, options: Sequence[str], spec: str) -> None:
        """Install what `%generate_buildrequires` prints, until it prints nothing new."""
        home = self._sandbox.home
        for _ in range(_TURNS):
            self._logs.build.line(f"Running rpmbuild -br {os.path.basename(spec)}")
            tail = Tail(self._logs.build)
            status = self.run(["rpmbuild", "-br", *options, spec], tail)
            if status not in (0, _UNMET_DEPENDENCIES):
                raise failure("rpmbuild", status, tail.text)
            made = regular_files(home, "build/SRPMS", ".buildreqs.nosrc.rpm")
            requirements = self._requires(self._sandbox.inside(made[0])) if made else []
            for file in made:
                file.unlink()
            if status == 0 and not made and (error := last_error(tail.text)):
                # rpm ignores all of them then, and builds the package. So does a real Copr.
                self._logs.build.line(f"rpmbuild ignores all generated requirements: {error}")
            if status == 0 or not self._install_requirements(requirements):
                return

    def _static(self, options: Sequence[str]) -> list[str]:
        """Make the source RPM again with the macros of the root, and return what it requires."""
        status, answer = self._first or self._read_script(_STATIC, options)
        self._first = None
        _, is_made, listed = answer.rpartition(f"\n{_NEXT}\n")
        if not is_made:
            self._logs.build.write(answer.encode())
            raise failure("rpmbuild -bs", status, answer)
        return _requirements(status, listed)

    def _read_script(self, script: str, arguments: Sequence[str]) -> tuple[int, str]:
        """Run a shell script that knows the folder of the build as `topdir`, and read its output."""
        topdir = self._sandbox.inside(self._sandbox.home / "build")
        return self.read(["sh", "-c", f"topdir=$1; shift; {script}", "sh", topdir, *arguments])

    def _requires(self, file: str) -> list[str]:
        """Return the requirements in the header of a source RPM."""
        return _requirements(*self.read(["rpm", "--query", "--package", "--nosignature", "--requires", file]))

    def _install_requirements(self, requirements: Sequence[str]) -> bool:
        """Install requirements; return True if the root has changed."""
        wanted = [each for each in requirements if not _INNER.match(each)]
        if not wanted:
            return False
        return self._root.install(["install-requirements", *wanted])


def _requirements(status: int, answer: str) -> list[str]:
    """Return the requirements that rpm printed."""
    if status != 0:
        raise BuildFailed(f"the requirements of the package cannot be read: {answer.strip()[-300:]}")
    lines = (line.strip() for line in answer.splitlines() if not line.startswith("warning: "))
    return sorted({line for line in lines if line})


def _store_configuration(archive: Path, text: str) -> None:
    """Write the archive with the configuration of dnf."""
    content = text.encode()
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("configs/dnf.conf")
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
