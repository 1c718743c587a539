"""Checks out one commit of a git repository in the sandbox.

git runs inside the sandbox, and gets network access also in a build that has none. It never prompts for a
password and reads no settings of the system or of a user. Submodules are fetched from web and git servers
only. The submitter may also name a repository on this machine (`file:///srv/hello.git`); the sandbox then
shows that folder to git, read-only.
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
    """A working tree with one commit checked out.

    :param workspace: the files and the log of the build.
    :param root: top folder of the working tree.
    :param commit: full hash of the commit.
    """

    workspace: Workspace
    root: Path
    commit: str

    def path(self, name: str) -> Path:
        """Return the path of a file or folder in the repository.

        :param name: its path in the repository, as the submitter wrote it; empty for the top folder.
        :returns: the absolute path, with links resolved.
        :raises BuildFailed: it does not exist, or a link or `..` leads out of the repository.
        """
        found = self.root / name.lstrip("/")
        try:
            real = found.resolve(strict=True)
        except (OSError, RuntimeError, ValueError):  # RuntimeError: a loop of links
            raise BuildFailed(f"{name!r} does not exist in commit {self.commit[:12]}") from None
        if not real.is_relative_to(self.root.resolve()):
            raise BuildFailed(f"{name!r} leads out of the repository")
        return real

    def archive(self, folder: Path, name: str, target: Path) -> None:
        """Write an archive of the commit, or of one folder of it.

        :param folder: folder to pack, an absolute path as from `path`.
        :param name: name of the top folder in the archive.
        :param target: file to write, in the sandbox's home; its suffix decides the format.
        :raises BuildFailed: git cannot write the archive.
        :raises BuildCancelled: the build was cancelled.
        :source: git-archive(1)
        """
        inner = folder.relative_to(self.root.resolve()).as_posix()
        tree = self.commit if inner == "." else f"{self.commit}:{inner}"
        inside = self.workspace.sandbox.inside
        command = ["archive", f"--prefix={name}/", f"--output={inside(target)}", tree]
        _git(self.workspace, command, self.root, f"cannot pack {target.name}", options=_COMPRESSED)


def check_out(workspace: Workspace, url: str, committish: str) -> Checkout:
    """Clone a repository and check out one commit, with its submodules.

    :param workspace: the files and the log of the build; the clone is in its folder, as `repository`.
    :param url: an http, https, git or file URL without credentials.
    :param committish: name of a branch, tag, commit or reference; empty for the HEAD of the repository. A
        branch goes before a tag of the same name.
    :returns: the working tree.
    :raises BuildFailed: git is not installed, the URL cannot be cloned, the commit does not exist, or a
        submodule cannot be fetched.
    :raises BuildCancelled: the build was cancelled.
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
    """Return the folders that the sandbox must show to clone the URL; raise if it is not allowed."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise BuildFailed(f"{url!r} is not a valid URL: {error}") from error
    if parts.scheme not in _SCHEMES or (parts.scheme == "file") == bool(parts.netloc):
        raise BuildFailed(f"only http, https, git and file URLs can be cloned, not {url!r}")
    if parts.username or parts.password:
        raise BuildFailed("the URL has credentials, which this service does not send: remove them")
    if parts.scheme != "file":
        return []
    path = Path(os.path.realpath(urllib.parse.unquote(parts.path)))
    if not path.is_dir():
        raise BuildFailed(f"the repository {path} does not exist")
    return [path]


def _commit(workspace: Workspace, root: Path, committish: str, sees: Sequence[Path]) -> str:
    """Return the full hash of a commit, and fetch the commit if the clone does not have it."""
    for name in (f"refs/remotes/origin/{committish}", committish) if committish else ("HEAD",):
        status, answer = _read(workspace, ["rev-parse", "--quiet", "--verify", f"{name}^{{commit}}"], root)
        if status == 0:
            break
    else:  # a clone does not fetch all references, for example not refs/pull/7/head
        fetch = ["fetch", "--quiet", "--tags", "origin", committish]
        missing = f"the repository has no branch, tag or commit {committish!r}"
        _git(workspace, fetch, root, missing, online=True, sees=sees)
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
"""  # safe: a repository of this machine has another owner than the build. user: tito and packit may commit


def _command(arguments: Sequence[str], options: Sequence[str] = (), *, local: bool = False) -> list[str]:
    """Return the command that runs git with an environment of its own."""
    # As in git itself: `file` is allowed for the submitter's URL, but not for the URLs of submodules.
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
    """Run git in the sandbox; if it fails, raise `BuildFailed` with `failed` and git's first error."""
    tail = Tail(workspace.log)
    local = bool(sees) and arguments[0] != "submodule"
    command = _command(arguments, options, local=local)
    status = workspace.sandbox.run(command, tail, directory=directory, network=online, sees=sees)
    if status != 0:
        reasons = _FATAL.findall(tail.text)
        raise BuildFailed(f"{failed}: {reasons[0] if reasons else f'git exited with {status}'}")


def _read(workspace: Workspace, arguments: Sequence[str], directory: Path) -> tuple[int, str]:
    """Run git in the sandbox, and return its exit status and output."""
    return workspace.sandbox.read(_command(arguments), directory=directory)
