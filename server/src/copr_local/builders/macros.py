"""What the name of a chroot means to rpm: the macros that a spec sees there.

A name is DISTRIBUTION-VERSION-ARCHITECTURE (`fedora-42-x86_64`, `centos-stream-10-aarch64`). The distribution
decides `%dist` and the macros that specs ask about (`%fedora`, `%rhel`, `%el9` ...). One that is not in the
tables is built for without them, and the log says so. On a machine without redhat-rpm-config,
`fedora.macros` supplies what every Fedora or Enterprise Linux spec expects besides.
"""

from __future__ import annotations

import re
import shutil
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

# Distribution: what its %dist begins with, and the macro that is set to its version.
_OTHERS = {"amazonlinux": (".amzn", "amzn"), "mageia": (".mga", "mageia")}

# The architecture of a chroot, where rpm calls it differently.
_TARGETS = {"i386": "i686", "armhfp": "armv7hl"}

_MACHINE_FLAGS = {
    "x86_64": "-m64 -mtune=generic -fcf-protection",
    "i686": "-m32 -march=i686 -msse2 -mfpmath=sse",
}

_NAME = re.compile(r"([a-z][a-z0-9+-]*)-([A-Za-z0-9._]+)-([a-z0-9_]+)")


@dataclass(frozen=True)
class Chroot:
    """A chroot's name, taken apart; `arch` is the target architecture as rpm calls it."""

    name: str
    distribution: str
    version: str
    arch: str


def parse_chroot(name: str) -> Chroot:
    """Take the name of a chroot apart.

    Raises `BuildFailed`: it is not DISTRIBUTION-VERSION-ARCHITECTURE.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise BuildFailed(f"{name!r} is not the name of a chroot: those are like fedora-42-x86_64")
    distribution, version, arch = match.groups()
    return Chroot(name, distribution, version, _TARGETS.get(arch, arch))


def distribution_macros(chroot: Chroot) -> dict[str, str]:
    """The macros by which a spec tells one distribution from another; empty for one that is not known."""
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
    """The macros by which a spec is made into a source RPM: those of the newest Fedora, as in a public Copr.

    A source that is for Fedora only is packed. There is no `%dist`: the source RPM is for all chroots.
    """
    macros = _fedora(RAWHIDE - 1)
    del macros["dist"]
    return macros


def _fedora(release: int) -> dict[str, str]:
    macros = {"fedora": str(release), f"fc{release}": "1", "dist": f".fc{release}", **_payload("zstd")}
    if release >= 38:
        macros["_fortify_level"] = "3"
    if release >= 42:  # where /usr/sbin became a link to /usr/bin
        macros["_sbindir"] = "%{_bindir}"
    return macros


def _enterprise_linux(major: int) -> dict[str, str]:
    macros = {"rhel": str(major), f"el{major}": "1", "dist": f".el{major}"}
    if major >= 10:
        macros["_fortify_level"] = "3"
    return macros | _payload("zstd" if major >= 9 else "xz")


def _payload(compression: str) -> dict[str, str]:
    # The distribution's compression. Of zstd not its level 19, which takes 80 ms for the smallest package.
    return {"_binary_payload": "w3.zstdio" if compression == "zstd" else "w2.xzdio"}


def rpm_options(sandbox: Sandbox, macros: dict[str, str]) -> list[str]:
    """The options by which every rpm program in `sandbox` sees a work tree and `macros`.

    On a machine without redhat-rpm-config, Fedora's macros become the sandbox's own `~/.rpmmacros`. With it,
    the machine's own `%fedora` and its like are hidden; but rpm brings them back under `--target`.
    """
    options: list[str] = []
    if Path("/usr/lib/rpm/redhat/macros").exists():
        options += [f"--undefine={name}" for name in _this_machine() if name not in macros]
    else:
        copy = shutil.copyfile(Path(__file__).with_name("fedora.macros"), sandbox.outside / "macros")
        sandbox.place(copy, sandbox.home / ".rpmmacros")
        options += ["--define", "optflags %{__global_compiler_flags} %{?_machine_flags}"]
    defined = {
        "_topdir": f"{sandbox.inside(sandbox.home)}/build",
        "_tmppath": sandbox.temporary,
        "_buildhost": "copr-local",
        # The same source built twice gives the same packages.
        "source_date_epoch_from_changelog": "1",
        "use_source_date_epoch_as_buildtime": "1",
        "clamp_mtime_to_source_date_epoch": "1",
        **macros,
    }
    for name, body in defined.items():
        options += ["--define", f"{name} {body}"]
    return options


def _this_machine() -> list[str]:
    """The distribution macros that a Fedora or Enterprise Linux machine may define for itself."""
    names = ["dist", "fedora", "rhel", "eln", "centos", "epel"]
    names += [f"fc{release}" for release in range(36, RAWHIDE + 4)]
    return names + [f"el{major}" for major in range(7, ENTERPRISE_LINUX_OF_ELN + 1)]


def machine_macros(chroot: Chroot) -> dict[str, str]:
    """The compiler flags that choose the architecture of the chroot."""
    return {
        "_machine_flags": _MACHINE_FLAGS.get(chroot.arch, "%{nil}"),
        "_machine_ldflags": "-m32" if chroot.arch == "i686" else "%{nil}",
    }
