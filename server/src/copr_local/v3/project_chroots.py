"""`/project-chroot`: get, build-config, edit."""

from __future__ import annotations

from typing import Any

from ..data.database import Transaction
from ..data.models import ProjectChroot
from ..rules import project_chroots, projects
from ..wire import project_chroot_forms
from ..wire.context import reading, writing
from . import body, build_config, query, render
from .description import takes
from .login import caller, needs_login
from .routes import api, deprecated


def _asked_for(tx: Transaction) -> ProjectChroot:
    """Return the chroot that the query names."""
    name = query.argument("chrootname")
    return project_chroots.get(tx, query.project(tx), name)


@api.get("/project-chroot")
@takes(query="ownername projectname chrootname")
def get_project_chroot() -> Any:
    """Return the settings of one chroot of a project.

    :returns: the settings.
    :raises Invalid: a query argument is missing.
    :raises NotFound: the project or its chroot does not exist.
    :raises HTTPException: the owner or project name is empty.
    :source: ``GET /api_3/project-chroot``
    """
    with reading() as tx:
        return render.project_chroot(_asked_for(tx), tx.now)


@api.get("/project-chroot/build-config")
@takes(query="ownername projectname chrootname")
def get_project_chroot_build_config() -> Any:
    """Return the build configuration of one chroot of a project.

    :returns: the build configuration.
    :raises Invalid: a query argument is missing.
    :raises NotFound: the project or its chroot does not exist.
    :raises HTTPException: the owner or project name is empty.
    :source: ``GET /api_3/project-chroot/build-config``
    """
    with reading() as tx:
        return build_config.of_project(tx, _asked_for(tx))


@api.route("/project-chroot/edit/<ownername>/<projectname>/<chrootname>", methods=["PUT", "POST"])
@takes(project_chroot_forms.ProjectChrootForm, files="upload_comps", renamed=project_chroot_forms.CALLED)
@deprecated("POST", use="PUT")
@needs_login
def edit_project_chroot(ownername: str, projectname: str, chrootname: str) -> Any:
    """Change settings of one chroot of a project.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :param chrootname: name of the chroot.
    :returns: the settings after the change.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project or its chroot does not exist.
    :raises Forbidden: the caller may not change the project.
    :raises Invalid: fields or the uploaded comps file are invalid.
    :raises RequestEntityTooLarge: the uploaded comps file is larger than `LARGEST_BODY` bytes.
    :raises Crash: a JSON body or `json` part is not an object.
    :source: ``PUT /api_3/project-chroot/edit/{ownername}/{projectname}/{chrootname}``; ``POST`` is deprecated
    """
    fields = body.read()
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        chroot = project_chroots.get(tx, project, chrootname)
        form = project_chroot_forms.checked(tx, fields)
        settings = project_chroot_forms.settings(form, fields)
        project_chroots.edit(tx, caller(tx), chroot, settings, form.reset_fields.data or ())
        return render.project_chroot(chroot, tx.now)
