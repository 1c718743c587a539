"""The tables: what a local Copr remembers.

- Times are unix time in UTC, whole seconds.
- Ids of users, projects and builds are never given out twice, also not after a deletion.
- `Build.state` follows from `Build.source_state` and the states of its chroots. It is stored so that
  listings need not work it out; only `rules.states.settle` writes it.
- Names that never change are keys themselves: a chroot is `fedora-45-x86_64` everywhere.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NEVER_TWICE = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """The base of all tables."""


class Membership(Base):
    """Who belongs to which group."""

    __tablename__ = "membership"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), primary_key=True)


class Group(Base):
    """A group of users; as an owner it is written `@name`, in the accounts system it is `fas_name`."""

    __tablename__ = "group"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    fas_name: Mapped[str]


class User(Base):
    """Somebody who may log in; of the token only the SHA-256 is kept. A proxy may act for others."""

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
    """A chroot that this Copr offers, in the order of `position`."""

    __tablename__ = "mock_chroot"

    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    comment: Mapped[str] = mapped_column(default="")


class DistGit(Base):
    """A dist-git that packages can come from: below `url` there is `rpms/PACKAGE` for each."""

    __tablename__ = "dist_git"

    name: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    position: Mapped[int]


class Project(Base):
    """A project; `ownername` is its user's name, or its group's with an @; `user` made it."""

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
    additional_repos: Mapped[list[str]] = mapped_column(JSON, default=list)
    runtime_dependencies: Mapped[list[str]] = mapped_column(JSON, default=list)
    packit_forge_projects_allowed: Mapped[list[str]] = mapped_column(JSON, default=list)
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
        return f"{self.ownername}/{self.name}"

    @property
    def main_dir(self) -> ProjectDir:
        """The folder that has the project's name."""
        return next(directory for directory in self.dirs if directory.name == self.name)

    @property
    def chroots(self) -> list[ProjectChroot]:
        """The chroots that are built for: chosen, not dropped since, and still on offer."""
        return [own for own in self.all_chroots if own.delete_after is None and own.mock_chroot.is_active]


class ProjectDir(Base):
    """One of the folders in which a project publishes: `project`, `project:custom:x` ..."""

    __tablename__ = "project_dir"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str]

    project: Mapped[Project] = relationship(back_populates="dirs")


class ProjectChroot(Base):
    """A chroot that a project builds for, and what is special about it there.

    One that the project has dropped is kept, with its settings and results, until `delete_after`. The text
    of `comps` describes groups of packages to dnf; `comps_name` is what its file was called.
    """

    __tablename__ = "project_chroot"
    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(ForeignKey("mock_chroot.name"))
    additional_repos: Mapped[list[str]] = mapped_column(JSON, default=list)
    additional_packages: Mapped[list[str]] = mapped_column(JSON, default=list)
    with_opts: Mapped[list[str]] = mapped_column(JSON, default=list)
    without_opts: Mapped[list[str]] = mapped_column(JSON, default=list)
    additional_modules: Mapped[list[str]] = mapped_column(JSON, default=list)
    bootstrap: Mapped[str] = mapped_column(default="unchanged")
    bootstrap_image: Mapped[str | None]
    isolation: Mapped[str] = mapped_column(default="unchanged")
    comps_name: Mapped[str | None]
    comps: Mapped[str | None]
    delete_after: Mapped[int | None]

    project: Mapped[Project] = relationship(back_populates="all_chroots")
    mock_chroot: Mapped[MockChroot] = relationship(lazy="joined", innerjoin=True)


class Permission(Base):
    """What a user who is no owner of a project asked for there, and was given: a state for each role."""

    __tablename__ = "permission"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    builder: Mapped[str] = mapped_column(default="nothing")
    admin: Mapped[str] = mapped_column(default="nothing")

    project: Mapped[Project] = relationship(back_populates="permissions")
    user: Mapped[User] = relationship()


class LoginSession(Base):
    """Somebody who came in through Kerberos; of what the cookie says only the SHA-256 is kept."""

    __tablename__ = "login_session"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    expires_on: Mapped[int]


class Package(Base):
    """A package of a project, known since it was added or since its first source RPM.

    `source_type` and `source` are what a rebuild is made from. Of the builds in each folder `max_builds`
    are kept (0: all). `chroot_denylist` are patterns, separated by commas, of chroots to leave out.
    """

    __tablename__ = "package"
    __table_args__ = (UniqueConstraint("project_id", "name"), NEVER_TWICE)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str]
    source_type: Mapped[str] = mapped_column(default="unset")
    source: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    webhook_rebuild: Mapped[bool] = mapped_column(default=False)
    max_builds: Mapped[int] = mapped_column(default=0)
    timeout: Mapped[int | None]  # seconds
    chroot_denylist: Mapped[str] = mapped_column(default="")

    project: Mapped[Project] = relationship()


class Batch(Base):
    """Builds that start together, once all builds of the batch that blocks them are over."""

    __tablename__ = "batch"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    blocked_by_id: Mapped[int | None] = mapped_column(ForeignKey("batch.id"))


class Build(Base):
    """One submission: a source step, then one step for each chroot.

    A forked build is the copy of one in another project, `forked_from_id`, which may be gone by now.
    """

    __tablename__ = "build"
    __table_args__ = (
        Index("build_of_project", "project_id", "id"),
        Index("build_of_package", "package_id"),
        Index("build_of_batch", "batch_id"),
        Index("build_by_source_state", "source_state", "is_background", "project_id", "batch_id"),
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

    source_type: Mapped[str]
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    source_state: Mapped[str] = mapped_column(default="pending")
    source_started_on: Mapped[int | None]
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
        """Who submitted it; nobody did where a webhook asked for it."""
        return self.user.name if self.user else None


class BuildChroot(Base):
    """One chroot of a build; `packages` are what came out, as `results.json` lists them."""

    __tablename__ = "build_chroot"
    __table_args__ = (Index("build_chroot_by_state", "state"),)

    build_id: Mapped[int] = mapped_column(ForeignKey("build.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(ForeignKey("mock_chroot.name"), primary_key=True)
    state: Mapped[str] = mapped_column(default="waiting")
    started_on: Mapped[int | None]
    ended_on: Mapped[int | None]
    packages: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    build: Mapped[Build] = relationship(back_populates="chroots")


class FileChange(Base):
    """A path that is to go, or to become a copy of another, once the transaction that says so is committed.

    Both are relative to the data folder; a row is gone once it is carried out.
    """

    __tablename__ = "file_change"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    copy_of: Mapped[str | None]


class RepositoryUpdate(Base):
    """A wish that a repository's metadata be written again; `directory` is relative to the results folder.

    A wish that comes while an earlier one is being fulfilled is a row of its own, so it is not lost.
    """

    __tablename__ = "repository_update"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    directory: Mapped[str]
