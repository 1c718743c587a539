"""Calls on project chroots: a project's settings for one chroot."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ..._calls import path, record
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, FilePart

if TYPE_CHECKING:
    from ...results import ProjectChroot, ProjectChrootConfig


def get(ownername: str, projectname: str, chrootname: str) -> Call[ProjectChroot]:
    """Ask for a project's settings for one chroot.

    `ownername`: a user, or a group as "@name"; `chrootname`: such as "fedora-42-x86_64".

    Returns the settings' record.

    Raises CoprNoResultException where there is no such project or it has no such chroot,
    CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET /project-chroot
    """
    return _about("/project-chroot", ownername, projectname, chrootname)


def get_build_config(ownername: str, projectname: str, chrootname: str) -> Call[ProjectChrootConfig]:
    """Ask what builds in one chroot of a project are made with.

    `ownername`: a user, or a group as "@name"; `chrootname`: such as "fedora-42-x86_64".

    Returns a record with `repos`, `additional_repos`, `additional_packages`, `with_opts`, `without_opts` and
    others.

    Raises CoprNoResultException where there is no such project or it has no such chroot,
    CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET
    /project-chroot/build-config
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
    """Change a project's settings for one chroot; what is None stays as it is.

    `ownername`: a user, or a group as "@name"; `additional_packages`: installed before each build;
    `additional_repos`: addresses; `additional_modules`: "name:stream", "!" in front to disable; `comps`: the
    path of a comps.xml; `delete_comps`: remove the one that is there; `with_opts`, `without_opts`: for
    rpmbuild's --with and --without; `bootstrap_image`: a container image, which makes `bootstrap`
    "custom_image"; `reset_fields`: names of settings that get their default again. The other parameters are
    the settings of the same name. "" empties a list.

    Returns the settings' record.

    Raises CoprValidationException where the comps file cannot be read, CoprAuthException without credentials
    or permission, CoprNoResultException where there is no such project or it has no such chroot,
    CoprRequestException where the service refuses a value, CoprConnectionException or CoprTimeoutException
    where there is no answer. Source: PUT /project-chroot/edit/OWNER/PROJECT/CHROOT
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
        json=document,
        files=files,
        login=True,
        repeatable=True,
        decode=record,
    )


def _about(endpoint: str, ownername: str, projectname: str, chrootname: str) -> Call[Any]:
    query = {"ownername": ownername, "projectname": projectname, "chrootname": chrootname}
    return Call("GET", endpoint, query=query, decode=record)
