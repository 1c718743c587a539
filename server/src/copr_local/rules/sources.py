"""Where a build's source comes from: the types, and the parameters of each.

    type       parameters
    upload     pkg, tmp: the name of the uploaded file, and the folder it is kept in
    rpm_upload the same, for a binary RPM that is published as it is
    link       url
    scm        type, clone_url, committish, subdirectory, spec, srpm_build_method
    pypi       pypi_package_name, pypi_package_version, spec_generator, spec_template, python_versions
    rubygems   gem_name
    custom     script, chroot, builddeps, resultdir, repos
    distgit    clone_url, distgit; namespace and committish, if they were given
    unset      none: a package that was added without a source, or reset

Wires check what they are sent and make a `Source` with these functions; builders get its type and parameters
as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import DistGit
from . import chroots
from .errors import Invalid

SCM_TYPES = ("git", "svn")
SCM_METHODS = ("rpkg", "tito", "tito_test", "make_srpm", "packit")
SPEC_GENERATORS = ("pyp2spec", "pyp2rpm")
SPEC_TEMPLATES = ("", "fedora", "epel7", "mageia", "pld")
PYTHON_VERSIONS = ("3", "2")
NEWEST_FEDORA = "fedora-latest"  # stands for the newest numbered Fedora, where a script is to run
SCRIPT_CHROOT = f"{NEWEST_FEDORA}-x86_64"


@dataclass(frozen=True)
class Source:
    """What is to be built: the name of a source type, and its parameters."""

    type: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


UNSET = Source("unset")


def upload(place: Path) -> Source:
    """A source RPM or spec file that was uploaded to this place."""
    return Source("upload", {"pkg": place.name, "tmp": place.parent.name})


def rpm_upload(place: Path) -> Source:
    """A binary RPM that was uploaded to this place; it is published as it is."""
    return Source("rpm_upload", upload(place).parameters)


def link(url: str) -> Source:
    """The URL of a source RPM or spec file."""
    return Source("link", {"url": url})


def scm(
    clone_url: str,
    *,
    scm_type: str = "git",
    committish: str = "",
    subdirectory: str = "",
    spec: str = "",
    method: str = "rpkg",
) -> Source:
    """A repository of a version control system, and how a source RPM is made of it.

    :param scm_type: one of `SCM_TYPES`.
    :param committish: branch, tag or commit; empty: what the repository gives.
    :param subdirectory: where in the repository to look; empty: its top.
    :param spec: the spec file's path in there; empty: the only one.
    :param method: one of `SCM_METHODS`.
    """
    parameters = {
        "type": scm_type,
        "clone_url": clone_url,
        "subdirectory": subdirectory,
        "committish": committish,
        "spec": spec,
        "srpm_build_method": method,
    }
    return Source("scm", parameters)


def pypi(
    name: str,
    version: str | None = None,
    *,
    generator: str = "pyp2spec",
    template: str = "",
    python_versions: Iterable[str] = (),
) -> Source:
    """A project of the Python package index.

    :param version: None for the newest.
    :param generator: one of `SPEC_GENERATORS`.
    :param template: one of `SPEC_TEMPLATES`; only pyp2rpm has them.
    :param python_versions: some of `PYTHON_VERSIONS`; only pyp2rpm asks.
    """
    parameters = {
        "pypi_package_name": name,
        "pypi_package_version": version,
        "spec_generator": generator,
        "spec_template": template,
        "python_versions": list(python_versions),
    }
    return Source("pypi", parameters)


def rubygems(name: str) -> Source:
    """A gem of RubyGems."""
    return Source("rubygems", {"gem_name": name})


def custom(
    script: str,
    *,
    chroot: str = SCRIPT_CHROOT,
    builddeps: str | None = None,
    resultdir: str | None = None,
    repos: str = "",
) -> Source:
    """A script that makes a spec file and its sources, or a source RPM; its lines end as those of Unix do.

    :param chroot: the chroot that it runs in, one of `script_chroots`.
    :param builddeps: packages that it needs, with spaces between them.
    :param resultdir: the folder that it leaves its results in; None: the one that it starts in.
    :param repos: URLs of further repositories for its packages, with spaces between them.
    """
    lines = script.replace("\r\n", "\n")
    parameters = {
        "script": lines if lines.endswith("\n") else f"{lines}\n",
        "chroot": chroot,
        "builddeps": builddeps,
        "resultdir": resultdir,
        "repos": repos,
    }
    return Source("custom", parameters)


def distgit(
    tx: Transaction,
    package: str,
    *,
    instance: str | None = None,
    namespace: str | None = None,
    committish: str | None = None,
) -> Source:
    """A package's repository in a dist-git.

    :param package: the package's name there.
    :param instance: the name of one of the `distgits`; None for the first.
    :param namespace: what stands between the instance's address and `rpms/PACKAGE`, as `forks/alice`.
    :param committish: branch, tag or commit; None: what the repository gives.
    :raises Invalid: no instance has that name, or there are none.
    """
    known = distgits(tx)
    found = known[0] if known and instance is None else next((d for d in known if d.name == instance), None)
    if found is None:
        raise Invalid(f"DistGit ID must be one of: {', '.join(d.name for d in known)}")
    middle = f"{namespace}/" if namespace else ""
    parameters = {"clone_url": f"{found.url}/{middle}rpms/{package}", "distgit": found.name}
    if namespace:
        parameters["namespace"] = namespace
    if committish:
        parameters["committish"] = committish
    return Source("distgit", parameters)


def of_build(tx: Transaction, source: Source, *, reviewed: bool) -> Mapping[str, Any]:
    """The parameters of a build from a source: a script runs in a chroot that there is.

    :param reviewed: whether the project has its packages reviewed.
    """
    parameters = {**source.parameters, **({"fedora_review": True} if reviewed else {})}
    if source.type == "custom" and source.parameters["chroot"].startswith(NEWEST_FEDORA):
        newest = chroots.newest_fedora(tx, chroots.architecture(source.parameters["chroot"]))
        parameters["chroot"] = newest or source.parameters["chroot"]
    return parameters


def script_chroots(tx: Transaction) -> list[str]:
    """Where a custom script can run: the chroots on offer, and the newest Fedora of each architecture."""
    names = chroots.active_names(tx)
    architectures = dict.fromkeys(["x86_64", *map(chroots.architecture, names)])
    return [*names, *(f"{NEWEST_FEDORA}-{architecture}" for architecture in architectures)]


def distgits(tx: Transaction) -> Sequence[DistGit]:
    """The dist-gits that packages can come from; the first one is meant where none is named."""
    return tx.session.scalars(select(DistGit).order_by(DistGit.position)).all()


def offer_distgits(tx: Transaction, addresses: Mapping[str, str]) -> None:
    """Offer exactly these dist-gits, in this order: names and addresses.

    :raises Invalid: there are none.
    """
    if not addresses:
        raise Invalid("There must be a dist-git: a name, and an address below which are rpms/PACKAGE")
    for known in distgits(tx):
        tx.session.delete(known)
    tx.session.flush()
    for position, (name, url) in enumerate(addresses.items()):
        tx.session.add(DistGit(name=name, url=url.rstrip("/"), position=position))
    tx.session.flush()
