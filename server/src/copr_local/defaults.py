"""What a service has where nobody says otherwise: what the public one had in November 2026."""

from __future__ import annotations

_ELN = "Fedora ELN is a rebuild of Rawhide with the settings of the next Enterprise Linux"

RELEASES = {
    "fedora-rawhide": "",
    "fedora-45": "",
    "fedora-44": "",
    "fedora-43": "",
    "fedora-eln": _ELN,
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
TIMEOUT_OF_2020 = 75_600
