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
