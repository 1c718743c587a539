"""Calls on project chroots: the settings of a project for one chroot."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..._calls import path, record
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, FilePart

if TYPE_CHECKING:
    from ...results import ProjectChroot, ProjectChrootConfig


def get(ownername: str, projectname: str, chrootname: str) -> Call[ProjectChroot]:
    """Return a project's settings for one chroot.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param chrootname: name of the chroot, such as "fedora-45-x86_64".
    :returns: the record of the settings.
    :raises CoprNoResultException: the project does not exist, or it does not have this chroot.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /project-chroot``
    """
    return _about("/project-chroot", ownername, projectname, chrootname)


def get_build_config(ownername: str, projectname: str, chrootname: str) -> Call[ProjectChrootConfig]:
    """Return the build configuration of one chroot of a project.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param chrootname: name of the chroot, such as "fedora-45-x86_64".
    :returns: a record with `chroot`, `repos`, `additional_repos`, `additional_packages`,
        `additional_modules`, `with_opts`, `without_opts`, `enable_net` and `isolation`.
    :raises CoprNoResultException: the project does not exist, or it does not have this chroot.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /project-chroot/build-config``
    """
    return _about("/project-chroot/build-config", ownername, projectname, chrootname)


def edit(
    ownername: str,
    projectname: str,
    chrootname: str,
    additional_packages: Sequence[str] | str | None = None,
    additional_repos: Sequence[str] | str | None = None,
    additional_modules: Sequence[str] | str | None = None,
    comps: str | os.PathLike[str] | None = None,
    delete_comps: bool = False,
    with_opts: Sequence[str] | str | None = None,
    without_opts: Sequence[str] | str | None = None,
    bootstrap: str | None = None,
    bootstrap_image: str | None = None,
    isolation: str | None = None,
    reset_fields: Sequence[str] | None = None,
) -> Call[ProjectChroot]:
    """Change a project's settings for one chroot.

    Parameters that are None leave a setting as it is. A list may also be one string with spaces between the
    items. The empty string clears a list.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param chrootname: name of the chroot, such as "fedora-45-x86_64".
    :param additional_packages: packages to install before each build.
    :param additional_repos: URLs of repositories that builds may install from.
    :param additional_modules: modules to enable, as "name:stream", or to disable, as "!name:stream".
    :param comps: path of a comps.xml file to upload.
    :param delete_comps: remove the comps.xml file that the chroot has.
    :param with_opts: values for rpmbuild's option `--with`.
    :param without_opts: values for rpmbuild's option `--without`.
    :param bootstrap: how mock makes its bootstrap chroot: "default", "on", "off" or "image".
    :param bootstrap_image: container image for the bootstrap chroot. It sets `bootstrap` to "custom_image".
    :param isolation: how mock isolates a build: "default", "simple" or "nspawn".
    :param reset_fields: names of the settings to set to their defaults.
    :returns: the record of the settings.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprFileException: the comps.xml file cannot be read.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist, or it does not have this chroot.
    :raises CoprRequestException: the service refuses a value, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``PUT /project-chroot/edit/{ownername}/{projectname}/{chrootname}``
    """
    document = {
        "additional_repos": additional_repos,
        "additional_packages": additional_packages,
        "additional_modules": additional_modules,
        "delete_comps": delete_comps,
        "with_opts": with_opts,
        "without_opts": without_opts,
        "bootstrap": "custom_image" if bootstrap_image else bootstrap,
        "bootstrap_image": bootstrap_image,
        "isolation": isolation,
        "reset_fields": reset_fields,
    }
    files = []
    if comps:
        files.append(FilePart("upload_comps", comps, os.path.basename(os.fspath(comps)), "application/text"))
    return Call(
        "PUT",
        path("project-chroot", "edit", ownername, projectname, chrootname),
        query=_named(ownername, projectname, chrootname),
        json=document,
        files=files,
        login=True,
        repeatable=True,
        decode=record,
    )


def _about(endpoint: str, ownername: str, projectname: str, chrootname: str) -> Call[Any]:
    """Return a call that asks about one chroot of a project."""
    return Call("GET", endpoint, query=_named(ownername, projectname, chrootname), decode=record)


def _named(ownername: str, projectname: str, chrootname: str) -> dict[str, str]:
    """Return the query that names a chroot of a project. Calls with the names in the path send it too."""
    return {"ownername": ownername, "projectname": projectname, "chrootname": chrootname}
