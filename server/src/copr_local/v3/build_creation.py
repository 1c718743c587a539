"""`/build/create`: builds of uploads, URLs, and each of the other sources; whether one would be accepted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import request

from ..rules import builds, permissions, projects, sources
from ..rules.errors import Forbidden
from ..rules.sources import Source
from ..wire.context import LARGEST_UPLOAD, writing
from . import body, build_forms, render, source_forms
from .description import takes
from .login import caller, needs_login
from .routes import api
from .source_forms import SourceForm

NO_META = {"limit": None, "offset": None, "order": None, "order_type": None}


@api.post("/build/create/upload")
@takes(build_forms.UploadForm, body="ownername projectname", files="pkgs")
@needs_login
def create_from_upload() -> Any:
    """A build of an uploaded source RPM or spec file."""
    return _create_from_file(build_forms.UploadForm, sources.upload)


@api.post("/build/create/rpm-upload")
@takes(build_forms.RpmUploadForm, body="ownername projectname", files="pkgs")
@needs_login
def create_from_rpm_upload() -> Any:
    """A build that publishes an uploaded binary RPM as it is."""
    return _create_from_file(build_forms.RpmUploadForm, sources.rpm_upload)


def _create_from_file(kind: type[build_forms.UploadForm], source: Callable[[Path], Source]) -> Any:
    request.max_content_length = LARGEST_UPLOAD
    fields = body.read()
    file = request.files.get("pkgs")
    fields["pkgs"] = (file and file.filename) or ""
    with writing() as tx:
        project = body.project(tx, fields)
        form = build_forms.checked(tx, kind, project, fields)
        options = build_forms.options(form, project, fields)
        builds.check_submission(caller(tx), project, options)
        assert file is not None
        form.check_beginning(file.stream.read(8))
        with tx.data_folder.adopting(file.stream, form.pkgs.data or "") as place:
            directory = build_forms.directory(tx, form, project)
            return render.build(builds.submit(tx, caller(tx), directory, source(place), options))


@api.post("/build/create/url")
@takes(build_forms.UrlForm, body="ownername projectname")
@needs_login
def create_from_urls() -> Any:
    """One build for each URL of a source RPM or spec file."""
    fields = body.read()
    with writing() as tx:
        project = body.project(tx, fields)
        form = build_forms.checked(tx, build_forms.UrlForm, project, fields)
        options = build_forms.options(form, project, fields)
        builds.check_submission(caller(tx), project, options)
        directory = build_forms.directory(tx, form, project)
        made = [
            builds.submit(tx, caller(tx), directory, sources.link(url), options)
            for url in form.pkgs.data or []
        ]
        return {"items": [render.build(build) for build in made], "meta": NO_META}


@api.post("/build/create/scm")
@takes(build_forms.BuildForm, source_forms.ScmForm, body="ownername projectname")
@needs_login
def create_from_scm() -> Any:
    """A build of a repository of a version control system."""
    return _create(source_forms.ScmForm)


@api.post("/build/create/pypi")
@takes(build_forms.BuildForm, source_forms.PyPIForm, body="ownername projectname")
@needs_login
def create_from_pypi() -> Any:
    """A build of a project of the Python package index."""
    return _create(source_forms.PyPIForm)


@api.post("/build/create/rubygems")
@takes(build_forms.BuildForm, source_forms.RubyGemsForm, body="ownername projectname")
@needs_login
def create_from_rubygems() -> Any:
    """A build of a gem of RubyGems."""
    return _create(source_forms.RubyGemsForm)


@api.post("/build/create/custom")
@takes(build_forms.BuildForm, source_forms.CustomForm, body="ownername projectname")
@needs_login
def create_from_custom() -> Any:
    """A build of what a script makes."""
    return _create(source_forms.CustomForm)


@api.post("/build/create/distgit")
@takes(build_forms.BuildForm, source_forms.DistGitForm, body="ownername projectname")
@needs_login
def create_from_distgit() -> Any:
    """A build of a package's repository in a dist-git."""
    return _create(source_forms.DistGitForm)


def _create(kind: type[SourceForm]) -> Any:
    fields = body.read()
    with writing() as tx:
        project = body.project(tx, fields)
        source = kind(tx, fields)
        form = build_forms.checked(tx, build_forms.BuildForm, project, fields, source)
        options = build_forms.options(form, project, fields)
        builds.check_submission(caller(tx), project, options)
        directory = build_forms.directory(tx, form, project)
        return render.build(builds.submit(tx, caller(tx), directory, source.of_build(), options))


@api.post("/build/check-before-build")
@takes(build_forms.BuildForm, body="ownername projectname")
@needs_login
def check_before_build() -> Any:
    """Whether a build with these options would be accepted."""
    fields = body.read()
    with writing() as tx:
        project = body.project(tx, fields)
        if dirname := body.text(fields, "project_dirname"):
            projects.check_dir(project, dirname)
        user = caller(tx)
        if not permissions.can_build(user, project):
            raise Forbidden(f"User '{user.name}' is not allowed to build in '{project.full_name}'")
        form = build_forms.checked(tx, build_forms.BuildForm, project, fields)
        builds.check_submission(user, project, build_forms.options(form, project, fields))
        return {"message": "It should be safe to submit a build like this"}
