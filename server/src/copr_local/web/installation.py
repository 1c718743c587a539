"""How users install the packages of a project: the commands that its page shows for each distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import request

from ..data.models import Build, Project
from ..rules import chroots
from ..wire.context import service
from ..wire.urls import results_url
from .display import address, by_release

_HUB = "local"  # the name of this Copr for dnf
_NAMED = 3  # packages in the command that installs
_PUBLISHED = ("succeeded", "forked")  # states of chroots that have packages
_FOR_DEBUGGERS = ("-debuginfo", "-debugsource")
_ANY = "$(uname -m)"  # the shell replaces it by the architecture of the user's machine


@dataclass(frozen=True)
class Hub:
    """What dnf calls this Copr.

    :param name: name of this Copr in `dnf copr enable`.
    :param command: the command that tells dnf the URL of this Copr; None if the name is enough.
    """

    name: str
    command: str | None


def hub(public_url: str) -> Hub | None:
    """Return what dnf calls a Copr. It tries HTTPS for a host that it does not know.

    dnf has no setting for a path in the URL, and takes the colons of an IPv6 address for separators.

    :param public_url: URL by which clients reach the Copr.
    :returns: the name, and the command before its first use; None if dnf cannot find the Copr.
    """
    url = urlsplit(public_url)
    host = url.hostname or ""
    if url.path or ":" in host:
        return None
    if url.scheme == "https" and url.port is None:
        return Hub(host, None)
    lines = [f"[{_HUB}]", f"hostname = {host}", f"protocol = {url.scheme}"]
    lines += [f"port = {url.port}"] if url.port else []
    text = "".join(rf"{line}\n" for line in lines)
    return Hub(_HUB, f"printf '{text}' > /etc/dnf/plugins/copr.d/{_HUB}.conf")


@dataclass(frozen=True)
class Distribution:
    """A distribution that a project has packages for.

    :param release: a release such as `fedora-45`.
    :param repository_file: URL of the `.repo` file.
    :param enable: the command `dnf copr enable`; None if dnf cannot find this Copr.
    :param folders: URLs of the published packages, by architecture.
    :param packages: names of a few packages to install; empty if nothing was built.
    """

    release: str
    repository_file: str
    enable: str | None
    folders: dict[str, str]
    packages: list[str]

    @property
    def download(self) -> str:
        """The command that downloads the `.repo` file to the folder of dnf."""
        name = self.repository_file.rpartition("/")[2]
        return f"curl -o /etc/yum.repos.d/{name} {self.repository_file}"


def distributions(project: Project, newest: Sequence[Build]) -> list[Distribution]:
    """Return the distributions that a project has packages for.

    :param project: the project.
    :param newest: the newest builds of the project, with their chroots.
    :returns: one for each release of the project's chroots.
    """
    known = hub(service().public_url)
    owner = project.ownername.replace("@", "group_")
    base = f"{service().public_url}{address(project).removeprefix(request.script_root)}repo"
    return [
        Distribution(
            release,
            f"{base}/{release}/{owner}-{project.name}-{release}.repo",
            _enable(known, project, release, architectures),
            {
                architecture: results_url(project.ownername, project.name, f"{release}-{architecture}", "")
                for architecture in architectures
            },
            _packages(project, newest, release),
        )
        for release, architectures in by_release(project).items()
    ]


def _packages(project: Project, newest: Sequence[Build], release: str) -> list[str]:
    """Return the main packages of the newest builds that the repositories of a release have."""
    found = (
        _main_package(build.package.name, step.packages)
        for build in newest
        if build.package and build.dir.name == project.name
        for step in build.chroots
        if step.state in _PUBLISHED and chroots.release(step.name) == release
    )
    return list(dict.fromkeys(name for name in found if name))[:_NAMED]


def _main_package(source: str, built: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the package with the name of the source package, or else the first one for users."""
    names = [each["name"] for each in built if each["arch"] not in ("src", "nosrc")]
    wanted = [name for name in names if not name.endswith(_FOR_DEBUGGERS)]
    return source if source in wanted else next(iter(wanted), None)


def _enable(known: Hub | None, project: Project, release: str, architectures: Sequence[str]) -> str | None:
    """Return `dnf copr enable` with the chroot: what dnf guesses is right on Fedora and x86_64 only."""
    if known is None:
        return None
    architecture = architectures[0] if len(architectures) == 1 else _ANY
    return f"dnf copr enable {known.name}/{project.full_name} {release}-{architecture}"
