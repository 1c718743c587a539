"""What dnf resolved earlier, kept for builds that ask the same again: a run of dnf takes a second.

- The key of an answer stands for the root, the command, and the options of the build's repositories.
- An answer comes with what it is about: the names of the packages that are installed or were chosen, and all
  that these provide and require. A package in a repository of the build matters only if its name, a file of
  it, or what it provides, obsoletes, conflicts with or supplements is one of these. While the packages that
  matter are the same, so is the answer. So a build does not wait for dnf because its project has a new build
  of something else.
- An answer is not kept if the metadata of a repository cannot be read here, as that of a repository of
  another server, or if it is about a file that only the lists of all files have.
"""

from __future__ import annotations

import gzip
import html
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..repository import metadata
from ..tasks import Repository
from .store import Store

_PACKAGE = re.compile(rb"<package[ >].*?</package>", re.DOTALL)
_CHECKSUM = re.compile(rb'pkgid="YES">([0-9a-f]+)<')
_NEEDS = re.compile(rb"<rpm:(requires|recommends|suggests)>.*?</rpm:\1>", re.DOTALL)
_NAME = re.compile(rb'(?:<name>|<rpm:entry name="|<file>|<file type="[a-z]+">)([^<"]*)')
_FILE_IN_PRIMARY = re.compile(r"/etc/.*|.*bin/.*|/usr/lib/sendmail")
_UNREADABLE = (OSError, EOFError, LookupError, TypeError, ValueError, zlib.error)


@dataclass(frozen=True)
class Package:
    """A package that dnf has resolved.

    :param name: name, version, release and architecture.
    :param path: the file on this machine.
    :param checksum: checksum of the file, from the metadata of its repository.
    """

    name: str
    path: Path
    checksum: str


class Answers:
    """The answers of dnf that are kept for the builds of a service.

    :param store: keeps them.
    :param repositories: the repositories of the build.
    """

    def __init__(self, store: Store, repositories: Sequence[Repository]) -> None:
        self._store = store
        self._places = [each.folder for each in repositories]

    def find(self, key: str) -> list[Package] | None:
        """Return an answer.

        :param key: key of the answer.
        :returns: the packages; None if dnf has to be asked.
        """
        try:
            kept = json.loads(self._store.recall(key) or "null")
            packages = [Package(name, Path(file), checksum) for name, file, checksum in kept["packages"]]
            if kept["matter"] != self._matter(set(kept["about"])):
                return None
        except _UNREADABLE:
            return None
        return packages if all(package.path.is_file() for package in packages) else None

    def state(self) -> list[bytes | None]:
        """Return what changes with the repositories of the build.

        :returns: the index of each repository; None for those that cannot be read here.
        """
        return [_index(place) for place in self._places]

    def keep(
        self, key: str, packages: Sequence[Package], about: Iterable[str], state: Sequence[bytes | None]
    ) -> None:
        """Keep an answer, if it is still that of the repositories.

        :param key: key of the answer.
        :param packages: the packages.
        :param about: names and requirements of the packages that are installed or were chosen.
        :param state: result of `state` before dnf ran.
        """
        names = {name for text in about for name in _names(text)}
        if any(name.startswith("/") and not _FILE_IN_PRIMARY.fullmatch(name) for name in names):
            return
        try:
            matter = self._matter(names)
        except _UNREADABLE:
            return
        if None in state or state != self.state():
            return
        rows = [(package.name, str(package.path), package.checksum) for package in packages]
        self._store.remember(key, json.dumps({"packages": rows, "matter": matter, "about": sorted(names)}))

    def _matter(self, about: set[str]) -> list[str]:
        """Return the checksums of the packages in the repositories that have to do with some names."""
        found = []
        for place in self._places:
            if place is None:
                raise LookupError("the repository is not a folder")
            primary = metadata.files_of(place / "repodata/repomd.xml")["primary"]
            for package in _PACKAGE.findall(gzip.decompress((place / "repodata" / primary).read_bytes())):
                names = _NAME.findall(_NEEDS.sub(b"", package))
                if any(html.unescape(name.decode(errors="replace")) in about for name in names):
                    found += [checksum.decode() for checksum in _CHECKSUM.findall(package)]
        return sorted(found)


def _index(place: Path | None) -> bytes | None:
    """Return the index of a repository."""
    try:
        return None if place is None else (place / "repodata/repomd.xml").read_bytes()
    except OSError:
        return None


def _names(requirement: str) -> Iterable[str]:
    """Return the words of a requirement: what it names, and versions and operators, which do no harm."""
    for part in requirement.split():
        word = part.lstrip("(")
        while word.count(")") > word.count("("):
            word = word[:-1]
        yield word
