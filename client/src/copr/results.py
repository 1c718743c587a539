"""What the service answers, as records: dicts whose keys are attributes too, nested ones included.

Rules: a record's data is what the service sent and nothing else; where it came from (`__response__`,
`__proxy__`) can be reached but is no key. The classes below `Record` name the fields of each resource for
type checkers and editors; at run time every answer is a `Record`. Imported with the first answer, for munch
is slow to import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    # munch has no types; without any, every misspelt field would pass as one.
    class Munch(dict[str, Any]): ...
else:
    from munch import Munch

_ORIGIN = ("__response__", "__proxy__")


class Record(Munch):
    """A mapping with its keys as attributes.

    `record.__response__` (or `record["__response__"]`) is the answer that it came in, `record.__proxy__` the
    proxy that asked; neither is part of its data: not of iteration, `==`, `dict(record)`, JSON or pickles.
    """

    __slots__ = _ORIGIN

    __response__: Any
    __proxy__: Any

    __init__ = dict.__init__  # munch's sets key by key, in Python

    def _came_from(self, proxy: object) -> None:
        object.__setattr__(self, "__proxy__", proxy)

    def copy(self) -> Self:
        """A copy that comes from where this one does."""
        return self._made_of(self)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        from copy import deepcopy

        copied: dict[str, Any] = {name: deepcopy(value, memo) for name, value in self.items()}
        return self._made_of(copied)

    def _made_of(self, fields: dict[str, Any]) -> Self:
        made: Self = type(self)(fields)
        for name in _ORIGIN:
            if (origin := getattr(self, name, None)) is not None:
                object.__setattr__(made, name, origin)
        return made

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            # Munch's looks among the attributes once more, where Python has just looked.
            try:
                return self[name]
            except KeyError:
                raise AttributeError(name) from None

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


class FreeRecord(Record):
    """A record whose fields depend on what it is about, so that any attribute may be there."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class PageMeta(Record):
    """What the service says of a page; `limit` is None where all items were asked for."""

    limit: int | None
    offset: int
    order: str
    order_type: str


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


class MockChroots(FreeRecord):
    """The chroots of a service, each with a comment (GET /mock-chroots/list): name to text."""


class SourceChroot(Record):
    """The part of a build that makes its source RPM (GET /build/source-chroot/ID)."""

    state: str
    result_url: str


class SourceBuildConfig(Record):
    """What a source RPM is made of (GET /build/source-build-config/ID); `timeout` in seconds, `memory_limit`
    in MB."""

    source_type: str
    source_dict: FreeRecord
    timeout: int
    memory_limit: int
    is_background: bool


class BuiltPackage(Record):
    """One package that a build made."""

    name: str
    epoch: int
    version: str
    release: str
    arch: str


class ChrootPackages(Record):
    """The packages that a build made in one chroot (GET /build-chroot/built-packages)."""

    packages: list[BuiltPackage]


class BuiltPackages(FreeRecord):
    """The packages that a build made (GET /build/built-packages/ID): chroot's name to ChrootPackages."""

    if TYPE_CHECKING:

        def __getitem__(self, name: str) -> ChrootPackages: ...


class Repository(Record):
    """A repository that builds may install from."""

    id: str
    name: str
    baseurl: str
    priority: int | None
    module_hotfixes: bool | None
    repo_gpgcheck: bool | None


class BuildConfig(Record):
    """What builds in a chroot are made with."""

    additional_repos: list[str]
    additional_packages: list[str]
    with_opts: list[str]
    without_opts: list[str]
    enable_net: bool
    repos: list[Repository]


class BuildChrootConfig(BuildConfig):
    """What one chroot's part of a build is made with (GET /build-chroot/build-config); `timeout` in seconds,
    `memory_limit` in MB."""

    timeout: int
    memory_limit: int
    is_background: bool
    bootstrap: str


class ProjectChrootConfig(BuildConfig):
    """What builds in one chroot of a project are made with (GET /project-chroot/build-config)."""

    chroot: str
    isolation: str
    additional_modules: list[str]


class DeletedBuilds(Record):
    """The numbers of deleted builds (DELETE /build/delete/list)."""

    builds: list[int]


class Message(Record):
    """What the service says, for people."""

    message: str


class LatestBuilds(Record):
    """A package's newest builds, where they were asked for."""

    latest: Build | None
    latest_succeeded: Build | None


class Package(Record):
    """A package (GET /package): where a project's builds come from; `source_dict` has the source's
    parameters."""

    id: int
    name: str
    ownername: str
    projectname: str
    source_type: str
    source_dict: FreeRecord
    auto_rebuild: bool
    builds: LatestBuilds


class ProjectChroot(Record):
    """A project's settings for one chroot (GET /project-chroot)."""

    mock_chroot: str
    ownername: str
    projectname: str
    additional_packages: list[str]
    additional_repos: list[str]
    additional_modules: list[str]
    with_opts: list[str]
    without_opts: list[str]
    comps_name: str | None
    delete_after_days: int | None
    isolation: str


class MonitoredPackage(Record):
    """A package in a project's overview; `chroots` maps chroot names to records with `build_id`, `state`,
    `status`, `pkg_version`, and the addresses that were asked for."""

    name: str
    chroots: dict[str, FreeRecord]


class Monitor(Record):
    """The newest build of each package (GET /monitor)."""

    message: str
    packages: list[MonitoredPackage]


class Permissions(Record):
    """Who may do what in a project (GET /project/permissions/get): user to records with `admin` and
    `builder`."""

    permissions: dict[str, FreeRecord]


class PermissionChange(Record):
    """What became of a change of permissions: the users concerned, or whether there was a change."""

    updated: list[str] | bool


class WebhookSecret(Record):
    """A project's new webhook secret (POST /webhook/generate)."""

    id: int
    name: str
    ownername: str
    full_name: str
    webhook_secret: str


class Module(Record):
    """A submitted module (POST /module/build): name, stream and version in one."""

    nsv: str
