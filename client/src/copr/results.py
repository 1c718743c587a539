"""The service's responses as records: dicts whose keys are attributes too, in nested dicts as well.

Rules: a record's data is what the service sent, and nothing else. `__response__` and `__proxy__` say where it
comes from; they are attributes, not keys. The classes below `Record` name the fields of each resource for
type checkers; at run time each response is a `Record`.
"""

from __future__ import annotations

from ._late import value_of
from ._munch import Munch
from ._typing import TYPE_CHECKING, Any, Self
from ._typing import evaluable as _evaluable

#: Where a record comes from: names that are not keys, and the slots for their values.
_ORIGIN = {"__response__": "_Record__origin", "__proxy__": "__proxy__"}


class Record(Munch):
    """A mapping whose keys are attributes too.

    `record.__response__` (or `record["__response__"]`) is the response that it came in, `record.__proxy__`
    the proxy that sent the request. Neither is part of the data: not of iteration, `==`, `dict(record)`, JSON
    or pickles.
    """

    __slots__ = tuple(_ORIGIN.values())

    __origin: Any
    __proxy__: Any

    __init__ = dict.__init__  # munch's own sets key by key, in Python

    @property
    def __response__(self) -> Any:
        return value_of(self.__origin)

    @__response__.setter
    def __response__(self, response: Any) -> None:
        object.__setattr__(self, "_Record__origin", response)

    def _came_from(self, proxy: object) -> None:
        object.__setattr__(self, "__proxy__", proxy)

    def copy(self) -> Self:
        """Return a copy with the same `__response__` and `__proxy__`.

        :returns: the copy. As with Munch, nested records, lists and tuples are copied, too; other objects are
            shared. `copy.copy` shares all.
        """
        return self._made_of({name: _copied(value) for name, value in self.items()})

    def __copy__(self) -> Self:
        return self._made_of(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        from copy import deepcopy

        copied: dict[str, Any] = {name: deepcopy(value, memo) for name, value in self.items()}
        return self._made_of(copied)

    def _made_of(self, fields: dict[str, Any]) -> Self:
        made: Self = type(self)(fields)
        for slot in _ORIGIN.values():
            if (origin := getattr(self, slot, None)) is not None:
                object.__setattr__(made, slot, origin)
        return made

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        # pydantic then takes objects of this class as they are.
        from pydantic_core.core_schema import is_instance_schema

        return is_instance_schema(cls)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            # Munch's own would look up the attribute again, which Python has done just before.
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
        for name, slot in _ORIGIN.items():
            if (origin := getattr(self, slot, None)) is not None:
                shown[name] = origin
        return f"{type(self).__name__}({shown!r})"


def _copied(value: Any) -> Any:
    """Return a value of a copied record."""
    if isinstance(value, Record):
        return value.copy()
    if isinstance(value, dict):
        return Record({name: _copied(item) for name, item in value.items()})
    if isinstance(value, (list, tuple)):
        return getattr(value, "_make", type(value))(map(_copied, value))
    return value


class FreeRecord(Record):
    """A record whose fields depend on its subject, so that any attribute may exist."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class PageMeta(Record):
    """What the service says about a page; `limit` is None if all items were requested."""

    limit: int | None
    offset: int
    order: str
    order_type: str


class User(Record):
    """The user whom a token belongs to (``GET /auth-check``)."""

    id: int
    name: str


class Home(Record):
    """The response of the API's root (``GET /``)."""

    version: int


class Token(Record):
    """A new token (``POST /api-token``); `expiration` is a date, "YYYY-MM-DD" in UTC."""

    api_login: str
    api_token: str
    expiration: str


class Project(Record):
    """A project (``GET /project``); `chroot_repos` maps each chroot to the URL of its repository."""

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
    """The source of a build; `name` and `version` are None until the source RPM exists."""

    name: str | None
    url: str | None
    version: str | None


class Build(Record):
    """A build (``GET /build/{build_id}``); times are unix time in seconds, UTC, None until reached.

    `state` is one of: importing, pending, starting, running, waiting, forked, succeeded, failed, canceled,
    skipped. `chroots` is empty until the source RPM exists, unless the build was submitted for given chroots.
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
    """One chroot of a build (``GET /build-chroot``); times are unix time in seconds, UTC, or None."""

    name: str
    state: str
    result_url: str | None
    started_on: int | None
    ended_on: int | None


class MockChroots(FreeRecord):
    """The chroots of a service (``GET /mock-chroots/list``): name to comment."""


class SourceChroot(Record):
    """The step of a build that makes the source RPM (``GET /build/source-chroot/{build_id}``)."""

    state: str
    result_url: str


class SourceBuildConfig(Record):
    """What a source RPM is made from (``GET /build/source-build-config/{build_id}``).

    `timeout` is in seconds, `memory_limit` in MB.
    """

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
    """The packages that a build made in one chroot (``GET /build-chroot/built-packages``)."""

    packages: list[BuiltPackage]


class BuiltPackages(FreeRecord):
    """The packages that a build made (``GET /build/built-packages/{build_id}``), by chroot."""

    if TYPE_CHECKING:

        def __getitem__(self, name: str) -> ChrootPackages: ...


class Repository(Record):
    """A repository that builds may install packages from."""

    id: str
    name: str
    baseurl: str
    priority: int | None
    module_hotfixes: bool | None
    repo_gpgcheck: bool | None


class BuildConfig(Record):
    """The configuration of builds in a chroot."""

    additional_repos: list[str]
    additional_packages: list[str]
    with_opts: list[str]
    without_opts: list[str]
    enable_net: bool
    repos: list[Repository]


class BuildChrootConfig(BuildConfig):
    """The configuration of one chroot of a build (``GET /build-chroot/build-config``).

    `timeout` is in seconds, `memory_limit` in MB.
    """

    timeout: int
    memory_limit: int
    is_background: bool
    bootstrap: str


class ProjectChrootConfig(BuildConfig):
    """The configuration of builds in a project chroot (``GET /project-chroot/build-config``)."""

    chroot: str
    isolation: str
    additional_modules: list[str]


class DeletedBuilds(Record):
    """The ids of deleted builds (``DELETE /build/delete/list``)."""

    builds: list[int]


class Message(Record):
    """A message from the service."""

    message: str


class LatestBuilds(Record):
    """A package's latest builds, if they were requested."""

    latest: Build | None
    latest_succeeded: Build | None


class Package(Record):
    """A package, the source of a project's builds (``GET /package``).

    `source_dict` has the parameters of the source.
    """

    id: int
    name: str
    ownername: str
    projectname: str
    source_type: str
    source_dict: FreeRecord
    auto_rebuild: bool
    builds: LatestBuilds


class ProjectChroot(Record):
    """A project's settings for one chroot (``GET /project-chroot``)."""

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
    """A package in a project's overview.

    `chroots` maps chroots to records with `build_id`, `state`, `status`, `pkg_version`, and the URLs that
    were requested.
    """

    name: str
    chroots: dict[str, FreeRecord]


class Monitor(Record):
    """The latest build of each package (``GET /monitor``)."""

    message: str
    packages: list[MonitoredPackage]


class Permissions(Record):
    """The permissions in a project (``GET /project/permissions/get``).

    `permissions` maps users to records with `admin` and `builder`.
    """

    permissions: dict[str, FreeRecord]


class PermissionChange(Record):
    """The result of a change of permissions: the users concerned, or whether something changed."""

    updated: list[str] | bool


class WebhookSecret(Record):
    """A project's new webhook secret (``POST /webhook/generate``)."""

    id: int
    name: str
    ownername: str
    full_name: str
    webhook_secret: str


class Module(Record):
    """A submitted module (``POST /module/build``): name, stream and version in one text."""

    nsv: str


_evaluable(__name__)
