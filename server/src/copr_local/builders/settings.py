"""The settings of builds that an administrator can change: package indexes, limits, checks and signing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .tasks import Limits

ForeignArchitecture = Literal["fail", "skip", "emulate"]
BuildRequires = Literal["auto", "check", "ignore"]

FEDORA_LOOKASIDE = (
    "https://src.fedoraproject.org/repo/pkgs/rpms/{name}/{filename}/{hashtype}/{hash}/{filename}"
)


@dataclass(frozen=True)
class Settings:
    """The settings of a service's builders.

    :param foreign_architecture: what to do if this machine cannot compile for the chroot's architecture:
        `fail` the build, or `skip` the chroot. With `emulate`, a chroot with repositories is installed and
        builds by an emulator, which is slow; other chroots fail.
    :param build_requires: what to do about BuildRequires that the RPM database does not know: `check` fails
        the build, `ignore` continues without them, `auto` checks them only if the database lists any
        packages. On Debian it lists none.
    :param pypi: URL of the Python package index.
    :param rubygems: URL of the index of gems.
    :param limits: limits of each build, besides its timeout.
    :param timeout: seconds that a build may take if neither it nor its package sets a timeout; None for the
        default of a real Copr: five hours, or 21 hours if the service has the API of 2020.
    :param source_chroot: name of the chroot that source RPMs are made in. `newest` is the newest Fedora that
        has repositories, for this machine's architecture; if there is none, source RPMs are made with the
        programs of this machine. `none` is always these programs. The script of a custom build runs in the
        chroot that the build names, if that has repositories.
    :param sign: True to sign packages with their owner's key, which the service keeps.
    :param private_networks: True to download sources from this machine and from private networks too, and to
        let builds that use the network reach them; without slirp4netns, builds reach them in any case. False
        for a service with users who may not reach everything that this machine can reach.
    :param lookaside: URLs of the large files of each dist-git, by the name of the dist-git. `{name}` (of the
        package), `{filename}`, `{hashtype}` and `{hash}` in a URL are replaced.
    """

    foreign_architecture: ForeignArchitecture = "fail"
    build_requires: BuildRequires = "auto"
    pypi: str = "https://pypi.org"
    rubygems: str = "https://rubygems.org"
    limits: Limits = field(default_factory=Limits)
    timeout: int | None = None
    source_chroot: str = "newest"
    sign: bool = False
    private_networks: bool = True
    lookaside: Mapping[str, str] = field(default_factory=lambda: {"fedora": FEDORA_LOOKASIDE})


DEFAULTS = Settings()
