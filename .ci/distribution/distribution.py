"""A small RPM distribution, made of the Debian packages that are installed on this machine.

    distribution.py                    make it if it is missing or out of date
    distribution.py --small            the same with nothing but a C compiler
    distribution.py --configure FILE   write a dnf configuration for it, too

The tests install roots from it, and `./quickstart` does.

It is a repository that dnf can install a root from, with the compilers and tools that builds need. There is
one RPM for each Debian package, with Fedora's name where specs use it; `Depends` become requirements. Files
of our own, such as macros and `/etc/passwd`, are in `distribution_files/`, by package. Documentation,
translations and static libraries are left out. The packages are noarch, so that a root for any architecture
can be made of them; its programs are those of this machine.

It is kept in `.run/distribution`, by a checksum of the Debian packages and of these sources. It has been made
on Debian 12 and 13 only. A machine without dpkg cannot make one yet.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from distribution_commands import DistributionError, run
from distribution_debian import closure, files_of, provided_by, taken
from distribution_packages import (
    ATTRIBUTES,
    BASE,
    FILESYSTEM,
    GENERATED,
    LINKS,
    MERGED,
    NAMES,
    OPTIONAL,
    OURS_IN_BASE,
    PROVIDES,
    REQUIRES,
    SMALL,
)
from filelock import FileLock

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".run" / "distribution"
OUR_FILES = Path(__file__).with_name("distribution_files")

#: All that libmagic must know about files. With its own rules, it takes most of the time of rpmbuild.
MAGIC = r"""
0 string \177ELF ELF
>4 byte 1 32-bit
>4 byte 2 64-bit
"""

SPEC = """\
Name: mini
Version: 44
Release: 1
Summary: A distribution for tests
License: Various
BuildArch: noarch
AutoReqProv: no
%global _binaries_in_noarch_packages_terminate_build 0
%global __os_install_post %{nil}
%global __perllib_provides %{nil}
%global __pythondist_provides %{nil}
%global __pkgconfig_provides %{nil}
%global debug_package %{nil}
%global _build_id_links none
%global _binary_payload w1T0.zstdio
%description
None.
%install
cp -al STAGE/. %{buildroot}/
"""


@dataclass(frozen=True)
class Distribution:
    """A repository of RPMs in a folder. A group and a package `buildsys-build` are what every root has."""

    folder: Path

    def dnf_configuration(self, path: Path) -> Path:
        """Write a dnf configuration file that has this repository only.

        :param path: the file to write.
        :returns: the same path.
        """
        path.write_text(
            "[main]\ngpgcheck=0\ninstall_weak_deps=0\nbest=1\nmodule_platform_id=platform:f44\n\n"
            f"[mini]\nname=Mini 44\nbaseurl={self.folder.as_uri()}\nskip_if_unavailable=0\n"
        )
        return path


@dataclass
class Package:
    """One RPM: its version, what it needs, and lines of its list of files."""

    name: str
    epoch: str = "0"
    version: str = "44"
    release: str = "1"
    requires: set[str] = field(default_factory=set)
    provides: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    programs: bool = False  # has ELF files, so that rpmbuild looks for the libraries that it provides

    def lines(self, folder: Path) -> Iterator[str]:
        """Write its list of files, and return its part of the spec."""
        listed = folder / f"{self.name}.files"
        listed.write_text("%defattr(-,root,root)\n" + "".join(f"{line}\n" for line in self.files))
        yield f"%package -n {self.name}\nSummary: {self.name} of this machine"
        yield f"Epoch: {self.epoch}\nVersion: {self.version}\nRelease: {self.release}\nAutoReq: no"
        yield f"AutoProv: {'yes' if self.programs else 'no'}"
        yield from (f"Requires: {name}" for name in sorted(self.requires - {self.name}))
        yield from (f"Provides: {name}" for name in self.provides)
        yield f"%description -n {self.name}\nNone.\n%files -n {self.name} -f {listed}"


class Stage:
    """A copy of all files of the distribution, as they will be below `/`.

    :param folder: where the copy is; it is made here.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def _place(self, path: str) -> Path:
        place = self.folder / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def link(self, path: str, target: str) -> str:
        """Make a symbolic link, and return its line in a list of files."""
        self._place(path).symlink_to(target)
        return _quoted(path)

    def copy(self, source: str | Path, path: str) -> str | None:
        """Copy a file, and return its line in a list of files; None if another package has it."""
        place = self._place(path)
        if os.path.lexists(place):
            return None
        shutil.copy2(source, place, follow_symlinks=False)
        if not place.is_symlink():
            place.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
        return ATTRIBUTES.get(path, "") + _quoted(path)

    def is_program(self, path: str) -> bool:
        """Return whether a file is a program or a library of the machine."""
        place = self.folder / path[1:]
        if place.is_symlink() or not (".so" in place.name or os.access(place, os.X_OK)):
            return False
        with place.open("rb") as file:
            return file.read(4) == b"\x7fELF"


def _quoted(path: str) -> str:
    return f'"{path}"'


def _merged(path: str) -> str:
    """Return where a file is when `/bin` is a link to `/usr/bin`."""
    return f"/usr{path}" if path.split("/")[1] in MERGED else path


def _debian_packages(stage: Stage, found: Mapping[str, tuple[str, set[str]]]) -> Iterator[Package]:
    """Copy the files of the Debian packages, and return an RPM for each."""
    tag = run("/usr/bin/python3", "-c", "import sys; print(sys.implementation.cache_tag)").strip()
    for name, paths in files_of(found).items():
        epoch, version, release = re.fullmatch(r"(?:(\d+):)?(.+?)(?:-([^-]+))?", found[name][0]).groups()
        package = Package(NAMES.get(name, name), epoch or "0", version.replace("-", "_"), release or "1")
        package.requires |= {"filesystem", *(NAMES.get(needed, needed) for needed in found[name][1])}
        for path in taken((*paths, *GENERATED.get(name, ())), tag):
            line = stage.copy(path, _merged(path))
            if line:
                package.files.append(line)
                package.programs = package.programs or stage.is_program(_merged(path))
                package.provides += provided_by(path)
        yield package


def _our_packages(stage: Stage, packages: dict[str, Package]) -> None:
    """Add the packages and files that no Debian package has."""
    lines = [f"%dir %attr({mode},root,root) {path}" for path, mode in FILESYSTEM.items()]
    for path in FILESYSTEM:
        (stage.folder / path[1:]).mkdir(parents=True, exist_ok=True)
    lines += [stage.link(f"/{name}", f"usr/{name}") for name in MERGED]
    packages["filesystem"] = Package("filesystem", files=lines)
    links = [stage.link(path, target or Path(path).resolve().name) for path, target in LINKS.items()]
    packages["alternatives"] = Package("alternatives", files=links)
    for file in sorted(path for path in OUR_FILES.rglob("*") if path.is_file()):
        name, *path = file.relative_to(OUR_FILES).parts
        package = packages.setdefault(name, Package(name, requires={"filesystem"}))
        line = stage.copy(file, "/" + "/".join(path))
        package.files += [line] if line else []


def _add_group(path: Path, packages: dict[str, Package]) -> None:
    """Write the group `buildsys-build`, and add a package of the same name that requires its members.

    The package is for Debian 13: its dnf crashes as soon as a group is to be installed.
    """
    base = [NAMES.get(name, name) for name in BASE]
    names = [*OURS_IN_BASE, *(name for name in base if name in packages)]
    packages["buildsys-build"] = Package("buildsys-build", requires=set(names))
    members = "".join(f'<packagereq type="mandatory">{name}</packagereq>' for name in names)
    path.write_text(
        "<comps><group><id>buildsys-build</id><name>Build</name><description/><default>false</default>"
        f"<uservisible>false</uservisible><packagelist>{members}</packagelist></group></comps>\n"
    )


def _make(folder: Path, found: Mapping[str, tuple[str, set[str]]]) -> None:
    """Make the repository in a new folder, of the Debian packages that `closure` has found."""
    work = folder / "work"
    work.mkdir(parents=True)
    stage = Stage(work / "stage")
    packages = {package.name: package for package in _debian_packages(stage, found)}
    _our_packages(stage, packages)
    _add_group(folder / "comps.xml", packages)
    for name, package in packages.items():
        package.requires |= set(REQUIRES.get(name, ()))
        package.provides += PROVIDES.get(name, ())
    parts = [line for package in packages.values() for line in package.lines(work)]
    spec = work / "mini.spec"
    spec.write_text("\n".join((SPEC.replace("STAGE", str(stage.folder)), *parts, "")))
    defines = {
        "_topdir": work / "rpmbuild",
        "_tmppath": work,
        "_rpmdir": folder,
        "_rpmfilename": "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    }
    options = [part for name, value in defines.items() for part in ("--define", f"{name} {value}")]
    (work / "magic").write_text(MAGIC)
    environment = {"HOME": str(work), "MAGIC": str(work / "magic"), "OMP_WAIT_POLICY": "passive"}
    run("rpmbuild", "-bb", "--quiet", *options, spec, env={**os.environ, "LC_ALL": "C.UTF-8", **environment})
    shutil.rmtree(work)
    run(Path(sys.prefix) / "bin" / "createrepo_c", "--quiet", "--groupfile", "comps.xml", folder)


def _checksum(found: Mapping[str, tuple[str, set[str]]]) -> str:
    """Return the checksum of everything that the distribution is made of."""
    versions = sorted((name, version) for name, (version, _) in found.items())
    digest = hashlib.sha256(repr(versions).encode())
    for path in sorted((*Path(__file__).parent.glob("distribution*.py"), *OUR_FILES.rglob("*"))):
        if path.is_file():
            digest.update(f"{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def distribution(*, is_small: bool = False) -> Distribution:
    """Return the distribution of this machine's packages; make it if it is missing or out of date.

    :param is_small: True if a C compiler is enough; a distribution that has more will do, if it exists.
    :raises DistributionError: a program or package is missing, or rpmbuild failed.
    """
    whole = (*BASE, *SMALL, *OPTIONAL)
    if is_small:
        with (
            suppress(DistributionError),
            _place("whole", closure(whole)) as folder,
        ):  # waits while it is made
            if folder.exists():
                return Distribution(folder)
    found = closure((*BASE, *SMALL) if is_small else whole)
    with _place("small" if is_small else "whole", found) as folder:
        if not folder.exists():
            for old in folder.parent.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            new = folder.with_suffix(".new")
            _make(new, found)
            new.rename(folder)
    return Distribution(folder)


@contextmanager
def _place(kind: str, found: Mapping[str, tuple[str, set[str]]]) -> Iterator[Path]:
    """Return where a distribution is kept, and hold its lock meanwhile."""
    kept = FOLDER / kind
    kept.mkdir(parents=True, exist_ok=True)
    with FileLock(kept / "lock"):
        yield kept / _checksum(found)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--small", action="store_true", help="with a C compiler only")
    arguments.add_argument("--configure", type=Path, metavar="FILE", help="write a dnf configuration for it")
    chosen = arguments.parse_args()
    began = time.monotonic()
    try:
        made = distribution(is_small=chosen.small)
    except DistributionError as error:
        sys.exit(f"No distribution of this machine's packages: {error}")
    if chosen.configure is not None:
        made.dnf_configuration(chosen.configure)
    rpms = list(made.folder.glob("*.rpm"))
    size = sum(path.stat().st_size for path in rpms) / 2**20
    print(f"{made.folder}: {len(rpms)} RPMs, {size:.0f} MiB, {time.monotonic() - began:.1f} seconds")
