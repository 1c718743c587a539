"""Sources of builds: the source types, and the parameters of each.

    type       parameters
    upload     pkg, tmp: name of the uploaded file, and of its folder
    rpm_upload the same, for a binary RPM that is published unchanged
    link       url
    scm        type, clone_url, committish, subdirectory, spec, srpm_build_method
    pypi       pypi_package_name, pypi_package_version, spec_generator, spec_template, python_versions
    rubygems   gem_name
    custom     script, chroot, builddeps, resultdir, repos
    distgit    clone_url, distgit; namespace and committish if the request has them
    unset      none: a package without a source

Each API checks the parameters of a request and makes a `Source` with these functions. Builders get its type
and parameters unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import DistGit
from . import checks, chroots
from .errors import Invalid

SCM_TYPES = ("git", "svn")
SCM_METHODS = ("rpkg", "tito", "tito_test", "make_srpm", "packit")
SPEC_GENERATORS = ("pyp2spec", "pyp2rpm")
SPEC_TEMPLATES = ("", "fedora", "epel7", "mageia", "pld")
PYTHON_VERSIONS = ("3", "2")
NEWEST_FEDORA = "fedora-latest"  # in the chroot of a custom script: the newest Fedora with a number
SCRIPT_CHROOT = f"{NEWEST_FEDORA}-x86_64"


@dataclass(frozen=True)
class Source:
    """The source of a build.

    :param type: name of a source type.
    :param parameters: parameters of this type, see above.
    """

    type: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


UNSET = Source("unset")


def upload(place: Path) -> Source:
    """Return the source for an uploaded source RPM or spec file.

    :param place: path of the file below the uploads.
    :returns: a source of type ``upload``.
    """
    return Source("upload", {"pkg": place.name, "tmp": place.parent.name})


def rpm_upload(place: Path) -> Source:
    """Return the source for an uploaded binary RPM, which is published unchanged.

    :param place: path of the file below the uploads.
    :returns: a source of type ``rpm_upload``.
    """
    return Source("rpm_upload", upload(place).parameters)


def link(url: str) -> Source:
    """Return the source for a source RPM or spec file on the web.

    :param url: URL of the file.
    :returns: a source of type ``link``.
    """
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
    """Return the source for a repository of a version control system.

    :param clone_url: URL to clone from.
    :param scm_type: one of `SCM_TYPES`.
    :param committish: branch, tag or commit; empty for the repository's default.
    :param subdirectory: folder of the package in the repository; empty for the top.
    :param spec: path of the spec file in that folder; empty if there is only one.
    :param method: tool that makes the source RPM, one of `SCM_METHODS`.
    :returns: a source of type ``scm``.
    :raises Invalid: it is a `file:` URL. Forms check other URLs.
    """
    # Forms of API v1 take any text here. A file URL would name a repository on the builder's machine.
    if clone_url.strip().lower().startswith("file:"):
        raise Invalid("Invalid URL.")
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
    """Return the source for a project of the Python Package Index.

    :param name: name of the project.
    :param version: None for the newest.
    :param generator: tool that writes the spec file, one of `SPEC_GENERATORS`.
    :param template: one of `SPEC_TEMPLATES`; only pyp2rpm uses it.
    :param python_versions: some of `PYTHON_VERSIONS`; only pyp2rpm uses them.
    :returns: a source of type ``pypi``.
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
    """Return the source for a gem of RubyGems.

    :param name: name of the gem.
    :returns: a source of type ``rubygems``.
    """
    return Source("rubygems", {"gem_name": name})


def custom(
    script: str,
    *,
    chroot: str = SCRIPT_CHROOT,
    builddeps: str | None = None,
    resultdir: str | None = None,
    repos: str = "",
) -> Source:
    """Return the source for a script that makes a spec file with its sources, or a source RPM.

    :param script: text of the script; Windows line ends are converted.
    :param chroot: chroot in which the script runs, one of `script_chroots`.
    :param builddeps: packages that the script needs, separated by spaces.
    :param resultdir: folder in which the script leaves the files; None for the folder in which it is started.
    :param repos: URLs of additional repositories for `builddeps`, separated by spaces.
    :returns: a source of type ``custom``.
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
    """Return the source for a package in a dist-git.

    :param tx: transaction to read from.
    :param package: name of the package in the dist-git.
    :param instance: name of one of `distgits`; None for the first one.
    :param namespace: path between the URL of the dist-git and `rpms/PACKAGE`, such as `forks/alice`; None for
        none.
    :param committish: branch, tag or commit; None for the repository's default.
    :returns: a source of type ``distgit``.
    :raises Invalid: no dist-git has this name, or the namespace is not valid.
    """
    known = distgits(tx)
    found = known[0] if known and instance is None else next((d for d in known if d.name == instance), None)
    if found is None:
        raise Invalid(f"DistGit ID must be one of: {', '.join(d.name for d in known)}")
    if namespace:
        checks.namespace(namespace)
    middle = f"{namespace}/" if namespace else ""
    parameters = {"clone_url": f"{found.url}/{middle}rpms/{package}", "distgit": found.name}
    if namespace:
        parameters["namespace"] = namespace
    if committish:
        parameters["committish"] = committish
    return Source("distgit", parameters)


def of_build(tx: Transaction, source: Source, *, reviewed: bool) -> Mapping[str, Any]:
    """Return the source parameters for a new build.

    In the chroot of a custom script, `fedora-latest` is replaced by the newest Fedora that this Copr offers.

    :param tx: transaction to read from.
    :param source: source of the build.
    :param reviewed: True if the project runs fedora-review on its packages.
    :returns: the parameters, with ``fedora_review`` if `reviewed` is True.
    """
    parameters = {**source.parameters, **({"fedora_review": True} if reviewed else {})}
    if source.type == "custom" and source.parameters["chroot"].startswith(NEWEST_FEDORA):
        newest = chroots.newest_fedora(tx, chroots.architecture(source.parameters["chroot"]))
        parameters["chroot"] = newest or source.parameters["chroot"]
    return parameters


def script_chroots(tx: Transaction) -> list[str]:
    """Return the chroots in which a custom script can run.

    :param tx: transaction to read from.
    :returns: names of the chroots that this Copr offers, then ``fedora-latest`` for each architecture.
    """
    names = chroots.active_names(tx)
    architectures = dict.fromkeys(["x86_64", *map(chroots.architecture, names)])
    return [*names, *(f"{NEWEST_FEDORA}-{architecture}" for architecture in architectures)]


def distgits(tx: Transaction) -> Sequence[DistGit]:
    """Return the dist-gits from which packages can be built.

    :param tx: transaction to read from.
    :returns: the dist-gits in their order; the first one is the default.
    """
    return tx.session.scalars(select(DistGit).order_by(DistGit.position)).all()


def offer_distgits(tx: Transaction, addresses: Mapping[str, str]) -> None:
    """Replace the list of dist-gits.

    :param tx: transaction to write in.
    :param addresses: URLs by the names of the dist-gits, in their order; repositories are at
        `URL/rpms/PACKAGE`.
    :raises Invalid: the list is empty.
    """
    if not addresses:
        raise Invalid("Give at least one dist-git: its name, and the URL that has packages at rpms/PACKAGE")
    for known in distgits(tx):
        tx.session.delete(known)
    tx.session.flush()
    for position, (name, url) in enumerate(addresses.items()):
        tx.session.add(DistGit(name=name, url=url.rstrip("/"), position=position))
    tx.session.flush()
