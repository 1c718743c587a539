"""Calls of `copr.v3` as public programs make them, written anew: for either client, against a local Copr.

    call_patterns.py CONFIG FILE

CONFIG is the client's configuration as JSON, FILE a source RPM. It prints what each pattern saw, as JSON.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import re
import sys
import warnings
from pathlib import Path

CHROOTS = ["fedora-45-x86_64", "epel-10-x86_64"]
GIT = "https://example.org/a.git"


def snapshot_builder(config, file):
    """Make sure that a project and its packages exist, and submit a chain of builds."""
    from copr.v3 import Client

    client = Client(dict(config))
    names = [project.name for project in client.project_proxy.get_list("alice")]
    client.project_proxy.add(
        ownername="alice",
        projectname="snapshots",
        chroots=CHROOTS[:1],
        description="d",
        instructions="dnf copr enable {}/{}".format("alice", "snapshots"),
        enable_net=True,
        devel_mode=True,
        appstream=False,
    )
    previous, states = None, []
    for name in ("lit", "llvm", "lit"):
        package = {
            "ownername": "alice",
            "projectname": "snapshots",
            "packagename": name,
            "source_type": "custom",
            "source_dict": {"script": "#!/bin/sh", "builddeps": "git make", "resultdir": "out"},
        }
        known = [each.name for each in client.package_proxy.get_list("alice", "snapshots")]
        if name in known:
            client.package_proxy.reset("alice", "snapshots", name)
            client.package_proxy.edit(**package)
        else:
            client.package_proxy.add(**package)
        build = client.package_proxy.build(
            ownername="alice",
            projectname="snapshots",
            packagename=name,
            buildopts={"timeout": 3600, "chroots": CHROOTS[:1], "after_build_id": previous},
        )
        previous = build.id
        states.append(type(build.state).__name__)
    return client.config == config, names, states


def publisher(config, file):
    """Bring a project and a package up to date, build it with a proxy of its own choice, and wait."""
    from copr.v3 import Client, CoprNoResultException, wait

    client = Client(config)
    names = {"ownername": "alice", "projectname": "tools"}
    settings = {"description": "d", "homepage": "http://example.org/", "unlisted_on_hp": False}
    for _ in range(2):
        client.project_proxy.add(**names, chroots=CHROOTS, exist_ok=True, **settings)
    chroots = sorted(set(client.project_proxy.get("alice", "tools").chroot_repos) | set(CHROOTS))
    client.project_proxy.edit(**names, chroots=chroots, auto_prune=True, **settings)
    source = {"clone_url": GIT, "source_build_method": "make_srpm", "webhook_rebuild": False}
    try:
        client.package_proxy.get("alice", "tools", "hello")
    except CoprNoResultException as missing:
        client.package_proxy.add("alice", "tools", "hello", "scm", source)
        said = str(missing)
    build = client.package_proxy.build("alice", "tools", "hello")
    build.__proxy__ = client.build_proxy
    seen = []
    (done,) = wait([build], interval=0.05, callback=lambda builds: seen.append(len(builds)), timeout=100)
    return chroots, said, done.state, set(seen) == {1}


def rebuilder(config, file):
    """Read the latest builds of packages as dicts, and add a key of its own to one."""
    from copr.v3 import Client, wait

    client = Client(config)
    wait(client.build_proxy.create_from_file("alice", "tools", file, {"background": True}), interval=0.05)
    found = []
    for package in client.package_proxy.get_list(
        "alice", "tools", with_latest_succeeded_build=True, with_latest_build=True
    ):
        latest = package["builds"]["latest"]
        if latest["id"] == package["builds"]["latest_succeeded"]["id"] and int(latest["submitted_on"]):
            latest["name"] = package["name"]
            found.append((latest["name"], latest["state"]))
    client.project_proxy.edit("alice", "tools", additional_repos=["copr://alice/snapshots"])
    return sorted(found)


def snapshot_manager(config, file):
    """Cache by client, select builds by a pattern of states, cancel and wait, and read the monitor."""
    import munch

    import copr.v3
    from copr.v3.helpers import wait

    @functools.cache
    def chroots_of(client: copr.v3.Client) -> list[str]:
        return [each for each in client.mock_chroot_proxy.get_list() if not each.startswith("__")]

    client = copr.v3.Client(config)
    builds: list[munch.Munch] = client.build_proxy.get_list(ownername="alice", projectname="tools")
    active = [build for build in builds if re.match(pattern=r"(running|pending)", string=build.state)]
    wait(waitable=builds, timeout=0)
    monitor = client.monitor_proxy.monitor("alice", "tools", additional_fields=["url_build_log", "url_build"])
    rows = [
        (package["name"], name, package["chroots"][name]["state"], "url_build" in package["chroots"][name])
        for package in monitor["packages"]
        for name in package["chroots"]
    ]
    with contextlib.suppress(copr.v3.CoprNoResultException):
        client.project_proxy.get(ownername="alice", projectname="none")
        rows.append("none exists")
    return chroots_of(client) is chroots_of(client), len(active), len(builds), sorted(rows)


def assistant(config, file):
    """Make pydantic-like models of results, and links to pages."""
    from copr.v3 import Client, wait

    client = Client(config)
    project = client.project_proxy.get(ownername="alice", projectname="tools")
    owner = project.ownername.replace("@", "g/")
    page = "/".join([client.config["copr_url"].strip("/"), "coprs", owner, project.name, ""])
    chroots = []
    if project is not None and "chroot_repos" in project:
        chroots = list(project["chroot_repos"].keys())
    names = [build.source_package["name"] for build in client.build_proxy.get_list("alice", "tools")]
    distgit = client.build_proxy.create_from_distgit("alice", "tools", "hello", namespace=None)
    pypi = client.build_proxy.create_from_pypi("alice", "tools", "hello", spec_template=None)
    for build in (distgit, pypi):
        wait(build, interval=0.05)
    return page.partition("/coprs")[2], sorted(chroots), names, distgit.submitter, pypi.submitter


def latest_build(config, file):
    """Read the configuration of a path with a tilde, and find the newest build of a release."""
    import copr.v3

    os.environ["HOME"] = str(Path(file).parent)
    Path(file).with_name("config").write_text(
        "[copr-cli]\n" + "".join(f"{name} = {value}\n" for name, value in config.items())
    )
    client = copr.v3.Client(copr.v3.config_from_file(path="~/config"))
    builds = client.build_proxy.get_list(
        status="succeeded",
        pagination={"order": "id", "order_type": "DESC"},
        ownername="alice",
        projectname="tools",
        packagename="hello",
    )
    out = io.StringIO()
    json.dump(builds, out, sort_keys=True, indent=2)
    releases = [build["source_package"]["version"].split("-")[-1] for build in builds]
    return (
        releases,
        json.loads(out.getvalue())[0]["state"],
        [b["id"] for b in builds] == sorted((b["id"] for b in builds), reverse=True),
    )


def search(config, file):
    """Search without login, and read results with `getattr` and `get`."""
    import copr.v3

    client = copr.v3.Client({"copr_url": config["copr_url"], "encrypted": False})
    try:
        found = client.project_proxy.search(query="tools")
    except (copr.v3.exceptions.CoprNoResultException, copr.v3.exceptions.CoprException) as error:
        return type(error).__name__
    return [
        (getattr(each, "ownername", None), each.get("homepage"), getattr(each, "storage_usage", None))
        for each in found
    ]


def log_reader(config, file):
    """Find the chroot that failed, and the URLs of its logs."""
    from copr.v3 import Client

    client = Client(config)
    build = client.build_proxy.get(client.build_proxy.get_list("alice", "tools")[-1].id)
    states = {name: client.build_chroot_proxy.get(build["id"], name)["state"] for name in build["chroots"]}
    chroot = client.build_chroot_proxy.get(build.id, CHROOTS[0])
    url = "{}/{}".format(chroot.result_url, "builder-live.log.gz")
    return build["ownername"], build["source_package"]["name"], states, url.rpartition("/")[2]


def window(config, file):
    """Keep values on the client, and show results as JSON."""
    from munch import unmunchify

    from copr.v3 import Client

    client = Client(config)
    try:
        chroots = client.available_chroots
    except AttributeError:
        chroots = [name for name in client.mock_chroot_proxy.get_list() if name[:2] != "__"]
        client.available_chroots = sorted(chroots)
    project = unmunchify(client.project_proxy.get("alice", "tools"))
    shown = {name: value for name, value in project.items() if not name.startswith("__")}
    return client.available_chroots, type(project).__name__, sorted(json.loads(json.dumps(shown)))


def review(config, file):
    """Create a project for a review unless it exists, and say what a failure says."""
    from copr.v3 import Client, CoprRequestException

    client = Client(config)
    said = []
    for _ in range(2):
        try:
            client.project_proxy.add(
                "alice", "review", chroots=CHROOTS, description=None, instructions=None, fedora_review=True
            )
        except CoprRequestException as error:
            said.append(("already" in str(error), error.result.error == str(error)))
    return said


def cleaner(config, file):
    """Delete old builds and then the project."""
    import copr.v3

    client = copr.v3.Client(config)
    builds = client.build_proxy.get_list(
        ownername=client.config["username"], projectname="review", pagination={"order": "id", "limit": None}
    )
    old = [each.id for each in builds if each.submitted_on < 5]
    deleted = client.project_proxy.delete(ownername="alice", projectname="review")
    return old, deleted.name, deleted["full_name"]


def mail(config, file):
    """Follow pages, and print the configuration and errors."""
    from copr.v3 import Client, CoprException
    from copr.v3.pagination import next_page

    client = Client(config)
    page = client.build_proxy.get_list("alice", "tools", pagination={"limit": 2})
    sizes = []
    while page:
        sizes.append((len(page), page.meta.limit, page.meta.offset))
        page = next_page(page)
    try:
        client.build_proxy.cancel(999_999)
    except CoprException as error:
        return sizes, str(error), error.result.error, error.result.__response__.status_code
    return sizes


def uploads(config, file):
    """Upload with a progress bar, as a dict of options that is used again."""
    from copr.v3 import BuildProxy, wait

    proxy = BuildProxy(config)
    sizes = []
    options = {"chroots": CHROOTS[:1], "progress_callback": lambda monitor: sizes.append(monitor.bytes_read)}
    build = proxy.create_from_file("alice", "tools", path=file, buildopts=options)
    done = wait(build, 0.05)
    return sizes[-1] > os.path.getsize(file), [each.state for each in done], len(build.chroots) < 2


def chooser(config, file):
    """With a proxy alone: choose the build of a version, and read it again by an id from the command line."""
    from copr.v3 import BuildProxy

    proxy = BuildProxy({"copr_url": config["copr_url"], "encrypted": False})
    ids = [
        build.id
        for build in proxy.get_list("alice", "tools")
        if build.state != "failed" and "1.0" in (build.source_package["version"] or "")
    ]
    build = proxy.get(str(max(ids)))
    return build.id, build.ownername, [name for name in build.chroots if name == CHROOTS[0]]


def architecture(config, file):
    """With a path of a configuration file: upload for one chroot, and poll by itself."""
    from copr.v3 import Client
    from copr.v3.exceptions import CoprAuthException, CoprException

    client = Client.create_from_config_file(written(config, file))
    said = []
    for project, options in (
        ("gone", {"chroots": CHROOTS[:1]}),
        ("tools", {"chroots": ["x"]}),
        ("tools", None),
    ):
        try:
            build = client.build_proxy.create_from_file(
                "alice", project, path=file, buildopts=options or None
            )
        except CoprAuthException:
            said.append("login")
        except CoprException as error:
            said.append(str(error))
    while build.state not in ("succeeded", "skipped", "failed", "canceled"):
        build = client.build_proxy.get(build.id)
    return said, build.state, list(dict(client.webhook_proxy.generate("alice", "tools")))[:4]


def written(config, file):
    """Write a configuration file next to the source RPM, and return its path."""
    path = Path(file).with_name("copr.conf")
    lines = [f"{name} = {value}" for name, value in config.items() if name != "encrypted"]
    path.write_text("\n".join(["[copr-cli]", "encrypted = false", *lines, ""]))
    return path


PATTERNS = [
    snapshot_builder,
    publisher,
    rebuilder,
    snapshot_manager,
    assistant,
    latest_build,
    search,
    log_reader,
    window,
    review,
    cleaner,
    mail,
    uploads,
    chooser,
    architecture,
]


def main(patterns):
    """Carry patterns out, and print what they saw."""
    warnings.simplefilter("ignore")
    config, file = json.loads(sys.argv[1]), sys.argv[2]
    seen = {}
    for pattern in patterns:
        try:
            seen[pattern.__name__] = pattern(config, file)
        except Exception as error:
            seen[pattern.__name__] = f"{type(error).__name__}: {error}"
    print(json.dumps(seen))


if __name__ == "__main__":
    main(PATTERNS)
