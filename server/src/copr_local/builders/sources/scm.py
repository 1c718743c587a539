"""Source type `scm`: one commit of a git repository, made into a source RPM by one of five methods.

    rpkg        the spec, with the files next to it as sources. If it names an archive that is not there, the
                commit is packed. The program rpkg is needed only if the spec is a template: `{{{ ... }}}`
    make_srpm   the target `srpm` of `.copr/Makefile`, with the variables `outdir` and `spec`
    tito        `tito build --srpm` of the newest tag
    tito_test   `tito build --srpm --test` of the commit itself
    packit      `packit srpm`

The methods run in the subdirectory, and see the whole repository. Programs run in the place of the build. The
clone and the Makefile have network access, as at a real Copr; the other programs in an installed root, and on
this machine only if the build has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

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
    """Clone a repository, and make a source RPM or find the spec to make one from.

    :param task: its `source` has `clone_url` and, optional, `committish` (by default HEAD), `subdirectory`,
        `spec` (a path in the subdirectory), `srpm_build_method` (by default `rpkg`) and `type` (only `git` is
        supported).
    :param workspace: the files and the log of the build.
    :returns: the source RPM or the spec.
    :raises BuildFailed: the repository cannot be cloned, a path does not exist or leads out of it, the method
        is not a valid one, or its program is missing or failed.
    :raises BuildCancelled: the build was cancelled.
    :source: Copr documentation, chapter "Build Source Types", section "SCM"
    """
    source = {name: str(value or "") for name, value in task.source.items()}
    kind = source.get("type") or "git"
    if kind != "git":
        raise BuildFailed(f"this service cannot clone repositories of type {kind!r}, only git")
    method = source.get("srpm_build_method") or "rpkg"
    if method not in _METHODS:
        raise BuildFailed(f"{method!r} is not a valid way to make a source RPM: use {', '.join(_METHODS)}")
    checkout = git.check_out(workspace, source["clone_url"], source.get("committish", ""))
    folder = checkout.path(source.get("subdirectory", ""))
    if not folder.is_dir():
        raise BuildFailed(f"{source['subdirectory']!r} is not a folder")
    return _METHODS[method](checkout, folder, source.get("spec", ""))


def spec_in(checkout: Checkout, folder: Path, name: str) -> Path:
    """Return the path of the spec to build.

    :param checkout: the repository.
    :param folder: a folder in it, an absolute path as from `Checkout.path`.
    :param name: path of the spec in that folder; empty for the only spec that is directly in it.
    :returns: the absolute path.
    :raises BuildFailed: the spec does not exist, or no name was given and the folder does not have exactly
        one spec.
    """
    if name:
        spec = checkout.path(f"{folder.relative_to(checkout.root.resolve())}/{name}")
        if not spec.is_file():
            raise BuildFailed(f"{name!r} is not a file")
        return spec
    specs = [path for path in sorted(folder.glob("*.spec")) if path.is_file()]
    if len(specs) != 1:
        names = ", ".join(path.name for path in specs) or "none"
        raise BuildFailed(f"the folder must have one spec, or the build must name one; it has: {names}")
    return checkout.path(str(specs[0].relative_to(checkout.root.resolve())))


def _rpkg(checkout: Checkout, folder: Path, name: str) -> Found:
    """Return the spec, which can pack missing archives; run rpkg if the spec is a template."""
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
    """Make the source RPM with `.copr/Makefile`."""
    makefile = checkout.path(".copr/Makefile")
    inside = checkout.workspace.sandbox.inside
    spec = inside(checkout.path(f"{folder.relative_to(checkout.root.resolve())}/{name}"))
    return _run(
        checkout,
        folder,
        "make",
        lambda out: ["-f", inside(makefile), "srpm", f"outdir={out}", f"spec={spec}"],
        installs=True,
    )


def _tito(checkout: Checkout, folder: Path, _name: str) -> Found:
    """Make the source RPM of the newest tag with tito."""
    return _run(checkout, folder, "tito", lambda out: ["build", "--offline", "--srpm", "--output", out])


def _tito_test(checkout: Checkout, folder: Path, _name: str) -> Found:
    """Make the source RPM of the commit with tito."""
    return _run(
        checkout, folder, "tito", lambda out: ["build", "--offline", "--test", "--srpm", "--output", out]
    )


def _packit(checkout: Checkout, folder: Path, _name: str) -> Found:
    """Make the source RPM with packit."""
    return _run(checkout, folder, "packit", lambda out: ["srpm", "--output", f"{out}/packit.src.rpm", "."])


_METHODS: Mapping[str, Callable[[Checkout, Path, str], Found]] = {
    "rpkg": _rpkg,
    "make_srpm": _make_srpm,
    "tito": _tito,
    "tito_test": _tito_test,
    "packit": _packit,
}


def _run(
    checkout: Checkout,
    folder: Path,
    program: str,
    arguments: Callable[[str], Sequence[str]],
    *,
    installs: bool = False,
) -> Found:
    """Run a program that makes a source RPM; `arguments` is called with the folder to write it to.

    `installs` is True for a program that may install packages for itself.
    """
    sandbox, log, place = checkout.workspace.sandbox, checkout.workspace.log, checkout.workspace.place
    path = place.require(program)
    made = sandbox.make_directory(sandbox.home / "made")
    command = [path, *arguments(sandbox.inside(made))]
    log.line(f"Running {program} {' '.join(command[1:])}")
    tail = Tail(log)
    if installs:
        status = place.run_installer(command, tail, folder, made)
    else:
        status = place.run(command, tail, directory=folder, network=place.has_network)
    if status != 0:
        reason = last_error(tail.text) or tail.last_line
        raise BuildFailed(f"{program} exited with {status}{f': {reason}' if reason else ''}")
    return only_source_rpm(checkout.workspace, "made", program)


def only_source_rpm(workspace: Workspace, folder: str, maker: str) -> Found:
    """Return the only source RPM in a folder of the sandbox's home, or below it.

    :param workspace: the files and the log of the build.
    :param folder: path of the folder, relative to the sandbox's home.
    :param maker: name of the program that made it, for error texts.
    :returns: the source RPM.
    :raises BuildFailed: the folder does not have exactly one source RPM.
    """
    files = regular_files(workspace.sandbox.home, folder, ".src.rpm")
    if len(files) != 1:
        names = ", ".join(file.name for file in files) or "none"
        raise BuildFailed(f"{maker} must make exactly one source RPM, but it made: {names}")
    return Found(files[0], files[0].name)
