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
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, select

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
    :param changed: result of `changed_paths`; None if the changed files are not known.
    """

    clone_url: str
    ref: str
    committish: str
    is_tag: bool
    changed: Sequence[str] | None


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


def changed_paths(paths: Iterable[str]) -> Sequence[str]:
    """Return the paths of changed files in the form that `Push` has.

    :param paths: paths in a repository, in any order.
    :returns: the paths, sorted.
    """
    return sorted(path.strip("./") for path in paths)


def rebuild_pushed(
    tx: Transaction, project: Project, pushes: Iterable[Push], name: str | None = None
) -> Sequence[int]:
    """Rebuild the packages that pushes affect.

    :param tx: transaction that submits the first builds; if they are many, those that follow submit the rest.
    :param project: project of the packages.
    :param pushes: the pushes.
    :param name: package in the URL of the webhook, which any tag rebuilds; None for none.
    :returns: ids of the builds that this transaction submits, at most `PIECE`.
    :raises Invalid: the project has no chroots.
    """
    enabled = Package.webhook_rebuild.is_(True)
    wanted = [
        (package.id, push.committish)
        for push, found in _packages_of(tx, project, pushes, enabled)
        for package in found
        if _is_for(push, package, name)
    ]
    return _rebuild_some(tx, wanted, pieces.size(PIECE, len(project.chroots)))


def _rebuild_some(tx: Transaction, wanted: Sequence[tuple[int, str]], piece: int) -> Sequence[int]:
    """Rebuild the first packages of a list, each at its commit; the next transaction continues.

    Return the ids of the builds.
    """
    first, rest = wanted[:piece], wanted[piece:]
    query = select(Package).where(Package.id.in_({package_id for package_id, _ in first}))
    known = {package.id: package for package in tx.session.scalars(query)}
    new = [
        packages.prepare_rebuild(
            tx, None, package, package.project.main_dir, _OPTIONS, {"committish": committish}
        )
        for package_id, committish in first
        if (package := known.get(package_id)) is not None
    ]
    project = next((package.project for package in known.values()), None)
    made = submission.add(tx, None, project, new, _OPTIONS) if project is not None else []
    if rest:
        tx.then(partial(_rebuild_some, wanted=rest, piece=piece))
    return made


def why_nothing(tx: Transaction, project: Project, pushes: Iterable[Push]) -> str:
    """Return why pushes affect no package.

    :param tx: transaction to read from.
    :param project: project of the packages.
    :param pushes: pushes for which `rebuild_pushed` found nothing.
    :returns: a sentence for each reason, for the users of the project.
    """
    return " ".join(dict.fromkeys(_why_nothing(*each) for each in _packages_of(tx, project, pushes)))


def _why_nothing(push: Push, found: Sequence[Package]) -> str:
    """Return why a push affects none of the packages of its repository."""
    if not found:
        return "No package is built from this repository."
    if not any(package.webhook_rebuild for package in found):
        return "The packages of this repository do not have the setting “build after a push”."
    if push.is_tag:
        return "The tag is not the name of a package with a version."
    return "No package is built from this branch, or from a folder that changed."


def _packages_of(
    tx: Transaction, project: Project, pushes: Iterable[Push], *where: ColumnElement[bool]
) -> Iterator[tuple[Push, Sequence[Package]]]:
    """Yield each push with the packages of its repository."""
    query = select(Package).where(Package.project_id == project.id, Package.source_type == "scm", *where)
    by_url: dict[str, list[Package]] = {}
    for package in tx.session.scalars(query.order_by(Package.id)):
        by_url.setdefault(_plain(package.source["clone_url"]), []).append(package)
    for push in pushes:
        yield push, by_url.get(_plain(push.clone_url), [])


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
    """Return True if a push to the repository of a package affects it."""
    source = package.source
    if push.is_tag:
        return package.name == name or _names(push.ref, package.name)
    branch = source.get("committish") or ""
    if branch and push.ref.removeprefix("refs/heads/") != branch:
        return False
    folder = (source.get("subdirectory") or "").strip("./")
    if push.changed is None or not folder:
        return True
    first = bisect_left(push.changed, f"{folder}/")
    return first < len(push.changed) and push.changed[first].startswith(f"{folder}/")


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
