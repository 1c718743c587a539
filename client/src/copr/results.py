"""What the service answers, as records: dicts whose keys are attributes too, nested ones included.

Rules: a record's data is what the service sent and nothing else; where it came from (`__response__`,
`__proxy__`) can be reached but is no key. The classes below `Record` name the fields of each resource for
type checkers and editors; at run time every answer is a `Record`. Imported with the first answer, for munch
is slow to import.
"""

from __future__ import annotations

from typing import Any

from munch import Munch

_ORIGIN = ("__response__", "__proxy__")


class Record(Munch):  # type: ignore[misc]  # munch has no types
    """A mapping with its keys as attributes.

    `record.__response__` (or `record["__response__"]`) is the answer that it came in, `record.__proxy__` the
    proxy that asked; neither is part of its data: not of iteration, `==`, `dict(record)`, JSON or pickles.
    """

    __slots__ = _ORIGIN

    __init__ = dict.__init__  # munch's sets key by key, in Python

    def _came_from(self, proxy: object) -> None:
        object.__setattr__(self, "__proxy__", proxy)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _ORIGIN:
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)

    def __missing__(self, key: Any) -> Any:
        if key in _ORIGIN:
            try:
                return object.__getattribute__(self, key)
            except AttributeError:
                pass
        raise KeyError(key)

    def __repr__(self) -> str:
        shown = dict(self)
        for name in _ORIGIN:
            if (origin := getattr(self, name, None)) is not None:
                shown[name] = origin
        return f"{type(self).__name__}({shown!r})"


class User(Record):
    """Who a token belongs to (GET /auth-check)."""

    id: int
    name: str


class Home(Record):
    """What the API's root says of itself (GET /)."""

    version: int


class Token(Record):
    """A new token (POST /api-token); `expiration` is a date, "YYYY-MM-DD" in UTC."""

    api_login: str
    api_token: str
    expiration: str


class Project(Record):
    """A project (GET /project); `chroot_repos` maps each chroot to the address of its repository."""

    id: int
    name: str
    ownername: str
    full_name: str
    description: str
    instructions: str
    homepage: str | None
    contact: str | None
    additional_repos: list[str]
    chroot_repos: dict[str, str]
    appstream: bool
    auto_prune: bool
    bootstrap: str
    devel_mode: bool
    enable_net: bool
    follow_fedora_branching: bool
    isolation: str
    module_hotfixes: bool
    packit_forge_projects_allowed: list[str]
    persistent: bool
    repo_priority: int | None
    storage: str
    unlisted_on_hp: bool


class SourcePackage(Record):
    """The source of a build; `name` and `version` are None until its source RPM is there."""

    name: str | None
    url: str | None
    version: str | None


class Build(Record):
    """A build (GET /build/ID); times are unix time in UTC, None until reached.

    `state` is one of: importing, pending, starting, running, waiting, forked, succeeded, failed, canceled,
    skipped. `chroots` is empty until the source RPM is there, unless chroots were asked for.
    """

    id: int
    state: str
    ownername: str
    projectname: str
    project_dirname: str
    chroots: list[str]
    is_background: bool
    repo_url: str
    submitter: str | None
    submitted_on: int
    started_on: int | None
    ended_on: int | None
    source_package: SourcePackage


class BuildChroot(Record):
    """One chroot's part of a build (GET /build-chroot); times are unix time in UTC, None until reached."""

    name: str
    state: str
    result_url: str | None
    started_on: int | None
    ended_on: int | None


class MockChroots(Record):
    """The chroots of a service, each with a comment (GET /mock-chroots/list): name to text."""
