"""Webhooks: URLs with a secret, which start rebuilds of a project's packages.

- The secret is the only authentication. No user is logged in, so the builds have no submitter.
- Builds from webhooks are background builds.
- A push rebuilds the packages of the pushed repository that have `webhook_rebuild` set, if the push affects
  them. A tag affects the package in its name (`NAME-VERSION` or `NAME-VERSION-RELEASE`), and the package in
  the webhook's URL. A push to a branch affects packages of that branch, and packages without a branch. If a
  package has a subdirectory, a file in it must have changed.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Build, Package, Project, User
from . import listing, packages, permissions, pieces, project_dirs, submission
from .errors import Forbidden, NotFound

PIECE = 100  # packages that one transaction rebuilds, if they have few chroots
PAYLOAD = "hook_payload"  # file with the body of the request, for a custom script

_SEPARATORS = "-_"  # between the parts of a tag
_OPTIONS = submission.Options(is_background=True)


@dataclass(frozen=True)
class Push:
    """A push to a repository.

    :param clone_url: URL of the repository.
    :param ref: name of the tag, or of the branch as `main` or `refs/heads/main`.
    :param committish: branch, tag or commit to build.
    :param is_tag: True if a tag was pushed.
    :param changed: paths of the changed files; None if they are not known.
    """

    clone_url: str
    ref: str
    committish: str
    is_tag: bool
    changed: Collection[str] | None


def new_secret(caller: User, project: Project) -> None:
    """Replace the webhook secret of a project; URLs with the old one become invalid.

    :param caller: user who sent the request.
    :param project: project to change.
    :raises Forbidden: the caller may not change the project.
    """
    permissions.check_admin(caller, project)
    project.webhook_secret = str(uuid4())


def get_project(tx: Transaction, project_id: int, secret: str) -> Project:
    """Return the project of a webhook.

    :param tx: transaction to read from.
    :param project_id: id of the project.
    :param secret: secret in the URL of the webhook.
    :returns: the project.
    :raises NotFound: no project has this id.
    :raises Forbidden: the secret is wrong.
    """
    project = tx.session.get(Project, project_id) if project_id <= listing.LARGEST else None
    if project is None:
        raise NotFound("PROJECT_NOT_FOUND")
    check_secret(project, secret)
    return project


def check_secret(project: Project, secret: str) -> None:
    """Check the secret in the URL of a webhook.

    :param project: project of the webhook.
    :param secret: secret in the URL.
    :raises Forbidden: the secret is wrong.
    """
    if not hmac.compare_digest(project.webhook_secret.encode(), secret.encode()):
        raise Forbidden("BAD_UUID")


def rebuild_pushed(tx: Transaction, project: Project, push: Push, name: str | None = None) -> Sequence[int]:
    """Rebuild the packages that a push affects.

    :param tx: transaction that submits the first builds; if they are many, those that follow submit the rest.
    :param project: project of the packages.
    :param push: the push.
    :param name: package in the URL of the webhook, which any tag rebuilds; None for none.
    :returns: ids of the builds that this transaction submits, at most `PIECE`.
    :raises Invalid: the project has no chroots.
    """
    query = select(Package).where(
        Package.project_id == project.id, Package.webhook_rebuild, Package.source_type == "scm"
    )
    found = tx.session.scalars(query.order_by(Package.id)).all()
    wanted = [package.id for package in found if _is_for(push, package, name)]
    piece = pieces.size(PIECE, len(project.chroots))
    return _rebuild_some(tx, wanted, {"committish": push.committish}, piece)


def _rebuild_some(
    tx: Transaction, package_ids: Sequence[int], parameters: Mapping[str, Any], piece: int
) -> Sequence[int]:
    """Rebuild the first packages of a list; the next transaction continues. Return the builds' ids."""
    query = select(Package).where(Package.id.in_(package_ids[:piece])).order_by(Package.id)
    some = tx.session.scalars(query).all()
    new = [
        packages.prepare_rebuild(tx, None, package, package.project.main_dir, _OPTIONS, parameters)
        for package in some
    ]
    made = submission.add(tx, None, some[0].project, new, _OPTIONS) if some else []
    if rest := package_ids[piece:]:
        tx.then(partial(_rebuild_some, package_ids=rest, parameters=parameters, piece=piece))
    return made


def why_nothing(tx: Transaction, project: Project, push: Push) -> str:
    """Return why a push affects no package.

    :param tx: transaction to read from.
    :param project: project of the packages.
    :param push: a push for which `rebuild_pushed` found nothing.
    :returns: a sentence for the users of the project.
    """
    query = select(Package).where(Package.project_id == project.id, Package.source_type == "scm")
    found = [package for package in tx.session.scalars(query) if _is_from(push, package)]
    if not found:
        return "No package is built from this repository."
    if not any(package.webhook_rebuild for package in found):
        return "The packages of this repository do not have the setting “build after a push”."
    if push.is_tag:
        return "The tag is not the name of a package with a version."
    return "No package is built from this branch, or from a folder that changed."


def rebuild(
    tx: Transaction, package: Package, parameters: Mapping[str, Any], dirname: str | None = None
) -> Build:
    """Rebuild a package for a webhook.

    :param tx: transaction to write in.
    :param package: package to build.
    :param parameters: source parameters that differ in this build.
    :param dirname: directory of the project for the results; None for the main one.
    :returns: the new build.
    :raises Invalid: the package cannot be rebuilt, the project has no chroots, or the name of the directory
        is not valid.
    :raises OSError: the repositories of a new directory cannot be written.
    """
    directory = project_dirs.get_dir(tx, package.project, dirname or package.project.name)
    return packages.rebuild(tx, None, package, directory, _OPTIONS, parameters)


def _is_for(push: Push, package: Package, name: str | None) -> bool:
    """Return True if a push affects a package."""
    source = package.source
    if not _is_from(push, package):
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


def _is_from(push: Push, package: Package) -> bool:
    """Return True if a package is built from the repository of a push."""
    return _plain(package.source["clone_url"]) == _plain(push.clone_url)


def _names(tag: str, package: str) -> bool:
    """Return True if a tag is the package's name, a version and optionally a release, each with a digit."""
    for separator in _SEPARATORS:
        parts = tag.split(separator)
        for _ in ("release", "version"):
            if len(parts) < 2 or not any(map(str.isdigit, parts.pop())):
                break
            if package in (other.join(parts) for other in _SEPARATORS):
                return True
    return False


def _plain(clone_url: str) -> str:
    """Return a URL of a repository for comparison: lower case, without `.git` and slashes at the end."""
    return clone_url.rstrip("/").removesuffix(".git").rstrip("/").lower()
