"""The folder of the roots: which roots are used, who can reach them, and what of it is removed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from copr_local.builders.roots.namespace import ROOT, Folders, Ids, find_ids
from copr_local.builders.roots.session import Session
from copr_local.builders.roots.store import Store
from copr_local.builders.sandbox.sandbox import Confinement, Sandbox
from copr_local.builders.tasks import Limits


def test_a_root_that_the_disk_may_not_have_is_made_again_after_a_crash(tmp_path):
    """Builds do not wait for the disk. Until the disk has a root, it counts only in the boot that made it."""
    store = Store(tmp_path / "roots", Ids((), ()))
    made: list[Path] = []

    def use() -> Path:
        with store.using("layer-1", made.append, lambda: None) as root:
            pass
        limit = time.monotonic() + 60
        while (root / "unsynced").exists() and len(made) > len(synced):
            assert time.monotonic() < limit
            time.sleep(0.01)
        synced[:] = made
        return root

    synced: list[Path] = []
    unsynced = use() / "unsynced"
    assert not unsynced.exists()

    unsynced.write_text(Path("/proc/sys/kernel/random/boot_id").read_text())
    use()
    assert len(made) == 1

    for crashed in ("another boot\n", ""):
        unsynced.write_text(crashed)
        use()
    assert len(made) == 3


def test_downloads_that_no_build_uses_are_removed(tmp_path):
    """The kernel sets the time of the last use, so the test changes how long ago it has to be."""
    folder = tmp_path / "roots"
    store = Store(folder, find_ids(folder))
    packages = store.folder(store.folder(store.cache / "fedora-0123456789abcdef") / "packages")
    (packages / "hello-1-1.noarch.rpm").write_text("a package")
    (store.cache / "fedora.solv").write_text("metadata")

    store.remove_unused()
    assert len(list(store.cache.rglob("*"))) == 4
    with store.locked("cache", lambda: None):
        store.remove_unused(0)
    assert len(list(store.cache.rglob("*"))) == 4
    store.remove_unused(0)
    assert not list(store.cache.rglob("*"))


@pytest.mark.parametrize("link", ["/oldroot{}", "../oldroot{}", "../../../../../../../..{}"])
def test_a_root_whose_package_has_made_a_link_out_of_it_is_not_used(tmp_path, bubblewrap: Confinement, link):
    """bwrap would follow the link, and make folders there."""
    outside = tmp_path / "outside"
    outside.mkdir()
    with Sandbox(tmp_path / "work", Limits(), threading.Event(), confinement=bubblewrap) as sandbox:
        store = Store(tmp_path / "roots", find_ids(tmp_path / "roots"))
        session = Session(sandbox, store.ids)
        tree = store.folder(store.folder(store.path / "layer-1") / "tree")
        (tree / "var").symlink_to(link.format(outside))
        view = ["--ro-bind", ROOT, "/", "--tmpfs", "/var/tmp/made"]
        status, answer = session.read(Folders({}, [tree]), view, ["true"])
        store.remove(tree.parent)
    assert status == 1
    assert answer.startswith("error: a package of this root has replaced /var/tmp/made by a link")
    assert list(outside.iterdir()) == []


def test_nobody_else_can_start_the_programs_of_roots(tmp_path):
    folder = tmp_path / "roots"
    folder.mkdir(mode=0o755)
    assert Store(folder, Ids((), ())).path.stat().st_mode & 0o777 == 0o700
