"""Webhooks: addresses with a secret in them, which start rebuilds of a project's packages.

- Whoever knows the secret may: no user is logged in, and nobody is the builds' submitter.
- What a webhook starts is built in the background.
- A push rebuilds the packages that ask for it (`webhook_rebuild`), come from the repository that was pushed
  to, and have something of their own in it: a tag is for the package of its name, `NAME-VERSION` or
  `NAME-VERSION-RELEASE`, and for the one that the address names; a branch is for packages of that branch, or
  of none; a change is for packages of the subdirectory where a file was changed.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Build, Package, Project, User
from . import builds, listing, packages, permissions, projects
from .errors import Forbidden, NotFound

PAYLOAD = "hook_payload"  # the file in which a script finds what a webhook was sent

_SEPARATORS = "-_"  # between the parts of a tag


@dataclass(frozen=True)
class Push:
    """What was pushed to a repository.

    :param ref: the tag's name, or the branch as `main` or `refs/heads/main`.
    :param committish: what to build.
    :param changed: paths of files; None if that is not known.
    """

    clone_url: str
    ref: str
    committish: str
    is_tag: bool
    changed: Collection[str] | None


def new_secret(caller: User, project: Project) -> None:
    """Replace a project's secret; the old one stops working.

    :raises Forbidden: the caller may not.
    """
    permissions.check_admin(caller, project)
    project.webhook_secret = str(uuid4())


def get_project(tx: Transaction, project_id: int, secret: str) -> Project:
    """The project whose secret somebody knows.

    :raises NotFound: there is no such project.
    :raises Forbidden: its secret is another one.
    """
    project = tx.session.get(Project, project_id) if project_id <= listing.LARGEST else None
    if project is None:
        raise NotFound("PROJECT_NOT_FOUND")
    check_secret(project, secret)
    return project


def check_secret(project: Project, secret: str) -> None:
    """:raises Forbidden: the project's secret is another one."""
    if not hmac.compare_digest(project.webhook_secret.encode(), secret.encode()):
        raise Forbidden("BAD_UUID")


def rebuild_pushed(tx: Transaction, project: Project, push: Push, name: str | None = None) -> list[Build]:
    """Rebuild what a push is for.

    :param name: the package that any tag is for.
    """
    query = select(Package).where(
        Package.project_id == project.id, Package.webhook_rebuild, Package.source_type == "scm"
    )
    found = tx.session.scalars(query.order_by(Package.id)).all()
    wanted = [package for package in found if _is_for(push, package, name)]
    return [rebuild(tx, package, {"committish": push.committish}) for package in wanted]


def rebuild(
    tx: Transaction, package: Package, parameters: Mapping[str, Any], dirname: str | None = None
) -> Build:
    """Rebuild a package because a webhook asks for it.

    :param parameters: those of the source that are different this time.
    :param dirname: the project's folder for the results; None for its own.
    :raises Invalid: the package has no source that can be built again, or that is no name for a folder.
    """
    directory = projects.get_dir(tx, package.project, dirname or package.project.name)
    options = builds.Options(is_background=True)
    return packages.rebuild(tx, None, package, directory, options, parameters)


def _is_for(push: Push, package: Package, name: str | None) -> bool:
    source = package.source
    if _plain(source["clone_url"]) != _plain(push.clone_url):
        return False
    if push.is_tag:
        return package.name == name or _names(push.ref, package.name)
    branch = source.get("committish") or ""
    if branch and push.ref.removeprefix("refs/heads/") != branch:
        return False
    folder = (source.get("subdirectory") or "").strip("./")
    if push.changed is None or not folder:
        return True
    return any(path.strip("./").startswith(f"{folder}/") for path in push.changed)


def _names(tag: str, package: str) -> bool:
    """Whether a tag is a package's name with a version, and perhaps a release, each with a digit in it."""
    for separator in _SEPARATORS:
        parts = tag.split(separator)
        for _ in ("release", "version"):
            if len(parts) < 2 or not any(map(str.isdigit, parts.pop())):
                break
            if package in (other.join(parts) for other in _SEPARATORS):
                return True
    return False


def _plain(clone_url: str) -> str:
    """A repository's address without what makes no difference."""
    return clone_url.rstrip("/").removesuffix(".git").rstrip("/").lower()
