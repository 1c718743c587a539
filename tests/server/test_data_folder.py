"""The data folder: everything in its trash is removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from copr_local.data.data_folder import DataFolder
from copr_local.filesystem import remove_tree

DEEP = 3000  # nested folders: more than Python's recursion limit, and a path that is too long for the kernel


def make_deep(folder: Path) -> None:
    folder.mkdir()
    inner = os.open(folder, os.O_DIRECTORY)
    for _ in range(DEEP):
        os.mkdir("deep", dir_fd=inner)
        outer, inner = inner, os.open("deep", os.O_DIRECTORY, dir_fd=inner)
        os.close(outer)
    os.close(inner)


def test_the_trash_is_emptied_of_files_links_and_deep_folders(data_folder: DataFolder) -> None:
    make_deep(data_folder.trash / "a deep folder")
    (data_folder.trash / "file").write_text("x")
    kept = data_folder.path / "kept"
    kept.mkdir()
    (data_folder.trash / "link").symlink_to(kept)
    (data_folder.trash / "z" / "folder").mkdir(parents=True)
    data_folder.empty_trash()
    assert not list(data_folder.trash.iterdir())
    assert kept.exists()


def test_what_cannot_be_removed_keeps_nothing_else_in_the_trash(
    data_folder: DataFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(3):
        make_deep(data_folder.trash / f"deep{number}")
        (data_folder.trash / f"file{number}").touch()
    caplog.set_level("INFO")

    def not_deep(*_: object, **__: object) -> None:  # as in Python before 3.13
        raise RecursionError

    with monkeypatch.context() as lacking:
        lacking.setattr("shutil.rmtree", not_deep)
        lacking.setenv("PATH", str(data_folder.uploads))
        data_folder.empty_trash()
    assert sorted(entry.name for entry in data_folder.trash.iterdir()) == ["deep0", "deep1", "deep2"]
    assert "the program rm, which removes folders, is not in PATH: apt-get install coreutils" in caplog.text
    data_folder.empty_trash()
    assert not list(data_folder.trash.iterdir())


def test_a_folder_that_forbids_it_is_removed_too(tmp_path: Path) -> None:
    (tmp_path / "tree/inner").mkdir(parents=True)
    (tmp_path / "tree/inner").chmod(0)
    (tmp_path / "tree").chmod(0)
    remove_tree.remove_tree(tmp_path / "tree")
    remove_tree.remove_tree(tmp_path / "nothing")
    assert not list(tmp_path.iterdir())
