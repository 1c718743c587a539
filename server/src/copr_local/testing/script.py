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
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ..builders.builder import Builder
from ..builders.log import build_log
from ..builders.macros import distribution_macros, parse_chroot
from ..builders.repository.update import update_repository
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
from .clock import Clock
from .rpm_file import RpmFile

SOURCE = "source"
LOOK_AGAIN = 0.01  # seconds
_SOURCE_FILE = re.compile(r"(.+)-([^-]+)-([^-]+)\.(no)?src\.rpm")
_ENDING = re.compile(r"\.((no)?src\.rpm|spec|git)$")
_DISTRIBUTION = re.compile(r"\.(fc|el|eln)\d+.*$")
_VERSION = re.compile(r"(?:(\d{1,9}):)?([A-Za-z0-9._+~^]+)(?:-([A-Za-z0-9._+~^]+))?")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")


@dataclass(frozen=True)
class Named:
    """What a source RPM is called, and its epoch, 0 where it has none."""

    name: str
    version: str = "1.0"
    release: str = "1"
    epoch: int = 0

    @property
    def full_version(self) -> str:
        """Version and release, after the epoch if there is one."""
        return f"{f'{self.epoch}:' if self.epoch else ''}{self.version}-{self.release}"

    def of_version(self, said: str) -> Named:
        """The same package in the version that a rule says."""
        found = _VERSION.fullmatch(said)
        assert found is not None, "rules are checked when they are said"
        return Named(self.name, found[2], found[3] or "1", int(found[1] or 0))


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
        :param version: the version and release of the source RPM, where its name does not tell: `2.0-1`, or
            `1:2.0-1` with an epoch.
        :raises ValueError: `packages` are no list of names, or `version` is none.
        """
        if version is not None and not _VERSION.fullmatch(version):
            raise ValueError(f"version={version!r} is no version: write one like 2.0-1 or 1:2.0-1")
        if packages is not None and (isinstance(packages, str) or not all(map(_NAME.fullmatch, packages))):
            raise ValueError(
                f"packages={packages!r} are no names: write a list like ['hello', 'hello-devel']"
            )
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
        found = named(task)
        if said := self._of(found.name, SOURCE, "version", ""):
            found = found.of_version(said)
        task.directory.mkdir(parents=True, exist_ok=True)
        clear(task.directory)
        with build_log(task.directory, task.limits.log) as log:
            log.line(f"Source of build {task.build_id}, type {task.source_type}: a scripted build")
            self._go_on(task, found.name, SOURCE, log.line)
            srpm = self._source_rpm(task, found)
            log.line(f"Built {srpm.name}")
        return SourceResult(found.name, found.full_version, srpm)

    def _build_chroot(self, task: ChrootTask) -> list[BuiltPackage]:
        found = _header(task.srpm)
        if found is None:
            raise BuildFailed(f"{task.srpm.name} is no source RPM")
        task.directory.mkdir(parents=True, exist_ok=True)
        clear(task.directory)
        with build_log(task.directory, task.limits.log) as log:
            log.line(f"Build {task.build_id} of {task.srpm.name} for {task.chroot}: a scripted build")
            self._go_on(task, found.name, task.chroot, log.line)
            chroot = parse_chroot(task.chroot)
            release = _DISTRIBUTION.sub("", found.release) + distribution_macros(chroot).get("dist", "")
            wanted = [*self._of(found.name, task.chroot, "packages", [found.name]), f"{found.name}.src"]
            source = f"{found.name}-{found.version}-{release}.src.rpm"
            built = []
            for full_name in wanted:
                package, _, arch = full_name.rpartition(".")
                if arch not in ("noarch", "src"):
                    package, arch = full_name, chroot.arch
                self._rpm(replace(found, name=package, release=release), arch, source).write(task.directory)
                built.append(BuiltPackage(package, found.epoch, found.version, release, arch))
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

    def _source_rpm(self, task: SourceTask, found: Named) -> Path:
        made = self._rpm(found, "src", "")
        if task.uploaded is not None and _header(task.uploaded) == found:
            place = task.directory / made.file_name
            place.write_bytes(task.uploaded.read_bytes())
            return place
        return made.write(task.directory)

    def _rpm(self, package: Named, arch: str, source: str) -> RpmFile:
        name = package.name
        is_source = arch == "src"
        return RpmFile(
            name=name,
            epoch=package.epoch,
            version=package.version,
            release=package.release,
            arch=arch,
            source="" if is_source else source,
            path=f"{name}.spec" if is_source else f"/usr/share/doc/{name}/README",
            content=f"{name} {package.full_version}, from a scripted build of a local Copr\n",
            built_on=int(self._clock()),
        )


def named(task: SourceTask) -> Named:
    """What a source step's package is called, as far as what was submitted tells.

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
        return Named(task.package or found[1], found[2], found[3])
    for key in ("package_name", "pypi_package_name", "gem_name"):
        if source.get(key):
            version = str(source.get("pypi_package_version") or "1.0")
            return Named(task.package or str(source[key]), version)
    return Named(task.package or _ENDING.sub("", file) or "package")


def _header(file: Path) -> Named | None:
    """What an RPM is called; None where the file is none."""
    # It reads the machine's rpm macros when it is imported. A service that reads no RPM starts without it.
    import createrepo_c

    try:
        package = createrepo_c.package_from_rpm(str(file))
    except OSError:  # what createrepo_c makes of anything that rpm cannot read
        return None
    return Named(package.name, package.version, package.release, int(package.epoch or 0))
