"""Forms of builds and packages: new build, repeat, cancel, delete; new package, change, build, delete."""

from __future__ import annotations

from typing import Any

from flask import request

from ..data.database import Transaction
from ..data.models import Project
from ..rules import builds, packages, permissions, projects, repeats, sources
from ..rules.errors import Forbidden, NotFound
from ..wire import package_forms, submissions
from ..wire.context import LARGEST_UPLOAD, reading, writing
from ..wire.fields import Errors
from ..wire.form_data import Body
from ..wire.source_forms import FORMS, renamed
from .display import address, group_chroots
from .of_project import of_project, pages, show
from .project_settings import FORM, check_word
from .viewer import answer, caller, check_form, done, needs_sign_in

SOURCES = {  # what the pages call the sources of builds
    "upload": "Upload",
    "url": "URL",
    "scm": "Git",
    "pypi": "PyPI",
    "rubygems": "RubyGems",
    "distgit": "dist-git",
    "custom": "Script",
    "rpm_upload": "Binary RPM",
}


def _fields(*lists: str) -> Body:
    """Return the fields of the form that are not empty; a list has all of its values."""
    texts = {name: text for name, text in request.form.items() if text.strip() and name not in lists}
    return {**texts, **{name: request.form.getlist(name) for name in lists if name in request.form}}


@of_project("new-build/", **FORM)
@of_project("new-build/<source>/", **FORM)
@needs_sign_in
def new_build(ownername: str, name: str, source: str = "upload") -> Any:
    """Show the form for a new build of one kind of source, or submit it.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :param source: a key of `SOURCES`.
    :returns: the HTML page; after the submission a redirect to the build, or to the builds of the project.
    :raises NotFound: the project or the kind of source does not exist.
    :raises Forbidden: the user may not build in the project.
    :source: `GET /coprs/{ownername}/{name}/new-build/{source}/`,
        `POST /coprs/{ownername}/{name}/new-build/{source}/`
    """
    if source not in SOURCES:
        raise NotFound(f"There is no source {source}.")
    if source in submissions.FILES:
        request.max_content_length = LARGEST_UPLOAD

    def shown(errors: Errors) -> str:
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            if not permissions.can_build(caller(tx), project):
                raise Forbidden(f"You may not build in {project.full_name}. You can request permission.")
            return show(
                tx,
                "new_build.html",
                project,
                "new-build/",
                errors=errors,
                **_for_sources(tx, project, source),
            )

    def act() -> Any:
        fields = _fields("chroots", "python_versions")
        with writing() as tx:
            project, user = projects.get(tx, ownername, name), caller(tx)
            if source == "url":
                made = submissions.of_urls(tx, user, project, fields)
            elif source in submissions.FILES:
                file = request.files.get("pkgs")
                made = [submissions.of_file(tx, user, project, source, fields, file).id]
            else:
                made = [submissions.of_source(tx, user, project, FORMS[source], fields).id]
            return done(_address(made[0]) if len(made) == 1 else f"{address(project)}builds/")

    return answer(shown, act)


def _for_sources(tx: Transaction, project: Project, source: str) -> dict[str, Any]:
    """Return what the fields of sources offer."""
    return {
        "source": source,
        "sources": SOURCES,
        "offered": group_chroots([chroot.name for chroot in project.chroots]),
        "script_chroots": sources.script_chroots(tx) if source == "custom" else [],
        "distgits": [known.name for known in sources.distgits(tx)] if source == "distgit" else [],
        "values": {},
    }


def _address(build_id: int) -> str:
    """Return the path of a build's page."""
    return f"{request.script_root}/coprs/build/{build_id}/"


@pages.post("/coprs/build/<int:build_id>/repeat/")
@needs_sign_in
def repeat(build_id: int) -> Any:
    """Submit a build again, or only the chroots that failed (the field `only` is `failed`).

    :param build_id: id of the build.
    :returns: a redirect to the new build.
    :raises NotFound: the build does not exist.
    :raises Forbidden: the user may not build in the project.
    :raises Conflict: the build has not finished.
    :raises Invalid: it cannot be repeated, or the form was not sent by a page of this service.
    :source: `POST /coprs/build/{build_id}/repeat/`
    """
    check_form()
    with writing() as tx:
        build = builds.get(tx, build_id)
        wanted = repeats.failed_chroots(build) if request.form.get("only") == "failed" else None
        return done(_address(repeats.repeat(tx, caller(tx), build, wanted or None).id))


@pages.post("/coprs/build/<int:build_id>/cancel/")
@needs_sign_in
def cancel(build_id: int) -> Any:
    """Cancel a build.

    :param build_id: id of the build.
    :returns: a redirect to the build.
    :raises NotFound: the build does not exist.
    :raises Forbidden: the user may not cancel the build.
    :raises Conflict: the build has finished.
    :raises Invalid: the form was not sent by a page of this service.
    :source: `POST /coprs/build/{build_id}/cancel/`
    """
    check_form()
    with writing() as tx:
        builds.cancel(tx, caller(tx), builds.get(tx, build_id))
        return done(_address(build_id))


@pages.route("/coprs/build/<int:build_id>/delete/", **FORM)
@needs_sign_in
def delete_build(build_id: int) -> Any:
    """Ask for the id of a build, and delete it with its results.

    :param build_id: id of the build.
    :returns: the HTML page; after the deletion a redirect to the builds of the project.
    :raises NotFound: the build does not exist.
    :raises Forbidden: the user may not delete the build.
    :source: `GET /coprs/build/{build_id}/delete/`, `POST /coprs/build/{build_id}/delete/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            build = builds.get(tx, build_id)
            return show(
                tx,
                "delete.html",
                build.project,
                "builds/",
                errors=errors,
                what=f"build {build_id}",
                word=str(build_id),
                back=_address(build_id),
            )

    def act() -> Any:
        with writing() as tx:
            build = builds.get(tx, build_id)
            check_word(str(build_id))
            path = f"{address(build.project)}builds/"
            builds.delete(tx, caller(tx), build)
            return done(path)

    return answer(shown, act)


@of_project("new-package/", **FORM)
@of_project("new-package/<source>/", **FORM)
@needs_sign_in
def new_package(ownername: str, name: str, source: str = "scm") -> Any:
    """Show the form for a new package, or add it.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :param source: source type of the package, a key of `FORMS`.
    :returns: the HTML page; after the addition a redirect to the package.
    :raises NotFound: the project or the source type does not exist.
    :raises Forbidden: the user may not change the project.
    :source: `GET /coprs/{ownername}/{name}/new-package/{source}/`,
        `POST /coprs/{ownername}/{name}/new-package/{source}/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            packages.check_edit(caller(tx), project)
            return show(
                tx,
                "package_form.html",
                project,
                "packages/",
                errors=errors,
                package=None,
                **_of_package(tx, project, source),
            )

    def act() -> Any:
        body = _package_body()
        with writing() as tx:
            project = projects.get(tx, ownername, name)
            packages.check_edit(caller(tx), project)
            title, origin, settings = package_forms.added(tx, source, body)
            package = packages.add(tx, caller(tx), project, title, origin, settings)
            return done(f"{address(project)}package/{package.name}/")

    return answer(shown, act)


def _of_package(tx: Transaction, project: Project, source: str) -> dict[str, Any]:
    """Return what the form of a package offers."""
    if source not in FORMS:
        raise NotFound(f"Packages cannot have the source {source}.")
    return {
        **_for_sources(tx, project, source),
        "sources": {name: title for name, title in SOURCES.items() if name in FORMS},
    }


def _package_body() -> Body:
    """Return the fields of a package, the empty ones too: they replace what the package has."""
    texts: Body = {name: text for name, text in request.form.items() if name != "csrf_token"}
    return {**texts, "webhook_rebuild": "webhook_rebuild" in request.form}


@of_project("package/<package>/edit/", **FORM)
@of_project("package/<package>/edit/<source>/", **FORM)
@needs_sign_in
def edit_package(ownername: str, name: str, package: str, source: str | None = None) -> Any:
    """Show the source and the settings of a package, or change them.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :param package: name of the package.
    :param source: the new source type, a key of `FORMS`; None for that of the package.
    :returns: the HTML page; after the change a redirect to the package.
    :raises NotFound: the project, the package or the source type does not exist.
    :raises Forbidden: the user may not change the project.
    :source: `GET /coprs/{ownername}/{name}/package/{package}/edit/{source}/`,
        `POST /coprs/{ownername}/{name}/package/{package}/edit/{source}/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            packages.check_edit(caller(tx), project)
            found = packages.get(tx, project, package)
            kind = source or (found.source_type if found.source_type in FORMS else "scm")
            offered = _of_package(tx, project, kind)
            if kind == found.source_type:
                offered["values"] = renamed(found.source)
            return show(
                tx, "package_form.html", project, "packages/", errors=errors, package=found, **offered
            )

    def act() -> Any:
        body = {**_package_body(), "package_name": package}
        with writing() as tx:
            project = projects.get(tx, ownername, name)
            found = packages.get(tx, project, package)
            packages.check_edit(caller(tx), project)
            kind = source or (found.source_type if found.source_type in FORMS else "scm")
            origin, settings = package_forms.edited(tx, found, kind, body)
            packages.edit(tx, caller(tx), found, origin, settings)
            return done(f"{address(project)}package/{package}/")

    return answer(shown, act)


@of_project("package/<package>/build/", methods=["POST"])
@needs_sign_in
def build_package(ownername: str, name: str, package: str) -> Any:
    """Submit a build of a package from its source.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :param package: name of the package.
    :returns: a redirect to the new build.
    :raises NotFound: the project or the package does not exist.
    :raises Forbidden: the user may not build in the project.
    :raises Invalid: the package has no source to build, or the form was not sent by a page of this service.
    :source: `POST /coprs/{ownername}/{name}/package/{package}/build/`
    """
    check_form()
    with writing() as tx:
        found = packages.get(tx, projects.get(tx, ownername, name), package)
        return done(_address(submissions.of_package(tx, caller(tx), found, {}).id))


@of_project("package/<package>/delete/", **FORM)
@needs_sign_in
def delete_package(ownername: str, name: str, package: str) -> Any:
    """Ask for the name of a package, and delete it with its builds and their results.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :param package: name of the package.
    :returns: the HTML page; after the deletion a redirect to the packages of the project.
    :raises NotFound: the project or the package does not exist.
    :raises Forbidden: the user may not change the project.
    :source: `GET /coprs/{ownername}/{name}/package/{package}/delete/`,
        `POST /coprs/{ownername}/{name}/package/{package}/delete/`
    """

    def shown(errors: Errors) -> str:
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            packages.check_edit(caller(tx), project)
            packages.get(tx, project, package)
            return show(
                tx,
                "delete.html",
                project,
                "packages/",
                errors=errors,
                what=f"package {package} with its builds",
                word=package,
                back=f"{address(project)}package/{package}/",
            )

    def act() -> Any:
        with writing() as tx:
            project = projects.get(tx, ownername, name)
            found = packages.get(tx, project, package)
            check_word(package)
            packages.delete(tx, caller(tx), found)
            return done(f"{address(project)}packages/")

    return answer(shown, act)
