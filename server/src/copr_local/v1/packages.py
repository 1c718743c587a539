"""Endpoints of API v1 that show, change, build and delete packages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from flask import request
from wtforms import BooleanField, Form, StringField
from wtforms.validators import NumberRange, Optional

from ..data.database import Transaction
from ..data.models import Build, Package
from ..rules import overviews, packages, project_dirs, projects
from ..rules.errors import Forbidden, Invalid, NotFound
from ..rules.listing import Page
from ..rules.sources import Source
from ..wire.context import reading, writing
from ..wire.fields import Number
from ..wire.old_api_login import caller, needs_login
from . import build_forms, forms, package_render, render, source_forms
from .build_creation import check_builder
from .errors import Refused, refusing
from .forms import Fields
from .routes import PROJECT, api
from .source_forms import SourceForm

SOURCES: dict[str, type[SourceForm]] = {
    "scm": source_forms.ScmForm,
    "pypi": source_forms.PypiForm,
    "rubygems": source_forms.RubyGemsForm,
    "custom": source_forms.CustomForm,
    "git_and_tito": source_forms.TitoForm,
    "mock_scm": source_forms.MockForm,
}
EDITED = "Create or edit operation was successful."


class PackageForm(Form):
    """The fields that packages with any source have."""

    package_name = StringField()
    webhook_rebuild = BooleanField()
    max_builds = Number(validators=[Optional(), NumberRange(0, packages.MOST_BUILDS)])


@api.get(f"{PROJECT}/package/list/")
def list_packages(ownername: str, projectname: str) -> Any:
    """Return the packages of a project.

    The query parameters `with_latest_build`, `with_latest_succeeded_build` and `with_all_builds` add builds.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :returns: the JSON response with the packages.
    :raises NotFound: the project does not exist.
    :source: ``GET /api/coprs/{ownername}/{projectname}/package/list/``
    """
    with reading() as tx:
        found = packages.in_list(tx, projects.get(tx, ownername, projectname), Page())
        return {"packages": _with_builds(tx, found)}


@api.get(f"{PROJECT}/package/get/<name>/")
def get_package(ownername: str, projectname: str, name: str) -> Any:
    """Return one package. It takes the query parameters of `list_packages`.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param name: name of the package.
    :returns: the JSON response with the package.
    :raises NotFound: the project does not exist.
    :raises Refused: the project does not have the package.
    :source: ``GET /api/coprs/{ownername}/{projectname}/package/get/{name}/``
    """
    with reading() as tx:
        project = projects.get(tx, ownername, projectname)
        found = packages.find(tx, project, name)
        if found is None:
            raise Refused(f"No package with name {name} in copr_dir {project.name}")
        return {"package": _with_builds(tx, [found])[0]}


@api.post(f"{PROJECT}/package/add/<source_type>/")
@needs_login
def add_package(ownername: str, projectname: str, source_type: str) -> Any:
    """Add a package to a project.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param source_type: type of the package's source, a key of `SOURCES`.
    :returns: the JSON response with a message and the new package.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: the source type is unknown, or fields are not valid.
    :raises Forbidden: the user may not change the project.
    :raises Invalid: the name of the package is not valid.
    :raises Conflict: the project already has a package of this name.
    :source: ``POST /api/coprs/{ownername}/{projectname}/package/add/{source_type}/``
    """
    fields = forms.read()
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        source, settings = _checked(source_type, fields)
        package = packages.add(tx, caller(tx), project, fields.get("package_name", ""), source, settings)
        return render.ok(message=EDITED, package=package_render.package(package))


@api.post(f"{PROJECT}/package/<name>/edit/<source_type>/")
@needs_login
def edit_package(ownername: str, projectname: str, name: str, source_type: str) -> Any:
    """Replace the source of a package, and change the settings that the request has.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param name: name of the package.
    :param source_type: type of the new source, a key of `SOURCES`.
    :returns: the JSON response with a message and the changed package.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, the package, or the user that a proxy user acts for, does not exist.
    :raises Refused: the source type is unknown, or fields are not valid.
    :raises Forbidden: the user may not change the project.
    :source: ``POST /api/coprs/{ownername}/{projectname}/package/{name}/edit/{source_type}/``
    """
    fields = forms.read()
    with writing() as tx:
        package = packages.get(tx, projects.get(tx, ownername, projectname), name)
        source, settings = _checked(source_type, fields)
        packages.edit(tx, caller(tx), package, source, settings)
        return render.ok(message=EDITED, package=package_render.package(package))


@api.post(f"{PROJECT}/package/reset/<name>/")
@needs_login
def reset_package(ownername: str, projectname: str, name: str) -> Any:
    """Remove the source of a package. It cannot be rebuilt until it has a new source.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param name: name of the package.
    :returns: the JSON response with a message and the changed package.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: the project does not have the package, or the user may not change the project.
    :source: ``POST /api/coprs/{ownername}/{projectname}/package/reset/{name}/``
    """
    with writing() as tx:
        package = _get(tx, ownername, projectname, name)
        with refusing(Forbidden, "{}"):
            packages.reset(tx, caller(tx), package)
        message = "Package's default source was successfully reseted."
        return render.ok(message=message, package=package_render.package(package))


@api.post(f"{PROJECT}/package/delete/<name>/")
@needs_login
def delete_package(ownername: str, projectname: str, name: str) -> Any:
    """Delete a package with its builds.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param name: name of the package.
    :returns: the JSON response with a message and the deleted package.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: the project does not have the package, or the user may not change the project.
    :raises Invalid: builds of the package have not finished, or the project is protected against deletion.
    :source: ``POST /api/coprs/{ownername}/{projectname}/package/delete/{name}/``
    """
    with writing() as tx:
        package = _get(tx, ownername, projectname, name)
        deleted = package_render.package(package)
        with refusing(Forbidden, "{}"):
            packages.delete(tx, caller(tx), package)
        return render.ok(message="Package was successfully deleted.", package=deleted)


@api.post(f"{PROJECT}/package/build/<name>/")
@needs_login
def build_package(ownername: str, projectname: str, name: str) -> Any:
    """Build a package from its source. The build has no network access, as for all packages of this API.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :param name: name of the package.
    :returns: the JSON response with the id of the build and a message.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: the project does not have the package, the user may not build in the project, the package
        has no source that can be built again, or fields are not valid.
    :raises Invalid: the project has no active chroots.
    :source: ``POST /api/coprs/{ownername}/{projectname}/package/build/{name}/``
    """
    fields = forms.read()
    with writing() as tx:
        package = _get(tx, ownername, projectname, name)
        project = package.project
        check_builder(tx, project)
        with refusing(Invalid, f"Unset default source for package {name}"):
            packages.check_source(package)
        form = build_forms.BuildForm(fields)
        if not form.validate():
            raise Refused(dict(form.errors))
        options = build_forms.options(form, project, fields)
        directory = project_dirs.get_dir(tx, project, project.name)
        build = packages.rebuild(tx, caller(tx), package, directory, replace(options, enable_net=False))
        return render.ok(ids=[build.id], message=f"Build was added to {project.name}.")


def _get(tx: Transaction, ownername: str, projectname: str, name: str) -> Package:
    """Return a package of a project.

    :raises NotFound: the project does not exist.
    :raises Refused: the project does not have the package.
    """
    project = projects.get(tx, ownername, projectname)
    with refusing(NotFound, "{}"):
        return packages.get(tx, project, name)


def _checked(source_type: str, fields: Fields) -> tuple[Source, Mapping[str, Any]]:
    """Return the source of a package, and the settings that the request has.

    :raises Refused: the source type is unknown, or fields are not valid; the error has the texts by field.
    """
    if source_type not in SOURCES:
        raise Refused(f"Unsupported package source type {source_type}")
    form, of_source = PackageForm(fields), SOURCES[source_type](fields)
    if not (form.validate() & of_source.validate()):
        raise Refused({**form.errors, **of_source.errors})
    settings = {"webhook_rebuild": form.webhook_rebuild.data, "max_builds": form.max_builds.data or 0}
    return of_source.source(), {name: value for name, value in settings.items() if name in fields}


def _with_builds(tx: Transaction, found: Collection[Package]) -> list[render.Json]:
    """Return the JSON of packages, with the builds that the query parameters ask for."""
    items = {package.id: package_render.package(package) for package in found}

    def put(name: str, builds: Mapping[int, Build]) -> None:
        for package_id, item in items.items():
            build = builds.get(package_id)
            item[name] = build and package_render.build_of_package(build)

    if request.args.get("with_latest_build"):
        put("latest_build", packages.newest_builds(tx, found))
    if request.args.get("with_latest_succeeded_build"):
        put("latest_succeeded_build", packages.newest_builds(tx, found, "succeeded"))
    if request.args.get("with_all_builds"):
        builds = overviews.builds_of(tx, found)
        for package_id, item in items.items():
            item["builds"] = [package_render.build_of_package(build) for build in builds.get(package_id, ())]
    return list(items.values())
