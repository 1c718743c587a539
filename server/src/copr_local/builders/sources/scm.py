"""Source type `scm`: one commit of a git repository, made into a source RPM by one of five methods.

    rpkg        the spec and what lies next to it; archives that it names and nobody has are packed from the
                commit. Needs no program of that name, unless the spec is one of its templates: `{{{ ... }}}`
    make_srpm   the target `srpm` of `.copr/Makefile`, which is told `outdir` and `spec`
    tito        tito build --srpm, of the newest tag; tito_test: of the commit itself
    packit      packit srpm

The methods work in the subdirectory, the whole repository around them; programs of a repository run in the
sandbox, with the network of the build and not that of the clone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .. import tools
from ..log import Tail
from ..results import regular_files
from ..rpm import last_error
from ..tasks import BuildFailed, SourceTask
from . import bounded_file, git
from .git import Checkout
from .workspace import Found, Workspace

_ARCHIVE = re.compile(r"([A-Za-z0-9_][A-Za-z0-9._+~^-]{0,150})\.(?:tar|tar\.gz|tgz|tar\.xz|tar\.bz2|zip)")
_TEMPLATE = b"{{{"


def fetch(task: SourceTask, workspace: Workspace) -> Found:
    """Clone `clone_url`, check out `committish` and make a source RPM, or find the spec to make one of.

    `task.source` also has `type` (`git`), `subdirectory`, `spec` (a path in the subdirectory) and
    `srpm_build_method`.

    Raises `BuildFailed`: it cannot be cloned, a path is not there or leads out of the repository, the method
    is none, its program is missing or makes no source RPM.
    """
    source = {name: str(value or "") for name, value in task.source.items()}
    kind = source.get("type") or "git"
    if kind != "git":
        raise BuildFailed(f"repositories of type {kind!r} cannot be cloned by this service: only git")
    method = source.get("srpm_build_method") or "rpkg"
    if method not in _METHODS:
        raise BuildFailed(f"{method!r} is no way to make a source RPM: use {', '.join(_METHODS)}")
    checkout = git.check_out(workspace, source["clone_url"], source.get("committish", ""))
    folder = checkout.path(source.get("subdirectory", ""))
    if not folder.is_dir():
        raise BuildFailed(f"{source['subdirectory']!r} is no folder")
    return _METHODS[method](checkout, folder, source.get("spec", ""))


def spec_in(checkout: Checkout, folder: Path, name: str) -> Path:
    """The spec of this name in `folder`; where no name is given, the only one that is there.

    Raises `BuildFailed`: there is none, or more than one.
    """
    if name:
        spec = checkout.path(f"{folder.relative_to(checkout.root.resolve())}/{name}")
        if not spec.is_file():
            raise BuildFailed(f"{name!r} is no file")
        return spec
    specs = [path for path in sorted(folder.glob("*.spec")) if path.is_file()]
    if len(specs) != 1:
        names = ", ".join(path.name for path in specs) or "none"
        raise BuildFailed(f"say which spec to build: in the folder there is {names}")
    return checkout.path(str(specs[0].relative_to(checkout.root.resolve())))


def _rpkg(checkout: Checkout, folder: Path, name: str) -> Found:
    spec = spec_in(checkout, folder, name)
    if _TEMPLATE in bounded_file.read(spec, spec.name):
        inside = checkout.workspace.sandbox.inside
        return _run(checkout, folder, "rpkg", lambda out: ["srpm", "--outdir", out, "--spec", inside(spec)])

    def pack(source: str, target: Path) -> bool:
        archive = _ARCHIVE.fullmatch(source)
        if archive is not None:
            checkout.workspace.log.line(f"Packing the commit as {source}")
            checkout.archive(folder, archive[1], target)
        return archive is not None

    return Found(spec, spec.name, pack)


def _make_srpm(checkout: Checkout, folder: Path, name: str) -> Found:
    makefile = checkout.path(".copr/Makefile")
    inside = checkout.workspace.sandbox.inside
    checkout.workspace.log.line(
        "The Makefile runs with the programs of this machine, and not as root: it cannot install others"
    )
    spec = inside(checkout.path(f"{folder.relative_to(checkout.root.resolve())}/{name}"))
    return _run(
        checkout,
        folder,
        "make",
        lambda out: ["-f", inside(makefile), "srpm", f"outdir={out}", f"spec={spec}"],
    )


def _tito(checkout: Checkout, folder: Path, _name: str) -> Found:
    return _run(checkout, folder, "tito", lambda out: ["build", "--offline", "--srpm", "--output", out])


def _tito_test(checkout: Checkout, folder: Path, _name: str) -> Found:
    return _run(
        checkout, folder, "tito", lambda out: ["build", "--offline", "--test", "--srpm", "--output", out]
    )


def _packit(checkout: Checkout, folder: Path, _name: str) -> Found:
    return _run(checkout, folder, "packit", lambda out: ["srpm", "--output", f"{out}/packit.src.rpm", "."])


_METHODS: Mapping[str, Callable[[Checkout, Path, str], Found]] = {
    "rpkg": _rpkg,
    "make_srpm": _make_srpm,
    "tito": _tito,
    "tito_test": _tito_test,
    "packit": _packit,
}


def _run(checkout: Checkout, folder: Path, program: str, arguments: Callable[[str], Sequence[str]]) -> Found:
    """Run a program in `folder` that puts a source RPM into the directory that `arguments` is told."""
    sandbox, log = checkout.workspace.sandbox, checkout.workspace.log
    tool = tools.require(program)
    made = sandbox.make_directory(sandbox.home / "made")
    command = [tool.path, *arguments(sandbox.inside(made))]
    log.line(f"Running {program} {' '.join(command[1:])}")
    tail = Tail(log)
    status = sandbox.run(command, tail, directory=folder, sees=tool.sees)
    if status != 0:
        reason = last_error(tail.text) or tail.last_line
        raise BuildFailed(f"{program} exited with {status}{f': {reason}' if reason else ''}")
    return only_source_rpm(checkout.workspace, "made", program)


def only_source_rpm(workspace: Workspace, folder: str, maker: str) -> Found:
    """The source RPM that a program left in a folder of the sandbox's home, or below it.

    Raises `BuildFailed`: there is none, or more than one.
    """
    files = regular_files(workspace.sandbox.home, folder, ".src.rpm")
    if len(files) != 1:
        names = ", ".join(file.name for file in files) or "none"
        raise BuildFailed(f"{maker} was to make one source RPM: it made {names}")
    return Found(files[0], files[0].name)
