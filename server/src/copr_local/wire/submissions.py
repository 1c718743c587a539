"""New builds from the fields of a request, the same for API v3 and the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from werkzeug.datastructures import FileStorage

from ..data.database import Transaction
from ..data.models import Build, Package, Project, User
from ..rules import packages, sources, submission
from ..rules.sources import Source
from . import build_forms
from .build_forms import BuildForm, RpmUploadForm, UploadForm, UrlForm
from .form_data import Body
from .source_forms import SourceForm

# The form and the source of an uploaded file, by source type.
FILES: dict[str, tuple[type[UploadForm], Callable[[Path], Source]]] = {
    "upload": (UploadForm, sources.upload),
    "rpm_upload": (RpmUploadForm, sources.rpm_upload),
}


def of_file(
    tx: Transaction, caller: User, project: Project, source_type: str, fields: Body, file: FileStorage | None
) -> Build:
    """Submit a build of an uploaded file; discard the file if that fails.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param project: project to build in.
    :param source_type: a key of `FILES`.
    :param fields: fields of the request.
    :param file: the uploaded file; None if the request has none.
    :returns: the new build.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields or the file are invalid, or the project has no active chroots.
    """
    kind, source = FILES[source_type]
    fields = {**fields, "pkgs": (file and file.filename) or ""}
    form = build_forms.checked(tx, caller, kind, project, fields)
    options = build_forms.options(form, project, fields)
    submission.check_submission(caller, project, options)
    assert file is not None
    form.check_beginning(file.stream.read(8))
    with tx.data_folder.adopting(file.stream, form.pkgs.data or "") as place:
        directory = build_forms.directory(tx, form, project)
        return submission.submit(tx, caller, directory, source(place), options)


def of_urls(tx: Transaction, caller: User, project: Project, fields: Body) -> Sequence[int]:
    """Submit one build for each URL of a source RPM or spec file.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param project: project to build in.
    :param fields: fields of the request.
    :returns: ids of the new builds, in the order of the URLs.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the project has no active chroots.
    """
    form = build_forms.checked(tx, caller, UrlForm, project, fields)
    options = build_forms.options(form, project, fields)
    submission.check_submission(caller, project, options)
    directory = build_forms.directory(tx, form, project)
    links = [sources.link(url) for url in form.pkgs.data or ()]
    return submission.submit_many(tx, caller, directory, links, options)


def of_source(tx: Transaction, caller: User, project: Project, kind: type[SourceForm], fields: Body) -> Build:
    """Submit a build of a source that the fields describe.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param project: project to build in.
    :param kind: form of the source type.
    :param fields: fields of the request.
    :returns: the new build.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the project has no active chroots.
    """
    source = kind(tx, fields)
    form = build_forms.checked(tx, caller, BuildForm, project, fields, source)
    options = build_forms.options(form, project, fields)
    submission.check_submission(caller, project, options)
    directory = build_forms.directory(tx, form, project)
    return submission.submit(tx, caller, directory, source.of_build(), options)


def of_package(tx: Transaction, caller: User, package: Package, fields: Body) -> Build:
    """Submit a build of a package from its source.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param package: package to build.
    :param fields: fields of the request.
    :returns: the new build.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, or the package has no source to rebuild.
    """
    form = build_forms.checked_for_rebuild(tx, caller, package.project, fields)
    options = build_forms.options(form, package.project, fields)
    packages.check_source(package)
    directory = build_forms.directory(tx, form, package.project)
    return packages.rebuild(tx, caller, package, directory, options)
