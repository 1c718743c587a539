"""Builds that are repeated: what the new build gets of the first, and builds that cannot be repeated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from copr_local.data.database import Transaction
from copr_local.data.models import Build, Project, User
from copr_local.rules import project_dirs, projects, repeats, results, sources, submission, users
from copr_local.rules.errors import Conflict, Forbidden, Invalid
from copr_local.rules.sources import Source
from copr_local.rules.submission import Options

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"
LINK = sources.link("https://example.com/hello.spec")


@pytest.fixture
def finished(tx: Transaction, alice: User, hello: Project) -> Callable[..., Build]:
    """Return a function that submits a build to `alice/hello`, which has failed at once."""

    def submit(
        source: Source = LINK, directory: str = "hello", srpm: str | None = None, **options: Any
    ) -> Build:
        place = project_dirs.get_dir(tx, hello, directory)
        build = submission.submit(tx, alice, place, source, Options(**options))
        build.source_state = build.state = "failed"
        build.srpm = srpm
        return build

    return submit


def test_a_repeated_build_has_the_options_and_the_directory_of_the_first(
    tx: Transaction, alice: User, finished: Callable[..., Build]
) -> None:
    options = {
        "timeout": 77,
        "is_background": True,
        "enable_net": True,
        "bootstrap": "on",
        "isolation": "nspawn",
    }
    first = finished(directory="hello:custom:x", **options)
    again = repeats.repeat(tx, alice, first)
    assert (again.id, again.user, again.dir, again.state) == (first.id + 1, alice, first.dir, "pending")
    assert {name: getattr(again, name) for name in options} == options
    assert again.chroots == [], "all that the project has when the source is known"


def test_without_a_source_rpm_the_source_is_used_again(
    tx: Transaction, alice: User, finished: Callable[..., Build]
) -> None:
    parameters = {**LINK.parameters, "tmp": "x", "hook_data": "y"}
    for srpm in (None, "hello-1.0-1.src.rpm"):  # the second is no longer on the disk
        first = finished(Source("link", parameters), srpm=srpm)
        again = repeats.repeat(tx, alice, first)
        assert (again.source_type, again.source) == ("link", LINK.parameters)


@pytest.mark.parametrize("source", [LINK, Source("upload", {"tmp": "gone", "pkg": "hello.spec"})])
def test_a_source_rpm_is_built_again_whatever_it_was_made_of(
    tx: Transaction, alice: User, finished: Callable[..., Build], source: Source
) -> None:
    first = finished(source, srpm="hello-1.0-1.src.rpm")
    folder = results.of_source(tx, first)
    folder.mkdir(parents=True)
    (folder / "hello-1.0-1.src.rpm").write_text("a source RPM")
    again = repeats.repeat(tx, alice, first)
    assert (again.user, again.dir) == (alice, first.dir)
    assert (again.source_type, again.source["pkg"]) == ("upload", "hello-1.0-1.src.rpm")
    assert tx.data_folder.uploaded(again.source["tmp"], again.source["pkg"]).read_text() == "a source RPM"


def test_a_build_is_repeated_in_chosen_chroots_that_the_project_still_has(
    tx: Transaction, alice: User, finished: Callable[..., Build]
) -> None:
    first = finished(chroots=[X86, ARM])
    for chroot, state in zip(first.chroots, ("canceled", "failed"), strict=True):
        chroot.state = state
    assert repeats.failed_chroots(first) == [ARM, X86]
    projects.set_chroots(tx, first.project, [X86])
    again = repeats.repeat(tx, alice, first, repeats.failed_chroots(first))
    assert [chroot.name for chroot in again.chroots] == [X86]
    with pytest.raises(Invalid, match=rf"Project alice/hello no longer has {ARM}\."):
        repeats.repeat(tx, alice, first, [ARM])


@pytest.mark.parametrize(
    ("source_type", "srpm", "error"),
    [
        ("upload", None, r"Build 1 has no source RPM\. Upload"),
        ("rpm_upload", "hello-1.0-1.src.rpm", r"Build 1 has no source RPM\. Upload"),
        ("upload", "hello-1.0-1.src.rpm", r"The source RPM of build 1 is gone\. Upload"),
    ],
)
def test_an_upload_that_is_gone_cannot_be_built_again(
    tx: Transaction,
    alice: User,
    finished: Callable[..., Build],
    source_type: str,
    srpm: str | None,
    error: str,
) -> None:
    first = finished(Source(source_type, {"tmp": "gone", "pkg": "hello-1.0-1.src.rpm"}), srpm=srpm)
    with pytest.raises(Invalid, match=error):
        repeats.repeat(tx, alice, first)


def test_only_finished_builds_can_be_repeated_and_only_by_those_who_may_build(
    tx: Transaction, alice: User, finished: Callable[..., Build]
) -> None:
    first = finished()
    assert repeats.can_be_repeated(first)
    with pytest.raises(Forbidden):
        repeats.repeat(tx, users.add(tx, "bob")[0], first)
    first.state = "running"
    assert not repeats.can_be_repeated(first)
    with pytest.raises(Conflict, match="Build 1 has not finished; it is running"):
        repeats.repeat(tx, alice, first)
