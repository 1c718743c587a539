"""The place of a build without a root: the programs of this machine, with the macros of the chroot.

Two settings (`settings`) say what happens if this machine cannot do the build: it cannot compile for the
architecture, or its RPM database does not know a BuildRequires. If BuildRequires are not checked, the build
fails later, when it calls a program that is missing.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from . import tools
from .leftover_macros import leftover_macros
from .log import BuildLog
from .macros import distribution_macros, machine_macros, parse_chroot, project_macros, rpm_options
from .rpm import failure, undefined, unmet_requirements
from .sandbox.process import Output
from .sandbox.sandbox import Sandbox
from .settings import Settings
from .tasks import BuildFailed, BuildSkipped, ChrootTask

_UNMET_DEPENDENCIES = 11  # exit status of rpmbuild if a BuildRequires is missing
_NEXT = "copr-local: the output of this program ends here"
# One run instead of one for each program. It prints what each of them prints: rpm; rpmspec; rpmbuild, if the
# spec has a BuildRequires. Then words: if one is unmet, and if the database has any package.
_UNPACK = f"""
topdir=$1 srpm=$2
shift 2
next() {{ echo; echo '{_NEXT}'; }}
rpm --install --nosignature --define "_topdir $topdir" "$srpm" || exit
for spec in "$topdir"/SPECS/*.spec; do :; done
next
parsed=$(rpmspec --parse "$@" "$spec" 2>&1)
printf '%s\\n' "$parsed"
next
status=0
if printf '%s\\n' "$parsed" | grep -Eiq 'build(requires|prereq|conflicts)'; then
    rpmbuild -bd "$@" "$spec" || status=$?
fi
next
if [ $status = {_UNMET_DEPENDENCIES} ]; then
    echo unmet
    rpm --query --all --dbpath "$(rpmspec "$@" --eval %_dbpath)" --queryformat 'package\\n' | head -n 1
fi
exit 0
"""


class MachinePlace:
    """This machine, as the place where a package is built.

    :param task: the build.
    :param sandbox: the sandbox of the build.
    :param log: takes what is left out.
    :param settings: what to do about foreign architectures and unknown BuildRequires.
    :raises BuildFailed: rpmbuild is not installed, or the name of the chroot is not valid.
    """

    def __init__(self, task: ChrootTask, sandbox: Sandbox, log: BuildLog, settings: Settings) -> None:
        tools.require("rpmbuild")
        self._sandbox = sandbox
        self._log = log
        self._settings = settings
        self._unchecked: list[str] = []
        self._parsed = self._checked = self._found = ""
        self._tell_what_is_not_done(task)
        chroot = parse_chroot(task.chroot)
        self._target = chroot.arch
        distribution = distribution_macros(chroot)
        if "dist" not in distribution:
            log.line(
                f"The distribution {chroot.distribution} {chroot.version} is not known: %dist is not set"
            )
        named = machine_macros(chroot) | distribution | project_macros(task.build_id, task.project)
        self.macros = rpm_options(sandbox, named)

    def run(self, command: Sequence[str], output: Output) -> int:
        """Run a program in the sandbox.

        :param command: program and arguments.
        :param output: takes each piece of stdout and stderr, as bytes.
        :returns: the exit status.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        return self._sandbox.run(command, output)

    def read(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a program in the sandbox, and read its output.

        :param command: program and arguments.
        :returns: the exit status, and the output.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        return self._sandbox.read(command)

    def unpack(self, srpm: str, options: Sequence[str]) -> tuple[int, str]:
        """Unpack a source RPM, parse its spec, and let rpmbuild check the BuildRequires.

        :param srpm: path of the file in the sandbox.
        :param options: options of rpmspec and rpmbuild.
        :returns: the exit status of `rpm --install`, and what it printed.
        :raises BuildCancelled: the build was cancelled.
        :raises BuildFailed: a limit was exceeded.
        """
        topdir = self._sandbox.inside(self._sandbox.home / "build")
        status, answer = self.read(["sh", "-c", _UNPACK, "sh", topdir, srpm, *options])
        if status == 0:
            answer, _, self._found = answer.rpartition(f"\n{_NEXT}\n")
            answer, _, self._checked = answer.rpartition(f"\n{_NEXT}\n")
            answer, _, self._parsed = answer.rpartition(f"\n{_NEXT}\n")
        return status, answer

    def rpmbuild(self, options: list[str], spec: str) -> list[str]:
        """Check if this machine can build a spec, and return the command of rpmbuild.

        :param options: options of rpmbuild.
        :param spec: path of the spec in the sandbox.
        :returns: program and options, without what rpmbuild is to do.
        :raises BuildFailed: this machine cannot compile for the chroot.
        :raises BuildSkipped: the same, if the settings say to skip it.
        :raises BuildCancelled: the build was cancelled.
        """
        launcher = self._launcher(options, spec)
        self._unchecked = self._find_unchecked()
        return [*launcher, "rpmbuild", *options, *(["--nodeps"] if self._unchecked else [])]

    def failure(self, status: int, output: str) -> BuildFailed:
        """Return the exception to raise after rpmbuild failed.

        :param status: exit status of rpmbuild.
        :param output: end of its output.
        :returns: an exception with the reason; it names BuildRequires that may be missing.
        :raises BuildCancelled: the build was cancelled.
        """
        return failure("rpmbuild", status, output, perhaps_missing=self._not_programs())

    def _tell_what_is_not_done(self, task: ChrootTask) -> None:
        """Log the additional packages, modules and repositories, which are not installed without a root."""
        wanted = {
            "packages": task.additional_packages,
            "modules": task.additional_modules,
            "repositories": task.additional_repos,
        }
        for what, names in wanted.items():
            if names:
                ignored = f"the additional {what} are ignored: {' '.join(names)}"
                self._log.line(f"Builds here install nothing, so {ignored}")

    def _launcher(self, options: list[str], spec: str) -> list[str]:
        """Return the command to start rpmbuild with; raise if this machine cannot build for the chroot."""
        machine = os.uname().machine
        if self._target == machine:
            return []
        if self._target == "i686" and machine == "x86_64" and self._compiles_32_bit():
            return ["setarch", "i686"]
        if self._only_noarch(options, spec):
            return []
        reason = f"this machine is {machine} and cannot build for {self._target}"
        raise BuildSkipped(reason) if self._settings.foreign_architecture == "skip" else BuildFailed(reason)

    def _compiles_32_bit(self) -> bool:
        """Return True if gcc in the sandbox makes 32-bit programs that run."""
        source = self._sandbox.home / "probe.c"
        source.write_text("int main(void) { return 0; }\n")
        names = (self._sandbox.inside(source), self._sandbox.inside(source.with_suffix("")))
        status, _ = self.read(["sh", "-c", 'gcc -m32 "$1" -o "$2" && "$2"', "sh", *names])
        return status == 0

    def _only_noarch(self, options: list[str], spec: str) -> bool:
        """Return True if all packages of the spec are noarch."""
        status, answer = self.read(
            ["rpmspec", "--query", "--queryformat", "arch\\t%{arch}\\n", *options, spec]
        )
        found = {line for line in answer.splitlines() if line.startswith("arch\t")}
        return status == 0 and found == {"arch\tnoarch"}

    def _find_unchecked(self) -> list[str]:
        """Return and log the BuildRequires that are unknown here, if the build continues without them."""
        for macro, section in leftover_macros(self._parsed):
            self._log.line(f"{undefined(macro).capitalize()}, and stays as it is in {section}")
        found = self._found.split()
        missing = unmet_requirements(self._checked) if "unmet" in found else []
        policy = self._settings.build_requires
        if not missing or policy == "check" or (policy == "auto" and "package" in found):
            return []
        self._log.line(
            "These BuildRequires are not in the RPM database of this machine, but the build continues: "
            f"{', '.join(missing)}"
        )
        return missing

    def _not_programs(self) -> list[str]:
        """Return the unchecked requirements that are not the name of a program of this machine."""
        if not self._unchecked:
            return []
        words = [name.split()[0].removeprefix("/usr/bin/") for name in self._unchecked]
        each = 'for name; do command -v "$name" > /dev/null || echo "$name"; done'
        _, answer = self.read(["sh", "-c", each, "sh", *words])
        missing = answer.splitlines()
        return [name for name, word in zip(self._unchecked, words, strict=True) if word in missing]
