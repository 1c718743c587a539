"""Webhooks: the endpoints below `/webhooks` that GitHub, GitLab, Bitbucket and others call after a push.

They do not belong to an API. The secret in the URL is the only authentication. A response is one word or the
id of a build, in plain text. A request has the form of the service that sends it. A wrong URL gives an HTML
error page, as in the real Copr frontend; only custom webhooks answer with a word. The rules are in
`rules.webhooks`.

- github: events `push` (branches) and `create` (tags), which the header `X-GitHub-Event` names. Gitea and
  Forgejo send the same events. The body is JSON, or a form with JSON in its field `payload`.
- gitlab: events `push` and `tag_push`.
- bitbucket: event `repo:push`, which does not list the changed files and can have several changes.
- Other events get the response "OK", and build nothing.
- custom: any body. For a package with a custom script, the script finds the body in the file `hook_payload`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, json, request
from werkzeug import exceptions as http

from ..data.database import Transaction
from ..data.models import Build, Package, Project
from ..rules import deliveries, packages, project_dirs, projects, webhooks
from ..rules.deliveries import Delivery
from ..rules.errors import Forbidden, Invalid, NotFound, RuleError
from ..rules.webhooks import Push
from ..wire.context import LARGEST_BODY, reading, writing
from . import forge_payloads

_EVENT = "X-GitHub-Event"
_GITLAB_EVENT = "X-Gitlab-Event"
_BITBUCKET_EVENT = "X-Event-Key"

hooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")

Answer = tuple[str, int]
Result = tuple[Answer, dict[str, Any]]  # with fields of the delivery
Find = Callable[[Transaction], Project]
Act = Callable[[Transaction, Project], Result]
Read = Callable[[Mapping[str, Any]], Sequence[Push]]

_OTHER_EVENT = "Only pushes and new tags build something."
_MORE_BUILDS = "It started more builds, too."
_NO_COMMITS = "There is nothing to build: it has no commits, or a branch or tag was deleted."
_IN_WORDS = {  # what errors for programs mean
    "Bad Request": "The body is not one of this forge. Is its content type JSON?",
    "PACKAGE_NAME_REQUIRED": "The URL does not name a package.",
    "PACKAGE_NOT_FOUND": "The project does not have this package.",
    "CANT_CREATE_DIRECTORY": "The name of the directory is not valid.",
}


@hooks.errorhandler(RuleError)
def refused(error: RuleError) -> Answer:
    """Return the response for a rule that refused a webhook.

    :param error: error of the rule; its text is one word, such as `PACKAGE_NOT_FOUND`.
    :returns: the text, and the HTTP status: 404, 403 or 400.
    """
    return f"{error}\n", _status(error)


def _status(error: RuleError) -> int:
    return {NotFound: 404, Forbidden: 403, Invalid: 400}.get(type(error), 400)


@hooks.post("/github/<int:project_id>/<secret>")
@hooks.post("/github/<int:project_id>/<secret>/<name>")
def github(project_id: int, secret: str, name: str | None = None) -> Answer:
    """Rebuild packages after a push to a repository on GitHub.

    :param project_id: id of the project.
    :param secret: webhook secret of the project.
    :param name: package to rebuild for any tag; without it, the tag must name the package.
    :returns: "OK" and 200. A missing event header gives 400, a wrong secret 403, an unknown project 404.
    :raises Invalid: the body is not one of GitHub's, or a package cannot be rebuilt.
    :source: `POST /webhooks/github/{project_id}/{secret}/{name}`;
        https://docs.github.com/en/webhooks/webhook-events-and-payloads
    """
    if _EVENT not in request.headers:
        raise http.BadRequest
    event = request.headers[_EVENT]
    read = forge_payloads.from_github if event in ("push", "create") else None
    return _of_forge(project_id, secret, name, Delivery(_sender(), event), read)


def _sender() -> str:
    """Return which of the forges that send events as GitHub does has sent the request."""
    if "X-Forgejo-Event" in request.headers:
        return "forgejo"
    return "gitea" if "X-Gitea-Event" in request.headers else "github"


@hooks.post("/gitlab/<int:project_id>/<secret>")
@hooks.post("/gitlab/<int:project_id>/<secret>/<name>")
def gitlab(project_id: int, secret: str, name: str | None = None) -> Answer:
    """Rebuild packages after a push to a repository on a GitLab.

    :param project_id: id of the project.
    :param secret: webhook secret of the project.
    :param name: package to rebuild for any tag; without it, the tag must name the package.
    :returns: "OK" and 200. A wrong secret gives status 403, an unknown project 404.
    :raises Invalid: the body is not one of GitLab's, or a package cannot be rebuilt.
    :source: `POST /webhooks/gitlab/{project_id}/{secret}/{name}`;
        https://docs.gitlab.com/user/project/integrations/webhook_events/
    """
    event = request.headers.get(_GITLAB_EVENT, "push")
    return _of_forge(project_id, secret, name, Delivery("gitlab", event), forge_payloads.from_gitlab)


@hooks.post("/bitbucket/<int:project_id>/<secret>")
@hooks.post("/bitbucket/<int:project_id>/<secret>/<name>")
def bitbucket(project_id: int, secret: str, name: str | None = None) -> Answer:
    """Rebuild packages after a push to a repository on Bitbucket.

    :param project_id: id of the project.
    :param secret: webhook secret of the project.
    :param name: package to rebuild for any tag; without it, the tag must name the package.
    :returns: "OK" and 200. A wrong secret gives status 403, an unknown project 404.
    :raises Invalid: the body is not one of Bitbucket's, or a package cannot be rebuilt.
    :source: `POST /webhooks/bitbucket/{project_id}/{secret}/{name}`;
        https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/
    """
    event = request.headers.get(_BITBUCKET_EVENT, "repo:push")
    read = forge_payloads.from_bitbucket if event == "repo:push" else None
    return _of_forge(project_id, secret, name, Delivery("bitbucket", event), read)


@hooks.post("/custom/<int:project_id>/<secret>")
@hooks.post("/custom/<int:project_id>/<secret>/<name>")
def custom(project_id: int, secret: str, name: str | None = None) -> Answer:
    """Rebuild one package when any other program asks for it.

    :param project_id: id of the project.
    :param secret: webhook secret of the project.
    :param name: package to rebuild; required.
    :returns: id of the new build and 200. 500 if the project has no chroots; "SKIPPED" for a ping of GitHub.
    :raises NotFound: the project or the package does not exist.
    :raises Forbidden: the secret is wrong.
    :raises Invalid: no package is named, or it has no source that can be rebuilt.
    :source: `POST /webhooks/custom/{project_id}/{secret}/{name}`
    """

    def act(tx: Transaction, project: Project) -> Result:
        if name is None:
            raise Invalid("PACKAGE_NAME_REQUIRED")
        return _built(tx, _package(tx, project, name), None)

    return _delivered(_known(project_id, secret), _custom(name), act)


@hooks.post("/custom-dir/<ownername>/<dirname>/<secret>/<name>")
def custom_dir(ownername: str, dirname: str, secret: str, name: str) -> Answer:
    """Rebuild one package into a folder of the project when any other program asks for it.

    :param ownername: name of the user, or of the group with its @.
    :param dirname: name of the folder (`hello:custom:next`); it is created if it does not exist.
    :param secret: webhook secret of the project.
    :param name: package to rebuild.
    :returns: id of the new build and 200. 500 if the project has no chroots; "SKIPPED" for a ping of GitHub.
    :raises NotFound: the project or the package does not exist.
    :raises Forbidden: the secret is wrong.
    :raises Invalid: `dirname` is not a valid name, or the package has no source that can be rebuilt.
    :source: `POST /webhooks/custom-dir/{ownername}/{dirname}/{secret}/{name}`
    """

    def find(tx: Transaction) -> Project:
        project = projects.find(tx, ownername, dirname.partition(":")[0])
        if project is None:
            raise NotFound("PROJECT_NOT_FOUND")
        try:
            webhooks.check_secret(project, secret)
        except Forbidden:
            _package(tx, project, name)  # the real Copr frontend looks for the package first
            raise
        return project

    def act(tx: Transaction, project: Project) -> Result:
        package = _package(tx, project, name)
        try:
            project_dirs.check_dir(project, dirname)
        except Invalid as error:
            raise Invalid("CANT_CREATE_DIRECTORY") from error
        return _built(tx, package, dirname)

    return _delivered(find, _custom(name), act)


def _known(project_id: int, secret: str) -> Find:
    return lambda tx: webhooks.get_project(tx, project_id, secret)


def _custom(name: str | None) -> Delivery:
    return Delivery("custom", "ping" if _is_ping() else "call", name or "")


def _delivered(find: Find, delivery: Delivery, act: Act) -> Answer:
    """Carry out a delivery and record it. One without the project's secret leaves no trace.

    :param find: returns the project, after a check of the secret.
    :param delivery: what is known of the delivery before.
    :param act: returns the response, and what to record.
    """
    try:
        with writing() as tx:
            project = find(tx)
            answer, did = act(tx, project)
            deliveries.record(tx, project, replace(delivery, status=answer[1], **did))
            return answer
    except RuleError as error:
        _record_refusal(find, delivery, error)
        raise


def _record_refusal(find: Find, delivery: Delivery, error: RuleError) -> None:
    text = _IN_WORDS.get(str(error), str(error))
    _record(find, replace(delivery, status=_status(error), text=text))


def _record(find: Find, delivery: Delivery) -> None:
    """Record a delivery that changed nothing, if it has the project's secret."""
    with suppress(RuleError), writing() as tx:
        deliveries.record(tx, find(tx), delivery)


def _package(tx: Transaction, project: Project, name: str) -> Package:
    package = packages.find(tx, project, name)
    if package is None:
        raise NotFound("PACKAGE_NOT_FOUND")
    return package


def _is_ping() -> bool:
    return request.headers.get(_EVENT) == "ping"


def _built(tx: Transaction, package: Package, dirname: str | None) -> Result:
    if _is_ping():
        return ("SKIPPED\n", 200), {"text": "A ping builds nothing."}
    if not package.project.chroots:
        return ("NO_ACTIVE_CHROOTS_IN_PROJECT\n", 500), {"text": "The project has no chroots."}
    if package.source_type != "custom":
        return _started(webhooks.rebuild(tx, package, {}, dirname))
    with tx.data_folder.incoming_file() as file:
        file.write(request.get_data())
        with tx.data_folder.adopting(file, webhooks.PAYLOAD) as place:
            parameters = {"tmp": place.parent.name, "hook_data": True}
            return _started(webhooks.rebuild(tx, package, parameters, dirname))


def _started(build: Build) -> Result:
    return (f"{build.id}\n", 200), {"builds": [build.id]}


def _of_forge(
    project_id: int, secret: str, name: str | None, delivery: Delivery, read: Read | None
) -> Answer:
    """Rebuild the packages that a push concerns. Other events, without `read`, build nothing."""
    find = _known(project_id, secret)
    if read is None:
        _record(find, replace(delivery, text=_OTHER_EVENT))
        return "OK", 200
    try:
        with reading() as tx:
            find(tx)
        try:
            pushes = _pushes(read)
        except Invalid as error:
            _record_refusal(find, delivery, error)
            raise
        return _delivered(find, delivery, partial(_pushed, pushes, name))
    except NotFound:
        raise http.NotFound(f"Project with id {project_id} does not exist.") from None
    except Forbidden:
        raise http.Forbidden("This webhook is not valid") from None


def _pushes(read: Read) -> Sequence[Push]:
    """Return the pushes of a payload. It can be large, so this is done without the write lock."""
    try:
        return read(_payload())
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError):
        raise Invalid("Bad Request") from None


def _pushed(pushes: Sequence[Push], name: str | None, tx: Transaction, project: Project) -> Result:
    reference = ", ".join(push.ref.removeprefix("refs/heads/") for push in pushes)
    wanted = [push for push in pushes if push.committish]
    started = webhooks.rebuild_pushed(tx, project, wanted, name)
    if started:
        text = _MORE_BUILDS if len(started) > deliveries.LINKED else ""
    elif wanted:
        text = webhooks.why_nothing(tx, project, wanted)
    else:
        text = _NO_COMMITS if pushes else _OTHER_EVENT
    return ("OK", 200), {"reference": reference, "builds": started[: deliveries.LINKED], "text": text}


def _payload() -> Mapping[str, Any]:
    """Return the payload of the request: JSON, or the field `payload` of a form."""
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_form_memory_size = LARGEST_BODY
        sent: Mapping[str, Any] = json.loads(request.form.get("payload", "{}"))
        return sent
    return request.get_json(silent=True) or {}
