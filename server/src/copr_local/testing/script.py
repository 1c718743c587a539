"""Builds that end when and how a test says, without rpmbuild: at once and well, unless told otherwise.

    copr.script("hello", fails="hello.c:3: error: 'x' undeclared", chroot="fedora-45-aarch64")
    copr.script("slow-*", takes=3600)
    copr.script("lib", packages=["lib", "lib-devel", "lib-doc.noarch"])

- What is left behind is real: RPMs that dnf installs, `results.json`, logs that grow and are compressed at
  the end, repositories with metadata by createrepo_c.
- Rules are looked up again and again while a build runs. So a build that takes for ever ends when a rule says
  so, and `takes` is by the service's clock: advance it instead of waiting.
- The newest rule that says something wins, each of its words by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import createrepo_c

from ..builders.log import build_log
from ..builders.macros import distribution_macros, parse_chroot
from ..builders.repository import update_repository
from ..builders.results import clear, write_results
from ..builders.tasks import (
    BuildCancelled,
    BuildFailed,
    BuildSkipped,
    BuiltPackage,
    ChrootTask,
    SourceResult,
    SourceTask,
)
from ..builders.worker import Builder
from .clock import Clock
from .rpm_file import RpmFile

SOURCE = "source"
LOOK_AGAIN = 0.01  # seconds
_SOURCE_FILE = re.compile(r"(.+)-([^-]+)-([^-]+)\.(no)?src\.rpm")
_ENDING = re.compile(r"\.((no)?src\.rpm|spec|git)$")
_DISTRIBUTION = re.compile(r"\.(fc|el|eln)\d+.*$")


@dataclass(frozen=True)
class Rule:
    """What a test says of the steps that it matches; None: nothing."""

    package: str
    chroot: str | None
    said: dict[str, Any]

    def matches(self, package: str, chroot: str) -> bool:
        """Whether it speaks of a step. One that names no chroot does not speak of source steps' ends."""
        if self.chroot is None and chroot == SOURCE and not self.said.keys() <= {"version", "takes"}:
            return False
        return fnmatchcase(package, self.package) and fnmatchcase(chroot, self.chroot or "*")


class Script:
    """The rules of a test, and the builder that follows them."""

    def __init__(self, clock: Clock) -> None:
        self.rules: tuple[Rule, ...] = ()
        self._clock = clock

    def __call__(
        self,
        package: str = "*",
        *,
        chroot: str | None = None,
        takes: float | None = None,
        fails: str | None = None,
        skips: str | None = None,
        packages: Sequence[str] | None = None,
        log: str | None = None,
        version: str | None = None,
    ) -> None:
        """Say how builds go; it also holds for those that run already.

        :param package: the name of the package, or a shell pattern. The name is the source RPM's, or that of
            the file, repository or project that is built from.
        :param chroot: the name of a chroot, or a shell pattern; `source` for the source step. None for all
            chroots and, as far as `takes` and `version` go, the source step as well.
        :param takes: seconds by the service's clock; `math.inf` until told otherwise. What takes longer than
            the build's timeout fails.
        :param fails: the reason, which is the last line of the log; "" to succeed again.
        :param skips: the same for a chroot that is skipped.
        :param packages: the names of the packages that come out, with `.noarch` where they are that.
        :param log: what the log says, before its last line.
        :param version: the version and release of the source RPM, where its name does not tell.
        """
        said = {
            "takes": takes,
            "fails": fails,
            "skips": skips,
            "packages": packages,
            "log": log,
            "version": version,
        }
        rule = Rule(package, chroot, {name: value for name, value in said.items() if value is not None})
        self.rules = (*self.rules, rule)

    def clear(self) -> None:
        """Forget all rules: builds end at once and well."""
        self.rules = ()

    def builder(self) -> Builder:
        """What carries builds out by these rules."""
        return Builder(self._build_source, self._build_chroot, update_repository)

    def _of(self, package: str, chroot: str, word: str, otherwise: Any) -> Any:
        for rule in reversed(self.rules):
            if word in rule.said and rule.matches(package, chroot):
                return rule.said[word]
        return otherwise

    def _build_source(self, task: SourceTask) -> SourceResult:
        name, version, release = named(task)
        version, _, release = self._of(name, SOURCE, "version", f"{version}-{release}").partition("-")
        release = release or "1"
        task.directory.mkdir(parents=True, exist_ok=True)
        clear(task.directory)
        with build_log(task.directory, task.limits.log) as log:
            log.line(f"Source of build {task.build_id}, type {task.source_type}: a scripted build")
            self._go_on(task, name, SOURCE, log.line)
            srpm = self._source_rpm(task, name, version, release)
            log.line(f"Built {srpm.name}")
        return SourceResult(name, f"{version}-{release}", srpm)

    def _build_chroot(self, task: ChrootTask) -> list[BuiltPackage]:
        name, version, release = _of_source_rpm(task.srpm)
        task.directory.mkdir(parents=True, exist_ok=True)
        clear(task.directory)
        with build_log(task.directory, task.limits.log) as log:
            log.line(f"Build {task.build_id} of {task.srpm.name} for {task.chroot}: a scripted build")
            self._go_on(task, name, task.chroot, log.line)
            chroot = parse_chroot(task.chroot)
            release = _DISTRIBUTION.sub("", release) + distribution_macros(chroot).get("dist", "")
            wanted = [*self._of(name, task.chroot, "packages", [name]), f"{name}.src"]
            source = f"{name}-{version}-{release}.src.rpm"
            built = []
            for full_name in wanted:
                package, _, arch = full_name.rpartition(".")
                if arch not in ("noarch", "src"):
                    package, arch = full_name, chroot.arch
                self._rpm(package, version, release, arch, source).write(task.directory)
                built.append(BuiltPackage(package, 0, version, release, arch))
            write_results(task.directory, built)
            log.line(f"Built {', '.join(f'{package.name}.{package.arch}' for package in built)}")
        return built

    def _go_on(self, task: SourceTask | ChrootTask, package: str, chroot: str, say: Any) -> None:
        """Take the time that the rules say, and come to the end that they say."""
        for line in self._of(package, chroot, "log", "").splitlines():
            say(line)
        while (left := self._left(task, package, chroot)) > 0:
            if task.cancelled.wait(min(left, LOOK_AGAIN)):
                raise BuildCancelled
        if self._of(package, chroot, "takes", 0) > task.limits.seconds:
            raise BuildFailed(f"it took more than {task.limits.seconds:g} seconds")
        if reason := self._of(package, chroot, "fails", ""):
            raise BuildFailed(reason)
        if reason := self._of(package, chroot, "skips", ""):
            raise BuildSkipped(reason)

    def _left(self, task: SourceTask | ChrootTask, package: str, chroot: str) -> float:
        """How many seconds a step still goes on: never more than it takes, wherever the clock is set."""
        takes: float = min(self._of(package, chroot, "takes", 0), task.limits.seconds)
        return min(takes, task.claimed_on + takes - self._clock())

    def _source_rpm(self, task: SourceTask, name: str, version: str, release: str) -> Path:
        if task.uploaded is not None and _header(task.uploaded) == (name, version, release):
            place = task.directory / f"{name}-{version}-{release}.src.rpm"
            place.write_bytes(task.uploaded.read_bytes())
            return place
        return self._rpm(name, version, release, "src", "").write(task.directory)

    def _rpm(self, name: str, version: str, release: str, arch: str, source: str) -> RpmFile:
        is_source = arch == "src"
        return RpmFile(
            name=name,
            version=version,
            release=release,
            arch=arch,
            source="" if is_source else source,
            path=f"{name}.spec" if is_source else f"/usr/share/doc/{name}/README",
            content=f"{name} {version}-{release}, from a scripted build of a local Copr\n",
            built_on=int(self._clock()),
        )


def named(task: SourceTask) -> tuple[str, str, str]:
    """Name, version and release of a source step's package, as far as what was submitted tells.

    That is the header of an uploaded source RPM, the name of the package that is rebuilt, a file name like
    `hello-1.0-1.src.rpm`, the name that the source's parameters give, or the last part of its URL; with
    version 1.0-1 where nothing tells.
    """
    source = task.source
    if task.uploaded is not None and (header := _header(task.uploaded)):
        return header
    address = str(source.get("pkg") or source.get("url") or source.get("clone_url") or "")
    file = address.rstrip("/").rpartition("/")[2]
    if found := _SOURCE_FILE.fullmatch(file):
        return task.package or found[1], found[2], found[3]
    for key in ("package_name", "pypi_package_name", "gem_name"):
        if source.get(key):
            return task.package or str(source[key]), str(source.get("pypi_package_version") or "1.0"), "1"
    return task.package or _ENDING.sub("", file) or "package", "1.0", "1"


def _of_source_rpm(file: Path) -> tuple[str, str, str]:
    found = _SOURCE_FILE.fullmatch(file.name)
    if found is None:
        raise BuildFailed(f"{file.name} is not the name of a source RPM")
    return found[1], found[2], found[3]


def _header(file: Path) -> tuple[str, str, str] | None:
    """Name, version and release of a source RPM; None where the file is none."""
    try:
        package = createrepo_c.package_from_rpm(str(file))
    except OSError:  # what createrepo_c makes of anything that rpm cannot read
        return None
    return package.name, package.version, package.release
