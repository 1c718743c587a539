"""Searches for the result of a submission if its response was lost: a new build, a project or a package.

Rules: searches only read. A build is a match if it is at least as new as the submission (by the service's
clock), and has the same submitter, project directory, options and source.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence

from ..._calls import listing, path, record
from ..._errors import CoprNoResultException
from ..._typing import Any
from ..._wire import NOW, Call, Reply, Step

#: Builds on a page. If a whole page is newer than the submission, the next page is requested too.
PAGE = 100

#: Seconds that the service's clock may seem late: it is cut to whole seconds.
SLACK = 2

#: `/package` returns this parameter under the first name, `/build/source-build-config` under the second.
NAMES_IN_BUILDS = {"source_build_method": "srpm_build_method"}

#: Tells whether a build has a source, given its record of `/build/source-build-config`.
IsSource = Callable[[Any], bool]


def builds(document: Mapping[str, Any], sources: Sequence[IsSource], several: bool) -> Any:
    """Return a search for the builds of a submission.

    :param document: JSON body of the submission.
    :param sources: for each build, a function that tells whether a build has its source.
    :param several: whether the result of the submission is a list of builds.
    :returns: a function that takes the time of the submission (of `NOW`, in seconds) and returns a plan. The
        plan returns the matches: builds, or one list of builds if `several` is true and all were found.
    :source: ``GET /build/list``, ``GET /auth-check``, ``GET /build/source-build-config/{build_id}``
    """

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        fresh = yield from _fresh_builds(document, sent_at)
        if not fresh:
            return []
        me = yield from Call("GET", "/auth-check", decode=record, login=True)
        chroots = yield from _selected_chroots(document)
        same = [
            build
            for build in fresh
            if build.submitter == me.name
            and _same_options(build, document)
            # A build may have no chroots until its source is made.
            and (chroots is None or not build.chroots or set(build.chroots) == chroots)
        ]
        of_source: list[list[Any]] = [[] for _ in sources]
        for build in same:
            config = yield from Call("GET", path("build", "source-build-config", build.id), decode=record)
            if not _same_timeout(config, document):
                continue
            for matches, is_source in zip(of_source, sources, strict=True):
                if is_source(config):
                    matches.append(build)
        if several:
            return _as_one_list(of_source)
        return of_source[0]

    return search


def builds_of_package(document: Mapping[str, Any], query: Call[Any]) -> Any:
    """Return a search for the build of a package, as `builds` does.

    :param document: JSON body of the submission.
    :param query: call that returns the package. The build has the source of the package.
    :returns: a function that takes the time of the submission and returns a plan. The plan returns the
        matches.
    :source: ``GET /package``, and what `builds` requests
    """

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        package = yield from query
        source = dict(package.source_dict)
        source.pop("chroot", None)  # "fedora-latest-x86_64" of a package is a real chroot in its builds
        of_package = has_parameters(source)
        found: list[Any] = yield from builds(document, [of_package], several=False)(sent_at)
        return found

    return search


def has_parameters(wanted: Mapping[str, Any]) -> IsSource:
    """Return a function that tells whether a source has these parameters.

    :param wanted: values by the parameters' names, as `/package` returns them.
    :returns: a function that takes a record of `/build/source-build-config`.
    """

    def is_source(config: Any) -> bool:
        return all(
            _text(config.source_dict.get(NAMES_IN_BUILDS.get(name, name))) == _text(value)
            for name, value in wanted.items()
        )

    return is_source


def is_of_dist_git(package: str, namespace: str | None, committish: str | None) -> IsSource:
    """Return a function that tells whether a source is a package of a dist-git.

    The record of a build has neither the name of the dist-git nor the namespace, only the URL that they made.

    :param package: name of the package in the dist-git.
    :param namespace: namespace of the package in the dist-git, or None.
    :param committish: branch, tag or commit, or None.
    :returns: a function that takes a record of `/build/source-build-config`.
    """

    def is_source(config: Any) -> bool:
        source = config.source_dict
        url = str(source.get("clone_url", "")).removesuffix(".git")
        return (
            config.source_type == "distgit"
            and url.endswith(f"/{package}")
            and (not namespace or f"/{namespace}/" in url)
            and _text(source.get("committish")) == _text(committish)
        )

    return is_source


def named(query: Call[Any], matches: Callable[[Any], bool]) -> Any:
    """Return a search for something that has a name, such as a project.

    :param query: call that returns it by its name.
    :param matches: tells whether a record is as the submission requested it.
    :returns: a function that takes the time of the submission and returns a plan. The plan returns a list
        with its record, or an empty list.
    """

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        try:
            found = yield from query
        except CoprNoResultException:
            return []
        return [found] if matches(found) else []

    return search


def says(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Tell whether a record has the settings of a request.

    :param record: the record.
    :param wanted: the settings of the request. Those that are None, or that the record does not show, are
        ignored.
    :returns: True if all others are the same.
    """
    return all(
        _text(record[name]) == _text(value)
        for name, value in wanted.items()
        if name in record and value is not None
    )


def _fresh_builds(document: Mapping[str, Any], sent_at: float) -> Generator[Step, Any, list[Any]]:
    """Return the project's builds that were submitted since `sent_at`, newest first."""
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
            return []  # without the service's clock, an older build could be taken for this one
        since = served_at - ((yield NOW) - sent_at) - SLACK
        new = [build for build in page if build.submitted_on >= since]
        for build in new:
            build.__response__ = page.__response__
        fresh.update((build.id, build) for build in new)
        if len(new) < PAGE:
            return list(fresh.values())
        offset += PAGE


def _page_and_time(call: Call[Any], reply: Reply) -> tuple[Any, float | None]:
    """Read a page, and the time of the service's clock (unix time in seconds) if the response has it."""
    from email.utils import parsedate_to_datetime

    date = reply.headers.get("Date")
    return listing(call, reply), parsedate_to_datetime(date).timestamp() if date else None


def _same_options(build: Any, document: Mapping[str, Any]) -> bool:
    """Tell whether a build has the directory and options of a submission."""
    directory = document.get("project_dirname") or document["projectname"]
    return bool(
        build.project_dirname == directory and build.is_background == bool(document.get("background"))
    )


def _selected_chroots(document: Mapping[str, Any]) -> Generator[Step, Any, set[str] | None]:
    """Return the names of the chroots that a submission selects; None if it selects none in particular.

    Both lists of a submission may have patterns, such as "fedora-*", of the project's chroots.
    """
    from fnmatch import fnmatchcase

    wanted, excluded = _words(document.get("chroots")), _words(document.get("exclude_chroots"))
    if not wanted and not excluded:
        return None
    patterns = [name for name in wanted or ["*"] if any(special in name for special in "*?[")]
    names = set(wanted) - set(patterns)
    if patterns:
        query = {"ownername": document["ownername"], "projectname": document["projectname"]}
        project = yield from Call("GET", "/project", query=query, decode=record)
        offered = project.chroot_repos
        names |= {name for name in offered if any(fnmatchcase(name, pattern) for pattern in patterns)}
    return {name for name in names if not any(fnmatchcase(name, pattern) for pattern in excluded)}


def _words(value: str | Sequence[str] | None) -> list[str]:
    """Return a list that may also be one string with spaces between its items."""
    return value.split() if isinstance(value, str) else list(value or ())


def _same_timeout(config: Any, document: Mapping[str, Any]) -> bool:
    """Tell whether a build has the timeout of a submission, if that has one."""
    timeout = document.get("timeout")
    return not timeout or str(config.timeout) == str(timeout)  # without one, the service has its own


def _text(value: Any) -> Any:
    """Return a value in a form that can be compared: the service stores numbers as text, and None as ""."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return sorted(str(item) for item in value)
    return str(value)


def _as_one_list(of_source: list[list[Any]]) -> list[Any]:
    """Return the matches of several sources: one list if each source has one match, else all candidates."""
    from ..._list import List

    if any(not matches for matches in of_source):
        return []
    if all(len(matches) == 1 for matches in of_source):
        found = [matches[0] for matches in of_source]
        return [List(found, response=found[0].__response__ if found else None)]
    return [build for matches in of_source for build in matches]
