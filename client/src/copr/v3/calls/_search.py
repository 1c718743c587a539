"""What a lost submission made: searches among the newest builds, and for things that have a name.

Rules: searches only read. A build counts as ours if it is as new as the submission by the service's own
clock, of the same submitter, project directory and options, and of the same source.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence

from ..._calls import listing, path, record
from ..._errors import CoprNoResultException
from ..._typing import Any
from ..._wire import NOW, Call, Reply, Step

#: Builds asked for at once; a project that gets more within a minute is asked again.
PAGE = 100

#: Seconds that the service's clock, cut to whole seconds, may seem behind.
SLACK = 2


def builds(document: Mapping[str, Any], sources: Sequence[Mapping[str, Any]], several: bool) -> Any:
    """A search for the builds of a submission.

    `document`: its JSON body; `sources`: for each build, what its source consists of; `several`: whether the
    submission's result is a list.
    """

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        fresh = yield from _fresh_builds(document, sent_at)
        if not fresh:
            return []
        me = yield from Call("GET", "/auth-check", decode=record, login=True)
        same = [build for build in fresh if build.submitter == me.name and _same_options(build, document)]
        of_source: list[list[Any]] = [[] for _ in sources]
        for build in same:
            config = yield from Call("GET", path("build", "source-build-config", build.id), decode=record)
            for matches, source in zip(of_source, sources, strict=True):
                if _same_source(config, source, document):
                    matches.append(build)
        if several:
            return _as_one_list(of_source)
        return of_source[0]

    return search


def builds_of_package(document: Mapping[str, Any], query: Call[Any]) -> Any:
    """A search for the build of a package, which `query` asks for: its source is the build's."""

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        package = yield from query
        found: list[Any] = yield from builds(document, [package.source_dict], several=False)(sent_at)
        return found

    return search


def named(query: Call[Any], matches: Callable[[Any], bool]) -> Any:
    """A search for one thing that has a name: what `query` answers, if it matches what was asked for."""

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        try:
            found = yield from query
        except CoprNoResultException:
            return []
        return [found] if matches(found) else []

    return search


def says(record: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether a record has what was asked for, of the settings that it shows."""
    return all(
        _text(record[name]) == _text(value)
        for name, value in asked.items()
        if name in record and value is not None
    )


def _fresh_builds(document: Mapping[str, Any], sent_at: float) -> Generator[Step, Any, list[Any]]:
    """The project's builds since `sent_at`, newest first."""
    fresh: dict[int, Any] = {}
    offset = 0
    while True:
        query = {
            "ownername": document["ownername"],
            "projectname": document["projectname"],
            "limit": PAGE,
            "offset": offset,
        }
        page, served_at = yield from Call("GET", "/build/list", query=query, decode=_page_and_time)
        if served_at is None:
            return []  # without the service's clock, an older build could pass for this one
        since = served_at - ((yield NOW) - sent_at) - SLACK
        new = [build for build in page if build.submitted_on >= since]
        fresh.update((build.id, build) for build in new)
        if len(new) < PAGE:
            return list(fresh.values())
        offset += PAGE


def _page_and_time(call: Call[Any], reply: Reply) -> tuple[Any, float | None]:
    from email.utils import parsedate_to_datetime

    date = reply.headers.get("Date")
    return listing(call, reply), parsedate_to_datetime(date).timestamp() if date else None


def _same_options(build: Any, document: Mapping[str, Any]) -> bool:
    directory = document.get("project_dirname") or document["projectname"]
    chroots = document.get("chroots")
    return (
        build.project_dirname == directory
        and build.is_background == bool(document.get("background"))
        and (not chroots or not build.chroots or set(build.chroots) == set(chroots))
    )


def _same_source(config: Any, source: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    timeout = document.get("timeout")
    return (timeout is None or config.timeout == timeout) and all(
        _text(config.source_dict.get(name)) == _text(value) for name, value in source.items()
    )


def _text(value: Any) -> Any:
    """A value as it compares: the service keeps numbers as texts, and nothing as an empty text."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return sorted(str(item) for item in value)
    return str(value)


def _as_one_list(of_source: list[list[Any]]) -> list[Any]:
    from ..._list import List

    if any(not matches for matches in of_source):
        return []
    if all(len(matches) == 1 for matches in of_source):
        return [List([matches[0] for matches in of_source])]
    return [build for matches in of_source for build in matches]
