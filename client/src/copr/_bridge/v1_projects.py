"""Projects and their chroots, as API v1 has them, over API v3.

Rules: those of `routes`. A plan that needs a project's number is handed what finds it (`ids`) first.
"""

from __future__ import annotations

from .._errors import CoprNoResultException
from .._typing import Any
from .._wire import Call, Plan, Reply, Together
from ..v3.calls import build, project, project_chroot, submit, webhook
from . import early
from .ids import ProjectIds
from .routes import Inexpressible, answer
from .v1_forms import chroots, switch, words

Document = dict[str, Any]

#: Fields of a new project's form that do not choose a chroot.
_FIELDS = """
    username name repos initial_pkgs description instructions disable_createrepo unlisted_on_hp
    build_enable_net persistent auto_prune use_bootstrap_container
"""


def detail(call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """A project by itself."""
    newest = {"limit": 1}
    found, builds, successes = yield Together(
        [
            project.get(owner, name),
            build.get_list(owner, name, pagination=newest),
            build.get_list(owner, name, status="succeeded", pagination=newest),
        ],
        3,
    )
    shown = _in_list(found)
    shown["yum_repos"] = found.chroot_repos if builds else {}
    return {
        "output": "ok",
        "detail": {
            **shown,
            "last_modified": successes[0].ended_on if successes else None,
            "auto_createrepo": not found.devel_mode,
            "use_bootstrap_container": early.uses_bootstrap(found),
        },
    }


def by_owner(call: Call[Any], owner: str) -> Plan[Document]:
    """An owner's projects."""
    found = yield from project.get_list(owner)
    return {"output": "ok", "repos": [_in_list(each) for each in found]}


def search(call: Call[Any], query: str) -> Plan[Document]:
    """Projects in which words are found."""
    found = yield from project.search(query)
    return {
        "output": "ok",
        "repos": [
            {"username": each.ownername, "coprname": each.name, "description": each.description}
            for each in found
        ],
    }


def new(call: Call[Any], owner: str) -> Plan[Document]:
    """A new project, of a group or of the user who asks, whoever the path names."""
    form = call.form or {}
    if not owner.startswith("@"):
        owner = form.get("username") or owner
    yield from project.add(
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
    return {"output": "ok", "message": message}


def modify(call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Change a project."""
    form = call.form or {}
    changed = yield from project.edit(
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
    return {
        "output": "ok",
        "description": changed.description,
        "instructions": changed.instructions,
        "repos": " ".join(changed.additional_repos),
        "chroots": list(changed.chroot_repos),
    }


def delete(call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Delete a project."""
    yield from project.delete(owner, name)
    return {"output": "ok", "message": f"Project {name} has been deleted."}


def fork(call: Call[Any], owner: str, name: str) -> Plan[Document | Reply]:
    """Copy a project.

    Where the copy is a group's, API v3 looks for its name among the user's own projects: it refuses a new one
    for the sake of a namesake, and takes no leave to copy into one that is there. So that is done here.
    """
    form = call.form or {}
    confirm, into_group = bool(switch(form, "confirm")), form["owner"].startswith("@")
    here, there = f"{owner}/{name}", f"{form['owner']}/{form['name']}"
    is_there = False
    if confirm or into_group:
        try:
            yield from project.get(form["owner"], form["name"])
            is_there = True
        except CoprNoResultException:
            pass
    if is_there and not confirm:
        ask = "Please use --confirm if you really want to do this"
        error = f"You are about to fork into existing project: {there}\n{ask}"
        return answer(400, {"output": "notok", "error": error}, call.path)
    yield from project.fork(owner, name, form["owner"], form["name"], confirm or into_group)
    done = f"Forking project {here} for you into {there}."
    if is_there:
        done = f"Updating packages in {here} from {there}."
    wait = "Please be aware that it may take a few minutes to duplicate backend data."
    return {"output": "ok", "message": f"{done}\n{wait}"}


def new_webhook_secret(call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Replace a webhook secret."""
    made = yield from webhook.generate(owner, name)
    return {"output": "ok", "message": f"Generated new token: {made.webhook_secret}"}


def chroot_packages(call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """What is installed before builds in a chroot."""
    found = yield from project_chroot.get(owner, name, chroot)
    return {"output": "ok", "buildroot_pkgs": " ".join(found.additional_packages)}


def modify_chroot(call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """Change what is installed before builds in a chroot."""
    packages = (call.form or {}).get("buildroot_pkgs", "")
    changed = yield from project_chroot.edit(owner, name, chroot, additional_packages=packages)
    return {"output": "ok", "buildroot_pkgs": " ".join(changed.additional_packages)}


def get_chroot(ids: ProjectIds, call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """The settings of a chroot."""
    found = yield from project_chroot.get(owner, name, chroot)
    number = yield from ids.number_of(owner, name)
    return {"output": "ok", "chroot": _chroot(found, number)}


def edit_chroot(ids: ProjectIds, call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """Change the settings of a chroot."""
    form = call.form or {}
    changed = yield from project_chroot.edit(
        owner,
        name,
        chroot,
        additional_packages=form.get("buildroot_pkgs"),
        additional_repos=form.get("repos"),
        comps=call.files[0].path if call.files else None,
        delete_comps=bool(switch(form, "delete_comps")),
    )
    number = yield from ids.number_of(owner, name)
    return {
        "output": "ok",
        "message": "Edit chroot operation was successful.",
        "chroot": _chroot(changed, number),
    }


def build_config(call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """What builds in a chroot are made with."""
    config, found = yield Together(
        [project_chroot.get_build_config(owner, name, chroot), project.get(owner, name)], 2
    )
    return {
        "output": "ok",
        "build_config": {
            "project_id": f"{owner.replace('@', 'group_')}-{name}",
            "chroot": chroot,
            "additional_packages": config.additional_packages,
            "repos": [
                {"id": each.id, "name": each.name, "baseurl": each.baseurl, "url": each.baseurl}
                for each in config.repos
            ],
            "use_bootstrap_container": early.uses_bootstrap(found),
            "with_opts": config.with_opts,
            "without_opts": config.without_opts,
        },
    }


def module_repo(call: Call[Any]) -> Plan[Document]:
    """The repository of a module, for which there was no endpoint in 2020 either."""
    raise Inexpressible(
        "Today's Copr services have no modules, and no repositories of modules; the repository of a chroot "
        "is among the `chroot_repos` of copr.v3.Client.project_proxy.get."
    )


def _in_list(found: Any) -> Document:
    return {
        "name": found.name,
        "additional_repos": " ".join(found.additional_repos),
        "yum_repos": found.chroot_repos,
        "description": found.description,
        "instructions": found.instructions,
        "persistent": found.persistent,
        "unlisted_on_hp": found.unlisted_on_hp,
        "auto_prune": found.auto_prune,
    }


def _chroot(found: Any, number: int) -> Document:
    return {
        "mock_chroot": found.mock_chroot,
        "copr_id": number,
        "buildroot_pkgs": " ".join(found.additional_packages),
        "repos": " ".join(found.additional_repos),
        "comps_name": found.comps_name,
        "with_opts": " ".join(found.with_opts),
        "without_opts": " ".join(found.without_opts),
    }
