"""What a new data folder offers: the chroots and dist-gits that the public service had in November 2026."""

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
