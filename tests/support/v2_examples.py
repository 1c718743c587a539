"""The data of the service for the tests of client v2's documentation: owners and chroots."""

from __future__ import annotations

#: Each of them has a project called "beacon".
OWNERS = ["mira", "nils", "olga", "petr", "rosa"]

CHROOTS = [
    "centos-stream-9-x86_64",
    "centos-stream-10-aarch64",
    "centos-stream-10-x86_64",
    "opensuse-tumbleweed-x86_64",
    "rhel-9-s390x",
]

#: The chroots of the first project, "lantern" of mira.
ENABLED = CHROOTS[:4]
