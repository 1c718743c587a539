"""The kinds of builds that `builds.py` measures, and how to do them by hand.

Rules: by hand, a shell script does the same work. Its files are on the same disk, and are removed, too.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from copr_local.builders.repository import update
from copr_local.testing.rpm_file import RpmFile

from .build_programs import Programs, Sample, Service
from .environments import ROOT

SPEC = """\
Name: {name}
Version: 1
Release: 1
Summary: A package of the measurements
License: MIT
{tags}
%description
%{{summary}}.
%build
{build}
%install
mkdir -p %{{buildroot}}/usr/share/{name}
echo hello > %{{buildroot}}/usr/share/{name}/hello
%files
/usr/share/{name}
"""
#: Requirements that dnf installs some fifty packages for, with twice the bytes of what every root has.
MANY = ("gcc", "python3", "make", "perl")
HAND = """\
set -e
trap 'rm -rf "$folder"' EXIT
folder=$(mktemp --directory --tmpdir="$PLACE")
cd "$folder"
rpmbuild --define "_topdir $folder/source" -bs "$1"
rpmbuild --define "_topdir $folder/built" --rebuild source/SRPMS/*.src.rpm
mkdir repository
mv source/SRPMS/*.rpm built/RPMS/*/*.rpm repository
"$CREATEREPO" --quiet repository
"""
HAND_ONCE = """\
set -e
trap 'rm -rf "$folder"' EXIT
folder=$(mktemp --directory --tmpdir="$PLACE")
rpmbuild --define "_topdir $folder" --nodeps -ba "$1"
"""
HAND_TWO_AT_A_TIME = """yes "$1" | head -n "$COUNT" | xargs -P 2 -n 1 bash -c "$HAND" bash"""
HAND_IN_ROOT = """\
set -e
trap 'rm -rf --one-file-system "$folder"' EXIT
folder=$(mktemp --directory --tmpdir="$PLACE")
spec=$1
shift
printf '%%_dbpath /usr/lib/sysimage/rpm\\n%%_netsharedpath /proc:/dev:/sys\\n' > "$folder/.rpmmacros"
mkdir "$folder/root" "$folder/build"
HOME=$folder dnf --quiet --assumeyes --config "$CONFIGURATION" --installroot "$folder/root" --releasever 44 \
    --setopt=reposdir=/dev/null --setopt=cachedir="$PLACE/cache" --setopt=keepcache=1 --nodocs install "$@"
mkdir -p "$folder/root/builddir"
cp "$spec" "$folder/build/"
bwrap --bind "$folder/root" / --proc /proc --dev /dev --tmpfs /tmp --tmpfs /var/tmp \
    --bind "$folder/build" /builddir --setenv HOME /builddir --setenv PATH /usr/bin:/bin:/usr/sbin:/sbin \
    rpmbuild --define '_topdir /builddir/build' -ba "/builddir/$(basename "$spec")"
"""


@dataclass(frozen=True)
class Work:
    """One kind of build.

    :param peer: does the work by hand.
    :param ours: lets the service do it.
    :param most: the goal: largest ratio of our time to the time by hand.
    :param more: seconds that our time may be above that.
    :param flat: True if the peak of memory must not grow by more than 16 MiB.
    :param samples: how many pairs are measured by default.
    """

    title: str
    peer: Callable[[], Sample]
    ours: Callable[[], Sample]
    most: float
    more: float = 0.0
    flat: bool = False
    samples: int = 7

    @property
    def goal(self) -> str:
        """The goal in words."""
        less = f"at least {1 / self.most:g} times as fast"
        text = f"at most {self.most:g}x" if self.most >= 1 else less
        text += f" + {self.more:g} s" if self.more else ""
        return text + (", memory flat" if self.flat else "")


@dataclass
class Works:
    """All kinds of builds.

    :param folder: folder for their files.
    :param stack: ends what was started.
    :param is_quick: True for small sizes.
    """

    folder: Path
    stack: ExitStack
    is_quick: bool = False
    programs: Programs = field(default_factory=Programs)
    services: dict[str, Service] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Work]:
        yield from self.on_the_machine()
        yield self.large_repository()
        yield from self.in_roots()

    def spec(self, name: str, *tags: str, build: str = "") -> Path:
        """Write a spec."""
        path = self.folder / f"{name}.spec"
        path.write_text(SPEC.format(name=name, tags="\n".join(tags), build=build))
        return path

    def service(self, name: str, builders: int, configuration: Path | None = None) -> Service:
        """Return a service, which is started for the first work that needs it."""
        if name not in self.services:
            started = Service(self.programs, builders, configuration)
            self.services[name] = self.stack.enter_context(started)
        return self.services[name]

    def by_hand(self, script: str, *arguments: str | Path, **variables: str) -> Sample:
        """Run a script."""
        environment = {"PLACE": str(self.folder), "CREATEREPO": update.program(), "HAND": HAND, **variables}
        return self.programs.run(["bash", "-c", script, "bash", *map(str, arguments)], environment)

    def on_the_machine(self) -> Iterator[Work]:
        """Yield the builds without a root."""
        spec = self.spec("tiny", "BuildArch: noarch")
        count = 4 if self.is_quick else 20

        def ours(builders: int, count: int, at_once: int) -> Callable[[], Sample]:
            return lambda: self.service(f"machine, {builders}", builders).build(
                spec, count=count, at_once=at_once
            )

        yield Work(
            "a trivial noarch package",
            lambda: self.by_hand(HAND, spec),
            ours(2, 1, 1),
            most=2,
            samples=15,
        )
        yield Work(
            f"{count} trivial packages, two at a time",
            lambda: self.by_hand(HAND_TWO_AT_A_TIME, spec, COUNT=str(count)),
            ours(2, count, count),
            most=1.7,
            samples=3,
        )
        many = count // 2
        yield Work(
            f"{many} builds at once, beside {many} in a row",
            ours(many, many, 1),
            ours(many, many, many),
            most=1,
            flat=True,
            samples=5,
        )

    def large_repository(self) -> Work:
        """Return the work of a build in a repository with very many packages."""
        count = 500 if self.is_quick else 10_000
        sides = [self.folder / "large", self.folder / "large by hand"]

        def add(number: int) -> None:
            for side in sides:
                (side / f"{number:08}-p").mkdir(parents=True)
                name, folder = f"package{number}", side / f"{number:08}-p"
                file = RpmFile(name, 0, "1", "1", "noarch", f"{name}-1-1.src.rpm", f"/usr/{name}", "hello", 0)
                file.write(folder)

        def prepare() -> None:
            if not sides[0].exists():
                for number in range(count):
                    add(number)
                ours()
                peer()
            add(len(os.listdir(sides[0])))

        def ours() -> Sample:
            began = time.perf_counter()
            update.update_repository(sides[0])
            return Sample(time.perf_counter() - began)

        def peer() -> Sample:
            command = [update.program(), "--quiet", "--update", "--no-database", str(sides[1])]
            return Sample(self.programs.run(command, {}).seconds)

        def prepared() -> Sample:
            prepare()
            return peer()

        title = f"one more build in a repository of {count:,} packages"
        return Work(title, prepared, ours, most=1, samples=5)

    def in_roots(self) -> Iterator[Work]:
        """Yield the builds in installed roots."""
        if not shutil.which("dnf") or os.geteuid() != 0:
            print("Roots are not measured: by hand, they need dnf and root.", file=sys.stderr)
            return
        sys.path.insert(0, str(ROOT / ".ci" / "distribution"))
        from distribution import distribution

        made = distribution()
        configuration = made.dnf_configuration(self.folder / "chroot.conf")
        small = self.spec("small", "BuildRequires: coreutils", "BuildArch: noarch")
        many = self.spec("many", *(f"BuildRequires: {name}" for name in MANY), build="gcc --version")

        def ours(spec: Path, *without: str) -> Callable[[], Sample]:
            return lambda: self.service("roots", 2, configuration).build(spec, without=without)

        def by_hand(spec: Path, *packages: str) -> Callable[[], Sample]:
            return lambda: self.by_hand(
                HAND_IN_ROOT, spec, "@buildsys-build", *packages, CONFIGURATION=str(configuration)
            )

        yield Work(
            "a base root, and a package in it",
            by_hand(small),
            ours(small, "base-", "layer-"),
            most=1.2,
            samples=5,
        )
        yield Work(
            "a package whose requirements are in the base root, beside rpmbuild on the machine",
            lambda: self.by_hand(HAND_ONCE, small),
            ours(small),
            most=1.5,
            more=0.5,
        )
        yield Work(
            "a package that needs many others",
            by_hand(many, *MANY),
            ours(many, "layer-"),
            most=1 / 4,
            samples=5,
        )
        yield Work("the same a second time", by_hand(many, *MANY), ours(many), most=1 / 8, samples=5)
