"""Scripted builds, without rpmbuild: they succeed at once, unless a rule of the test changes that.

    copr.script("hello", fails="hello.c:3: error: 'x' undeclared", chroot="fedora-45-aarch64")
    copr.script("slow-*", takes=3600)
    copr.script("lib", packages=["lib", "lib-devel", "lib-doc.noarch"])

- The results are real: RPMs that dnf installs, `results.json`, logs that grow and are compressed at the end,
  repositories with metadata from createrepo_c.
- A running build reads the rules again and again. So a new rule can end a build with `takes=math.inf`.
  `takes` is measured by the service's clock: advance it instead of waiting.
- For each keyword, the newest matching rule that sets it wins.
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
from ..builders.settings import DEFAULTS, Settings
from ..builders.tasks import (
    AnyTask,
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
POLL_INTERVAL = 0.01  # seconds between two reads of the rules
_SOURCE_FILE = re.compile(r"(.+)-([^-]+)-([^-]+)\.(no)?src\.rpm")
_ENDING = re.compile(r"\.((no)?src\.rpm|spec|git)$")
_DISTRIBUTION = re.compile(r"\.(fc|el|eln)\d+.*$")
_VERSION = re.compile(r"(?:(\d{1,9}):)?([A-Za-z0-9._+~^]+)(?:-([A-Za-z0-9._+~^]+))?")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")


@dataclass(frozen=True)
class Named:
    """The name, version, release and epoch of a package.

    :param name: name of the package.
    :param version: version, without the release.
    :param release: release of the package.
    :param epoch: epoch of the package; 0 for none.
    """

    name: str
    version: str = "1.0"
    release: str = "1"
    epoch: int = 0

    @property
    def full_version(self) -> str:
        """The version and release, with the epoch before them if the package has one."""
        return f"{f'{self.epoch}:' if self.epoch else ''}{self.version}-{self.release}"

    def of_version(self, version: str) -> Named:
        """Return the same package in another version.

        :param version: version and release from a rule, such as `2.0-1`, or `1:2.0-1` with an epoch; the
            default release is 1.
        :returns: the package in this version.
        """
        found = _VERSION.fullmatch(version)
        assert found is not None, "versions are checked when a rule is added"
        return Named(self.name, found[2], found[3] or "1", int(found[1] or 0))


@dataclass(frozen=True)
class Rule:
    """One rule of a test: keywords for the steps that it matches.

    :param package: name of a package, or a shell pattern.
    :param chroot: name of a chroot, or a shell pattern; `source` for the source step; None for all.
    :param settings: the keywords that the rule sets, with their values.
    """

    package: str
    chroot: str | None
    settings: dict[str, Any]

    def matches(self, package: str, chroot: str) -> bool:
        """Return True if the rule applies to a step.

        A rule without a chroot applies to a source step only if it sets nothing but `version` and `takes`.

        :param package: name of the package.
        :param chroot: name of the chroot; `source` for the source step.
        :returns: True if package and chroot match.
        """
        if self.chroot is None and chroot == SOURCE and not self.settings.keys() <= {"version", "takes"}:
            return False
        return fnmatchcase(package, self.package) and fnmatchcase(chroot, self.chroot or "*")


class Script:
    """The rules of a test, and the builder that follows them.

    :param clock: the clock of the service.
    """

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
        """Add a rule for builds; it also applies to builds that are running.

        :param package: name of a package, or a shell pattern. It is compared with the name in the source RPM,
            or with the name of the file, repository or project that is built from.
        :param chroot: name of a chroot, or a shell pattern; `source` for the source step. None for all
            chroots. A rule that sets only `takes` and `version` then also applies to the source step.
        :param takes: duration in seconds by the service's clock; `math.inf` until another rule changes it. A
            build that takes longer than its timeout fails.
        :param fails: reason of the failure, which is the last line of the log; "" to succeed again.
        :param skips: the same for a chroot that is skipped.
        :param packages: names of the built packages; a name that ends in `.noarch` makes a noarch package.
        :param log: text of the log, before its last line.
        :param version: version and release of the source RPM if its name does not have them: `2.0-1`, or
            `1:2.0-1` with an epoch.
        :raises ValueError: `packages` is not a list of valid names, or `version` or `takes` is not valid.
        """
        if takes is not None and not takes >= 0:
            raise ValueError(f"takes={takes!r} is not a duration: write a number of seconds")
        if version is not None and not _VERSION.fullmatch(version):
            raise ValueError(f"version={version!r} is not a valid version: write one like 2.0-1 or 1:2.0-1")
        if packages is not None and (isinstance(packages, str) or not all(map(_NAME.fullmatch, packages))):
            raise ValueError(
                f"packages={packages!r} are not valid names: write a list like ['hello', 'hello-devel']"
            )
        settings = {
            "takes": takes,
            "fails": fails,
            "skips": skips,
            "packages": packages,
            "log": log,
            "version": version,
        }
        rule = Rule(package, chroot, {name: value for name, value in settings.items() if value is not None})
        self.rules = (*self.rules, rule)

    def clear(self) -> None:
        """Remove all rules: builds succeed at once."""
        self.rules = ()

    def builder(self, settings: Settings | None = None) -> Builder:
        """Return the builder that follows the rules.

        :param settings: the settings of builds; None for the defaults.
        :returns: a builder that makes real RPMs and repositories without rpmbuild.
        """
        return Builder(self._build_source, self._build_chroot, update_repository, settings or DEFAULTS)

    def _of(self, package: str, chroot: str, word: str, otherwise: Any) -> Any:
        for rule in reversed(self.rules):
            if word in rule.settings and rule.matches(package, chroot):
                return rule.settings[word]
        return otherwise

    def _build_source(self, task: SourceTask) -> SourceResult:
        found = named(task)
        if version := self._of(found.name, SOURCE, "version", ""):
            found = found.of_version(version)
        task.directory.mkdir(parents=True, exist_ok=True)
        clear(task.directory)
        with build_log(task.directory, task.limits.log) as log:
            log.line(f"Source of build {task.build_id}, type {task.source_type}: a scripted build")
            self._carry_out(task, found.name, SOURCE, log.line)
            srpm = self._source_rpm(task, found)
            log.line(f"Built {srpm.name}")
        return SourceResult(found.name, found.full_version, srpm)

    def _build_chroot(self, task: ChrootTask) -> list[BuiltPackage]:
        found = _header(task.srpm)
        if found is None:
            raise BuildFailed(f"{task.srpm.name} is not a source RPM")
        task.directory.mkdir(parents=True, exist_ok=True)
        clear(task.directory)
        with build_log(task.directory, task.limits.log) as log:
            log.line(f"Build {task.build_id} of {task.srpm.name} for {task.chroot}: a scripted build")
            self._carry_out(task, found.name, task.chroot, log.line)
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

    def _carry_out(self, task: AnyTask, package: str, chroot: str, write_line: Any) -> None:
        """Wait as long as the rules say, then succeed or raise the error that they say."""
        for line in self._of(package, chroot, "log", "").splitlines():
            write_line(line)
        while (left := self._left(task, package, chroot)) > 0:
            if task.cancelled.wait(min(left, POLL_INTERVAL)):
                raise BuildCancelled
        if self._of(package, chroot, "takes", 0) > task.timeout:
            raise BuildFailed(f"it took more than {task.timeout:g} seconds")
        if reason := self._of(package, chroot, "fails", ""):
            raise BuildFailed(reason)
        if reason := self._of(package, chroot, "skips", ""):
            raise BuildSkipped(reason)

    def _left(self, task: AnyTask, package: str, chroot: str) -> float:
        """Return how many seconds a step still takes; at most its duration, also if the clock is set back."""
        takes: float = min(self._of(package, chroot, "takes", 0), task.timeout)
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
    """Return the name and version of the package of a source step.

    They come from the first of these that exists: the header of an uploaded source RPM; a file name such as
    `hello-1.0-1.src.rpm`; the name in the parameters of the source; the last part of the source's URL. If the
    task names the package to rebuild, that name is used for all but the first. The default version is 1.0-1.

    :param task: the source step.
    :returns: the name and version of the package; "package" if the source has no name.
    """
    source = task.source
    if task.uploaded is not None and (header := _header(task.uploaded)):
        return header
    url = str(source.get("pkg") or source.get("url") or source.get("clone_url") or "")
    file = url.rstrip("/").rpartition("/")[2]
    if found := _SOURCE_FILE.fullmatch(file):
        return Named(task.package or found[1], found[2], found[3])
    for key in ("package_name", "pypi_package_name", "gem_name"):
        if source.get(key):
            version = str(source.get("pypi_package_version") or "1.0")
            return Named(task.package or str(source[key]), version)
    return Named(task.package or _ENDING.sub("", file) or "package")


def _header(file: Path) -> Named | None:
    """Return the name and version in the header of an RPM; None if the file is not an RPM."""
    # The import reads the rpm macros of the machine. A service that reads no RPMs does not need it.
    import createrepo_c

    try:
        package = createrepo_c.package_from_rpm(str(file))
    except OSError:  # createrepo_c raises it for every file that rpm cannot read
        return None
    return Named(package.name, package.version, package.release, int(package.epoch or 0))
