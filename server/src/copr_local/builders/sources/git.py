"""Gets one commit of a git repository into the sandbox.

git runs inside the sandbox, and is the only program of the build that is given network. It never asks for a
password, reads nobody's settings, and follows the URLs of submodules to web and git servers only; a
repository on this machine (`file:///srv/hello.git`) is shown to it read-only, where the submitter named it.
"""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import tools
from ..log import Tail
from ..tasks import BuildFailed
from .workspace import Workspace

_COMMITTISH = re.compile(r"(?!-)[A-Za-z0-9_./@+#~^{}=-]{1,250}")
_FATAL = re.compile(r"^(?:fatal|error): (.+)$", re.MULTILINE)
_SCHEMES = ("http", "https", "git", "file")


@dataclass(frozen=True)
class Checkout:
    """A commit, checked out: `root` is its top folder, `commit` its full hash."""

    workspace: Workspace
    root: Path
    commit: str

    def path(self, name: str) -> Path:
        """A file or folder of the repository, by the name that the submitter gave it.

        Raises `BuildFailed`: it is not there, or leads out of the repository.
        """
        found = self.root / name.lstrip("/")
        try:
            real = found.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):  # RuntimeError: links in a circle
            raise BuildFailed(f"there is no {name!r} in commit {self.commit[:12]}") from None
        if not real.is_relative_to(self.root.resolve()):
            raise BuildFailed(f"{name!r} leads out of the repository")
        return real

    def archive(self, folder: Path, name: str, target: Path) -> None:
        """Pack what the commit has in `folder` into `target`, below a folder called `name`."""
        inner = folder.relative_to(self.root.resolve()).as_posix()
        tree = self.commit if inner == "." else f"{self.commit}:{inner}"
        inside = self.workspace.sandbox.inside
        command = ["archive", f"--prefix={name}/", f"--output={inside(target)}", tree]
        _git(self.workspace, command, self.root, f"cannot pack {target.name}", options=_COMPRESSED)


def check_out(workspace: Workspace, url: str, committish: str) -> Checkout:
    """Clone `url` and check out a branch, tag, commit or reference, by default its HEAD; submodules too.

    Raises `BuildFailed`: git is not installed, the URL cannot be cloned, or there is no such commit.
    """
    tools.require("git")
    sees = _local(url)
    if committish and not _COMMITTISH.fullmatch(committish):
        raise BuildFailed(f"{committish!r} is not the name of a branch, tag or commit")
    settings = workspace.sandbox.outside / "gitconfig"
    settings.write_text(_SETTINGS)
    workspace.sandbox.place(settings, workspace.sandbox.home / ".gitconfig")
    workspace.log.line(f"Cloning {url}")
    root = workspace.folder / "repository"
    inside = workspace.sandbox.inside(root)
    clone = ["clone", "--quiet", "--no-checkout", "--", url, inside]
    _git(workspace, clone, workspace.folder, f"cannot clone {url}", online=True, sees=sees)
    commit = _commit(workspace, root, committish, sees)
    missing = f"cannot check out {committish or commit}"
    _git(workspace, ["checkout", "--quiet", "--detach", commit], root, missing)
    if (root / ".gitmodules").is_file():
        workspace.log.line("Fetching submodules")
        update = ["submodule", "--quiet", "update", "--init", "--recursive"]
        _git(workspace, update, root, "cannot fetch the submodules", online=True, sees=sees)
    return Checkout(workspace, root, commit)


def _local(url: str) -> list[Path]:
    """What the sandbox must see to clone `url`; raises if nobody should clone it."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise BuildFailed(f"{url!r} is not a URL: {error}") from error
    if parts.scheme not in _SCHEMES or (parts.scheme == "file") == bool(parts.netloc):
        raise BuildFailed(f"only http, https, git and file URLs can be cloned, not {url!r}")
    if parts.username or parts.password:
        raise BuildFailed("the URL carries credentials: this service neither keeps nor sends them")
    if parts.scheme != "file":
        return []
    path = Path(os.path.realpath(urllib.parse.unquote(parts.path)))
    if not path.is_dir():
        raise BuildFailed(f"there is no repository {path}")
    return [path]


def _commit(workspace: Workspace, root: Path, committish: str, sees: Sequence[Path]) -> str:
    for name in (f"refs/remotes/origin/{committish}", committish) if committish else ("HEAD",):
        status, answer = _read(workspace, ["rev-parse", "--quiet", "--verify", f"{name}^{{commit}}"], root)
        if status == 0:
            break
    else:  # what a clone does not bring along, such as refs/pull/7/head
        fetch = ["fetch", "--quiet", "--tags", "origin", committish]
        _git(workspace, fetch, root, f"there is no {committish!r} in it", online=True, sees=sees)
        _, answer = _read(workspace, ["rev-parse", "FETCH_HEAD^{commit}"], root)
    commit = answer.strip()
    _, subject = _read(workspace, ["show", "--no-patch", "--format=%cs %s", commit], root)
    workspace.log.line(f"Commit {commit}: {subject.strip()}")
    return commit


_COMPRESSED = ("-c", "tar.tar.xz.command=xz -c", "-c", "tar.tar.bz2.command=bzip2 -c")
_ALONE = ("env", "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1")
_SETTINGS = """\
[safe]
    directory = *
[user]
    name = Copr
    email = copr@localhost
"""  # a repository of this machine has another owner than the build; tito and packit may commit


def _command(arguments: Sequence[str], options: Sequence[str] = (), *, local: bool = False) -> list[str]:
    # git's own rule: `file` is for the URL that a person gave, and not for those in a repository.
    protocols = f"GIT_ALLOW_PROTOCOL=http:https:git{':file' if local else ''}"
    return [*_ALONE, protocols, "git", *options, *arguments]


def _git(
    workspace: Workspace,
    arguments: Sequence[str],
    directory: Path,
    failed: str,
    *,
    online: bool = False,
    sees: Sequence[Path] = (),
    options: Sequence[str] = (),
) -> None:
    tail = Tail(workspace.log)
    local = bool(sees) and arguments[0] != "submodule"
    command = _command(arguments, options, local=local)
    status = workspace.sandbox.run(command, tail, directory=directory, network=online, sees=sees)
    if status != 0:
        reasons = _FATAL.findall(tail.text)
        raise BuildFailed(f"{failed}: {reasons[0] if reasons else f'git exited with {status}'}")


def _read(workspace: Workspace, arguments: Sequence[str], directory: Path) -> tuple[int, str]:
    return workspace.sandbox.read(_command(arguments), directory=directory)
