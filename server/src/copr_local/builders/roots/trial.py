"""Finds out if this machine can install roots, by trying what the installation begins with."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from ..sandbox.sandbox import Sandbox
from ..tasks import BuildFailed, Limits
from .namespace import CAPABILITIES, Folders, Ids, find_ids
from .session import Session
from .tools import HOW_TO_GET_DNF, find_dnf


def examine_roots() -> tuple[bool, str]:
    """Try to make the namespaces of a root.

    :returns: True if it is possible, and how; or False, and what to install.
    """
    if find_dnf() is None:
        return False, f"dnf 4 is not installed: {HOW_TO_GET_DNF}"
    try:
        with (
            tempfile.TemporaryDirectory(prefix="copr-local-") as folder,
            Sandbox(Path(folder) / "work", Limits(), threading.Event(), timeout=20) as sandbox,
        ):
            ids = find_ids(Path(folder))
            session = Session(sandbox, ids)
            tree = session.scratch("tree")
            tree.mkdir()
            view = ["--bind", "/", "/", "--proc", "/proc", "--dev", "/dev", *CAPABILITIES]
            status, answer = session.read(Folders({}, [tree]), view, ["true"])
    except (BuildFailed, OSError) as error:
        return False, str(error)
    if status != 0:
        return False, (answer.strip().splitlines() or [f"a trial exited with {status}"])[-1]
    return True, _describe(ids)


def _describe(ids: Ids) -> str:
    """Return which ids roots have."""
    if ids.is_single:
        return "with one id: for a range of ids, install newuidmap and see /etc/subuid"
    return f"with {sum(count for _, _, count in ids.users)} ids of their own"
