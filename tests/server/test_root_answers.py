"""What dnf resolved for an earlier build is used again while nothing that it is about has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from copr_local.builders.repository.update import update_repository
from copr_local.builders.roots.answers import Answers, Package
from copr_local.builders.roots.namespace import Ids
from copr_local.builders.roots.store import Store
from copr_local.builders.tasks import Repository
from copr_local.testing.rpm_file import RpmFile

ABOUT = ["gcc", "make >= 4", "(libone.so()(64bit) or perl(Two::Three))", "/usr/bin/four"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a repository without packages."""
    update_repository(tmp_path / "repository")
    return tmp_path / "repository"


@pytest.fixture
def answers(tmp_path: Path, folder: Path) -> Answers:
    (tmp_path / "roots").mkdir()
    store = Store(tmp_path / "roots", Ids((), ()))
    return Answers(store, [Repository("copr_base", "Copr repository", folder)])


@pytest.fixture
def packages(tmp_path: Path) -> list[Package]:
    path = tmp_path / "gcc.rpm"
    path.touch()
    return [Package("gcc-1-1.noarch", path, "0")]


@pytest.fixture
def add(folder: Path) -> Callable[..., None]:
    """Add a package to the repository."""

    def add(name: str, path: str = "/usr/share/file") -> None:
        RpmFile(name, 0, "1", "1", "noarch", f"{name}-1-1.src.rpm", path, "text", 0).write(folder)
        update_repository(folder)

    return add


def test_other_packages_of_the_project_do_not_matter(answers, packages, add):
    assert answers.find("key") is None
    answers.keep("key", packages, ABOUT, answers.state())
    add("hello")
    assert answers.find("key") == packages
    assert answers.find("another key") is None


@pytest.mark.parametrize("name", ["gcc", "make", "libone.so()(64bit)", "perl(Two::Three)"])
def test_a_package_that_may_be_wanted_instead_makes_dnf_run_again(answers, packages, add, name):
    answers.keep("key", packages, ABOUT, answers.state())
    add(name)
    assert answers.find("key") is None
    answers.keep("key", packages, ABOUT, answers.state())
    assert answers.find("key") == packages


def test_a_file_of_a_package_matters_too(answers, packages, add):
    answers.keep("key", packages, ABOUT, answers.state())
    add("hello", "/usr/bin/four")
    assert answers.find("key") is None


def test_a_package_that_is_gone_makes_dnf_run_again(answers, packages):
    answers.keep("key", packages, ABOUT, answers.state())
    packages[0].path.unlink()
    assert answers.find("key") is None


def test_an_answer_is_not_kept_if_it_may_not_hold(tmp_path, answers, packages, add):
    before = answers.state()
    add("hello")
    answers.keep("another build came first", packages, ABOUT, before)
    answers.keep("files that primary metadata lacks", packages, ["/usr/share/file"], answers.state())
    elsewhere = Answers(answers._store, [Repository("other", "Other", url="http://127.0.0.1:9/")])
    elsewhere.keep("of another server", packages, ABOUT, elsewhere.state())
    gone = Answers(answers._store, [Repository("gone", "Gone", tmp_path / "gone")])
    gone.keep("gone", packages, ABOUT, gone.state())
    assert list((tmp_path / "roots/answers").iterdir()) == []


def test_a_damaged_answer_is_no_answer(tmp_path, answers, packages):
    for content in (b"", b"{}", b"[1]", b"\xff", b'{"packages": [1], "matter": [], "about": []}'):
        (tmp_path / "roots/answers/key").write_bytes(content)
        assert answers.find("key") is None


def test_old_answers_are_removed(answers, packages):
    answers.keep("key", packages, ABOUT, answers.state())
    answers._store.remove_unused()
    assert answers.find("key") == packages
    answers._store.remove_unused(0)
    assert answers.find("key") is None
