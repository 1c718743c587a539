"""Source type `distgit`: a package's repository in a dist-git, and its large files from the lookaside cache.

The file `sources` in the repository lists them with checksums: `SHA512 (hello-1.0.tar.gz) = 0d1c...`, or in
the old format `d41d8cd98f00b204e9800998ecf8427e  hello-1.0.tar.gz`. If a checksum does not match, the build
fails.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..tasks import BuildFailed, SourceTask
from . import bounded_file, git
from .git import Checkout
from .scm import spec_in
from .workspace import Found, Workspace

_NAME = r"(?P<name>(?!\.)[A-Za-z0-9_.+~^@-]+)"
_LINES = (
    re.compile(rf"(?P<kind>[A-Z0-9]+) \({_NAME}\) = (?P<hash>[0-9a-f]+)"),
    re.compile(rf"(?P<hash>[0-9a-f]{{32}})\s+\*?{_NAME}"),
)
_HASHES = {"md5", "sha1", "sha224", "sha256", "sha384", "sha512"} & hashlib.algorithms_available


@dataclass(frozen=True)
class _Large:
    """A large file: its name, and its checksum as the name of a hash and hex digits."""

    name: str
    kind: str
    hash: str


def fetch(task: SourceTask, workspace: Workspace) -> Found:
    """Clone the repository of a package, and download its large files.

    :param task: its `source` has `clone_url` and, optional, `committish` (by default HEAD) and `distgit` (the
        name of the dist-git, which decides the lookaside cache).
    :param workspace: the files and the log of the build.
    :returns: the spec; its name is that of the repository, or it is the only spec.
    :raises BuildFailed: the repository cannot be cloned, has no spec or a damaged file `sources`, or a large
        file cannot be downloaded or does not match its checksum.
    :raises BuildCancelled: the build was cancelled.
    """
    url = str(task.source["clone_url"])
    checkout = git.check_out(workspace, url, str(task.source.get("committish") or ""))
    package = PurePosixPath(url).name.removesuffix(".git")
    pattern = workspace.settings.lookaside.get(str(task.source.get("distgit") or ""), "")
    for large in _large_files(checkout):
        if not pattern:
            raise BuildFailed(f"the lookaside cache for {large.name} is not known: set it with --lookaside")
        address = _address(pattern, package, large)
        workspace.download(address, checkout.root / large.name, (large.kind, large.hash), is_index=True)
    own = f"{package}.spec"
    spec = spec_in(checkout, checkout.path(""), own if (checkout.root / own).is_file() else "")
    return Found(spec, spec.name)


def _address(pattern: str, package: str, large: _Large) -> str:
    """Return the URL of a large file in the lookaside cache."""
    try:
        return pattern.format(name=package, filename=large.name, hashtype=large.kind, hash=large.hash)
    except (LookupError, ValueError) as error:
        raise BuildFailed(f"the URL of the lookaside cache has unknown placeholders: {pattern!r}") from error


def _large_files(checkout: Checkout) -> Iterator[_Large]:
    """Yield the files that `sources` lists; none if the repository does not have that file."""
    if not (checkout.root / "sources").is_file():
        return
    content = bounded_file.read(checkout.path("sources"), "the file sources")
    for line in content.decode(errors="replace").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = next(filter(None, (form.fullmatch(line.strip()) for form in _LINES)), None)
        found = match.groupdict() if match else {}
        kind = str(found.get("kind", "MD5")).lower()
        if not found or kind not in _HASHES:
            raise BuildFailed(f"the file sources has a line that is not valid: {line[:100]!r}")
        yield _Large(found["name"], kind, found["hash"])
