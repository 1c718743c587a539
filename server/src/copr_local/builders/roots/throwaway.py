"""Runs a program as root of an installed root that it may change, and that is thrown away afterwards.

So a `.copr/Makefile` can call `dnf -y install`, as at a real Copr. The program is a stranger's: it is root
only in the user namespace of the root, with the capabilities that scriptlets have. It has the network. It can
change nothing of this machine but copies: of the root, and of the sandbox's home. Of these, only the files
that it was run for are kept. Its files may belong to any id of the root, so they are in the store of the
roots, which can remove them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ..results import regular_files
from ..sandbox.process import Output
from ..sandbox.resource_usage import size
from ..tasks import BuildFailed
from .configuration import for_dnf
from .installed import InstalledRoot
from .namespace import CAPABILITIES, PLACE, ROOT, Folders, in_memory

_USER = {"USER": "root", "LOGNAME": "root", "TMPDIR": "/tmp"}  # noqa: S108 - the root's own


def run_as_root(
    root: InstalledRoot, command: Sequence[str], output: Output, *, directory: Path, made: Path, suffix: str
) -> int:
    """Run a program as root, with the network, in a copy of the sandbox's home.

    :param root: the root; it stays as it is.
    :param command: program and arguments.
    :param output: takes each piece of stdout and stderr, as bytes.
    :param directory: current directory, as the service sees it; in the sandbox's home.
    :param made: folder in the sandbox's home; the files that the program leaves there are copied back.
    :param suffix: end of the names of these files, such as `.src.rpm`.
    :returns: the exit status.
    :raises BuildCancelled: the build was cancelled.
    :raises BuildFailed: a limit was exceeded, or a file cannot be read.
    """
    sandbox, store = root.sandbox, root.store
    name = f"throwaway-{hashlib.sha256(os.fsencode(sandbox.work)).hexdigest()[:24]}"
    with store.throwaway(name, sandbox.check) as folder, sandbox.counting(folder):
        layers, changes = root.writable(folder)
        home = store.folder(folder / "home")
        _copy_home(root, home)
        settings = store.folder(sandbox.outside / name)
        configuration, repositories = root.configuration, root.repositories
        (settings / "dnf.conf").write_text(for_dnf(configuration, repositories, in_root=True))
        named = {"home": home, "settings": settings, "hosts": sandbox.work / "network-hosts"}
        named["resolver"] = sandbox.work / "resolv.conf"
        named["shm"] = store.folder(folder / "shm")
        inside = sandbox.inside
        shown, options = root.installer.shown_repositories()
        view = [
            *("--bind", ROOT, "/", "--proc", "/proc", "--dev", "/dev", *in_memory("/run")),
            *("--bind", f"{PLACE}/shm", "/dev/shm", "--remount-ro", "/dev"),  # noqa: S108 - counted, unlike /dev
            *("--bind", f"{PLACE}/home", inside(sandbox.home)),
            *("--ro-bind", f"{PLACE}/hosts", "/etc/hosts"),
            *("--ro-bind", f"{PLACE}/resolver", "/etc/resolv.conf"),
            *("--ro-bind", f"{PLACE}/settings/dnf.conf", "/etc/dnf/dnf.conf"),
            *options,
            *("--chdir", inside(directory), *CAPABILITIES),
        ]
        status = root.session.run(
            Folders(named | shown, layers, changes),
            view,
            command,
            output,
            environment=_USER | {"HOME": inside(sandbox.home)},
            network=True,
            installs=True,
        )
        files = regular_files(home, str(made.relative_to(sandbox.home)), suffix)
        if (
            sum(file.stat().st_size for file in files) > sandbox.limits.disk
        ):  # empty blocks are not counted yet
            raise BuildFailed(f"its files are larger than {size(sandbox.limits.disk)}")
        for file in files:
            _take(root, file, made / file.name)
        return status


def _copy_home(root: InstalledRoot, home: Path) -> None:
    """Copy the sandbox's home to a folder, for the root user of the namespace."""
    # Modes are not preserved: a file that is set-user-ID would be so for the service, until it is given away.
    copy = ["cp", "-r", "--no-target-directory", "--preserve=timestamps,links"]
    output = bytearray()
    status = root.sandbox.run_outside([*copy, str(root.sandbox.home), str(home)], output.extend)
    owner = root.store.ids.owner
    if status == 0 and owner is not None:
        own = ["chown", "--recursive", "--no-dereference", f"{owner}:{owner}", str(home)]
        status = root.sandbox.run_outside(own, output.extend)
    if status != 0:
        raise BuildFailed(f"the sources cannot be copied: {output.decode(errors='replace')[-300:].strip()}")


def _take(root: InstalledRoot, file: Path, target: Path) -> None:
    """Copy a file that the program made into the sandbox's home."""
    try:
        copy = shutil.copyfile(file, root.sandbox.outside / "made", follow_symlinks=False)
    except PermissionError:
        raise BuildFailed(f"{file.name} cannot be read: nobody but its owner may") from None
    root.sandbox.place(Path(copy), target)
