"""`/webhooks`: the addresses that GitHub, GitLab, Bitbucket and others call after a push.

They are not part of an API: the secret in the address is all the login there is, answers are a word or a
number in plain text, and what is sent has the form that each of those services has. What is wrong with an
address is said on a page, as in the original, but for custom webhooks. The rules are `rules.webhooks`.

- github: events `push` and `create` (a tag), which its header `X-GitHub-Event` names; GitHub's own `ping` is
  answered.
- gitlab: events `push` and `tag_push`.
- bitbucket: `repo:push`; it does not say which files were changed.
- custom: any body at all. A package that is made by a script finds it in the file `hook_payload`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, request
from werkzeug import exceptions as http

from ..data.database import Transaction
from ..data.models import Package, Project
from ..rules import packages, projects, webhooks
from ..rules.errors import Forbidden, Invalid, NotFound, RuleError
from ..rules.webhooks import Push
from ..wire.context import writing

_EVENT = "X-GitHub-Event"
_NO_COMMIT = "0" * 40  # what a push that deletes a branch calls the commit after it

hooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")

Answer = tuple[str, int]


@hooks.errorhandler(RuleError)
def refused(error: RuleError) -> Answer:
    """Why nothing is built, in a word."""
    status = {NotFound: 404, Forbidden: 403, Invalid: 400}.get(type(error), 400)
    return f"{error}\n", status


@hooks.post("/github/<int:project_id>/<secret>")
@hooks.post("/github/<int:project_id>/<secret>/<name>")
def github(project_id: int, secret: str, name: str | None = None) -> Answer:
    """A push to a repository on GitHub."""
    if _EVENT not in request.headers:
        raise http.BadRequest
    if _is_ping():
        return "OK", 200
    return _pushed(project_id, secret, name, _from_github)


@hooks.post("/gitlab/<int:project_id>/<secret>")
@hooks.post("/gitlab/<int:project_id>/<secret>/<name>")
def gitlab(project_id: int, secret: str, name: str | None = None) -> Answer:
    """A push to a repository on a GitLab."""
    return _pushed(project_id, secret, name, _from_gitlab)


@hooks.post("/bitbucket/<int:project_id>/<secret>")
@hooks.post("/bitbucket/<int:project_id>/<secret>/<name>")
def bitbucket(project_id: int, secret: str, name: str | None = None) -> Answer:
    """A push to a repository on Bitbucket."""
    return _pushed(project_id, secret, name, _from_bitbucket)


@hooks.post("/custom/<int:project_id>/<secret>")
@hooks.post("/custom/<int:project_id>/<secret>/<name>")
def custom(project_id: int, secret: str, name: str | None = None) -> Answer:
    """Anything that happened anywhere; the answer is the number of the build that it starts."""
    with writing() as tx:
        project = webhooks.get_project(tx, project_id, secret)
        if name is None:
            raise Invalid("PACKAGE_NAME_REQUIRED")
        return _built(tx, _package(tx, project, name), None)


@hooks.post("/custom-dir/<ownername>/<dirname>/<secret>/<name>")
def custom_dir(ownername: str, dirname: str, secret: str, name: str) -> Answer:
    """The same, with results in one of the project's folders."""
    with writing() as tx:
        project = projects.find(tx, ownername, dirname.partition(":")[0])
        if project is None:
            raise NotFound("PROJECT_NOT_FOUND")
        package = _package(tx, project, name)
        webhooks.check_secret(project, secret)
        try:
            projects.check_dir(project, dirname)
        except Invalid as error:
            raise Invalid("CANT_CREATE_DIRECTORY") from error
        return _built(tx, package, dirname)


def _package(tx: Transaction, project: Project, name: str) -> Package:
    package = packages.find(tx, project, name)
    if package is None:
        raise NotFound("PACKAGE_NOT_FOUND")
    return package


def _is_ping() -> bool:
    return request.headers.get(_EVENT) == "ping"


def _built(tx: Transaction, package: Package, dirname: str | None) -> Answer:
    if _is_ping():
        return "SKIPPED\n", 200
    if not package.project.chroots:
        return "NO_ACTIVE_CHROOTS_IN_PROJECT\n", 500
    if package.source_type != "custom":
        return f"{webhooks.rebuild(tx, package, {}, dirname).id}\n", 200
    with tx.data_folder.incoming_file() as file:
        file.write(request.get_data())
        with tx.data_folder.adopting(file, webhooks.PAYLOAD) as place:
            parameters = {"tmp": place.parent.name, "hook_data": True}
            return f"{webhooks.rebuild(tx, package, parameters, dirname).id}\n", 200


def _pushed(
    project_id: int, secret: str, name: str | None, read: Callable[[Mapping[str, Any]], Push]
) -> Answer:
    """Rebuild what a push is for."""
    with writing() as tx:
        try:
            project = webhooks.get_project(tx, project_id, secret)
        except NotFound:
            raise http.NotFound(f"Project with id {project_id} does not exist.") from None
        except Forbidden:
            raise http.Forbidden("This webhook is not valid") from None
        try:
            push = read(request.get_json(silent=True) or {})
        except (KeyError, IndexError, TypeError, AttributeError):
            raise Invalid("Bad Request") from None
        if push.committish not in ("", _NO_COMMIT):
            webhooks.rebuild_pushed(tx, project, push, name)
    return "OK", 200


def _from_github(sent: Mapping[str, Any]) -> Push:
    is_tag = sent.get("ref_type") == "tag"
    ref = str(sent.get("ref", ""))
    return Push(
        clone_url=str(sent["repository"]["clone_url"]),
        ref=ref,
        committish=ref if is_tag else str(sent.get("after", "")),
        is_tag=is_tag,
        changed=_changed(sent),
    )


def _from_gitlab(sent: Mapping[str, Any]) -> Push:
    is_tag = sent.get("object_kind") == "tag_push"
    ref = str(sent.get("ref", ""))
    if is_tag:
        ref = ref.removeprefix("refs/tags/")
    return Push(
        clone_url=str(sent["project"]["git_http_url"]),
        ref=ref,
        committish=ref if is_tag and sent.get("after") != _NO_COMMIT else str(sent.get("after", "")),
        is_tag=is_tag,
        changed=_changed(sent),
    )


def _from_bitbucket(sent: Mapping[str, Any]) -> Push:
    new = sent["push"]["changes"][0]["new"] or {"type": "branch", "name": "", "target": {"hash": _NO_COMMIT}}
    is_tag = new["type"] == "tag"
    return Push(
        clone_url=str(sent["repository"]["links"]["html"]["href"]),
        ref=str(new["name"]),
        committish=str(new["name"] if is_tag else new["target"]["hash"]),
        is_tag=is_tag,
        changed=None,
    )


def _changed(sent: Mapping[str, Any]) -> list[str] | None:
    """The files that the commits of a push have touched; None if there are no commits to tell."""
    paths = [
        str(path)
        for commit in sent.get("commits") or ()
        for kind in ("added", "modified", "removed")
        for path in commit[kind]
    ]
    return paths or None
