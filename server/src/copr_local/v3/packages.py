"""`/package`: get, list, add, edit, reset, build, delete."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import request

from ..data.database import Transaction
from ..data.models import Build, Package, ProjectDir
from ..rules import packages, projects
from ..rules.errors import NotFound
from ..wire import build_forms, package_forms, submissions
from ..wire.context import reading, writing
from ..wire.form_data import Body, text
from ..wire.source_forms import FORMS
from . import body, query, render
from .description import takes
from .errors import Crash
from .login import caller, needs_login
from .routes import api, deprecated

_NEWEST = _LATEST, _SUCCEEDED = "with_latest_build", "with_latest_succeeded_build"
_TRUE = ("True", "true", "1")


@api.get("/package")
@takes(query="ownername projectname packagename", optional="with_latest_build with_latest_succeeded_build")
def get_package() -> Any:
    """Return one package, with its newest builds if a query argument for them is not empty.

    :returns: the package.
    :raises Invalid: a query argument is missing.
    :raises NotFound: the project or the package does not exist.
    :raises HTTPException: the owner or project name is empty.
    :source: ``GET /api_3/package``
    """
    name = query.argument("packagename")
    wanted = [kind for kind in _NEWEST if request.args.get(kind)]
    with reading() as tx:
        return _rendered(tx, [packages.get(tx, query.project(tx), name)], wanted)[0]


@api.get("/package/list")
@takes(query="ownername projectname", optional="with_latest_build with_latest_succeeded_build", page=True)
def list_packages() -> Any:
    """Return the packages of a project, with their newest builds if the query asks for them.

    :returns: one page of the listing.
    :raises Invalid: a query argument is missing.
    :raises NotFound: the project does not exist.
    :raises Crash: an argument of the page is invalid.
    :raises CannotOrder: packages cannot be sorted by this property.
    :raises HTTPException: the owner or project name is empty.
    :source: ``GET /api_3/package/list``
    """
    page = query.page()
    wanted = [kind for kind in _NEWEST if request.args.get(kind) in _TRUE]
    with reading() as tx:
        project = query.project(tx)
        found = packages.in_list(tx, project, page)
        return render.listing(_rendered(tx, found, wanted, project.main_dir), page)


@api.post("/package/add/<ownername>/<projectname>/<package_name>/<source_type_text>")
@takes(package_forms.PackageForm, *FORMS.values(), body="package_name")
@needs_login
def add_package(ownername: str, projectname: str, package_name: str, source_type_text: str) -> Any:
    """Add a package to a project, under the name in the body.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :param package_name: name of the package; it must match the name in the body.
    :param source_type_text: source type of the package, such as `scm`.
    :returns: the new package.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller may not add packages to the project.
    :raises Invalid: fields are invalid, or packages cannot have this source type.
    :raises Conflict: the project already has a package with this name.
    :raises Crash: a JSON body or `json` part is not an object; or the names in path and body differ, and the
        package was added under the name in the body.
    :source: ``POST /api_3/package/add/{ownername}/{projectname}/{package_name}/{source_type_text}``
    """
    fields = body.read()
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        packages.check_edit(caller(tx), project)
        name, source, settings = package_forms.added(tx, source_type_text, fields)
        package = packages.add(tx, caller(tx), project, name, source, settings)
        answer = render.package(package)
    if package.name != package_name:
        # The real Copr frontend adds the package, and then fails to find it under the name in the path.
        raise Crash
    return answer


@api.post("/package/edit/<ownername>/<projectname>/<package_name>")
@api.post("/package/edit/<ownername>/<projectname>/<package_name>/<source_type_text>")
@takes(package_forms.PackageForm, *FORMS.values(), optional="source_type_text")
@needs_login
def edit_package(
    ownername: str, projectname: str, package_name: str, source_type_text: str | None = None
) -> Any:
    """Edit a package; source parameters that the body lacks keep their values.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :param package_name: name of the package.
    :param source_type_text: the new source type; None to take it from the query. Without both, it stays.
    :returns: the changed package.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project or the package does not exist.
    :raises Forbidden: the caller may not edit packages of the project.
    :raises Invalid: fields are invalid, or packages cannot have this source type.
    :raises Crash: a JSON body or `json` part is not an object.
    :source: ``POST /api_3/package/edit/{ownername}/{projectname}/{package_name}``,
        ``POST /api_3/package/edit/{ownername}/{projectname}/{package_name}/{source_type_text}``
    """
    fields = body.read()
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        package = packages.find(tx, project, package_name)
        if package is None:
            raise NotFound(f"Package {package_name} does not exists in copr {project.full_name}.")
        packages.check_edit(caller(tx), project)
        source_type = source_type_text or request.args.get("source_type_text")
        source, settings = package_forms.edited(tx, package, source_type, fields)
        packages.edit(tx, caller(tx), package, source, settings)
        return render.package(package)


@api.route("/package/reset", methods=["PUT", "POST"])
@takes(body="ownername projectname package_name")
@deprecated("POST", use="PUT")
@needs_login
def reset_package() -> Any:
    """Remove the source of a package; the package cannot be rebuilt until it gets a new source.

    :returns: the changed package.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project or the package does not exist.
    :raises Forbidden: the caller may not edit packages of the project.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``PUT /api_3/package/reset``; ``POST`` is deprecated
    """
    fields = body.read()
    with writing() as tx:
        package = _package(tx, fields)
        packages.reset(tx, caller(tx), package)
        return render.package(package)


@api.post("/package/build")
@takes(build_forms.BuildForm, body="ownername projectname package_name")
@needs_login
def build_package() -> Any:
    """Submit a build of a package from its source.

    :returns: the new build.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project or the package does not exist.
    :raises Forbidden: the caller, or the forge project, may not build in the project.
    :raises Invalid: fields are invalid, the package has no source to rebuild, or the project has no active
        chroots.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``POST /api_3/package/build``
    """
    fields = body.read()
    with writing() as tx:
        package = _package(tx, fields)
        return render.build(submissions.of_package(tx, caller(tx), package, fields))


@api.route("/package/delete", methods=["DELETE", "POST"])
@takes(body="ownername projectname package_name")
@deprecated("POST", use="DELETE")
@needs_login
def delete_package() -> Any:
    """Delete a package with its builds and their results.

    :returns: the package before its deletion.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project or the package does not exist.
    :raises Forbidden: the caller may not delete packages of the project.
    :raises Invalid: builds of the package have not finished, or the project is persistent and the package has
        builds.
    :raises Crash: a JSON body or `json` part is not an object, or a JSON body does not name the project.
    :raises HTTPException: a body without the project's name is not valid JSON.
    :source: ``DELETE /api_3/package/delete``; ``POST`` is deprecated
    """
    fields = body.read()
    with writing() as tx:
        package = _package(tx, fields)
        answer = render.package(package)
        packages.delete(tx, caller(tx), package)
        return answer


def _package(tx: Transaction, fields: Body) -> Package:
    """Return the package that the body names."""
    return packages.get(tx, body.project(tx, fields), text(fields, "package_name"))


def _rendered(
    tx: Transaction, found: Sequence[Package], wanted: Collection[str], first: ProjectDir | None = None
) -> list[render.Json]:
    """Return the JSON of packages, each with its newest and newest successful build if wanted.

    :param first: project directory with priority for the newest build; None for none.
    """
    latest: dict[int, Build] = {}
    succeeded: dict[int, Build] = {}
    if _LATEST in wanted:
        latest = packages.newest_builds(tx, found)
        if first is not None:
            latest |= packages.newest_builds(tx, found, directory=first)
    if _SUCCEEDED in wanted:
        succeeded = packages.newest_builds(tx, found, "succeeded")
    return [render.package(package, latest.get(package.id), succeeded.get(package.id)) for package in found]
