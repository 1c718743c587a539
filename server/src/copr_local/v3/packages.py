"""`/package`: get, list, add, edit, reset, build, delete."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from flask import request

from ..data.database import Transaction
from ..data.models import Build, Package, ProjectDir
from ..rules import packages, projects
from ..rules.errors import NotFound
from ..wire.context import reading, writing
from . import body, build_forms, package_forms, query, render
from .description import takes
from .errors import Crash
from .login import caller, needs_login
from .routes import api, deprecated
from .source_forms import FORMS

_NEWEST = _LATEST, _SUCCEEDED = "with_latest_build", "with_latest_succeeded_build"
_TRUE = ("True", "true", "1")


@api.get("/package")
@takes(query="ownername projectname packagename", optional="with_latest_build with_latest_succeeded_build")
def get_package() -> Any:
    """One package, with its newest builds if they are asked for: with anything but an empty text."""
    name = query.argument("packagename")
    wanted = [kind for kind in _NEWEST if request.args.get(kind)]
    with reading() as tx:
        return _rendered(tx, [packages.get(tx, query.project(tx), name)], wanted)[0]


@api.get("/package/list")
@takes(query="ownername projectname", optional="with_latest_build with_latest_succeeded_build", page=True)
def list_packages() -> Any:
    """The packages of a project, with their newest builds if they are asked for."""
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
    """A new package, under the name that the body has."""
    fields = body.read()
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        packages.check_edit(caller(tx), project)
        name, source, settings = package_forms.added(tx, source_type_text, fields)
        package = packages.add(tx, caller(tx), project, name, source, settings)
        answer = render.package(package)
    if package.name != package_name:
        # The original has added it, and then looks for the other name.
        raise Crash
    return answer


@api.post("/package/edit/<ownername>/<projectname>/<package_name>")
@api.post("/package/edit/<ownername>/<projectname>/<package_name>/<source_type_text>")
@takes(package_forms.PackageForm, *FORMS.values(), optional="source_type_text")
@needs_login
def edit_package(
    ownername: str, projectname: str, package_name: str, source_type_text: str | None = None
) -> Any:
    """Change a package; of its source, what the body does not name stays as it is."""
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
    """Take a package's source away."""
    fields = body.read()
    with writing() as tx:
        package = _package(tx, fields)
        packages.reset(tx, caller(tx), package)
        return render.package(package)


@api.post("/package/build")
@takes(build_forms.BuildForm, body="ownername projectname package_name")
@needs_login
def build_package() -> Any:
    """A build of a package from its source."""
    fields = body.read()
    with writing() as tx:
        package = _package(tx, fields)
        form = build_forms.checked_for_rebuild(tx, package.project, fields)
        options = build_forms.options(form, package.project, fields)
        packages.check_source(package)
        directory = build_forms.directory(tx, form, package.project)
        return render.build(packages.rebuild(tx, caller(tx), package, directory, options))


@api.route("/package/delete", methods=["DELETE", "POST"])
@takes(body="ownername projectname package_name")
@deprecated("POST", use="DELETE")
@needs_login
def delete_package() -> Any:
    """Delete a package with its builds."""
    fields = body.read()
    with writing() as tx:
        package = _package(tx, fields)
        answer = render.package(package)
        packages.delete(tx, caller(tx), package)
        return answer


def _package(tx: Transaction, fields: body.Body) -> Package:
    return packages.get(tx, body.project(tx, fields), body.text(fields, "package_name"))


def _rendered(
    tx: Transaction, found: Sequence[Package], wanted: Collection[str], first: ProjectDir | None = None
) -> list[render.Json]:
    """The packages, each with its newest build and its newest success, as far as they are wanted.

    :param first: the folder whose newest build is shown, whatever there is in others.
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
