"""Listings of builds: SQLite writes the JSON of each build, so that a response can have very many.

No Python object is made for a build, and other requests go on while SQLite works. The records are those of
`render.build`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from flask import Response, json
from sqlalchemy import ColumnElement, Select, case, func, null, select

from ..data.models import Build, BuildChroot, Package, Project, ProjectDir, User
from ..filesystem import layout
from ..rules.listing import Page
from ..wire.context import service
from ..wire.urls import results_url
from . import render

_AT_ONCE = 200  # builds in each part of a response
_WITH_LENGTH = 4  # parts of a response that is not streamed, and has a Content-Length


def response(builds: Select[tuple[Build]], page: Page) -> Response:
    """Return one page of a listing. If there are many builds, they are read while the response is sent.

    :param builds: a query that selects builds, in the order of the listing.
    :param page: the page that the query selects.
    :returns: the response of the endpoint.
    """
    records = _joined(builds).with_only_columns(record(service().public_url))
    meta = json.dumps(render.listing([], page)["meta"])
    database = service().database

    def parts() -> Iterator[str]:
        yield '{"items":['
        with database.reading() as tx:
            separator = ""
            for part in tx.session.scalars(records, execution_options={"yield_per": _AT_ONCE}).partitions():
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


def record(public_url: str) -> ColumnElement[str]:
    """Return an expression for the JSON text of a build, equal to `render.build`.

    :param public_url: URL by which clients reach this service.
    :returns: the expression, for a query that joins the tables of the build.
    """
    directory = f"{results_url()}/" + Project.ownername + "/" + ProjectDir.name
    folder = func.printf("%08d", Build.id)
    of_upload = f"{public_url}/tmp/" + _source("tmp") + "/" + _source("pkg")  # noqa: S108 (a URL)
    submitted = func.coalesce(_source("url"), of_upload)
    srpm_url = case(
        (Build.srpm.is_not(None), directory + f"/{layout.SOURCE_BUILDS}/" + folder + "/" + Build.srpm),
        (func.substr(submitted, -5) == ".spec", null()),
        else_=func.nullif(submitted, ""),
    )
    chroots = select(BuildChroot.name).where(BuildChroot.build_id == Build.id).order_by(BuildChroot.name)
    names = chroots.correlate(Build).subquery()
    started_on = select(func.min(BuildChroot.started_on)).where(BuildChroot.build_id == Build.id)
    members: dict[str, Any] = {
        "chroots": func.json(select(func.json_group_array(names.c.name)).scalar_subquery()),
        "ended_on": Build.ended_on,
        "id": Build.id,
        "is_background": func.json(case((Build.is_background, "true"), else_="false")),
        "ownername": Project.ownername,
        "project_dirname": ProjectDir.name,
        "projectname": Project.name,
        "repo_url": f"{results_url()}/" + Project.ownername + "/" + Project.name,
        "started_on": started_on.correlate(Build).scalar_subquery(),
        "state": Build.state,
        "submitted_on": Build.submitted_on,
        "submitter": User.name,
        "source_package": _object({"name": Package.name, "url": srpm_url, "version": Build.version}),
    }
    return _object(members)


def _object(members: dict[str, Any]) -> ColumnElement[str]:
    """Return an expression for the text of a JSON object."""
    return func.json_object(*(each for member in members.items() for each in member))


def _source(name: str) -> ColumnElement[str]:
    """Return an expression for a parameter of the source of a build; null if it does not have it."""
    return func.json_extract(Build.source, f"$.{name}")
