"""Builders on other machines in the database: tokens, what they may build, and what they are building."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from copr_local.cli import main
from copr_local.cli.doctor import _builders
from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database, Transaction
from copr_local.data.models import Build, BuildChroot, Project, User
from copr_local.filesystem.layout import SOURCE_BUILDS
from copr_local.rules import builders, interruptions, leases, queue, queue_order, sources, submission
from copr_local.rules.errors import AuthenticationRequired, Invalid, Overtaken
from copr_local.rules.queue import Step

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"


@pytest.fixture
def build(tx: Transaction, alice: User, hello: Project) -> Build:
    """Return a build whose source step waits."""
    source = sources.link("https://example.com/hello.spec")
    return submission.submit(tx, alice, hello.main_dir, source, submission.Options())


def imported(tx: Transaction, build: Build) -> None:
    """Finish the source step of a build."""
    step = Step(build.id)
    queue.claim(tx, step)
    queue.begin(tx, step)
    queue.source_built(tx, step, package="hello", version="1.0-1", srpm="hello-1.0-1.src.rpm")
    queue.imported(tx, step)


def test_a_token_is_known_until_its_builder_is_removed(tx: Transaction) -> None:
    token = builders.add(tx, "big", ["x86_64"])
    other = builders.add(tx, "small", ["aarch64"])
    assert builders.authenticate(tx, token).name == "big"
    assert builders.authenticate(tx, other).name == "small"
    assert token not in repr(vars(builders.get(tx, "big")))
    builders.remove(tx, "big")
    for wrong in (token, "", other[:-1]):
        with pytest.raises(AuthenticationRequired):
            builders.authenticate(tx, wrong)


@pytest.mark.parametrize(
    ("name", "arches", "chroots"),
    [
        ("a b", ["x86_64"], []),
        ("", ["x86_64"], []),
        ("big", ["x86_64"], []),
        ("new", [], []),
        ("new", ["x86/64"], []),
        ("new", ["x86_64"], [""]),
        ("new", ["x86_64"], ["a b"]),
    ],
)
def test_what_is_not_valid_is_refused(
    name: str, arches: list[str], chroots: list[str], tx: Transaction
) -> None:
    builders.add(tx, "big", ["x86_64"])
    with pytest.raises(Invalid):
        builders.add(tx, name, arches, chroots)


@pytest.mark.parametrize(
    ("arches", "patterns", "source", "chroot"),
    [
        (None, (), True, ARM),
        (["x86_64"], (), True, X86),
        (["x86_64", "aarch64"], ["epel-*", "fedora-*-x86_64"], False, X86),
        (["x86_64"], [SOURCE_BUILDS], True, None),
        (["x86_64"], ["epel-*"], False, None),
        (["aarch64"], ["*-x86_64"], False, None),
        (["s390x"], (), True, None),
    ],
)
def test_a_builder_gets_steps_of_its_architectures_and_chroots(
    arches: list[str] | None,
    patterns: list[str],
    source: bool,
    chroot: str | None,
    tx: Transaction,
    build: Build,
) -> None:
    assert queue_order.next_step(tx, arches, [patterns]) == (Step(build.id) if source else None)
    imported(tx, build)
    assert queue_order.next_step(tx, arches, [patterns]) == (Step(build.id, chroot) if chroot else None)


def test_the_steps_of_a_removed_builder_are_requeued(tx: Transaction, build: Build) -> None:
    builders.add(tx, "big", ["x86_64"])
    imported(tx, build)
    mine = queue.claim(tx, Step(build.id, X86), leases.LEASE, "big")
    queue.begin(tx, mine)
    other = queue.claim(tx, Step(build.id, ARM), leases.LEASE)
    assert builders.building(tx, "big") == [mine]
    builders.remove(tx, "big")
    assert tx.session.get_one(BuildChroot, (build.id, X86)).state == "pending"
    with pytest.raises(Overtaken):
        queue.check_claim(tx, mine)
    queue.check_claim(tx, other)


def test_a_start_requeues_no_steps_of_builders_elsewhere(tx: Transaction, build: Build) -> None:
    imported(tx, build)
    mine = queue.claim(tx, Step(build.id, X86), leases.LEASE, "big")
    queue.begin(tx, mine)
    tx.session.get_one(BuildChroot, (build.id, X86)).lease_until = 0
    queue.claim(tx, Step(build.id, ARM), leases.LEASE)
    assert interruptions.recover(tx) == [Step(build.id, ARM)]
    tx.session.expire_all()
    queue.check_claim(tx, mine)
    assert leases.expired(tx) == set()


@pytest.mark.parametrize(
    ("machine", "arches", "chroot", "left"),
    [
        ("x86_64", ["aarch64"], ARM, {"x86_64"}),
        ("x86_64", ["aarch64", "x86_64"], X86, None),
        ("x86_64", ["s390x"], ARM, None),
        ("aarch64", ["x86_64"], X86, {"aarch64"}),
    ],
)
def test_a_service_leaves_architectures_that_it_does_not_have(
    machine: str, arches: list[str], chroot: str, left: set[str] | None, tx: Transaction
) -> None:
    builders.add(tx, "big", arches)
    assert builders.arches_left_by(tx, machine, chroot) == left


def test_the_command_adds_lists_drains_and_removes(data_folder: DataFolder, database: Database) -> None:
    def run(*arguments: str, expect: int = 0) -> str:
        result = CliRunner().invoke(main, ["builder", *arguments, "--data", str(data_folder.path)])
        assert result.exit_code == expect, result.output
        return result.output

    token = run("add", "big", "--arch", "x86_64", "--arch", "i386", "--chroot", "epel-*").strip()
    run("add", "big", "--arch", "x86_64", expect=1)
    with database.reading() as tx:
        assert builders.authenticate(tx, token).arches == ["i386", "x86_64"]
    assert run("list").splitlines()[-1].split() == ["big", "i386", "x86_64", "epel-*", "-", "never", "-"]
    with database.writing() as tx:
        builders.add(tx, "small", ["aarch64"])
        builders.get(tx, "small").heard_on = tx.now
    never, heard = _builders(data_folder.path)
    with database.writing() as tx:
        big, small = builders.in_list(tx)
        builders.offer(tx, big, ["x86_64"], ["epel-*"], slots=4)
        builders.offer(tx, small, ["aarch64"], [], trouble="the disk is full")
    assert "x86_64, epel-*, 4 slots by the broker" in run("list")
    assert "aarch64, polls" in run("list")
    assert run("list").splitlines()[-1].endswith("the disk is full")
    by_broker, polling = _builders(data_folder.path)
    assert (by_broker.is_well, polling.is_well) == (True, False)
    assert "takes x86_64, epel-*, 4 slots by the broker" in by_broker.text
    assert polling.text.endswith("takes aarch64, polls; the disk is full")
    assert (never.subject, never.is_well) == ("builder big", False)
    assert never.text == "i386 x86_64; never heard; builds nothing"
    assert (heard.subject, heard.is_well) == ("builder small", True)
    run("remove", "small")
    run("drain", "big")
    assert run("list").splitlines()[-1].endswith("drained")
    run("drain", "big", "--undo")
    assert "drained" not in run("list")
    run("remove", "big")
    run("remove", "big", expect=1)
    assert "big" not in run("list")
