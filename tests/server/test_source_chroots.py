"""Which chroot a source RPM is made in."""

from __future__ import annotations

import pytest

from copr_local import LocalCopr
from copr_local.rules import source_chroots

ALL = ("fedora-44", "fedora-rawhide", "fedora-45", "epel-10", "fedora-9")


@pytest.fixture(scope="module")
def copr():
    names = [f"{name}-{arch}" for name in ALL for arch in ("x86_64", "aarch64")]
    with LocalCopr(chroots=names, builds="scripted") as copr:
        yield copr


@pytest.mark.parametrize(
    ("with_repositories", "setting", "named", "expected"),
    [
        ([], "newest", "", None),
        (["fedora-44-x86_64", "fedora-45-x86_64"], "newest", "", "fedora-45-x86_64"),
        (["epel-10-x86_64"], "newest", "", None),
        (["fedora-9-x86_64", "fedora-44-x86_64", "fedora-rawhide-x86_64"], "newest", "", "fedora-44-x86_64"),
        (["fedora-44-x86_64", "fedora-45-aarch64"], "newest", "", "fedora-44-x86_64"),
        (["fedora-rawhide-x86_64"], "newest", "fedora-latest-x86_64", "fedora-rawhide-x86_64"),
        (["fedora-44-x86_64", "epel-10-x86_64"], "newest", "epel-10-x86_64", "epel-10-x86_64"),
        (["fedora-44-x86_64"], "newest", "epel-10-x86_64", "fedora-44-x86_64"),
        (["fedora-44-x86_64"], "fedora-45-x86_64", "", "fedora-45-x86_64"),
        (["fedora-44-x86_64"], "none", "fedora-44-x86_64", None),
        (["fedora-43-x86_64"], "newest", "", None),  # no longer offered
    ],
)
def test_the_chroot_is_the_newest_fedora_with_repositories(copr, with_repositories, setting, named, expected):
    with copr.database.reading() as tx:
        for path in tx.data_folder.chroots.iterdir():
            path.unlink()
        for name in with_repositories:
            tx.data_folder.chroot_configuration(name).touch()
        assert source_chroots.choose(tx, setting, named, "x86_64") == expected
