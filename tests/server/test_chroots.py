"""Chroots: the names that can be offered, the newest Fedora, and the architectures of a spec file."""

from __future__ import annotations

import pytest

from copr_local.data.database import Database
from copr_local.rules import chroots
from copr_local.rules.errors import Invalid, UnknownChroot


@pytest.mark.parametrize(
    ("name", "exclusive", "exclude", "excluded"),
    [
        ("fedora-45-x86_64", [], [], False),
        ("fedora-45-x86_64", ["x86_64", "s390x"], [], False),
        ("fedora-45-x86_64", ["aarch64"], [], True),
        ("fedora-45-x86_64", ["noarch"], [], False),
        ("fedora-45-x86_64", ["noarch", "aarch64"], [], True),
        ("fedora-45-x86_64", [], ["x86_64"], True),
        ("fedora-45-x86_64", [], ["aarch64", "noarch"], False),
        ("fedora-45-x86_64", ["x86_64"], ["x86_64"], True),
        ("fedora-45-x86_64", ["i686"], ["i686"], True),
        *(("fedora-45-i386", [arch], [], False) for arch in ("i386", "i486", "i586", "i686")),
        *(("fedora-45-i386", [], [arch], True) for arch in ("i386", "i486", "i586", "i686")),
        ("fedora-45-i386", ["x86_64"], [], True),
        ("fedora-45-i386", [], ["x86_64"], False),
    ],
)
def test_architectures_of_a_spec_keep_its_package_out_of_chroots(
    name: str, exclusive: list[str], exclude: list[str], excluded: bool
) -> None:
    assert chroots.is_excluded(name, exclusive, exclude) is excluded


def test_the_newest_fedora_is_the_one_with_the_largest_number(database: Database) -> None:
    names = ("fedora-99", "fedora-100", "fedora-9", "fedora-rawhide", "fedora-eln-101", "centos-stream-999")
    with database.writing() as tx:
        chroots.offer(tx, {f"{name}-x86_64": "" for name in names} | {"fedora-101-aarch64": ""})
        assert chroots.newest_fedora(tx, "x86_64") == "fedora-100-x86_64"
        assert chroots.newest_fedora(tx, "aarch64") == "fedora-101-aarch64"
        assert chroots.newest_fedora(tx, "s390x") is None
        chroots.disable(tx, ["fedora-100-x86_64"])
        assert chroots.newest_fedora(tx, "x86_64") == "fedora-99-x86_64"


@pytest.mark.parametrize("name", ["", "fedora", "fedora-45", "Fedora-45-x86_64", "fedora-45-ä", "a-b-c/d"])
def test_what_is_not_the_name_of_a_chroot_is_not_offered(name: str, database: Database) -> None:
    with database.writing() as tx:
        with pytest.raises(Invalid, match="is not a valid chroot name"):
            chroots.offer(tx, {"fedora-45-x86_64": "", name: ""})
        assert not chroots.any_known(tx)


def test_chroots_are_offered_in_their_order_and_those_that_were_come_last(database: Database) -> None:
    with database.writing() as tx:
        chroots.offer(tx, {"b-1-x": "first", "a-1-x": "second", "c-1-x": ""})
        chroots.disable(tx, ["b-1-x"])
        chroots.add(tx, ["d-1-x", "0-1-x"], "more")
        offered = {chroot.name: chroot.comment for chroot in chroots.active(tx)}
        assert list(offered.items()) == [
            ("a-1-x", "second"),
            ("c-1-x", ""),
            ("d-1-x", "more"),
            ("0-1-x", "more"),
        ]
        assert [chroot.name for chroot in chroots.known(tx)][-1] == "b-1-x"
        with pytest.raises(Invalid, match="'b-1-x' is not"):
            chroots.disable(tx, ["a-1-x", "b-1-x"])


def test_the_parts_of_a_name() -> None:
    name = "centos-stream-10-x86_64"
    assert (chroots.release(name), chroots.architecture(name)) == ("centos-stream-10", "x86_64")
    chroots.check_name("a-b-c")
    with pytest.raises(UnknownChroot):
        chroots.check_name("a-b")
