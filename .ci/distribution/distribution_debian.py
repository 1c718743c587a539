"""What the distribution reads of Debian: the installed packages, their files, and what these provide."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from distribution_commands import DistributionError, run
from distribution_packages import EITHER, KEPT, LEFT_OUT, MERGED, NOT_FOLLOWED, WITHOUT

#: A module of Perl, a version in it, and the metadata of a Python project.
PERL_MODULE = re.compile(r"/usr/(?:share|lib/[^/]+)/perl(?:-base|5)?(?:/[\d.]+)?/(\w+(?:/\w+)*)\.pm")
PERL_VERSION = re.compile(r"^\s*(?:our\s*)?\$(?:\w+::)*VERSION\s*=\s*['\"]?v?(\d[\d.]*)", re.M)
PYTHON_PROJECT = re.compile(
    r".*/dist-packages/([\w.]+?)-(\d[\w.]*)\.(?:dist|egg)-info(?:/METADATA|/PKG-INFO)?"
)


@dataclass(frozen=True)
class Debian:
    """An installed Debian package, with the alternatives of each of its dependencies."""

    version: str
    depends: tuple[tuple[str, ...], ...]


def _names(text: str, separator: str) -> tuple[str, ...]:
    return tuple(re.split(r"[:( ]", part.strip())[0] for part in text.split(separator) if part.strip())


def _installed() -> tuple[dict[str, Debian], dict[str, str]]:
    """Return the installed Debian packages, and the packages that provide other names."""
    fields = ("Package", "db:Status-Status", "Architecture", "Version", "Pre-Depends", "Depends", "Provides")
    form = "".join(f"${{{field}}}\t" for field in fields) + "\n"
    native = run("dpkg", "--print-architecture").strip()
    packages, provided = {}, {}
    for line in run("dpkg-query", "-W", "-f", form).splitlines():
        name, status, architecture, version, before, depends, provides, _ = line.split("\t")
        if status == "installed" and architecture in (native, "all"):
            needs = tuple(_names(part, "|") for part in f"{before},{depends}".split(",") if part.strip())
            packages[name] = Debian(version, needs)
            provided.update(dict.fromkeys(_names(provides, ","), name))
    return packages, provided


def _followed(name: str, needed: str) -> bool:
    return not any(fnmatch(needed, pattern) for pattern in WITHOUT) and not any(
        name == of and fnmatch(needed, pattern) for of, pattern in NOT_FOLLOWED
    )


def closure(wanted: Collection[str]) -> dict[str, tuple[str, set[str]]]:
    """Return version and dependencies of some Debian packages and of those that they need, by name."""
    packages, provided = _installed()
    missing = {*wanted} - packages.keys() - EITHER
    if missing:
        raise DistributionError(f"these Debian packages are missing: {', '.join(sorted(missing))}")
    todo = [name for name in wanted if name in packages]
    found: dict[str, tuple[str, set[str]]] = {}
    while todo:
        name = todo.pop()
        if name in found:
            continue
        needs = set()
        for choices in packages[name].depends:
            real = [choice if choice in packages else provided.get(choice) for choice in choices]
            needs.update([choice for choice in real if choice and _followed(name, choice)][:1])
        todo += needs
        found[name] = packages[name].version, needs
    return found


def files_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the paths that each Debian package has, by name."""
    names = list(names)
    texts = run("dpkg-query", "-L", *names).split("\n\n")
    return {
        name: [line for line in text.splitlines() if line.startswith("/")]
        for name, text in zip(names, texts, strict=True)
    }


def taken(paths: Iterable[str], cache_tag: str) -> Iterator[str]:
    """Return the paths of files that are taken, with the compiled forms of Python modules."""
    for path in paths:
        if path[1:] in MERGED or (LEFT_OUT.search(path) and not KEPT.search(path)):
            continue
        if os.path.islink(path):
            if not os.readlink(path).startswith("/etc/alternatives"):
                yield path
        elif os.path.isfile(path) and os.access(path, os.R_OK):
            yield path
            if path.endswith(".py"):
                folder, name = os.path.split(path)
                compiled = f"{folder}/__pycache__/{name[:-3]}.{cache_tag}.pyc"
                if os.path.isfile(compiled):
                    yield compiled


def provided_by(path: str) -> Iterator[str]:
    """Return what a file of Perl or Python provides, as rpm on Fedora would find it."""
    if match := PERL_MODULE.fullmatch(path):
        version = PERL_VERSION.search(Path(path).read_text(errors="replace"))
        yield f"perl({match[1].replace('/', '::')})" + (f" = {version[1].rstrip('.')}" if version else "")
    if match := PYTHON_PROJECT.fullmatch(path):
        yield f"python3dist({re.sub('[-_.]+', '-', match[1].lower())}) = {match[2]}"
    if match := re.fullmatch(r"/usr/bin/python(3\.\d+)", path):
        yield f"python(abi) = {match[1]}"
