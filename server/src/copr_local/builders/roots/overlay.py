"""Overlays of roots: what is written goes into a folder of its own, and the root does not change."""

from __future__ import annotations

from pathlib import Path

from .namespace import CAPABILITIES, Folders
from .session import Session
from .store import Store

_overlay: dict[Path, bool] = {}


def overlay_works(session: Session, store: Store) -> bool:
    """Return True if this machine can mount an overlay in a namespace of roots; the result is kept.

    :param session: runs the trial.
    :param store: the roots, on whose file system the overlay would be.
    :returns: False if roots have to be copied.
    """
    if store.path not in _overlay:
        trial = session.scratch("overlay")
        trial.mkdir()
        lower = store.folder(trial / "lower")
        changes = prepare_changes(store, store.folder(trial / "changes"))
        view = ["--bind", "/", "/", *CAPABILITIES]
        status, _ = session.read(Folders({}, [lower], changes), view, ["true"])
        store.remove(trial)
        _overlay[store.path] = status == 0
    return _overlay[store.path]


def prepare_changes(store: Store, folder: Path) -> Path:
    """Prepare a folder to take what is written into an overlay.

    :param store: knows who owns the files of roots.
    :param folder: the folder; it exists.
    :returns: the same path.
    :raises OSError: a folder cannot be created.
    """
    for name in ("upper", "work"):
        store.folder(folder / name)
    return folder
