"""Plans for API v1's calls on projects."""

from __future__ import annotations

from ..._errors import CoprNoResultException
from ..._typing import Any
from ..._wire import Call, Plan, Together
from ...v3.calls import build, submit, webhook
from ...v3.calls import project as calls
from ..memory import Memory
from ..routes import Refused
from . import render
from .render import Document
from .requests import chroots, switch, words

#: The fields of a new project's form; every other field is the name of a chroot.
_FIELDS = """
    username name repos initial_pkgs description instructions disable_createrepo unlisted_on_hp
    build_enable_net persistent auto_prune use_bootstrap_container
"""


def get(memory: Memory, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Return one project."""
    newest = {"limit": 1}
    found, builds, successes = yield Together(
        [
            calls.get(owner, name),
            build.get_list(owner, name, pagination=newest),
            build.get_list(owner, name, status="succeeded", pagination=newest),
        ],
        3,
    )
    return render.project_detail(found, builds, successes)


def get_list(memory: Memory, call: Call[Any], owner: str) -> Plan[Document]:
    """Return an owner's projects."""
    found = yield from calls.get_list(owner)
    return render.done(repos=[render.project(each) for each in found])


def search(memory: Memory, call: Call[Any], query: str) -> Plan[Document]:
    """Return the projects that match some words."""
    found = yield from calls.search(query)
    return render.done(repos=[render.project_found(each) for each in found])


def add(memory: Memory, call: Call[Any], owner: str) -> Plan[Document]:
    """Create a project of a group or of the caller; another user in the path is ignored."""
    form = call.form or {}
    if not owner.startswith("@"):
        owner = form.get("username") or owner
    yield from calls.add(
        owner,
        form["name"],
        chroots(form, _FIELDS),
        description=form.get("description"),
        instructions=form.get("instructions"),
        additional_repos=words(form, "repos"),
        unlisted_on_hp=bool(switch(form, "unlisted_on_hp")),
        enable_net=bool(switch(form, "build_enable_net")),
        persistent=bool(switch(form, "persistent")),
        auto_prune=switch(form, "auto_prune") is not False,
        use_bootstrap_container=switch(form, "use_bootstrap_container") or None,
        devel_mode=bool(switch(form, "disable_createrepo")),
    )
    message = "New project was successfully created."
    if packages := words(form, "initial_pkgs"):
        yield from submit.create_from_urls(owner, form["name"], packages)
        message += "\nInitial packages were successfully submitted for building."
    return render.done(message=message)


def edit(memory: Memory, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Change a project."""
    form = call.form or {}
    changed = yield from calls.edit(
        owner,
        name,
        chroots=words(form, "chroots"),
        description=form.get("description"),
        instructions=form.get("instructions"),
        additional_repos=words(form, "repos"),
        unlisted_on_hp=switch(form, "unlisted_on_hp"),
        enable_net=switch(form, "build_enable_net"),
        auto_prune=switch(form, "auto_prune"),
        use_bootstrap_container=switch(form, "use_bootstrap_container"),
        devel_mode=switch(form, "disable_createrepo"),
    )
    return render.project_changed(changed)


def delete(memory: Memory, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Delete a project."""
    yield from calls.delete(owner, name)
    return render.done(message=f"Project {name} has been deleted.")


def fork(memory: Memory, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Copy a project, into a new one or into an existing one.

    For a fork into a group, API v3 searches the target among the user's own projects. So it rejects a new
    target if the user has a project of that name, and asks for no confirmation if the group has one. The
    target is checked here instead.
    """
    form = call.form or {}
    confirm, into_group = bool(switch(form, "confirm")), form["owner"].startswith("@")
    source, target = f"{owner}/{name}", f"{form['owner']}/{form['name']}"
    exists = False
    if confirm or into_group:
        try:
            yield from calls.get(form["owner"], form["name"])
            exists = True
        except CoprNoResultException:
            pass
    if exists and not confirm:
        ask = "Please use --confirm if you really want to do this"
        raise Refused(400, f"You are about to fork into existing project: {target}\n{ask}")
    yield from calls.fork(owner, name, form["owner"], form["name"], confirm or into_group)
    done = f"Forking project {source} for you into {target}."
    if exists:
        # The real Copr frontend names the two projects in this order, although it updates the target.
        done = f"Updating packages in {source} from {target}."
    wait = "Please be aware that it may take a few minutes to duplicate backend data."
    return render.done(message=f"{done}\n{wait}")


def renew_webhook_secret(memory: Memory, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Replace a project's webhook secret."""
    made = yield from webhook.generate(owner, name)
    return render.done(message=f"Generated new token: {made.webhook_secret}")
