"""What an administrator may decide of builds: where sources come from, what becomes of the impossible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .tasks import Limits

ForeignArchitecture = Literal["fail", "skip"]
BuildRequires = Literal["auto", "check", "ignore"]

FEDORA_LOOKASIDE = (
    "https://src.fedoraproject.org/repo/pkgs/rpms/{name}/{filename}/{hashtype}/{hash}/{filename}"
)


@dataclass(frozen=True)
class Settings:
    """The settings of a service's builders.

    `foreign_architecture`: what becomes of a package that this machine cannot compile for: the build fails,
    or is skipped. `build_requires`: what becomes of packages that a build needs and the RPM database does
    not know: `check` fails the build, `ignore` goes on without them, `auto` checks where the database has
    packages at all. Debian's has none, whatever is installed.

    `pypi` and `rubygems` are the package indexes that builds come from, `lookaside` the addresses of a
    dist-git's large files by its name, with `{name}` (of the package), `{filename}`, `{hashtype}` and
    `{hash}` to be filled in. `limits` are those of every build, except for its seconds, which its submitter
    chooses. `sign`: whether packages are signed, with a key of their owner's that the service keeps.
    """

    foreign_architecture: ForeignArchitecture = "fail"
    build_requires: BuildRequires = "auto"
    pypi: str = "https://pypi.org"
    rubygems: str = "https://rubygems.org"
    limits: Limits = field(default_factory=Limits)
    sign: bool = False
    lookaside: Mapping[str, str] = field(default_factory=lambda: {"fedora": FEDORA_LOOKASIDE})


DEFAULTS = Settings()
