"""Listings of builds: the database writes the JSON of each build, so that a response can have very many.

No Python object is made for a build, and other requests go on while the database works. The records are
those of `render.build`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from flask import Response, json
from sqlalchemy import ColumnElement, Select, String, case, cast, func, null, select

from ..data.json_functions import JsonArray, JsonMember, JsonOf, JsonText, json_object
from ..data.models import Build, BuildChroot, Package, Project, ProjectDir, User
from ..filesystem import layout
from ..rules.listing import Page
from ..wire.context import service
from ..wire.urls import results_url
from . import render

_AT_ONCE = 200  # builds in each part of a response
_EIGHT = 10**8  # names of folders have at least eight digits
_WITH_LENGTH = 4  # parts of a response that is not streamed, and has a Content-Length


def response(builds: Select[tuple[Build]], page: Page) -> Response:
    """Return one page of a listing. If there are many builds, they are read while the response is sent.

    :param builds: a query that selects builds, in the order of the listing.
    :param page: the page that the query selects.
    :returns: the response of the endpoint.
    """
    records = _joined(builds).with_only_columns(record(service().public_url, results_url()))
    meta = json.dumps(render.listing([], page)["meta"])
    database = service().database

    def parts() -> Iterator[str]:
        yield '{"items":['
        some = {"yield_per": _AT_ONCE}
        with database.reading() as tx, closing(tx.session.scalars(records, execution_options=some)) as found:
            separator = ""
            for part in found.partitions():
                yield separator + ",".join(part)
                separator = ","
        yield f'],"meta":{meta}}}\n'

    text = parts()
    beginning = "".join(islice(text, _WITH_LENGTH))
    more = next(text, None)
    whole = beginning if more is None else chain((beginning, more), text)
    return Response(whole, mimetype="application/json")


def _joined(builds: Select[tuple[Build]]) -> Select[tuple[Build]]:
    """Return a query with the tables that `record` reads."""
    joined = builds.join(Build.project).join(Build.dir).outerjoin(Build.package)
    return joined.outerjoin(Build.user)


@lru_cache  # making it takes longer than reading a few builds
def record(public_url: str, results: str) -> ColumnElement[str]:
    """Return an expression for the JSON text of a build, equal to `render.build`.

    :param public_url: URL by which clients reach this service.
    :param results: URL of the published results of all projects.
    :returns: the expression, for a query that joins the tables of the build.
    """
    directory = f"{results}/" + Project.ownername + "/" + ProjectDir.name
    folder = _folder_of(Build.id.expression)
    of_upload = f"{public_url}/tmp/" + _source("tmp") + "/" + _source("pkg")  # noqa: S108 (a URL)
    submitted = func.coalesce(_source("url"), of_upload)
    srpm_url = case(
        (Build.srpm.is_not(None), directory + f"/{layout.SOURCE_BUILDS}/" + folder + "/" + Build.srpm),
        (func.substr(submitted, func.length(submitted) - 4) == ".spec", null()),
        else_=func.nullif(submitted, ""),
    )
    chroots = select(BuildChroot.name).where(BuildChroot.build_id == Build.id).order_by(BuildChroot.name)
    names = chroots.correlate(Build).subquery()
    started_on = select(func.min(BuildChroot.started_on)).where(BuildChroot.build_id == Build.id)
    members: dict[str, Any] = {
        "chroots": JsonOf(select(JsonArray(names.c.name)).scalar_subquery()),
        "ended_on": Build.ended_on,
        "id": Build.id,
        "is_background": JsonOf(case((Build.is_background, "true"), else_="false")),
        "ownername": Project.ownername,
        "project_dirname": ProjectDir.name,
        "projectname": Project.name,
        "repo_url": f"{results}/" + Project.ownername + "/" + Project.name,
        "started_on": started_on.correlate(Build).scalar_subquery(),
        "state": Build.state,
        "submitted_on": Build.submitted_on,
        "submitter": User.name,
        "source_package": json_object({"name": Package.name, "url": srpm_url, "version": Build.version}),
    }
    return JsonText(json_object(members))


def _folder_of(build_id: ColumnElement[int]) -> ColumnElement[str]:
    """Return an expression for the id of a build with at least eight digits."""
    padded = func.substr(cast(build_id + _EIGHT, String), 2)
    return case((build_id < _EIGHT, padded), else_=cast(build_id, String))


def _source(name: str) -> ColumnElement[str]:
    """Return an expression for a parameter of the source of a build; null if it does not have it."""
    return JsonMember(Build.source, name)
