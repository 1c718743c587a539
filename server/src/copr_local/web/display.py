"""How pages show things: URLs of owners and projects, times, durations, sizes and Markdown.

Templates use these functions as filters and globals; `attach` registers them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

import nh3
from flask import Flask, request
from markdown_it import MarkdownIt
from markupsafe import Markup

from ..data.models import Project
from ..rules import chroots
from ..wire.context import service

STATIC = Path(__file__).with_name("static")

LONGEST_MARKDOWN = 20_000  # characters; the renderer can take a second for five times as many
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s"),
    *("strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_DISTRIBUTIONS = {
    "alma": "AlmaLinux",
    "centos-stream": "CentOS Stream",
    "epel": "EPEL",
    "mageia": "Mageia",
    "opensuse-leap": "openSUSE Leap",
    "opensuse-tumbleweed": "openSUSE Tumbleweed",
    "rhel": "RHEL",
}
_STEPS = ((86_400, "day"), (3600, "hour"), (60, "minute"))


def attach(app: Flask) -> None:
    """Register the functions of this module for templates.

    :param app: the Flask application.
    """
    app.jinja_env.globals.update(address=address, owner_address=owner_address, asset=asset)
    app.jinja_env.filters.update(
        ago=ago, distribution=distribution, duration=duration, markdown=markdown, moment=moment, size=size
    )
    app.jinja_env.filters["zip_same"] = lambda names: [(name, name) for name in names]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def address(project: Project) -> str:
    """Return the URL of a project's page.

    :param project: the project.
    :returns: the path, with a slash at its end.
    """
    return f"{owner_address(project.ownername, '')}{project.name}/"


def owner_address(ownername: str, of_group: str = "coprs/") -> str:
    """Return the URL of the page of a user or group.

    :param ownername: name of the user, or of the group with its @.
    :param of_group: what follows the group's name in the path of a group; empty for the beginning of the URLs
        of its projects.
    :returns: the path, with a slash at its end.
    """
    if ownername.startswith("@"):
        return f"{request.script_root}/coprs/g/{ownername[1:]}/{of_group}"
    return f"{request.script_root}/coprs/{ownername}/"


def asset(name: str) -> str:
    """Return the URL of a file in the folder `static`, which changes with the content of the file.

    :param name: name of the file.
    :returns: the path with a query.
    """
    return f"{request.script_root}/static/{name}?{_checksum(name)}"


@cache
def _checksum(name: str) -> str:
    return f"{zlib.crc32((STATIC / name).read_bytes()):x}"


def moment(when: float | None) -> str:
    """Format a time for people.

    :param when: unix time in seconds, UTC; None if it is not known.
    :returns: the time in UTC, as `2026-01-31 12:00:00`; empty for None.
    """
    return "" if when is None else f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M:%S}"


def ago(when: float) -> str:
    """Return how long ago a time was.

    :param when: unix time in seconds, UTC.
    :returns: a text such as `3 minutes ago`; the date if that was more than 30 days ago or is in the future.
    """
    passed = int(service().clock() - when)
    if passed > 30 * 86_400 or passed < -60:
        return f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d}"
    for seconds, name in _STEPS:
        if passed >= seconds:
            count = passed // seconds
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def duration(seconds: float | None) -> str:
    """Format a duration.

    :param seconds: the duration in seconds; None if it is not known.
    :returns: a text such as `1 h 5 min`, `3 min 20 s` or `12 s`; empty for None.
    """
    if seconds is None or seconds < 0:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size(count: int) -> str:
    """Format a number of bytes.

    :param count: the number of bytes.
    :returns: a text such as `12 kB`.
    """
    number = float(count)
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} GB"


@lru_cache(maxsize=256)
def markdown(text: str) -> Markup:
    """Return the HTML of a text in Markdown.

    HTML in the text is shown as text, images become links, and the result has only tags that cannot do harm.
    A very long text is shown as it is.

    :param text: text of a user.
    :returns: the sanitised HTML; headings begin at the third level.
    :source: https://spec.commonmark.org/0.31.2/
    """
    if len(text) > LONGEST_MARKDOWN:
        return Markup("<pre>{}</pre>").format(text)
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.tag in ("h1", "h2", "h3", "h4"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        for child in token.children or ():
            if child.type == "image":
                child.type, child.tag = "text", ""
                child.content = child.content or str(child.attrs.get("src", ""))
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Markup(  # noqa: S704 - sanitised
        nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    )


def distribution(release: str) -> str:
    """Return the name of a release for people.

    :param release: a release such as `fedora-45`.
    :returns: a name such as `Fedora 45`.
    """
    name, _, version = release.rpartition("-")
    return f"{_DISTRIBUTIONS.get(name, name.replace('-', ' ').title())} {version}".strip()


def group_chroots(names: Iterable[str]) -> dict[str, list[str]]:
    """Return chroots by their release.

    :param names: names of chroots.
    :returns: names by release, such as `fedora-45`.
    """
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(chroots.release(name), []).append(name)
    return found


def by_release(project: Project) -> dict[str, list[str]]:
    """Return the architectures of a project's chroots.

    :param project: the project.
    :returns: architectures by release, such as `fedora-45`.
    """
    grouped = group_chroots(chroot.name for chroot in project.chroots)
    return {release: [chroots.architecture(name) for name in names] for release, names in grouped.items()}
