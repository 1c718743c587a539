"""URLs of build sources and build results, the same in all APIs and pages."""

from __future__ import annotations

from typing import Any

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Package
from ..filesystem import layout, public_keys
from .context import service


def results_url(*parts: str) -> str:
    """Return the URL of a file or folder below the results folder.

    :param parts: names of folders and a file; an empty text at the end makes the URL end in a slash.
    :returns: the URL, below the public URL of this service.
    """
    return "/".join((service().public_url, "results", *parts))


def public_key_url(tx: Transaction, ownername: str, dirname: str) -> str:
    """Return the URL of the public keys of a project directory.

    :param tx: transaction to read in.
    :param ownername: owner of the project; a group has an @.
    :param dirname: name of the directory.
    :returns: the URL; empty if no package in the directory is signed.
    """
    file = tx.data_folder.directory(ownername, dirname, public_keys.FILE_NAME)
    return results_url(ownername, dirname, public_keys.FILE_NAME) if file.exists() else ""


def srpm_url(build: Build) -> str | None:
    """Return the URL of a build's source RPM, or the submitted URL while there is no source RPM yet.

    :param build: build of any source type.
    :returns: the URL; None if the source is not a file, or is a spec.
    """
    if build.srpm is not None:
        return f"{source_results_url(build)}/{build.srpm}"
    submitted: str = source(build).get("url", "")
    return None if submitted.endswith(".spec") else submitted or None


def source(of: Build | Package) -> dict[str, Any]:
    """Return the parameters of a source, with the URL of an uploaded file.

    :param of: build or package with the source.
    :returns: the parameters as they were submitted; for an uploaded file, also `url`.
    """
    if "pkg" not in of.source:
        return of.source
    url = "/".join((service().public_url, "tmp", of.source["tmp"], of.source["pkg"]))
    return {"url": url, **of.source}


def source_results_url(build: Build) -> str:
    """Return the URL of the results of a source build.

    :param build: the build.
    :returns: the URL, without a slash at the end.
    """
    return results_url(
        build.project.ownername, build.dir.name, layout.SOURCE_BUILDS, layout.source_build(build.id)
    )


def chroot_results_url(chroot: BuildChroot) -> str | None:
    """Return the URL of the results of one chroot of a build.

    :param chroot: the chroot of the build.
    :returns: the URL, with a slash at the end; None before the chroot has started.
    """
    build = chroot.build
    if chroot.started_on is None or build.package is None:
        return None
    name = layout.chroot_build(build.id, build.package.name)
    return results_url(build.project.ownername, build.dir.name, chroot.name, name, "")
