"""The rpm macros that a spec sees in a chroot, derived from the chroot's name.

A name is DISTRIBUTION-VERSION-ARCHITECTURE (`fedora-42-x86_64`, `centos-stream-10-aarch64`). The distribution
decides `%dist` and the macros that specs test (`%fedora`, `%rhel`, `%el9` ...). For a distribution that is
not in the tables these macros are not set, and the log says so. On a machine without redhat-rpm-config,
`fedora.macros` defines the other macros that specs for Fedora and Enterprise Linux expect.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from ..releases import ELN, ENTERPRISE_LINUX_OF_ELN, RAWHIDE
from .sandbox.sandbox import Sandbox
from .tasks import BuildFailed

# Distribution: the macros, besides %rhel and %elN, that are set to its version.
_ENTERPRISE_LINUX = {
    "epel": ("epel",),
    "rhel": (),
    "rhel+epel": ("epel",),
    "centos": ("centos",),
    "centos+epel": ("centos", "epel"),
    "centos-stream": ("centos",),
    "centos-stream+epel": ("centos", "epel"),
    "centos-stream+epel-next": ("centos", "epel"),
    "almalinux": (),
    "almalinux+epel": ("epel",),
    "alma": (),
    "alma+epel": ("epel",),
    "rocky": (),
    "rocky+epel": ("epel",),
    "oraclelinux": (),
    "oraclelinux+epel": ("epel",),
}

# Distribution: the beginning of its %dist, and the macro that is set to its version.
_OTHERS = {"amazonlinux": (".amzn", "amzn"), "mageia": (".mga", "mageia")}

# Architectures in names of chroots that have another name in rpm.
_TARGETS = {"i386": "i686", "armhfp": "armv7hl"}

_MACHINE_FLAGS = {
    "x86_64": "-m64 -mtune=generic -fcf-protection",
    "i686": "-m32 -march=i686 -msse2 -mfpmath=sse",
}

_OPTFLAGS = "%{__global_compiler_flags} %{?_machine_flags}"
_ARCHITECTURES = (
    *(
        "x86_64",
        "i386",
        "i486",
        "i586",
        "i686",
        "aarch64",
        "armv7l",
        "armv7hl",
        "ppc64le",
        "s390x",
        "riscv64",
    ),
    *("ppc64le", "s390x", "riscv64", "noarch"),
)

_PROJECT = re.compile(r"(@?[A-Za-z0-9_.-]+)/([A-Za-z0-9_.:-]+)")
_NAME = re.compile(r"([a-z][a-z0-9+-]*)-([A-Za-z0-9._]+)-([a-z0-9_]+)")


@dataclass(frozen=True)
class Chroot:
    """The parts of a chroot's name.

    :param name: the whole name, such as `fedora-42-i386`.
    :param distribution: such as `fedora` or `centos-stream`.
    :param version: such as `42` or `rawhide`.
    :param arch: the target architecture under its name in rpm: `i686` for `i386`.
    """

    name: str
    distribution: str
    version: str
    arch: str


def parse_chroot(name: str) -> Chroot:
    """Split the name of a chroot into its parts.

    :param name: such as `fedora-42-x86_64`.
    :returns: the parts; the distribution need not be a known one.
    :raises BuildFailed: the name is not DISTRIBUTION-VERSION-ARCHITECTURE.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise BuildFailed(f"{name!r} is not a valid chroot name: write one like fedora-42-x86_64")
    distribution, version, arch = match.groups()
    return Chroot(name, distribution, version, _TARGETS.get(arch, arch))


def distribution_macros(chroot: Chroot) -> dict[str, str]:
    """Return the macros by which a spec recognises its distribution.

    :param chroot: the chroot that the spec is built for.
    :returns: bodies of macros by their names, without `%`; empty if the distribution or its version is not
        known.
    """
    distribution, version = chroot.distribution, chroot.version
    if distribution == "fedora" and version == "eln":
        return _enterprise_linux(ENTERPRISE_LINUX_OF_ELN) | {
            "eln": str(ELN),
            "dist": f".eln{ELN}",
            **_payload("zstd"),
        }
    if distribution == "fedora" and (version == "rawhide" or version.isdigit()):
        return _fedora(RAWHIDE if version == "rawhide" else int(version))
    if distribution in _ENTERPRISE_LINUX and version.split(".")[0].isdigit():
        major = version.split(".")[0]
        return _enterprise_linux(int(major)) | dict.fromkeys(_ENTERPRISE_LINUX[distribution], major)
    if distribution in _OTHERS:
        prefix, macro = _OTHERS[distribution]
        return {macro: version, "dist": f"{prefix}{version}"}
    return {}


def source_macros() -> dict[str, str]:
    """Return the macros for making a source RPM: those of the newest Fedora, as in a public Copr.

    So a source that a spec lists for Fedora only is packed. `%dist` is not set, because one source RPM is for
    all chroots.

    :returns: bodies of macros by their names, without `%`.
    """
    macros = _fedora(RAWHIDE - 1)
    del macros["dist"]
    return macros


def project_macros(build_id: int, project: str) -> dict[str, str]:
    """Return the macros that name a build and its project, as a real Copr defines them.

    :param build_id: id of the build.
    :param project: full name of the project, such as `alice/hello` or `@devs/hello`; empty for none.
    :returns: bodies of macros by their names, without `%`.
    :source: Copr documentation, "RPM macros"
    """
    macros = {"buildtag": f".copr{build_id}"}
    if match := _PROJECT.fullmatch(project):
        owner, name = match.groups()
        kind = "group" if owner.startswith("@") else "user"
        macros |= {"copr_username": owner, "copr_projectname": name, "vendor": f"Copr - {kind} {owner}"}
    return macros


def _fedora(release: int) -> dict[str, str]:
    """Return the macros of a Fedora release."""
    macros = {"fedora": str(release), f"fc{release}": "1", "dist": f".fc{release}", **_payload("zstd")}
    if release >= 38:
        macros["_fortify_level"] = "3"
    if release >= 42:  # /usr/sbin is a link to /usr/bin since then
        macros["_sbindir"] = "%{_bindir}"
    return macros


def _enterprise_linux(major: int) -> dict[str, str]:
    """Return the macros of a major release of Enterprise Linux."""
    macros = {"rhel": str(major), f"el{major}": "1", "dist": f".el{major}"}
    if major >= 10:
        macros["_fortify_level"] = "3"
    return macros | _payload("zstd" if major >= 9 else "xz")


def _payload(compression: str) -> dict[str, str]:
    """Return the macro that sets the compression of packages to that of the distribution."""
    # The distributions use level 19 of zstd, but that takes 80 ms for the smallest package.
    return {"_binary_payload": "w3.zstdio" if compression == "zstd" else "w2.xzdio"}


def rpm_options(sandbox: Sandbox, macros: dict[str, str]) -> list[str]:
    """Return the options that give rpm programs in the sandbox their work folder and macros.

    On a machine without redhat-rpm-config, this also writes `~/.rpmmacros` (a copy of `fedora.macros`) and
    `~/.rpmrc` in the sandbox.
    On a machine with it, the options undefine the machine's own distribution macros, such as `%fedora`; with
    `--target`, rpm defines them again.

    :param sandbox: the sandbox that the rpm programs run in.
    :param macros: bodies of macros by their names, without `%`.
    :returns: options for rpm, rpmspec and rpmbuild.
    :raises BuildFailed: the build replaced the folder that `.rpmmacros` belongs in.
    :raises OSError: `fedora.macros` cannot be copied.
    """
    options: list[str] = []
    if Path("/usr/lib/rpm/redhat/macros").exists():
        options += [f"--undefine={name}" for name in _this_machine() if name not in macros]
    else:
        files = ["fedora.macros", *([] if _autosetup_is_flat() else ["autosetup.macros"])]
        copy = sandbox.outside / "macros"
        copy.write_bytes(b"".join(Path(__file__).with_name(name).read_bytes() for name in files))
        copy.chmod(0o644)
        sandbox.place(copy, sandbox.home / ".rpmmacros")
        # rpm forgets a definition of %optflags when it reads its configuration again for `--target`.
        rpmrc = sandbox.outside / "rpmrc"
        rpmrc.write_text("".join(f"optflags: {arch} {_OPTFLAGS}\n" for arch in _ARCHITECTURES))
        rpmrc.chmod(0o644)
        sandbox.place(rpmrc, sandbox.home / ".rpmrc")
    defined = {
        "_topdir": f"{sandbox.inside(sandbox.home)}/build",
        "_tmppath": sandbox.temporary,
        "_buildhost": "copr-local",
        # Reproducible builds: the same source built twice gives the same packages.
        "source_date_epoch_from_changelog": "1",
        "use_source_date_epoch_as_buildtime": "1",
        "clamp_mtime_to_source_date_epoch": "1",
        **macros,
    }
    for name, body in defined.items():
        options += ["--define", f"{name} {body}"]
    return options


@functools.cache
def _autosetup_is_flat() -> bool:
    """Return True if the %autosetup of this machine's rpm has the option -C."""
    try:
        text = Path("/usr/lib/rpm/macros").read_text(errors="replace")
    except OSError:
        return True
    options = re.search(r"^%autosetup\(([^)]*)\)", text, re.MULTILINE)
    return options is None or "C" in options[1]


def _this_machine() -> list[str]:
    """Return the distribution macros that a Fedora or Enterprise Linux machine may define."""
    names = ["dist", "fedora", "rhel", "eln", "centos", "epel"]
    names += [f"fc{release}" for release in range(36, RAWHIDE + 4)]
    return names + [f"el{major}" for major in range(7, ENTERPRISE_LINUX_OF_ELN + 1)]


def machine_macros(chroot: Chroot) -> dict[str, str]:
    """Return the macros with the compiler and linker flags of an architecture.

    :param chroot: the chroot that packages are built for.
    :returns: the bodies of `_machine_flags` and `_machine_ldflags`; `%{nil}` for none.
    """
    return {
        "_machine_flags": _MACHINE_FLAGS.get(chroot.arch, "%{nil}"),
        "_machine_ldflags": "-m32" if chroot.arch == "i686" else "%{nil}",
    }
