"""Chroots of a project: shown, changed, and what they are built with."""

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

# Fields of API v1, and columns of a chroot.
_COLUMNS = {
    "buildroot_pkgs": "additional_packages",
    "repos": "additional_repos",
    "with_opts": "with_opts",
    "without_opts": "without_opts",
}


class ChrootForm(Form):
    """Changes of a chroot of a project."""

    buildroot_pkgs = Words()
    repos = Words()
    with_opts = Words()
    without_opts = Words()
    delete_comps = BooleanField()


@api.get(f"{PROJECT}/detail/<chrootname>/")
def get_chroot_packages(ownername: str, projectname: str, chrootname: str) -> Any:
    """Which packages a chroot has besides the usual ones."""
    with reading() as tx:
        return render.ok(**render.chroot_packages(_get(tx, ownername, projectname, chrootname)))


@api.get(f"{PROJECT}/chroot/get/<chrootname>/")
def get_chroot(ownername: str, projectname: str, chrootname: str) -> Any:
    """The settings of a chroot."""
    with reading() as tx:
        return render.ok(chroot=render.project_chroot(_get(tx, ownername, projectname, chrootname)))


@api.post(f"{PROJECT}/modify/<chrootname>/")
@needs_login
def modify_chroot(ownername: str, projectname: str, chrootname: str) -> Any:
    """Change which packages a chroot has besides the usual ones."""
    fields = forms.read()
    with writing() as tx:
        chroot = _get(tx, ownername, projectname, chrootname)
        words = {"buildroot_pkgs": fields["buildroot_pkgs"]} if "buildroot_pkgs" in fields else {}
        project_chroots.edit(tx, caller(tx), chroot, _settings(tx, Fields(words)))
        return render.ok(**render.chroot_packages(chroot))


@api.post(f"{PROJECT}/chroot/edit/<chrootname>/")
@needs_login
def edit_chroot(ownername: str, projectname: str, chrootname: str) -> Any:
    """Change settings of a chroot."""
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
    """What a chroot is built with."""
    with reading() as tx:
        project = projects.get(tx, ownername, projectname)
        try:
            chroot = project_chroots.get(tx, project, chrootname)
        except NotFound as error:
            raise Refused("Chroot not found.") from error
        return render.ok(build_config=render.build_config(chroot))


@api.get("/g/<group>/<projectname>/build-config/<chrootname>/")
def get_build_config_of_group(group: str, projectname: str, chrootname: str) -> Any:
    """The same, for a group's project."""
    return get_build_config(f"@{group}", projectname, chrootname)


def _get(tx: Transaction, ownername: str, projectname: str, name: str) -> ProjectChroot:
    return project_chroots.get(tx, projects.get(tx, ownername, projectname), name)


def _settings(tx: Transaction, fields: Fields) -> dict[str, Any]:
    """Columns of a chroot and their new values, of the fields that were sent.

    :raises Refused: they have errors.
    """
    form = ChrootForm(fields)
    repositories = rule(lambda addresses: checks.repositories(tx, addresses))
    if not form.validate(extra_validators={"repos": [repositories]}):
        raise Refused(f"Invalid request: {form.errors}")
    settings = {column: form[name].data for name, column in _COLUMNS.items() if name in fields}
    return settings | ({"comps_name": None, "comps": None} if form.delete_comps.data else {})
