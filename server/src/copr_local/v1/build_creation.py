"""Endpoints of API v1 that submit builds: from URLs, from an upload, and from the other sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from flask import request

from ..data.database import Transaction
from ..data.models import Project
from ..rules import permissions, project_dirs, projects, submission
from ..rules.sources import Source, link, upload
from ..wire.context import LARGEST_UPLOAD, writing
from ..wire.old_api_login import caller, needs_login
from . import build_forms, forms, render, source_forms
from .build_forms import BuildForm
from .errors import Refused
from .forms import Fields
from .routes import PROJECT, api
from .source_forms import SourceForm

Sources = Callable[[Transaction, Any], Iterable[Source]]


@api.post(f"{PROJECT}/new_build/")
@needs_login
def build_from_urls(ownername: str, projectname: str) -> Any:
    """Submit one build for each URL of a source RPM or spec file.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :returns: the JSON response with the ids of the builds, and a message with the URLs of their pages.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: fields are not valid, or the user may not build in the project.
    :raises Invalid: the project has no active chroots.
    :source: ``POST /api/coprs/{ownername}/{projectname}/new_build/``
    """
    return _submit(
        ownername, projectname, build_forms.UrlForm, forms.read(), lambda _tx, form: map(link, form.pkgs.data)
    )


@api.post(f"{PROJECT}/new_build_upload/")
@needs_login
def build_from_upload(ownername: str, projectname: str) -> Any:
    """Submit a build of an uploaded source RPM or spec file, the part `pkgs` of the request.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :returns: the JSON response with the id of the build, and a message with the URL of its page.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: the file is missing, fields are not valid, or the user may not build in the project.
    :raises Invalid: the project has no active chroots.
    :source: ``POST /api/coprs/{ownername}/{projectname}/new_build_upload/``
    """
    request.max_content_length = LARGEST_UPLOAD
    fields, file = forms.read(), request.files.get("pkgs")
    fields["pkgs"] = (file and file.filename) or ""

    def adopt(tx: Transaction, form: build_forms.UploadForm) -> list[Source]:
        assert file is not None
        place = stack.enter_context(tx.data_folder.adopting(file.stream, form.pkgs.data or ""))
        return [upload(place)]

    with ExitStack() as stack:
        return _submit(ownername, projectname, build_forms.UploadForm, fields, adopt)


def _add(path: str, kind: type[SourceForm]) -> None:
    """Add an endpoint that submits builds of one source type."""
    form_kind = type(f"{kind.__name__}OfBuild", (kind, BuildForm), {})

    @needs_login
    def build(ownername: str, projectname: str) -> Any:
        return _submit(ownername, projectname, form_kind, forms.read(), lambda _tx, form: [form.source()])

    api.add_url_rule(f"{PROJECT}/{path}/", path, build, methods=["POST"])


for _path, _kind in {
    "new_build_scm": source_forms.ScmForm,
    "new_build_tito": source_forms.TitoForm,
    "new_build_mock": source_forms.MockForm,
    "new_build_distgit": source_forms.DistGitForm,
    "new_build_pypi": source_forms.PypiForm,
    "new_build_rubygems": source_forms.RubyGemsForm,
    "new_build_custom": source_forms.CustomForm,
}.items():
    _add(_path, _kind)


@api.post(f"{PROJECT}/module/build/")
@needs_login
def build_module(ownername: str, projectname: str) -> Any:
    """Refuse to build a module. The real Copr frontend had this endpoint, but it never worked.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :returns: nothing, because it always raises an error.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises Refused: always, with status 501.
    :source: ``POST /api/coprs/{ownername}/{projectname}/module/build/``
    """
    raise Refused(f"Builds of modules, as for {ownername}/{projectname}, are not implemented here", 501)


def _submit(ownername: str, projectname: str, kind: type[BuildForm], fields: Fields, sources: Sources) -> Any:
    """Check a request, submit its builds, and return the response with their ids and URLs."""
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        form = build_forms.checked(kind, fields)
        infos = forms.unknown_keys(form, (chroot.name for chroot in project.chroots))
        check_builder(tx, project)
        options = build_forms.options(form, project, fields)
        directory = project_dirs.get_dir(tx, project, project.name)
        made = submission.submit_many(tx, caller(tx), directory, list(sources(tx, form)), options)
        infos.append(f"Build was added to {project.name}:")
        infos += [f"  {render.build_address(build_id)}" for build_id in made]
        return render.ok(ids=list(made), message="\n".join(infos))


def check_builder(tx: Transaction, project: Project) -> None:
    """Check that the user who sent the request may build in a project.

    :param tx: the transaction.
    :param project: the project.
    :raises Refused: the user may not build there.
    :raises NotFound: a proxy user acts for a user who does not exist.
    """
    user = caller(tx)
    if not permissions.can_build(user, project):
        raise Refused(
            f"Invalid request: user {user.name} is not allowed to build in the copr: {project.full_name}"
        )
