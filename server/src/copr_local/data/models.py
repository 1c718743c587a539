"""The database tables; those of pending work and of builders elsewhere are in files of their own.

- Times are unix time in whole seconds, UTC.
- Ids of users, projects, packages and builds are never used twice, not even after a deletion.
- `Build.state` and `Build.ended_on` follow from `Build.source_state` and the chroots of the build. They are
  stored so that listings do not have to compute them; only `rules.states.settle` writes them.
- Names that never change are primary keys themselves: a chroot is `fedora-45-x86_64` everywhere.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from .column_types import INTEGER, Document, Text

NEVER_TWICE = {"sqlite_autoincrement": True}
DELETED = 0  # `delete_after` of a project whose deletion has begun


class Base(DeclarativeBase):
    """The base class of all tables."""

    type_annotation_map: ClassVar = {int: INTEGER, str: Text}


class Membership(Base):
    """The membership of a user in a group."""

    __tablename__ = "membership"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)


class Group(Base):
    """A group of users.

    Its projects belong to the owner `@name`; `fas_name` is its name in the Fedora accounts system.
    """

    __tablename__ = "group"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    fas_name: Mapped[str]


class User(Base):
    """A user who may log in.

    Only the SHA-256 of the API token is stored. A `proxy` may act for other users.
    """

    __tablename__ = "user"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    admin: Mapped[bool] = mapped_column(default=False)
    proxy: Mapped[bool] = mapped_column(default=False)
    api_login: Mapped[str] = mapped_column(unique=True)
    api_token_hash: Mapped[str]
    api_token_expiration: Mapped[date]

    groups: Mapped[list[Group]] = relationship(secondary="membership")


class MockChroot(Base):
    """A chroot that this Copr offers; listings are sorted by `position`.

    An inactive one was offered earlier; its results are kept.
    """

    __tablename__ = "mock_chroot"

    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    comment: Mapped[str] = mapped_column(default="")


class DistGit(Base):
    """A dist-git from which packages can be built; the repository of a package is `{url}/rpms/PACKAGE`."""

    __tablename__ = "dist_git"

    name: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    position: Mapped[int]


class Project(Base):
    """A project.

    `ownername` is the name of its user, or of its group with an @. `user` is that user; in a group's project,
    the member who created it.
    """

    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("ownername", "name"), NEVER_TWICE)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    ownername: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id"))

    description: Mapped[str] = mapped_column(default="")
    instructions: Mapped[str] = mapped_column(default="")
    homepage: Mapped[str | None]
    contact: Mapped[str | None]
    additional_repos: Mapped[list[str]] = mapped_column(Document, default=list)
    runtime_dependencies: Mapped[list[str]] = mapped_column(Document, default=list)
    packit_forge_projects_allowed: Mapped[list[str]] = mapped_column(Document, default=list)
    persistent: Mapped[bool] = mapped_column(default=False)
    unlisted_on_hp: Mapped[bool] = mapped_column(default=False)
    auto_prune: Mapped[bool] = mapped_column(default=True)
    enable_net: Mapped[bool] = mapped_column(default=False)
    devel_mode: Mapped[bool] = mapped_column(default=False)
    multilib: Mapped[bool] = mapped_column(default=False)
    module_hotfixes: Mapped[bool] = mapped_column(default=False)
    appstream: Mapped[bool] = mapped_column(default=False)
    fedora_review: Mapped[bool] = mapped_column(default=False)
    follow_fedora_branching: Mapped[bool] = mapped_column(default=True)
    bootstrap: Mapped[str] = mapped_column(default="default")
    bootstrap_image: Mapped[str | None]
    isolation: Mapped[str] = mapped_column(default="default")
    repo_priority: Mapped[int | None]
    delete_after: Mapped[int | None]
    webhook_secret: Mapped[str] = mapped_column(default=lambda: str(uuid4()))
    forked_from_id: Mapped[int | None] = mapped_column(ForeignKey("project.id", ondelete="SET NULL"))

    user: Mapped[User] = relationship()
    group: Mapped[Group | None] = relationship()
    all_chroots: Mapped[list[ProjectChroot]] = relationship(
        back_populates="project",
        order_by="ProjectChroot.id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )
    dirs: Mapped[list[ProjectDir]] = relationship(
        back_populates="project", order_by="ProjectDir.id", cascade="all, delete-orphan", passive_deletes=True
    )
    permissions: Mapped[list[Permission]] = relationship(
        back_populates="project",
        order_by="Permission.user_id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    @property
    def full_name(self) -> str:
        """The owner's and the project's name: `OWNER/PROJECT`."""
        return f"{self.ownername}/{self.name}"

    @property
    def is_deleted(self) -> bool:
        """True if the deletion of the project has begun: some of its builds may still exist."""
        return self.delete_after == DELETED

    @property
    def main_dir(self) -> ProjectDir:
        """The directory that has the project's name."""
        return next(directory for directory in self.dirs if directory.name == self.name)

    @property
    def chroots(self) -> list[ProjectChroot]:
        """The chroots that new builds are for: enabled in the project, and still offered by this Copr."""
        return [own for own in self.all_chroots if own.delete_after is None and own.mock_chroot.is_active]


class ProjectDir(Base):
    """A directory in which a project publishes packages: `PROJECT`, `PROJECT:custom:x` and so on."""

    __tablename__ = "project_dir"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str]

    project: Mapped[Project] = relationship(back_populates="dirs")


class ProjectChroot(Base):
    """A chroot of a project, with its settings.

    A chroot that was removed from the project keeps its settings and results until the time `delete_after`.
    `comps` is the text of a file that defines groups of packages for dnf; `comps_name` is the uploaded file's
    name.
    """

    __tablename__ = "project_chroot"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(ForeignKey("mock_chroot.name"))
    additional_repos: Mapped[list[str]] = mapped_column(Document, default=list)
    additional_packages: Mapped[list[str]] = mapped_column(Document, default=list)
    with_opts: Mapped[list[str]] = mapped_column(Document, default=list)
    without_opts: Mapped[list[str]] = mapped_column(Document, default=list)
    additional_modules: Mapped[list[str]] = mapped_column(Document, default=list)
    bootstrap: Mapped[str] = mapped_column(default="unchanged")
    bootstrap_image: Mapped[str | None]
    isolation: Mapped[str] = mapped_column(default="unchanged")
    comps_name: Mapped[str | None]
    comps: Mapped[str | None] = mapped_column(deferred=True)
    delete_after: Mapped[int | None]

    project: Mapped[Project] = relationship(back_populates="all_chroots")
    mock_chroot: Mapped[MockChroot] = relationship(lazy="joined", innerjoin=True)


class Permission(Base):
    """The roles of a user in a project of another owner: for each role, its state."""

    __tablename__ = "permission"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    builder: Mapped[str] = mapped_column(default="nothing")
    admin: Mapped[str] = mapped_column(default="nothing")

    project: Mapped[Project] = relationship(back_populates="permissions")
    user: Mapped[User] = relationship()


class LoginSession(Base):
    """A web session that began with a Kerberos login; only the SHA-256 of its cookie is stored."""

    __tablename__ = "login_session"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    expires_on: Mapped[int]


class Package(Base):
    """A package of a project; a user adds it, or the first source RPM of its name does.

    `source_type` and `source` are the source of rebuilds. In each directory the newest `max_builds` builds
    are kept (0: all). `chroot_denylist` has patterns of chroots to skip, separated by commas.
    """

    __tablename__ = "package"
    __table_args__ = (UniqueConstraint("project_id", "name"), NEVER_TWICE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str]
    source_type: Mapped[str] = mapped_column(default="unset")
    source: Mapped[dict[str, Any]] = mapped_column(Document, default=dict)
    webhook_rebuild: Mapped[bool] = mapped_column(default=False)
    max_builds: Mapped[int] = mapped_column(default=0)
    timeout: Mapped[int | None]  # seconds
    chroot_denylist: Mapped[str] = mapped_column(default="")

    project: Mapped[Project] = relationship()


class Batch(Base):
    """A group of builds that start together, when all builds of the batch `blocked_by_id` have finished."""

    __tablename__ = "batch"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    blocked_by_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))


class Build(Base):
    """One build: a source step, then one step for each chroot.

    A forked build is a copy of build `forked_from_id` in another project, which may be deleted by now.
    `claim`, `lease_until` and `builder` (name of a builder elsewhere) are those of the source step.
    """

    __tablename__ = "build"
    __table_args__ = (
        Index("build_of_project", "project_id", "id"),
        Index("build_of_project_by_state", "project_id", "state", "id"),
        Index("build_of_package", "package_id", "dir_id", "id"),
        Index("build_of_batch", "batch_id", "state"),
        Index("build_by_source_state", "source_state", "is_background", "project_id", "batch_id", "id"),
        Index("build_without_end", "id", sqlite_where=text("ended_on IS NULL")),
        Index("build_of_project_by_end", "project_id", "ended_on", "id"),
        NEVER_TWICE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    dir_id: Mapped[int] = mapped_column(ForeignKey("project_dir.id", ondelete="CASCADE"))
    package_id: Mapped[int | None] = mapped_column(ForeignKey("package.id", ondelete="SET NULL"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))

    state: Mapped[str] = mapped_column(default="pending")
    submitted_on: Mapped[int]
    ended_on: Mapped[int | None]

    source_type: Mapped[str]
    source: Mapped[dict[str, Any]] = mapped_column(Document)
    source_state: Mapped[str] = mapped_column(default="pending")
    source_started_on: Mapped[int | None]
    source_ended_on: Mapped[int | None]
    claim: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[int | None]
    builder: Mapped[str | None]
    srpm: Mapped[str | None]
    srpm_digest: Mapped[str | None]
    version: Mapped[str | None]

    timeout: Mapped[int]
    is_background: Mapped[bool] = mapped_column(default=False)
    enable_net: Mapped[bool] = mapped_column(default=False)
    bootstrap: Mapped[str] = mapped_column(default="unchanged")
    isolation: Mapped[str] = mapped_column(default="unchanged")
    forked_from_id: Mapped[int | None]

    project: Mapped[Project] = relationship()
    dir: Mapped[ProjectDir] = relationship()
    package: Mapped[Package | None] = relationship()
    user: Mapped[User | None] = relationship()
    batch: Mapped[Batch | None] = relationship()
    chroots: Mapped[list[BuildChroot]] = relationship(
        back_populates="build",
        order_by="BuildChroot.name",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    @property
    def submitter(self) -> str | None:
        """The name of the user who submitted the build; None for a build that a webhook started."""
        return self.user.name if self.user else None


def _arch_of_chroot(context: DefaultExecutionContext) -> str:
    """Return the architecture of the chroot that a new row is for."""
    parameters: dict[str, str] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return parameters["name"].rpartition("-")[2]


class BuildChroot(Base):
    """One chroot of a build; `packages` lists the built packages, as in `results.json`.

    `arch` is in the name of the chroot; `project_id` and `is_background` are those of the build. They never
    change. They are stored here for the index of the queue.
    """

    __tablename__ = "build_chroot"
    __table_args__ = (
        Index("build_chroot_by_state", "state", "is_background", "project_id", "arch", "build_id"),
    )

    build_id: Mapped[int] = mapped_column(ForeignKey("build.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("mock_chroot.name"), primary_key=True)
    state: Mapped[str] = mapped_column(default="waiting")
    started_on: Mapped[int | None]
    ended_on: Mapped[int | None]
    packages: Mapped[list[dict[str, Any]]] = mapped_column(Document, default=list)
    arch: Mapped[str] = mapped_column(default=_arch_of_chroot)
    project_id: Mapped[int]
    is_background: Mapped[bool]
    claim: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[int | None]
    builder: Mapped[str | None]

    build: Mapped[Build] = relationship(back_populates="chroots")


class WebhookDelivery(Base):
    """A call of a webhook, and what became of it: the ids of its builds, or why it started none.

    The newest ones of each project are kept; nothing else of the request is.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("webhook_delivery_of_project", "project_id", "id"), NEVER_TWICE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    received_on: Mapped[int]
    forge: Mapped[str]
    event: Mapped[str]
    reference: Mapped[str]
    status: Mapped[int]
    builds: Mapped[list[int]] = mapped_column(Document)
    text: Mapped[str]


class Turn(Base):
    """The last turn of a project that has unfinished builds, see `rules.turns`.

    A larger `number` is a later turn; 0 stands for a project that had none yet. Of these, the one with the
    smallest `id` has waited longest.
    """

    __tablename__ = "turn"
    __table_args__ = (Index("turn_by_number", "number", "id"), NEVER_TWICE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), unique=True)
    number: Mapped[int] = mapped_column(default=0)
