"""Calls of the clients of API v1 and v2 as public programs make them, as in `call_patterns.py`.

old_call_patterns.py CONFIG FILE
"""

from __future__ import annotations

import json

from call_patterns import CHROOTS, GIT, main, written

SRPM = "http://example.org/hello-1.0-1.src.rpm"


def old_uploads(config, file):
    """With client v2: find or create a project by its name, and upload until finished."""
    import copr

    client = copr.create_client2_from_params(config["copr_url"], config["login"], config["token"])
    try:
        project = client.projects.get_list(name="analysis", limit=3)[0]
    except IndexError:
        project = client.projects.create(name="analysis", chroots=CHROOTS, owner="alice")
    build = client.builds.create_from_file(project_id=project.id, file_path=file, chroots=[CHROOTS[0]])
    while not build.is_finished():
        build = build.get_self()
    return project.name, build.state, [task.chroot_name for task in build.get_build_tasks()]


def old_forks(config, file):
    """With the client of API v1: fork a project, and give its packages another branch."""
    from copr import CoprClient

    client = CoprClient(config["username"], config["login"], config["token"], copr_url=config["copr_url"])
    client.add_package_scm("tool", "analysis", GIT, subdirectory="sub")
    client.fork_project(source="alice/analysis", username="alice", projectname="branched", confirm=False)
    client.modify_project(username="alice", projectname="branched", description="packages of a branch")
    found = []
    for package in client.get_packages_list(ownername="alice", projectname="branched").packages_list:
        source = json.loads(package.data["source_json"])
        if source and source.get("clone_url"):
            client.edit_package_scm(
                package_name=package.data["name"],
                ownername="alice",
                projectname="branched",
                clone_url=source["clone_url"],
                subdirectory=source["subdirectory"],
                committish="branch",
                scm_type="git",
                srpm_build_method="tito",
            )
        found.append((package.data["name"], source.get("subdirectory")))
    result = client.create_new_build("branched", [SRPM])
    return found, result.output, client.get_project_details("branched").description


def old_rebases(config, file):
    """With a configuration file and API v1: use a project again if it exists, upload, and poll by itself."""
    import copr

    client = copr.CoprClient.create_from_file_config(str(written(config, file)))
    said = []
    for _ in range(2):
        try:
            client.create_project("alice", projectname="rebase", chroots=CHROOTS[:1], description="d")
        except copr.client.exceptions.CoprRequestException as error:
            said.append(str(error))
    number = client.create_new_build(projectname="rebase", pkgs=[file]).builds_list[0].build_id
    details = client.get_build_details(number)
    while details.status not in ("succeeded", "skipped", "failed", "canceled"):
        details = client.get_build_details(number)
    try:
        client.get_build_details(99_999)
    except copr.client.exceptions.CoprRequestException as error:
        said.append(str(error))
    return said, client.username, details.project, details.status, list(details.data["results_by_chroot"])


def old_keys(config, file):
    """With client v2 without login: read all projects page by page, and the builds of one."""
    from copr import create_client2_from_params

    client = create_client2_from_params(root_url=config["copr_url"])
    offset, names = 0, []
    while projects := client.projects.get_list(offset=offset, limit=1):
        names += [(project.owner, project.name) for project in projects]
        offset += 1
    (project,) = client.projects.get_list(owner="alice", name="rebase")
    return names, [build.state for build in project.get_builds(limit=100)]


PATTERNS = [old_uploads, old_forks, old_rebases, old_keys]

if __name__ == "__main__":
    main(PATTERNS)
