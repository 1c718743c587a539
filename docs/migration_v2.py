"""The tables of the migration page for client v2: methods, costs, differences.

Rules: data only. `make_migration.py` makes the page of it; tests compare it with what the client sends and
receives.
"""

from __future__ import annotations

#: Each method of client v2; what does the same in `copr.v3`; and how many calls of API v3 it needs if the
#: service has no API v2. COSTS explains the letters.
METHODS: tuple[tuple[str, str, str], ...] = (
    (
        "create_client2_from_params(root_url, login, token)",
        '`Client({"copr_url": root_url, "login": login, "token": token})`',
        "2, or 1 if `bridge` is set",
    ),
    (
        "create_client2_from_file_config(filepath)",
        "`Client.create_from_config_file(filepath)`",
        "2, or 1 if `bridge` is set",
    ),
    ("cl.projects.get_list(owner=owner)", "`project_proxy.get_list(owner)`", "1"),
    ("cl.projects.get_list(owner=owner, name=name)", "`project_proxy.get(owner, name)`", "1"),
    ("cl.projects.get_list(name=name)", "`project_proxy.search(name)`", "1 to 3"),
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
        "the same, then `project_chroot_proxy.edit(owner, name, chroot, additional_packages)`",
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
    ("objects.next_page()", "`copr.v3.next_page(objects)`", "as for the list before it"),
    ("project.update(), chroot.update()", "the proxy's `edit`", "as for the handle's method"),
    ("build.get_self(), project.get_self(), task.get_self()", "the proxy's `get`", "as for `get_one`"),
    ("build.is_finished()", '`build.state in ("succeeded", "failed", "canceled", "skipped", "forked")`', "0"),
    ("result.is_successful()", "a failed call raises an exception", "0"),
)

#: The meaning of the letters in the costs.
COSTS: tuple[tuple[str, str], ...] = (
    (
        "p",
        "0 if this client has seen the project's id in a response; else at most log2(projects / 100) + 1, "
        "once: a binary search in the listing of all projects, which is ordered by id",
    ),
    ("b", "2 or 3, in parallel: the source, the built packages, and whether the network was enabled"),
    ("q", "0 if this client has seen the build's project in a response; else 2, once"),
)

#: What differs over API v3: where, what is returned there, and why.
DIFFERENCES: tuple[tuple[str, str, str], ...] = (
    ("`git_hash` of a build task", "None", "API v3 does not show the commit in dist-git"),
    (
        "`comps` and `comps_len` of a project chroot",
        "None and 0, even if `comps_name` names a file; `update()` then does not change the file",
        "API v3 accepts the file but does not return it",
    ),
    (
        "`projects.get_list(owner=user)`, and listings of an owner's builds and tasks",
        "without group projects that the user created",
        "API v3 does not show who created a project",
    ),
    (
        "`builds.get_list(owner=owner)` of an owner who has no projects",
        "RequestError (404), as for an unknown owner",
        "API v3 gives the same response for both",
    ),
    (
        "`projects.get_list(name=name)` without an owner",
        "needs three letters or more",
        "it is a search in API v3, which needs them",
    ),
    (
        "`projects.get_list(name=name)` without an owner, for a new project of somebody else",
        "is not found until the service renews the index of its search, about once an hour",
        "it is a search in API v3; only the project of the user who asks is requested by its name",
    ),
    (
        "`projects.create` for another user",
        "AuthError (403)",
        "API v2 ignores the owner and creates the project for the user who is logged in",
    ),
    (
        "unknown chroots, or none, in `projects.create`; unknown ones in `builds.create_from_url` and "
        "`create_from_file`",
        "RequestError (400)",
        "API v2 ignores them silently",
    ),
    (
        "an update that empties a project's homepage or contact",
        "RequestError (501) after the rest was changed",
        "API v3 ignores empty values there",
    ),
    (
        "disabling the last chroot of a project",
        "RequestError (501)",
        "for API v3, an empty list of chroots means no change",
    ),
    (
        "disabling a chroot while builds for it are not finished",
        "RequestError (409)",
        "API v2 lets the builds continue; API v3 keeps the chroot until they have finished",
    ),
    (
        "`mock_chroots.get_list(active_only=False)`",
        "only active chroots; RequestError (404) for an inactive one",
        "API v3 lists only active chroots",
    ),
    (
        "`builds.get_list()` and `build_tasks.get_list()` without a project",
        "RequestError (501) if there are more than 500 projects to search",
        "API v3 lists builds by project only",
    ),
    (
        "texts of errors for invalid values",
        "the texts of API v3, with the same exception class and status",
        "the service writes them",
    ),
    (
        "`enable_net` of a build without chroots, or with deleted ones, that another client submitted",
        "the setting of its project",
        "API v3 shows it per chroot",
    ),
)

#: The text before the tables.
NOTES = """\
Client v2 identifies a project by its id. API v3 shows the id, but takes the owner and the name. Over API
v3, an id is translated like this:

- The client remembers each project that it has seen in a response, for example in a list.
- For any other id, it does a binary search in the listing of all projects, which is ordered by id, 100
  projects per request. In a service with 30,000 projects this costs nine requests, once.
- If the project was deleted since, and another project has its name now, `get_one` and `delete` notice it
  by the id. `update` and new builds go to the owner and name that the client remembers.

So ids in old scripts keep their meaning on the same service. One thing cannot work: a project that the
service does not list for everybody is not found by its id alone. It is found after this client has seen
it, for example with `cl.projects.get_list(owner=owner)`.

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
