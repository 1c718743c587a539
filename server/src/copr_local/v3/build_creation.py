"""`/build/create`: builds of uploads, URLs and other sources; the check before a build."""

from __future__ import annotations

from typing import Any

from flask import request

from ..rules import builds, permissions, project_dirs, submission
from ..rules.errors import Forbidden
from ..wire import build_forms, source_forms, submissions
from ..wire.context import LARGEST_UPLOAD, writing
from ..wire.form_data import text
from ..wire.source_forms import SourceForm
from . import body, render
from .description import takes
from .login import caller, needs_login
from .routes import api

NO_META = {"limit": None, "offset": None, "order": None, "order_type": None}


@api.post("/build/create/upload")
@takes(build_forms.UploadForm, body="ownername projectname", files="pkgs")
@needs_login
def create_from_upload() -> Any:
    """Submit a build of an uploaded source RPM or spec file.

    :returns: the new build.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the project has no active chroots.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/build/create/upload``
    """
    return _create_from_file("upload")


@api.post("/build/create/rpm-upload")
@takes(build_forms.RpmUploadForm, body="ownername projectname", files="pkgs")
@needs_login
def create_from_rpm_upload() -> Any:
    """Publish an uploaded binary RPM as a build, without building it.

    :returns: the new build.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, the file is not a binary RPM, or the project has no active chroots.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/build/create/rpm-upload``
    """
    return _create_from_file("rpm_upload")


def _create_from_file(source_type: str) -> Any:
    """Submit a build of the uploaded file."""
    request.max_content_length = LARGEST_UPLOAD
    fields = body.read()
    file = request.files.get("pkgs")
    with writing() as tx:
        project = body.project(tx, fields)
        return render.build(submissions.of_file(tx, caller(tx), project, source_type, fields, file))


@api.post("/build/create/url")
@takes(build_forms.UrlForm, body="ownername projectname")
@needs_login
def create_from_urls() -> Any:
    """Submit one build for each URL of a source RPM or spec file.

    :returns: a listing of the new builds, in the order of the URLs.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the project has no active chroots.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/build/create/url``
    """
    fields = body.read()
    with writing() as tx:
        made = builds.in_order(tx, submissions.of_urls(tx, caller(tx), body.project(tx, fields), fields))
    return {"items": [render.build(build) for build in made], "meta": NO_META}


@api.post("/build/create/scm")
@takes(build_forms.BuildForm, source_forms.ScmForm, body="ownername projectname")
@needs_login
def create_from_scm() -> Any:
    """Submit a build of a Git or Subversion repository.

    :returns: the new build.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the project has no active chroots.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/build/create/scm``
    """
    return _create(source_forms.ScmForm)


@api.post("/build/create/pypi")
@takes(build_forms.BuildForm, source_forms.PyPIForm, body="ownername projectname")
@needs_login
def create_from_pypi() -> Any:
    """Submit a build of a project of the Python Package Index.

    :returns: the new build.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the project has no active chroots.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/build/create/pypi``
    """
    return _create(source_forms.PyPIForm)


@api.post("/build/create/rubygems")
@takes(build_forms.BuildForm, source_forms.RubyGemsForm, body="ownername projectname")
@needs_login
def create_from_rubygems() -> Any:
    """Submit a build of a gem of RubyGems.

    :returns: the new build.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the project has no active chroots.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/build/create/rubygems``
    """
    return _create(source_forms.RubyGemsForm)


@api.post("/build/create/custom")
@takes(build_forms.BuildForm, source_forms.CustomForm, body="ownername projectname")
@needs_login
def create_from_custom() -> Any:
    """Submit a build of the source that a custom script generates.

    :returns: the new build.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the project has no active chroots.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/build/create/custom``
    """
    return _create(source_forms.CustomForm)


@api.post("/build/create/distgit")
@takes(build_forms.BuildForm, source_forms.DistGitForm, body="ownername projectname")
@needs_login
def create_from_distgit() -> Any:
    """Submit a build of a package's dist-git repository.

    :returns: the new build.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the project has no active chroots.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/build/create/distgit``
    """
    return _create(source_forms.DistGitForm)


def _create(kind: type[SourceForm]) -> Any:
    """Submit a build of a source that the fields of the request describe."""
    fields = body.read()
    with writing() as tx:
        project = body.project(tx, fields)
        return render.build(submissions.of_source(tx, caller(tx), project, kind, fields))


@api.post("/build/check-before-build")
@takes(build_forms.BuildForm, body="ownername projectname")
@needs_login
def check_before_build() -> Any:
    """Check that a build with these options would be accepted.

    :returns: a message that it would be; every other result is an error.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/build/check-before-build``
    """
    fields = body.read()
    with writing() as tx:
        project = body.project(tx, fields)
        if dirname := text(fields, "project_dirname"):
            project_dirs.check_dir(project, dirname)
        user = caller(tx)
        if not permissions.can_build(user, project):
            raise Forbidden(f"User '{user.name}' is not allowed to build in '{project.full_name}'")
        form = build_forms.checked(tx, caller(tx), build_forms.BuildForm, project, fields)
        submission.check_submission(user, project, build_forms.options(form, project, fields))
        return {"message": "It should be safe to submit a build like this"}
