"""What the documentation says of client v2: what each method is today, what it costs, what differs.

Rules: data, from which the migration page is made; tests hold it against what is sent and answered.
"""

from __future__ import annotations

#: Each method of client v2; what does the same in `copr.v3` (a proxy is one of its client's); and how many
#: calls of API v3 it takes where the service has no API v2. The letters are explained in COSTS.
METHODS: tuple[tuple[str, str, str], ...] = (
    (
        "create_client2_from_params(root_url, login, token)",
        '`Client({"copr_url": root_url, "login": login, "token": token})`',
        "2, or 1 where `bridge` is set",
    ),
    (
        "create_client2_from_file_config(filepath)",
        "`Client.create_from_config_file(filepath)`",
        "2, or 1 where `bridge` is set",
    ),
    ("cl.projects.get_list(owner=owner)", "`project_proxy.get_list(owner)`", "1"),
    ("cl.projects.get_list(owner=owner, name=name)", "`project_proxy.get(owner, name)`", "1"),
    ("cl.projects.get_list(name=name)", "`project_proxy.search(name)`", "1"),
    ("cl.projects.get_list(search_query=words)", "`project_proxy.search(words)`", "1"),
    ("cl.projects.get_one(project_id)", "`project_proxy.get(owner, name)`", "1 + p"),
    ("cl.projects.create(name, owner, chroots)", "`project_proxy.add(owner, name, chroots)`", "2"),
    ("cl.projects.update(project_entity)", "`project_proxy.edit(owner, name, description=...)`", "1 + p"),
    ("cl.projects.delete(project_id)", "`project_proxy.delete(owner, name)`", "2 + p"),
    (
        "cl.project_chroots.get_list(project)",
        "`project_chroot_proxy.get(owner, name, chroot)`, for each of the project's `chroot_repos`",
        "1 + one for each chroot + p",
    ),
    ("cl.project_chroots.get_one(project, name)", "`project_chroot_proxy.get(owner, name, chroot)`", "1 + p"),
    (
        "cl.project_chroots.enable(project, name)",
        "`project_proxy.edit(owner, name, chroots=[*all, chroot])`",
        "2 + p",
    ),
    (
        "cl.project_chroots.enable(project, name, buildroot_pkgs)",
        "`project_chroot_proxy.edit(owner, name, chroot, additional_packages)`, after that",
        "3 + p",
    ),
    (
        "cl.project_chroots.update(project, chroot_entity)",
        "`project_chroot_proxy.edit(owner, name, chroot, additional_packages, comps=path)`",
        "2 + p",
    ),
    (
        "cl.project_chroots.disable(project, name)",
        "`project_proxy.edit(owner, name, chroots=others)`",
        "2 + p",
    ),
    (
        "cl.builds.get_list(project_id=project_id)",
        "`build_proxy.get_list(owner, name)`",
        "1 + b for each build + p",
    ),
    (
        "cl.builds.get_list(owner=owner)",
        "`build_proxy.get_list(owner, name)`, for each project",
        "1 + one for each project + b for each build",
    ),
    ("cl.builds.get_one(build_id)", "`build_proxy.get(build_id)`", "2 + b"),
    (
        "cl.builds.create_from_url(project_id, srpm_url)",
        "`build_proxy.create_from_url(owner, name, url)`",
        "3 + b + p",
    ),
    (
        "cl.builds.create_from_file(project_id, file_path)",
        "`build_proxy.create_from_file(owner, name, path)`",
        "3 + b + p",
    ),
    ("cl.builds.cancel(build_entity)", "`build_proxy.cancel(build_id)`", "1"),
    ("cl.builds.delete(build_id)", "`build_proxy.delete(build_id)`", "1"),
    ("cl.build_tasks.get_list(build_id=build_id)", "`build_chroot_proxy.get_list(build_id)`", "2 + q"),
    (
        "cl.build_tasks.get_list(project_id=project_id)",
        "`build_chroot_proxy.get_list(build_id)`, for each build",
        "2 + one for each build that is needed + p",
    ),
    ("cl.build_tasks.get_one(build_id, chroot_name)", "`build_chroot_proxy.get(build_id, chroot)`", "1 + q"),
    ("cl.mock_chroots.get_list()", "`mock_chroot_proxy.get_list()`", "1"),
    ("cl.mock_chroots.get_one(name)", "`name in client.mock_chroot_proxy.get_list()`", "1"),
    ("objects.next_page()", "`copr.v3.next_page(objects)`", "as the list before it"),
    ("project.update(), chroot.update()", "the proxy's `edit`", "as the handle's method"),
    ("build.get_self(), project.get_self(), task.get_self()", "the proxy's `get`", "as `get_one`"),
    ("build.is_finished()", '`build.state in ("succeeded", "failed", "canceled", "skipped", "forked")`', "0"),
    ("result.is_successful()", "a failed call raises an exception", "0"),
)

#: What the letters in the costs stand for.
COSTS: tuple[tuple[str, str], ...] = (
    (
        "p",
        "0 where the project's number was met in an answer to this client; else at most log2(projects / 100) "
        "+ 1, once: the listing of all projects is in the order of their numbers, and is searched by halving",
    ),
    ("b", "2 or 3, side by side: what the source is, what was built, and with or without a network"),
    ("q", "0 where the build's project was met in an answer to this client; else 2, once"),
)

#: What is not the same over API v3: where, what is answered there, and why.
DIFFERENCES: tuple[tuple[str, str, str], ...] = (
    ("`git_hash` of a build task", "None", "API v3 does not tell the commit in dist-git"),
    (
        "`comps` and `comps_len` of a project chroot",
        "None and 0, where `comps_name` says that there is a file; `update()` then leaves the file alone",
        "API v3 takes the file but does not give it back",
    ),
    (
        "`projects.get_list(owner=user)`, and listings of an owner's builds and tasks",
        "without the group projects that the user made",
        "API v3 does not tell who made a project",
    ),
    (
        "`builds.get_list(owner=owner)` of an owner who has no projects",
        "RequestError (404), as of an owner whom the service does not know",
        "API v3 does not tell the one from the other",
    ),
    (
        "`projects.get_list(name=name)` without an owner",
        "needs three letters or more",
        "it is a search over API v3, which needs them",
    ),
    (
        "`projects.create` for another user",
        "AuthError (403)",
        "API v2 takes no notice of the owner and creates the project for whoever is logged in",
    ),
    (
        "unknown chroots, or none, in `projects.create`; unknown ones in `builds.create_from_url` and "
        "`create_from_file`",
        "RequestError (400)",
        "API v2 leaves them out without a word",
    ),
    (
        "a project's homepage or contact that is emptied",
        "RequestError (501) after the rest was changed",
        "API v3 keeps them when they are empty",
    ),
    (
        "a project's last chroot that is disabled",
        "RequestError (501)",
        "API v3 takes an empty list of chroots for no change",
    ),
    (
        "a chroot that is disabled while builds for it are not over",
        "RequestError (409)",
        "API v2 lets the builds go on; API v3 does not drop the chroot before they are over",
    ),
    (
        "`mock_chroots.get_list(active_only=False)`",
        "only the active ones; RequestError (404) for one that is not",
        "API v3 lists only these",
    ),
    (
        "`builds.get_list()` and `build_tasks.get_list()` without a project",
        "RequestError (501) where there are more than 500 projects to look into",
        "API v3 lists builds by project only",
    ),
    (
        "the texts of refused values",
        "API v3's, with the same class and status",
        "they are the service's own",
    ),
    (
        "`enable_net` of a build that has no chroots, or whose chroots are gone, and was not submitted by "
        "this client",
        "that of its project",
        "API v3 tells it by chroot",
    ),
)

#: What else there is to say.
NOTES = """\
Client v2 knows projects by their numbers; API v3 shows a project's number, but is asked by owner and
name. Over API v3 a number is translated so:

- What was met in any answer to this client, such as a list or a creation, is remembered as long as the
  client lives.
- Any other number is looked for in the listing of all projects, which is in the order of their numbers:
  by halving, 100 projects at a time. A service with 30,000 projects is asked nine times, once.
- Where a project was deleted since, and another one has its name, `get_one` and `delete` notice by the
  number. `update` and new builds go to the owner and name that were met.

So numbers in old scripts go on meaning what they meant, on the same service. What cannot work: a project
that the service does not list for everybody is not found by its number alone. It is found where this
client met it, for example by `cl.projects.get_list(owner=owner)`.

```python
from copr import create_client2_from_file_config

cl = create_client2_from_file_config()
(project,) = cl.projects.get_list(owner="alice", name="hello")
project.description = "As old scripts do it"
project.update()
```

```python
from copr.v3 import Client

client = Client.create_from_config_file()
client.project_proxy.edit("alice", "hello", description="As new scripts do it")
```
"""
