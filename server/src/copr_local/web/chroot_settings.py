"""Forms of a project's chroots and repositories: settings of one chroot, and writing metadata again."""

from __future__ import annotations

from typing import Any

from flask import request

from ..data.database import Transaction
from ..data.models import ProjectChroot
from ..rules import permissions, project_chroots, projects
from ..rules.errors import Invalid
from ..wire import project_chroot_forms
from ..wire.context import reading, writing
from ..wire.fields import Errors, InvalidFields
from ..wire.form_data import Body
from ..wire.urls import results_url
from .display import address
from .of_project import of_project, show
from .viewer import answer, caller, check_form, done, needs_sign_in

TEXTS = (
    *("additional_packages", "additional_repos", "additional_modules", "with_opts", "without_opts"),
    *("bootstrap", "bootstrap_image", "isolation"),
)
COMPS = "upload_comps"


@of_project("settings/<chroot>/", methods=["GET", "POST"])
@needs_sign_in
def chroot_settings(ownername: str, name: str, chroot: str) -> Any:
    """Show the settings of one chroot of a project, or change them.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :param chroot: name of the chroot.
    :returns: the HTML page; after the change a redirect to the settings of the project.
    :raises NotFound: the project or its chroot does not exist.
    :raises Forbidden: the user may not change the project.
    :source: `GET /coprs/{ownername}/{name}/settings/{chroot}/`,
        `POST /coprs/{ownername}/{name}/settings/{chroot}/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            permissions.check_update(caller(tx), project)
            found = project_chroots.get(tx, project, chroot)
            return show(
                tx,
                "chroot.html",
                project,
                "settings/",
                errors=errors,
                chroot=found,
                comps=results_url(project.ownername, project.name, found.name, "comps.xml"),
            )

    def act() -> Any:
        body: Body = {field: request.form[field] for field in TEXTS if field in request.form}
        body["delete_comps"] = "delete_comps" in request.form
        with writing() as tx:
            project = projects.get(tx, ownername, name)
            _change(tx, project_chroots.get(tx, project, chroot), body)
            return done(f"{address(project)}settings/")

    return answer(shown, act)


def _change(tx: Transaction, chroot: ProjectChroot, body: Body) -> None:
    """Change settings of a chroot; the errors have the names of the fields on the page."""
    try:
        form = project_chroot_forms.checked(tx, body)
    except InvalidFields as error:
        called = project_chroot_forms.CALLED
        raise InvalidFields(
            {called.get(name, name): texts for name, texts in error.errors.items()}
        ) from error
    try:
        settings = project_chroot_forms.settings(form, body)
    except Invalid as error:
        raise InvalidFields({COMPS: [str(error).removeprefix(f"{COMPS}: ")]}) from error
    project_chroots.edit(tx, caller(tx), chroot, settings)


@of_project("regenerate/", methods=["POST"])
@needs_sign_in
def regenerate(ownername: str, name: str) -> Any:
    """Let the metadata of all repositories of a project be written again.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: a redirect to the settings of the project, which say that it is done.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the user may not change the project.
    :raises Invalid: the form was not sent by a page of this service.
    :source: `POST /coprs/{ownername}/{name}/regenerate/`
    """
    check_form()
    with writing() as tx:
        project = projects.get(tx, ownername, name)
        projects.regenerate_repositories(tx, caller(tx), project)
        return done(f"{address(project)}settings/?regenerated=1")
