"""Endpoints of API v1 that show and change the chroots of a project."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import BooleanField, Form

from ..data.database import Transaction
from ..data.models import ProjectChroot
from ..rules import checks, project_chroots, projects
from ..rules.errors import NotFound
from ..wire.context import reading, writing
from ..wire.fields import Words, rule
from ..wire.old_api_login import caller, needs_login
from ..wire.small_file import small_file
from . import forms, render
from .errors import Refused
from .forms import Fields
from .routes import PROJECT, api

# Columns of `ProjectChroot`, by field of API v1.
_COLUMNS = {
    "buildroot_pkgs": "additional_packages",
    "repos": "additional_repos",
    "with_opts": "with_opts",
    "without_opts": "without_opts",
}


class ChrootForm(Form):
    """The fields of a request that changes a chroot of a project; `delete_comps` removes its comps file."""

    buildroot_pkgs = Words()
    repos = Words()
    with_opts = Words()
    without_opts = Words()
    delete_comps = BooleanField()


@api.get(f"{PROJECT}/detail/<chrootname>/")
def get_chroot_packages(ownername: str, projectname: str, chrootname: str) -> Any:
    """Return the additional packages of a chroot.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param chrootname: name of the chroot.
    :returns: the JSON response with the names of the packages as one text.
    :raises NotFound: the project does not exist or does not have the chroot.
    :source: ``GET /api/coprs/{ownername}/{projectname}/detail/{chrootname}/``
    """
    with reading() as tx:
        return render.ok(**render.chroot_packages(_get(tx, ownername, projectname, chrootname)))


@api.get(f"{PROJECT}/chroot/get/<chrootname>/")
def get_chroot(ownername: str, projectname: str, chrootname: str) -> Any:
    """Return the settings of a chroot.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param chrootname: name of the chroot.
    :returns: the JSON response with the settings as `chroot`.
    :raises NotFound: the project does not exist or does not have the chroot.
    :source: ``GET /api/coprs/{ownername}/{projectname}/chroot/get/{chrootname}/``
    """
    with reading() as tx:
        return render.ok(chroot=render.project_chroot(_get(tx, ownername, projectname, chrootname)))


@api.post(f"{PROJECT}/modify/<chrootname>/")
@needs_login
def modify_chroot(ownername: str, projectname: str, chrootname: str) -> Any:
    """Change the additional packages of a chroot.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param chrootname: name of the chroot.
    :returns: the JSON response with the names of the packages as one text.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, its chroot, or the user that a proxy user acts for, does not exist.
    :raises Forbidden: the user may not change the project.
    :source: ``POST /api/coprs/{ownername}/{projectname}/modify/{chrootname}/``
    """
    fields = forms.read()
    with writing() as tx:
        chroot = _get(tx, ownername, projectname, chrootname)
        words = {"buildroot_pkgs": fields["buildroot_pkgs"]} if "buildroot_pkgs" in fields else {}
        project_chroots.edit(tx, caller(tx), chroot, _settings(tx, Fields(words)))
        return render.ok(**render.chroot_packages(chroot))


@api.post(f"{PROJECT}/chroot/edit/<chrootname>/")
@needs_login
def edit_chroot(ownername: str, projectname: str, chrootname: str) -> Any:
    """Change the settings of a chroot that the request has, and its comps file.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param chrootname: name of the chroot.
    :returns: the JSON response with a message and the settings as `chroot`.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, its chroot, or the user that a proxy user acts for, does not exist.
    :raises Forbidden: the user may not change the project.
    :raises Refused: fields are not valid.
    :raises Invalid: the uploaded file is not a comps file.
    :raises RequestEntityTooLarge: the comps file is larger than `LARGEST_BODY` bytes.
    :source: ``POST /api/coprs/{ownername}/{projectname}/chroot/edit/{chrootname}/``
    """
    fields = forms.read()
    with writing() as tx:
        chroot = _get(tx, ownername, projectname, chrootname)
        settings = _settings(tx, fields)
        if comps := request.files.get("upload_comps"):
            name = (comps.filename or "").rpartition("/")[2]
            settings |= {"comps_name": name, "comps": checks.comps(small_file(comps))}
        project_chroots.edit(tx, caller(tx), chroot, settings)
        message = "Edit chroot operation was successful."
        return render.ok(message=message, chroot=render.project_chroot(chroot))


@api.get(f"{PROJECT}/build-config/<chrootname>/")
def get_build_config(ownername: str, projectname: str, chrootname: str) -> Any:
    """Return the build configuration of a chroot.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param chrootname: name of the chroot.
    :returns: the JSON response with the configuration as `build_config`.
    :raises NotFound: the project does not exist.
    :raises Refused: the project does not have the chroot.
    :source: ``GET /api/coprs/{ownername}/{projectname}/build-config/{chrootname}/``
    """
    with reading() as tx:
        project = projects.get(tx, ownername, projectname)
        try:
            chroot = project_chroots.get(tx, project, chrootname)
        except NotFound as error:
            raise Refused("Chroot not found.") from error
        return render.ok(build_config=render.build_config(tx, chroot))


@api.get("/g/<group>/<projectname>/build-config/<chrootname>/")
def get_build_config_of_group(group: str, projectname: str, chrootname: str) -> Any:
    """Return the build configuration of a chroot of a group's project.

    :param group: name of the group, without `@`.
    :param projectname: name of the project without the owner.
    :param chrootname: name of the chroot.
    :returns: the JSON response with the configuration as `build_config`.
    :raises NotFound: the group or the project does not exist.
    :raises Refused: the project does not have the chroot.
    :source: ``GET /api/g/{group}/{projectname}/build-config/{chrootname}/``
    """
    return get_build_config(f"@{group}", projectname, chrootname)


def _get(tx: Transaction, ownername: str, projectname: str, name: str) -> ProjectChroot:
    """Return a chroot of a project, or raise `NotFound`."""
    return project_chroots.get(tx, projects.get(tx, ownername, projectname), name)


def _settings(tx: Transaction, fields: Fields) -> dict[str, Any]:
    """Return the settings that the request changes, by column of `ProjectChroot`.

    :raises Refused: fields are not valid.
    """
    form = ChrootForm(fields)
    repositories = rule(lambda addresses: checks.repositories(tx, addresses))
    if not form.validate(extra_validators={"repos": [repositories]}):
        raise Refused(f"Invalid request: {form.errors}")
    settings = {column: form[name].data for name, column in _COLUMNS.items() if name in fields}
    return settings | ({"comps_name": None, "comps": None} if form.delete_comps.data else {})
