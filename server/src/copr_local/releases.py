"""Everything here ages: releases, architectures, and limits, as the public Copr had them in November 2026.

How to move on, when Fedora branches or a release reaches its end of life:

1. `RAWHIDE`: the number of the release that rawhide becomes. It changes at each branching, twice a year.
2. `RELEASES`: add the branched release after rawhide, and drop the one that has reached its end of life. The
   order is the order of listings. Existing data folders keep their chroots: `copr-local chroot add` and
   `copr-local chroot disable` change those.
3. `ELN` is `%eln` of the newest ELN compose, and `ENTERPRISE_LINUX_OF_ELN` the release that ELN prepares.
4. Run `./run-tests`: what depends on a release asks this module.
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
LONGEST_TIMEOUT = 108_000  # seconds that a user may ask for
MEMORY_LIMIT = 2048  # MB: what build configurations have always said; no build is held to it
