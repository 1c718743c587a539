"""`/build/create`: a build from an uploaded file, or builds from URLs; and whether one would be accepted."""

from __future__ import annotations

from typing import Any

from flask import request

from ..context import LARGEST_UPLOAD, writing
from ..rules import builds, checks, permissions
from ..rules.builds import Source
from ..rules.errors import Forbidden
from . import body, build_forms, render
from .login import caller, needs_login
from .routes import api

NO_META = {"limit": None, "offset": None, "order": None, "order_type": None}


@api.post("/build/create/upload")
@needs_login
def create_from_upload() -> Any:
    """A build of an uploaded source RPM or spec file."""
    request.max_content_length = LARGEST_UPLOAD
    fields = body.read()
    file = request.files.get("pkgs")
    fields["pkgs"] = (file and file.filename) or ""
    with writing() as tx:
        project = body.project(tx, fields)
        form = build_forms.checked(build_forms.UploadForm, project, fields)
        options = build_forms.options(form, project, fields)
        builds.check_submission(caller(tx), project, options)
        assert file is not None
        place = tx.storage.adopt(file.stream, form.pkgs.data or "")
        source = Source("upload", {"pkg": place.name, "tmp": place.parent.name})
        directory = build_forms.directory(tx, form, project)
        return render.build(builds.submit(tx, caller(tx), directory, source, options))


@api.post("/build/create/url")
@needs_login
def create_from_urls() -> Any:
    """One build for each URL of a source RPM or spec file."""
    fields = body.read()
    with writing() as tx:
        project = body.project(tx, fields)
        form = build_forms.checked(build_forms.UrlForm, project, fields)
        options = build_forms.options(form, project, fields)
        builds.check_submission(caller(tx), project, options)
        directory = build_forms.directory(tx, form, project)
        made = [
            builds.submit(tx, caller(tx), directory, Source("link", {"url": url}), options)
            for url in form.pkgs.data or []
        ]
        return {"items": [render.build(build) for build in made], "meta": NO_META}


@api.post("/build/check-before-build")
@needs_login
def check_before_build() -> Any:
    """Whether a build with these options would be accepted."""
    fields = body.read()
    with writing() as tx:
        project = body.project(tx, fields)
        user = caller(tx)
        if not permissions.can_build(user, project):
            raise Forbidden(f"User '{user.name}' is not allowed to build in '{project.full_name}'")
        form = build_forms.checked(build_forms.BuildForm, project, fields)
        checks.directory_name(project, form.project_dirname.data or project.name)
        builds.check_submission(user, project, build_forms.options(form, project, fields))
        return {"message": "It should be safe to submit a build like this"}
