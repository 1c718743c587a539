"""Releases, architectures and limits that change with time, as the public Copr had them in November 2026.

What to change when Fedora branches, or when a release reaches its end of life:

1. `RAWHIDE`: the version number that rawhide will get. It changes at each branching, twice a year.
2. `RELEASES`: add the branched release after rawhide, and remove the release at its end of life. Listings
   have this order. Existing data folders keep their chroots: `copr-local chroot add` and
   `copr-local chroot disable` change those.
3. `ELN` is `%eln` of the newest ELN compose, and `ENTERPRISE_LINUX_OF_ELN` is the release that ELN prepares.
4. Run `./run-tests`. Everything that depends on a release gets it from this module.
"""

from __future__ import annotations

RAWHIDE = 46  # since the branching of Fedora 45 in August 2026
ELN = 155  # ELN counts its mass rebuilds; only specs that rebuild for ELN read the number
ENTERPRISE_LINUX_OF_ELN = 11

_ELN_COMMENT = "Fedora ELN is a rebuild of Rawhide with the settings of the next Enterprise Linux"

RELEASES = {
    "fedora-rawhide": "",
    "fedora-45": "",
    "fedora-44": "",
    "fedora-43": "",
    "fedora-eln": _ELN_COMMENT,
    "epel-10": "",
    "epel-9": "",
    "epel-8": "",
    "centos-stream-10": "",
    "centos-stream-9": "",
}
ARCHITECTURES = ("x86_64", "aarch64")

CHROOTS = {f"{release}-{arch}": comment for release, comment in RELEASES.items() for arch in ARCHITECTURES}

DISTGITS = {"fedora": "https://src.fedoraproject.org"}

TIMEOUT = 18_000  # seconds for a build
TIMEOUT_OF_2020 = 75_600  # seconds
LONGEST_TIMEOUT = 108_000  # seconds; the largest timeout that a request of API v3 may set
MEMORY_LIMIT = 2048  # MB, the value in build configurations; builds may use more

# Public repositories of the distributions, as dnf configurations: `copr-local chroot add NAME --public`.
# They are written from the distributions' documentation and compared with mock's public configurations, and
# have not been tried: if one does not work, compare it with /etc/yum.repos.d of that release.
_FEDORA = "https://mirrors.fedoraproject.org/metalink?repo={repo}&arch=$basearch"
_CENTOS = "https://mirrors.centos.org/metalink?repo=centos-{repo}-$releasever-stream&arch=$basearch"
_ALMALINUX = "https://mirrors.almalinux.org/mirrorlist/$releasever/{repo}"
_EXTRAS = "extras-sig-extras-common"
_FEDORA_KEY = "https://fedoraproject.org/fedora.gpg"
_EPEL_KEY = "https://dl.fedoraproject.org/pub/epel/RPM-GPG-KEY-EPEL-$releasever"
_CENTOS_KEY = "https://www.centos.org/keys/RPM-GPG-KEY-CentOS-Official"
_EXTRAS_KEY = "https://www.centos.org/keys/RPM-GPG-KEY-CentOS-SIG-Extras"
_ALMALINUX_KEY = "https://repo.almalinux.org/almalinux/RPM-GPG-KEY-AlmaLinux-$releasever"

# The packages of mock's roots. Specs for old releases do not name the compiler, and those for later ones do.
_ENTERPRISE_LINUX_BASE = """bash bzip2 coreutils cpio diffutils findutils gawk glibc-minimal-langpack grep
 gzip info patch redhat-rpm-config rpm-build sed shadow-utils tar unzip util-linux which xz"""
_MORE_OF_BASE = {
    "eln": " fedora-release-eln",
    "8": " system-release make gcc gcc-c++",
    "9": " system-release make",
    "10": " system-release",
}

# dnf 4, and what makes the users of packages.
_BOOTSTRAP = "python3-dnf rpm bash coreutils findutils grep shadow-utils"


def public_configuration(chroot: str) -> str | None:
    """Return a dnf configuration with the public repositories of a chroot.

    :param chroot: name of the chroot, such as `fedora-45-x86_64`.
    :returns: the text; None if the public repositories of this distribution are not known here.
    """
    distribution, version, architecture = chroot.rsplit("-", 2)
    if architecture in ("i386", "i686"):  # mirrors no longer have it
        return None
    if distribution == "fedora" and version == "rawhide":
        repositories = [("fedora", "metalink", _FEDORA.format(repo="rawhide"), _FEDORA_KEY)]
        return _configuration(f"f{RAWHIDE}", "@buildsys-build", repositories)
    if distribution == "fedora" and version.isdecimal():
        repositories = [
            ("fedora", "metalink", _FEDORA.format(repo="fedora-$releasever"), _FEDORA_KEY),
            ("updates", "metalink", _FEDORA.format(repo="updates-released-f$releasever"), _FEDORA_KEY),
        ]
        return _configuration(f"f{version}", "@buildsys-build", repositories)
    install = " ".join(_ENTERPRISE_LINUX_BASE.split()) + _MORE_OF_BASE.get(version, "")
    if distribution == "fedora" and version == "eln":
        repositories = [
            (f"eln-{name}", "metalink", _FEDORA.format(repo=f"eln-{name}-1"), _FEDORA_KEY)
            for name in ("baseos", "appstream", "crb", "extras")
        ]
        return _configuration("eln", install, repositories)
    if distribution not in ("epel", "centos-stream") or version not in ("8", "9", "10"):
        return None
    if version == "8":  # CentOS Stream 8 has ended
        if distribution != "epel":
            return None
        repositories = [
            (name, "mirrorlist", _ALMALINUX.format(repo=name), _ALMALINUX_KEY)
            for name in ("baseos", "appstream", "powertools", "extras")
        ]
    else:
        key, extras_key = f"{_CENTOS_KEY}-SHA256", f"{_EXTRAS_KEY}-SHA512"
        if version == "9":
            key, extras_key = _CENTOS_KEY, _EXTRAS_KEY
        repositories = [
            (name, "metalink", _CENTOS.format(repo=name), key) for name in ("baseos", "appstream", "crb")
        ]
        repositories.append(("extras-common", "metalink", _CENTOS.format(repo=_EXTRAS), extras_key))
    if distribution == "epel":
        install += " epel-rpm-macros"
        repositories.append(("epel", "metalink", _FEDORA.format(repo="epel-$releasever"), _EPEL_KEY))
    return _configuration(f"el{version}", install, repositories)


def _configuration(platform: str, install: str, repositories: list[tuple[str, str, str, str]]) -> str:
    """Return the text of a dnf configuration."""
    sections = [
        f"[{name}]\nname={name}\n{kind}={url}\ngpgcheck=1\ngpgkey={key}\n"
        for name, kind, url, key in repositories
    ]
    head = f"[main]\nmodule_platform_id=platform:{platform}\n"
    own = f"[copr-local]\ninstall = {install}\nbootstrap_install = {_BOOTSTRAP}\n"
    return "\n".join([head, *sections, own])
