"""What other programs show of a project: an RSS feed of its builds, and badges with their state."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

from flask import Response, render_template

from ..rules import builds, packages, projects
from ..rules.listing import Page
from ..wire.context import reading, service
from .of_project import of_project

IN_FEED = 30  # builds
_LETTER = 6.6  # width of a letter in a badge, in pixels


@of_project("rss/")
def rss(ownername: str, name: str) -> Any:
    """Return an RSS feed of the newest builds of a project.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the feed, as XML.
    :raises NotFound: the project or the group does not exist.
    :source: `GET /coprs/{ownername}/{name}/rss/`, `GET /coprs/g/{group}/{name}/rss/`;
        https://www.rssboard.org/rss-specification
    """
    with reading() as tx:
        project = projects.get(tx, ownername, name)
        feed = render_template(
            "feed.xml",
            project=project,
            builds=builds.in_list(tx, project, Page(IN_FEED)),
            host=service().public_url,
            date=formatdate,
        )
    return Response(feed, mimetype="application/rss+xml")


@of_project("badge.svg")
def badge(ownername: str, name: str) -> Any:
    """Return a picture with the state of the newest build of a project.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the picture, as SVG.
    :raises NotFound: the project or the group does not exist.
    :source: `GET /coprs/{ownername}/{name}/badge.svg`, `GET /coprs/g/{group}/{name}/badge.svg`
    """
    with reading() as tx:
        newest = builds.in_list(tx, projects.get(tx, ownername, name), Page(1))
        return _badge("copr", newest[0].state if newest else "no builds")


@of_project("package/<package>/badge.svg")
def package_badge(ownername: str, name: str, package: str) -> Any:
    """Return a picture with the state of the newest build of a package.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :param package: name of the package.
    :returns: the picture, as SVG.
    :raises NotFound: the project, the group or the package does not exist.
    :source: `GET /coprs/{ownername}/{name}/package/{package}/badge.svg`,
        `GET /coprs/g/{group}/{name}/package/{package}/badge.svg`
    """
    with reading() as tx:
        found = packages.get(tx, projects.get(tx, ownername, name), package)
        newest = packages.newest_builds(tx, [found]).get(found.id)
        return _badge(package, newest.state if newest else "no builds")


def _badge(subject: str, state: str) -> Response:
    """Return the picture of a badge; it is not kept in caches."""
    left, right = (round(len(text) * _LETTER) + 14 for text in (subject, state))
    picture = render_template("badge.svg", subject=subject, state=state, left=left, right=right)
    response = Response(picture, mimetype="image/svg+xml")
    response.cache_control.no_cache = True
    return response
