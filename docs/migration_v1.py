"""The tables of the migration page for the legacy client: methods, costs, differences.

Rules: data only. `make_migration.py` makes the page of it; tests compare it with what the client sends and
receives.
"""

from __future__ import annotations

#: Each method of the legacy client; what does the same in `copr.v3`; and how many calls of API v3 it needs if
#: the service has no API v1. COSTS explains the letters.
METHODS: tuple[tuple[str, str, str], ...] = (
    (
        "CoprClient(username, login, token, copr_url)",
        '`Client({"copr_url": copr_url, "login": login, "token": token, "username": username})`',
        "0",
    ),
    (
        "CoprClient.create_from_file_config(filepath)",
        "`Client.create_from_config_file(filepath)`",
        "0",
    ),
    ("authentication_check()", "`base_proxy.auth_check()`", "1"),
    ("get_projects_list(username)", "`project_proxy.get_list(owner)`", "1"),
    ("search_projects(query)", "`project_proxy.search(query)`", "1"),
    ("get_project_details(projectname, username)", "`project_proxy.get(owner, name)`", "3, in parallel"),
    ("create_project(username, projectname, chroots)", "`project_proxy.add(owner, name, chroots)`", "1 + i"),
    ("modify_project(projectname, ...)", "`project_proxy.edit(owner, name, ...)`", "1"),
    ("delete_project(projectname)", "`project_proxy.delete(owner, name)`", "1"),
    (
        "fork_project(source, projectname)",
        "`project_proxy.fork(owner, name, new_owner, new_name)`",
        "1; 2 with `confirm` or into a group",
    ),
    ("new_webhook_secret(coprname)", "`webhook_proxy.generate(owner, name)`", "1"),
    (
        "get_project_chroot_details(projectname, chrootname)",
        "`project_chroot_proxy.get(owner, name, chroot)`",
        "1",
    ),
    (
        "modify_project_chroot_details(projectname, chrootname, pkgs)",
        "`project_chroot_proxy.edit(owner, name, chroot, additional_packages)`",
        "1",
    ),
    (
        "get_chroot(projectname, ownername, chrootname)",
        "`project_chroot_proxy.get(owner, name, chroot)`",
        "1 + n",
    ),
    (
        "edit_chroot(projectname, chrootname, ...)",
        "`project_chroot_proxy.edit(owner, name, chroot, additional_packages, additional_repos, comps)`",
        "1 + n",
    ),
    (
        "get_build_config(project, chroot)",
        "`project_chroot_proxy.get_build_config(owner, name, chroot)`",
        "2, in parallel",
    ),
    ("get_build_details(build_id)", "`build_proxy.get(build_id)`", "4, in parallel"),
    ("cancel_build(build_id)", "`build_proxy.cancel(build_id)`", "1"),
    ("delete_build(build_id)", "`build_proxy.delete(build_id)`", "1"),
    (
        "create_new_build(projectname, pkgs)",
        "`build_proxy.create_from_urls(owner, name, urls)` or `create_from_file(owner, name, path)`",
        "1 for all URLs, 1 for each file",
    ),
    (
        "create_new_build_scm(projectname, clone_url, ...)",
        "`build_proxy.create_from_scm(owner, name, clone_url, ...)`",
        "1",
    ),
    (
        "create_new_build_tito(projectname, git_url, ...)",
        '`build_proxy.create_from_scm(..., source_build_method="tito")`',
        "1",
    ),
    (
        "create_new_build_mock(projectname, scm_url, spec, ...)",
        "`build_proxy.create_from_scm(..., spec=spec)`",
        "1",
    ),
    (
        "create_new_build_distgit(projectname, clone_url, branch)",
        "`build_proxy.create_from_distgit(owner, name, package, branch)` or `create_from_scm`",
        "1",
    ),
    (
        "create_new_build_pypi(projectname, pypi_package_name, ...)",
        "`build_proxy.create_from_pypi(owner, name, pypi_package_name, ...)`",
        "1",
    ),
    (
        "create_new_build_rubygems(projectname, gem_name)",
        "`build_proxy.create_from_rubygems(owner, name, gem_name)`",
        "1",
    ),
    (
        "create_new_build_custom(projectname, script, ...)",
        "`build_proxy.create_from_custom(owner, name, script, ...)`",
        "1",
    ),
    ("process_creating_new_build(projectname, data, api_endpoint)", "the method for that source", "1"),
    (
        "build_module(modulemd)",
        "`module_proxy.build_from_file(owner, name, path)` or `build_from_url`, if the service has modules",
        "1",
    ),
    (
        "get_module_repo(owner, copr, name, ...)",
        "nothing: today's services have no modules",
        "0, an error",
    ),
    ("get_packages_list(projectname)", "`package_proxy.get_list(owner, name)`", "1 + n + a for each package"),
    ("get_package(projectname, pkg_name)", "`package_proxy.get(owner, name, package)`", "1 + n + a"),
    *(
        (
            f"{verb}_package_{kind}(package_name, projectname, ...)",
            f'`package_proxy.{verb}(owner, name, package, "{source}", {{...}})`',
            "1 + n",
        )
        for kind, source in (
            ("scm", "scm"),
            ("tito", "scm"),
            ("mockscm", "scm"),
            ("pypi", "pypi"),
            ("rubygems", "rubygems"),
            ("custom", "custom"),
        )
        for verb in ("add", "edit")
    ),
    ("process_package_action(request_url, ...)", "`package_proxy.add` or `edit`", "1 + n"),
    (
        "get_package_add_url(...), get_package_edit_url(...), get_package_delete_url(...)",
        "nothing: each action has a method",
        "0",
    ),
    ("reset_package(projectname, pkg_name)", "`package_proxy.reset(owner, name, package)`", "1 + n"),
    ("delete_package(projectname, pkg_name)", "`package_proxy.delete(owner, name, package)`", "1 + n"),
    ("build_package(projectname, pkg_name)", "`package_proxy.build(owner, name, package)`", "1"),
)

#: The meaning of the letters in the costs.
COSTS: tuple[tuple[str, str], ...] = (
    ("i", "1 with `initial_pkgs`, else 0"),
    ("n", "0 if this client has seen the project's id in a response; else 1, once"),
    ("a", "one for each hundred builds of the package with `with_all_builds`, else 0"),
)

#: What differs over API v3: where, what is returned there, and why.
DIFFERENCES: tuple[tuple[str, str, str], ...] = (
    (
        "`get_projects_list(user)`",
        "without group projects that the user created; ordered by creation",
        "API v3 does not show who created a project, nor when it was last built",
    ),
    (
        "`yum_repos` in `get_projects_list`",
        "also listed before the first build",
        "the builds of each project would cost one more call per project",
    ),
    (
        "`username` in `search_projects`",
        "the group with its `@`, for a project of a group",
        "API v1 shows who created the project; API v3 does not",
    ),
    (
        "`copr_dir_id` of a package",
        "None",
        "API v3 does not show it; `max_builds` and `chroot_blacklist_raw` are None for the same reason",
    ),
    (
        "builds in a package's data (`with_latest_build` and so on)",
        "`id`, `state`, `chroots` (all with the build's state), `pkg_version`, `result_dir`, `submitted_on`, "
        "`canceled`, `is_background`, and `src_pkg` (the source RPM); the other fields are None",
        "API v3 shows only these fields of a package's builds",
    ),
    (
        "unknown chroots in `create_project` and in new builds",
        "CoprRequestException",
        "API v1 ignores them, and only `message` says so",
    ),
    (
        "`create_project` with `initial_pkgs` that the service rejects",
        "CoprRequestException after the project was created",
        "API v3 needs one call to create the project and one to submit the builds",
    ),
    (
        "`memory` of new builds",
        "ignored",
        "API v3 has no such option; API v1 has it, but ignores it too",
    ),
    (
        "`create_project` for another user by a client that has no `username`",
        "CoprRequestException",
        "API v1 creates the project for the user who is logged in; over API v3 `username` decides",
    ),
    (
        "texts of errors for invalid values",
        "the texts of API v3, with the same exception class",
        "the service writes them",
    ),
)

#: The text before the tables.
NOTES = """\
```python
from copr.client import CoprClient

cl = CoprClient.create_from_file_config()
result = cl.create_new_build("hello", pkgs=["https://example.com/hello-1-1.src.rpm"])
for build in result.builds_list:
    print(build.build_id, build.handle.get_build_details().status)
```

```python
from copr.v3 import Client

client = Client.create_from_config_file()
for build in client.build_proxy.create_from_urls("alice", "hello", ["https://example.com/hello-1-1.src.rpm"]):
    print(build.id, client.build_proxy.get(build.id).state)
```

A response of the legacy client has `data`; `copr.v3` returns a record instead. There is no `handle`: give the
names to the proxies. Errors have the same base class, `copr.exceptions.CoprException`.
"""
