"""Work on many builds is done in pieces: no transaction changes many, and others can write in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, update

from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database, Transaction
from copr_local.data.models import DELETED, Build, BuildChroot, MockChroot, Package, Project, ProjectDir
from copr_local.rules import (
    build_deletion,
    builds,
    expiry,
    forks,
    packages,
    permissions,
    pieces,
    projects,
    sources,
    submission,
    users,
    webhooks,
)
from copr_local.rules.errors import Forbidden, Invalid
from copr_local.rules.submission import Options

PIECE = 3
BUILDS = 10
CHROOT = "fedora-45-x86_64"
FORGE = "https://example.com/all"


def write_empty(directory: Path) -> None:
    (directory / "repodata").mkdir(parents=True, exist_ok=True)
    (directory / "repodata/repomd.xml").touch()


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with a project of two packages and ten builds, all but one of the first package."""
    for module in (build_deletion, forks, webhooks):
        monkeypatch.setattr(module, "PIECE", PIECE)
    monkeypatch.setattr(build_deletion, "ROWS", PIECE)
    data_folder = DataFolder(tmp_path / "data", write_empty)
    data_folder.open()
    data_folder.make_folders()
    database = Database(data_folder, lambda: 1_795_000_000.0)
    with database.writing() as tx:
        user, _ = users.add(tx, "local")
        tx.session.add(MockChroot(name=CHROOT, position=0))
        tx.session.flush()
        project = projects.add(tx, user, "local", "large", [CHROOT], {})
        origin = sources.scm("https://example.com/all.git")
        for name in ("hello", "other"):
            packages.add(tx, user, project, name, origin, {"webhook_rebuild": True})
        tx.session.execute(
            insert(Build),
            [
                {
                    "project_id": project.id,
                    "dir_id": project.dirs[0].id,
                    "package_id": 2 if number == BUILDS else 1,
                    "state": "succeeded",
                    "source_state": "succeeded",
                    "submitted_on": 1,
                    "source_type": "link",
                    "source": {},
                    "timeout": 1,
                }
                for number in range(1, BUILDS + 1)
            ],
        )
        chroot = {"name": CHROOT, "state": "succeeded", "started_on": 1}
        chroot |= {"project_id": project.id, "is_background": False}
        tx.session.execute(insert(BuildChroot), [{**chroot, "build_id": i + 1} for i in range(BUILDS)])
    yield database
    database.close()
    data_folder.close()


def build_ids(database: Database, project: str = "large") -> list[int]:
    with database.reading() as tx:
        query = select(Build.id).join(Build.project).where(Project.name == project).order_by(Build.id)
        return list(tx.session.scalars(query))


def act(database: Database, work: Callable[..., object], *, left: Callable[[Transaction], int]) -> list[int]:
    """Do work, which gets a transaction, the user and the project; return what is left after each commit."""
    found: list[int] = []

    def count(_transaction: Transaction) -> None:
        with database.reading() as tx:
            found.append(left(tx))

    database.committed = count
    with database.writing() as tx:
        user = users.first(tx)
        assert user is not None
        work(tx, user, projects.get(tx, "local", "large"))
    database.committed = lambda _transaction: None
    return found


def number_of(table: Any, tx: Transaction) -> int:
    return tx.session.scalar(select(func.count()).select_from(table)) or 0


count_builds = partial(number_of, Build)


def test_a_list_of_builds_is_deleted_in_pieces(database: Database) -> None:
    for number in range(1, BUILDS + 1):
        folder = database.data_folder.directory("local", "large", CHROOT, f"{number:08d}-hello")
        folder.mkdir(parents=True)
    listed = [9, 1, 2, 3, 4, 5, 6, 7, 1]
    assert act(
        database, lambda tx, user, _: build_deletion.delete_many(tx, user, listed), left=count_builds
    ) == [7, 4, 2]
    assert build_ids(database) == [8, 10]
    kept = database.data_folder.directory("local", "large", CHROOT).glob("0*")
    assert sorted(path.name for path in kept) == ["00000008-hello", "00000010-hello"]
    with database.reading() as tx:
        assert number_of(BuildChroot, tx) == 2


def test_pieces_are_smaller_if_builds_have_many_chroots(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST_CHROOTS", 2)
    counts = act(
        database,
        lambda tx, _, project: forks.fork(tx, users.first(tx), project, "local", "copy"),
        left=count_builds,
    )
    assert counts == [12, 12]  # the second one finds no more packages
    everything = list(range(1, BUILDS + 1))
    counts = act(
        database, lambda tx, user, _: build_deletion.delete_many(tx, user, everything), left=count_builds
    )
    assert counts == [10, 8, 6, 4, 2]
    assert (pieces.size(100, 0), pieces.size(100, 3)) == (2, 1)


def test_nothing_of_a_list_is_deleted_if_a_build_cannot_be(database: Database) -> None:
    with pytest.raises(Invalid, match=r"Build\(s\) 77, 78 don't exist"):
        act(
            database,
            lambda tx, user, _: build_deletion.delete_many(tx, user, [1, 2, 3, 4, 77, 78]),
            left=count_builds,
        )
    assert len(build_ids(database)) == BUILDS


def delete_package(tx: Transaction, user: Any, project: Project) -> None:
    packages.delete(tx, user, packages.get(tx, project, "hello"))


def test_a_package_is_deleted_after_its_last_build(database: Database) -> None:
    def left(tx: Transaction) -> int:
        return 100 * number_of(Package, tx) + count_builds(tx)

    assert act(database, delete_package, left=left) == [207, 204, 201, 101]


def test_a_package_that_gets_a_build_meanwhile_stays(database: Database) -> None:
    def submit(_transaction: Transaction) -> None:
        database.committed = lambda _transaction: None
        with database.writing() as tx:
            project = projects.get(tx, "local", "large")
            packages.rebuild(tx, None, packages.get(tx, project, "hello"), project.main_dir, Options())

    def delete_while_another_submits(tx: Transaction, user: Any, project: Project) -> None:
        delete_package(tx, user, project)
        database.committed = submit

    with pytest.raises(Invalid, match=r"Build\(s\) 11 are still running"):
        act(database, delete_while_another_submits, left=count_builds)
    assert build_ids(database) == [4, 5, 6, 7, 8, 9, 10, 11]


def test_a_smaller_max_builds_deletes_in_pieces(database: Database) -> None:
    def edit(tx: Transaction, user: Any, project: Project) -> None:
        package = packages.get(tx, project, "hello")
        packages.edit(tx, user, package, sources.UNSET, {"max_builds": 2})

    assert act(database, edit, left=count_builds) == [7, 4, 3]
    assert build_ids(database) == [8, 9, 10]


def test_a_project_is_marked_first_and_removed_after_its_last_build(database: Database) -> None:
    folder = database.data_folder.directory("local", "large")

    def left(tx: Transaction) -> int:
        project = projects.find(tx, "local", "large")
        assert (project is not None) == folder.exists()
        assert project is None or project.delete_after == DELETED
        return count_builds(tx)

    assert act(database, projects.delete, left=left) == [7, 4, 1, 0]
    assert not folder.exists()


def test_a_deletion_that_was_interrupted_goes_on(database: Database) -> None:
    def die(_transaction: Transaction) -> None:
        raise MemoryError

    def delete_and_die(tx: Transaction, user: Any, project: Project) -> None:
        projects.delete(tx, user, project)
        database.committed = die

    with pytest.raises(MemoryError):
        act(database, delete_and_die, left=count_builds)
    assert len(build_ids(database)) == BUILDS - PIECE
    with database.reading() as tx:
        project = projects.get(tx, "local", "large")
        assert project.is_deleted
        with pytest.raises(Forbidden):
            permissions.check_update(project.user, project)
        with pytest.raises(Forbidden):
            submission.check_submission(project.user, project, Options())
        assert expiry.is_anything_due(tx)
    assert act(database, lambda tx, *_: expiry.remove_due(tx), left=count_builds) == [4, 1, 0]
    with database.reading() as tx:
        assert projects.find(tx, "local", "large") is None
        assert not expiry.is_anything_due(tx)


def test_a_deleted_project_waits_for_the_build_of_a_webhook(database: Database) -> None:
    with database.writing() as tx:
        project = projects.get(tx, "local", "large")
        project.delete_after = DELETED
        made = packages.rebuild(tx, None, packages.get(tx, project, "other"), project.main_dir, Options())
    with database.writing() as tx:
        expiry.remove_due(tx)
    assert made.id in build_ids(database)
    with database.writing() as tx:
        builds.get(tx, made.id).state = "canceled"
    with database.writing() as tx:
        expiry.remove_due(tx)
    assert build_ids(database) == []


def test_a_project_that_gets_a_build_while_it_is_deleted_waits_for_it(database: Database) -> None:
    def submit(_transaction: Transaction) -> None:
        database.committed = lambda _transaction: None
        with database.writing() as tx:
            project = projects.get(tx, "local", "large")
            packages.rebuild(tx, None, packages.get(tx, project, "other"), project.main_dir, Options())

    def delete_while_a_webhook_submits(tx: Transaction, user: Any, project: Project) -> None:
        projects.delete(tx, user, project)
        database.committed = submit

    act(database, delete_while_a_webhook_submits, left=count_builds)
    assert build_ids(database) == [4, 5, 6, 7, 8, 9, 10, 11]


def test_a_directory_of_a_pull_request_is_emptied_in_pieces(database: Database) -> None:
    with database.writing() as tx:
        directory = ProjectDir(name="large:pr:1", project_id=1)
        tx.session.add(directory)
        tx.session.flush()
        tx.session.execute(update(Build).where(Build.id <= 7).values(dir_id=directory.id))
    assert act(database, lambda tx, *_: expiry.remove_due(tx), left=count_builds) == [7, 4, 3]
    with database.reading() as tx:
        assert number_of(ProjectDir, tx) == 1


def test_a_new_chroot_gets_the_repositories_of_one_directory_at_a_time(database: Database) -> None:
    root = database.data_folder.directory("local", "large").parent
    new = "epel-10-x86_64"
    with database.writing() as tx:
        tx.session.add(MockChroot(name=new, position=1))
        tx.session.add_all(ProjectDir(name=f"large:pr:{number}", project_id=1) for number in range(2))
    counts = act(
        database,
        lambda tx, user, project: projects.edit(tx, user, project, [CHROOT, new], {}),
        left=lambda _: len(list(root.glob(f"*/{new}/repodata/repomd.xml"))),
    )
    assert counts == [1, 2, 3]


def test_a_fork_gets_packages_in_pieces(database: Database) -> None:
    with database.writing() as tx:
        names = [{"project_id": 1, "name": f"more{number}"} for number in range(6)]
        tx.session.execute(insert(Package), names)
    counts = act(
        database,
        lambda tx, user, project: forks.fork(tx, user, project, "local", "copy"),
        left=partial(number_of, Package),
    )
    assert counts == [11, 14, 16]
    assert len(build_ids(database, "copy")) == 2
    counts = act(
        database,
        lambda tx, user, project: forks.fork(tx, user, project, "local", "copy"),
        left=partial(number_of, Package),
    )
    assert counts == [16, 16, 16]
    assert len(build_ids(database, "copy")) == 2


def test_a_push_rebuilds_packages_in_pieces(database: Database) -> None:
    with database.writing() as tx:
        user, project = users.first(tx), projects.get(tx, "local", "large")
        assert user is not None
        for number in range(5):
            origin = sources.scm("https://example.com/all.git")
            packages.add(tx, user, project, f"more{number}", origin, {"webhook_rebuild": True})
    push = webhooks.Push(FORGE, "refs/heads/main", "abc", False, None)
    counts = act(
        database, lambda tx, _, project: webhooks.rebuild_pushed(tx, project, [push]), left=count_builds
    )
    assert counts == [13, 16, 17]


def test_several_pushes_are_carried_out_in_pieces(database: Database) -> None:
    pushes = [webhooks.Push(FORGE, f"refs/heads/b{number}", "abc", False, None) for number in range(4)]
    counts = act(
        database, lambda tx, _, project: webhooks.rebuild_pushed(tx, project, pushes), left=count_builds
    )
    assert counts == [13, 16, 18]


class NotScanned(list[str]):
    def __iter__(self) -> Iterator[str]:
        raise AssertionError("all changed files are read for each package")


def test_the_files_of_a_large_push_are_not_read_for_each_package(database: Database) -> None:
    files = webhooks.changed_paths(["z/1", "./ab/x", "abc", "ab.d/y", "a0/x", "/a/b/c", "none"])
    push = webhooks.Push("https://example.com/other", "main", "abc", False, NotScanned(files))
    with database.writing() as tx:
        user, project = users.first(tx), projects.get(tx, "local", "large")
        assert user is not None
        for name in ("ab", "a", "none"):
            source = sources.scm(push.clone_url, subdirectory=f"./{name}/")
            packages.add(tx, user, project, name, source, {"webhook_rebuild": True})
        made = builds.in_order(tx, webhooks.rebuild_pushed(tx, project, [push]))
        assert [build.package and build.package.name for build in made] == ["ab", "a"]


def test_many_builds_of_a_batch_are_submitted_with_few_queries(database: Database) -> None:
    statements: list[str] = []
    writers = database._dialect.writers
    event.listen(writers, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    origins = [sources.link(f"https://example.com/{number}-1-1.src.rpm") for number in range(50)]
    with database.writing() as tx:
        user, project = users.first(tx), projects.get(tx, "local", "large")
        first = submission.submit(tx, user, project.main_dir, origins[0], Options())
        statements.clear()
        options = Options(chroots=[CHROOT], with_build_id=first.id)
        made = builds.in_order(tx, submission.submit_many(tx, user, project.main_dir, origins, options))
        assert sum(statement.startswith("SELECT") for statement in statements) < 10
        assert [build.source["url"] for build in made] == [origin.parameters["url"] for origin in origins]
        assert [build.id for build in made] == list(range(first.id + 1, first.id + 51))
        assert {build.batch_id for build in made} == {first.batch_id}
        follow = Options(after_build_id=first.id)
        others = builds.some(tx, submission.submit_many(tx, user, project.main_dir, origins[:2], follow))
        assert len({build.batch_id for build in others} - {first.batch_id}) == 2
