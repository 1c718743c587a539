"""`/project-chroot`: get, build-config, edit."""

from __future__ import annotations

from typing import Any

from ..data.database import Transaction
from ..data.models import ProjectChroot
from ..rules import project_chroots, projects
from ..wire.context import reading, writing
from . import body, build_config, project_chroot_forms, query, render
from .description import takes
from .login import caller, needs_login
from .routes import api, deprecated


def _asked_for(tx: Transaction) -> ProjectChroot:
    """The chroot that the query names."""
    name = query.argument("chrootname")
    return project_chroots.get(tx, query.project(tx), name)


@api.get("/project-chroot")
@takes(query="ownername projectname chrootname")
def get_project_chroot() -> Any:
    """The settings of a chroot of a project."""
    with reading() as tx:
        return render.project_chroot(_asked_for(tx), tx.now)


@api.get("/project-chroot/build-config")
@takes(query="ownername projectname chrootname")
def get_project_chroot_build_config() -> Any:
    """What a chroot of a project is built with."""
    with reading() as tx:
        return build_config.of_project(_asked_for(tx))


@api.route("/project-chroot/edit/<ownername>/<projectname>/<chrootname>", methods=["PUT", "POST"])
@takes(project_chroot_forms.ProjectChrootForm, files="upload_comps", renamed=project_chroot_forms.CALLED)
@deprecated("POST", use="PUT")
@needs_login
def edit_project_chroot(ownername: str, projectname: str, chrootname: str) -> Any:
    """Change settings of a chroot of a project."""
    fields = body.read()
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        chroot = project_chroots.get(tx, project, chrootname)
        form = project_chroot_forms.checked(tx, fields)
        settings = project_chroot_forms.settings(form, fields)
        project_chroots.edit(tx, caller(tx), chroot, settings, form.reset_fields.data or ())
        return render.project_chroot(chroot, tx.now)
