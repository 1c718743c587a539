"""The legacy client returns the same over API v3 as over API v1: every method, on the same state.

Each use of a method is carried out twice, from one state of one service. The responses, and the state
afterwards, are compared field by field. Differences are listed here and explained in the documentation.
"""

from __future__ import annotations

import math
import re

import pytest
from migration_v1 import DIFFERENCES, METHODS
from srpm import make_srpm

from copr.client import CoprClient
from copr.exceptions import CoprException
from copr.v3 import Client, Policy, wait
from copr_local import LocalCopr
from copr_local.rules import users

CHROOTS = ["fedora-44-x86_64", "fedora-rawhide-x86_64"]
SRPM = "https://example.com/hello-1-1.src.rpm"
GIT = "https://example.com/hello.git"

#: Uses of each method; `files` has the paths of files.
USES = {
    "authentication_check": lambda cl, files: cl.authentication_check(),
    "get_projects_list": lambda cl, files: cl.get_projects_list(),
    "get_projects_list of a group": lambda cl, files: cl.get_projects_list("@team"),
    "get_projects_list of nobody": lambda cl, files: cl.get_projects_list("nobody"),
    "search_projects": lambda cl, files: cl.search_projects("tools"),
    "search_projects of two letters": lambda cl, files: cl.search_projects("to"),
    "search_projects of nothing that is there": lambda cl, files: cl.search_projects("zzzzz"),
    "get_project_details": lambda cl, files: cl.get_project_details("tools"),
    "get_project_details without builds": lambda cl, files: cl.get_project_details("empty"),
    "get_project_details of a group": lambda cl, files: cl.get_project_details("gtools", username="@team"),
    "get_project_details of none": lambda cl, files: cl.get_project_details("no such"),
    "get_project_details of nobody": lambda cl, files: cl.get_project_details("tools", username="nobody"),
    "create_project": lambda cl, files: cl.create_project("new", chroots=CHROOTS),
    "create_project with all": lambda cl, files: cl.create_project(
        "alice",
        "new",
        CHROOTS[:1],
        description="D é",
        instructions="I",
        repos=["https://example.com/r/", "copr://alice/tools"],
        initial_pkgs=[SRPM],
        disable_createrepo="true",
        unlisted_on_hp=True,
        enable_net=False,
        use_bootstrap_container=True,
    ),
    "create_project of a group": lambda cl, files: cl.create_project("@team", "new", CHROOTS),
    "create_project for another user": lambda cl, files: cl.create_project("bob", "new", CHROOTS),
    "create_project twice": lambda cl, files: cl.create_project("alice", "tools", CHROOTS),
    "create_project without known chroots": lambda cl, files: cl.create_project("alice", "new", ["nonsense"]),
    "modify_project": lambda cl, files: cl.modify_project(
        "tools", description="Other", instructions="Else", repos="https://example.com/x/", unlisted_on_hp=True
    ),
    "modify_project, its chroots": lambda cl, files: cl.modify_project("empty", chroots=CHROOTS),
    "modify_project, its switches": lambda cl, files: cl.modify_project(
        "tools", disable_createrepo=True, enable_net=False, use_bootstrap_container=True
    ),
    "modify_project of none": lambda cl, files: cl.modify_project("none", description="x"),
    "delete_project": lambda cl, files: cl.delete_project("empty"),
    "delete_project of none": lambda cl, files: cl.delete_project("none"),
    "fork_project": lambda cl, files: cl.fork_project("alice/tools", "copy"),
    "fork_project of a group": lambda cl, files: cl.fork_project("@team/gtools", "copy"),
    "fork_project onto another": lambda cl, files: cl.fork_project("alice/tools", "empty", confirm=True),
    "fork_project onto another, without leave": lambda cl, files: cl.fork_project("alice/tools", "empty"),
    "fork_project into a group": lambda cl, files: cl.fork_project("alice/tools", "copy", "@team"),
    "fork_project into a group, where the user has one of that name": lambda cl, files: cl.fork_project(
        "alice/tools", "empty", "@team"
    ),
    "fork_project onto another of a group": lambda cl, files: cl.fork_project(
        "alice/tools", "gtools", "@team", confirm=True
    ),
    "fork_project onto another of a group, without leave": lambda cl, files: cl.fork_project(
        "alice/tools", "gtools", "@team"
    ),
    "fork_project into a group of others": lambda cl, files: cl.fork_project("alice/tools", "copy", "@none"),
    "new_webhook_secret": lambda cl, files: cl.new_webhook_secret("tools"),
    "get_project_chroot_details": lambda cl, files: cl.get_project_chroot_details("tools", CHROOTS[0]),
    "get_project_chroot_details of none": lambda cl, files: cl.get_project_chroot_details(
        "tools", "epel-1-i386"
    ),
    "modify_project_chroot_details": lambda cl, files: cl.modify_project_chroot_details(
        "tools", CHROOTS[0], ["gcc", "make"]
    ),
    "get_chroot": lambda cl, files: cl.get_chroot("tools", "alice", CHROOTS[0]),
    "edit_chroot": lambda cl, files: cl.edit_chroot(
        "tools", CHROOTS[0], packages="gcc make", repos=["https://example.com/a/", "https://example.com/b/"]
    ),
    "edit_chroot with a file": lambda cl, files: cl.edit_chroot(
        "tools", CHROOTS[0], upload_comps=files["comps.xml"]
    ),
    "edit_chroot without a file": lambda cl, files: cl.edit_chroot("tools", CHROOTS[0], delete_comps=True),
    "get_build_config": lambda cl, files: cl.get_build_config("alice/tools", CHROOTS[0]),
    "get_build_details": lambda cl, files: cl.get_build_details(1),
    "get_build_details of a running one": lambda cl, files: cl.get_build_details(2),
    "get_build_details of a failed one": lambda cl, files: cl.get_build_details(3),
    "get_build_details of none": lambda cl, files: cl.get_build_details(999),
    "cancel_build": lambda cl, files: cl.cancel_build(2),
    "cancel_build that is over": lambda cl, files: cl.cancel_build(1),
    "delete_build": lambda cl, files: cl.delete_build(1),
    "delete_build that is not over": lambda cl, files: cl.delete_build(2),
    "create_new_build": lambda cl, files: cl.create_new_build(
        "tools", [SRPM], timeout=3600, chroots=CHROOTS[:1], background=True
    ),
    "create_new_build of two": lambda cl, files: cl.create_new_build(
        "tools", [SRPM, SRPM.replace("1-1", "2-1")]
    ),
    "create_new_build of a file": lambda cl, files: cl.create_new_build("tools", files["hello-1-1.src.rpm"]),
    "create_new_build of no address": lambda cl, files: cl.create_new_build(
        "tools", ["https://example.com/x"]
    ),
    "create_new_build with a timeout that is no number": lambda cl, files: cl.create_new_build(
        "tools", [SRPM], timeout="soon"
    ),
    "create_new_build of none": lambda cl, files: cl.create_new_build("none", [SRPM]),
    "create_new_build_scm": lambda cl, files: cl.create_new_build_scm(
        "tools", GIT, "main", "sub", "hello.spec", srpm_build_method="tito"
    ),
    "create_new_build_tito": lambda cl, files: cl.create_new_build_tito(
        "tools", GIT, "sub", "main", tito_test=True
    ),
    "create_new_build_mock": lambda cl, files: cl.create_new_build_mock(
        "tools", GIT, "hello.spec", scm_branch="b"
    ),
    "create_new_build_distgit": lambda cl, files: cl.create_new_build_distgit("tools", GIT, branch="f44"),
    "create_new_build_pypi": lambda cl, files: cl.create_new_build_pypi(
        "tools", "hello", "1.0", python_versions=[3], timeout=60
    ),
    "create_new_build_pypi for a Python that is none": lambda cl, files: cl.create_new_build_pypi(
        "tools", "hello", python_versions=["none"]
    ),
    "create_new_build_rubygems": lambda cl, files: cl.create_new_build_rubygems("tools", "hello"),
    "create_new_build_custom": lambda cl, files: cl.create_new_build_custom(
        "tools", "#!/bin/sh\ntrue", script_chroot=CHROOTS[0], script_builddeps="git make"
    ),
    "process_creating_new_build": lambda cl, files: cl.process_creating_new_build(
        "tools", {"gem_name": "hello"}, "new_build_rubygems"
    ),
    "get_packages_list": lambda cl, files: cl.get_packages_list("tools"),
    "get_packages_list of none": lambda cl, files: cl.get_packages_list("none"),
    "get_package": lambda cl, files: cl.get_package("tools", "git"),
    "get_package with builds": lambda cl, files: cl.get_package(
        "tools", "hello", with_latest_build=True, with_latest_succeeded_build=True, with_all_builds=True
    ),
    "get_package of none": lambda cl, files: cl.get_package("tools", "none"),
    "add_package_scm": lambda cl, files: cl.add_package_scm(
        "new", "tools", GIT, "main", webhook_rebuild=True
    ),
    "add_package_scm twice": lambda cl, files: cl.add_package_scm("git", "tools", GIT),
    "add_package_tito": lambda cl, files: cl.add_package_tito("new", "tools", GIT, "sub", "main", True),
    "add_package_mockscm": lambda cl, files: cl.add_package_mockscm(
        "new", "tools", "svn", GIT, None, "x.spec"
    ),
    "add_package_pypi": lambda cl, files: cl.add_package_pypi("new", "tools", "hello", "1.0"),
    "add_package_rubygems": lambda cl, files: cl.add_package_rubygems("new", "tools", "hello"),
    "add_package_custom": lambda cl, files: cl.add_package_custom("new", "tools", "#!/bin/sh\ntrue"),
    "edit_package_scm": lambda cl, files: cl.edit_package_scm("git", "tools", GIT, "other"),
    "edit_package_tito": lambda cl, files: cl.edit_package_tito("git", "tools", GIT),
    "edit_package_mockscm": lambda cl, files: cl.edit_package_mockscm(
        "git", "tools", "git", GIT, "b", "x.spec"
    ),
    "edit_package_pypi": lambda cl, files: cl.edit_package_pypi(
        "git", "tools", "hello", None, python_versions=[3]
    ),
    "edit_package_rubygems": lambda cl, files: cl.edit_package_rubygems("git", "tools", "hello"),
    "edit_package_custom": lambda cl, files: cl.edit_package_custom("git", "tools", "#!/bin/sh\nfalse"),
    "process_package_action": lambda cl, files: cl.process_package_action(
        cl.get_package_edit_url("alice", "tools", "git", "rubygems"),
        "alice",
        "tools",
        {"package_name": "git", "gem_name": "hello"},
    ),
    "reset_package": lambda cl, files: cl.reset_package("tools", "git"),
    "delete_package": lambda cl, files: cl.delete_package("tools", "git"),
    "build_package": lambda cl, files: cl.build_package("tools", "git", chroots=CHROOTS[:1], timeout=60),
    "build_package of none": lambda cl, files: cl.build_package("tools", "none"),
}

#: Fields of a build of a package that API v3 does not return there.
BUILD_FIELDS = [
    "built_packages",
    "copr_dir_id",
    "enable_net",
    "fail_type",
    "memory_reqs",
    "package_id",
    "repos",
    "source_json",
    "source_status",
    "source_type",
    "src_pkg",
    "srpm_url",
    "timeout",
    "user_id",
]

#: Differences, by use: places in the response, or "state" for the state afterwards.
TEXT = {"text"}  # of an error: the service's own text
NUMBER = {"package.copr_dir_id"}
DIFFERENT = {
    "get_projects_list": {"repos"},
    "search_projects": {"repos.username"},
    "search_projects of two letters": TEXT,
    "get_projects_list of a group": {f"repos.yum_repos.{CHROOTS[0]}"},
    "create_project twice": TEXT,
    "create_project without known chroots": TEXT,
    "fork_project onto another, without leave": TEXT,
    "fork_project into a group of others": TEXT,
    "delete_build that is not over": TEXT,
    "create_new_build of no address": TEXT,
    "create_new_build with a timeout that is no number": TEXT,
    "create_new_build_pypi for a Python that is none": TEXT,
    "get_packages_list": {"packages.copr_dir_id"},
    "get_package of none": TEXT,
    "get_package with builds": NUMBER
    | {
        f"package.{builds}.{field}"
        for builds in ("builds", "latest_build", "latest_succeeded_build")
        for field in BUILD_FIELDS
    },
    **{
        name: NUMBER
        for name in USES
        if "package" in name and " " not in name and name not in ("get_packages_list", "build_package")
    },
}

#: Random parts of a response, by use.
RANDOM = {"new_webhook_secret": re.compile(r"[0-9a-f-]{36}")}


def _settings(cl):
    """Return settings of projects that API v3 returns and API v1 does not."""
    found = Client({"copr_url": cl.copr_url}).project_proxy.get_list("alice")
    return [[each.name, each.bootstrap, each.isolation, each.module_hotfixes] for each in found]


READS = {
    "projects": lambda cl: cl.get_projects_list().data,
    "projects of a group": lambda cl: cl.get_projects_list("@team").data,
    "packages of a group": lambda cl: cl.get_packages_list("gtools", ownername="@team").data,
    "details": lambda cl: [cl.get_project_details(name).data for name in ("tools",)],
    "packages": lambda cl: [
        each.data for each in cl.get_packages_list("tools").packages_list if each.name in ("git", "new")
    ],
    "chroot": lambda cl: cl.get_chroot("tools", "alice", CHROOTS[0]).data,
    "settings": _settings,
    "builds": lambda cl: [_build(cl, number) for number in range(1, 7)],
}


def _build(cl, number):
    try:
        data = cl.get_build_details(number).data
        # A new build changes while it is read, and each upload has a folder of its own.
        source = data["src_pkg"].rpartition("/")[2]
        return {"source": source, **{name: data[name] for name in ("project", "owner", "submitted_by")}}
    except CoprException as error:
        return str(error)


@pytest.fixture(scope="module")
def service():
    with LocalCopr(builds="scripted", username="alice", chroots=CHROOTS) as copr:
        with copr.database.writing() as tx:
            users.add_group(tx, "team", "fas_team", [users.get(tx, "alice")])
        client = Client(copr.config)
        client.project_proxy.add("@team", "gtools", CHROOTS[:1])
        client.project_proxy.add("alice", "tools", CHROOTS, description="Tools é", enable_net=True)
        client.project_proxy.add("alice", "empty", CHROOTS[:1])
        wait(client.build_proxy.create_from_url("alice", "tools", SRPM), 0.05)
        copr.script("hello", takes=math.inf)
        client.build_proxy.create_from_url("alice", "tools", SRPM)
        client.package_proxy.add("alice", "tools", "git", "scm", {"clone_url": GIT})
        yield copr, copr.snapshot()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "comps.xml").write_text('<?xml version="1.0"?>\n<comps/>\n')
    make_srpm(folder).rename(folder / "hello-1-1.src.rpm")
    return {path.name: str(path) for path in folder.iterdir()}


def client(service, *, bridge):
    login = service.config["login"], service.config["token"]
    return CoprClient("alice", *login, service.url, bridge=bridge, policy=Policy(attempts=1))


def seen(use, cl, files):
    """Return what a caller gets: a response with all of its fields, or an error."""
    try:
        response = use(cl, files)
    except CoprException as error:
        return {"error": type(error), "text": str(error)}
    if response is None:
        return {}
    handle = response.handle
    return {
        "method": response.method,
        "about": response.request_kwargs,
        "handle": handle and (type(handle), handle.username, getattr(handle, "projectname", None)),
        **response.data,
    }


def state(cl):
    return {name: read(cl) for name, read in READS.items()}


def differing(one, other, place=""):
    """Return the places where two documents differ, with both values. All items of a list are one place."""
    found = {}
    if isinstance(one, dict) and isinstance(other, dict):
        for name in {*one, *other}:
            found |= differing(one.get(name), other.get(name), f"{place}.{name}".lstrip("."))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for pair in zip(one, other, strict=True):
            found |= differing(*pair, place)
    elif one != other:
        found[place] = one, other
    return found


@pytest.mark.parametrize("name", USES)
def test_the_answer_is_the_same_over_api_v3(name, service, files):
    copr, snapshot = service
    looks = name.startswith(("get_", "search_", "authentication_"))
    answers = []
    for bridge in (False, True):
        if not looks:
            copr.restore(snapshot)
        answer = seen(USES[name], client(copr, bridge=bridge), files)
        if name in RANDOM:
            answer["message"] = RANDOM[name].sub("RANDOM", answer["message"])
        after = {} if looks else state(client(copr, bridge=False))
        answers.append({**answer, "state": after})
    found = differing(*answers)
    assert set(found) == DIFFERENT.get(name, set()), found


#: Methods that send nothing, or that no current service supports.
UNUSED = ("CoprClient", "create_from_file_config", "build_module", "get_module_repo", "get_package_add_url")


@pytest.mark.parametrize(
    "method",
    [method for row in METHODS if (method := row[0].partition("(")[0].rpartition(".")[2]) not in UNUSED],
)
def test_a_method_costs_what_the_documentation_says(method, service, files, monkeypatch):
    copr, snapshot = service
    (cost,) = [cost for name, _, cost in METHODS if name.partition("(")[0] == method]
    copr.restore(snapshot)
    cl = client(copr, bridge=True)
    send, sent = cl._connection.transport(), []
    monkeypatch.setattr(cl._connection, "_transport", lambda call: (sent.append(call), send(call))[1])
    USES[method](cl, files)
    once = int(re.match(r"\d+", cost)[0])
    assert len(sent) == once + ("n" in cost.split()), sent


#: The row of the documentation that a place belongs to, by the beginning of the row.
ROW_OF_PLACE = {
    r"repos": "`get_projects_list(user)`",
    r"repos\.username": "`username` in `search_projects`",
    r"repos\.yum_repos\..*": "`yum_repos` in `get_projects_list`",
    r"packages?\.copr_dir_id": "`copr_dir_id` of a package",
    r"package\.(builds|latest_build|latest_succeeded_build)\..*": "builds in a package's data",
    r"text": "texts of errors for invalid values",
}


def test_everything_that_differs_is_in_the_documentation():
    rows = [what for what, _, _ in DIFFERENCES]
    for place in set().union(*DIFFERENT.values()):
        (row,) = [row for pattern, row in ROW_OF_PLACE.items() if re.fullmatch(pattern, place)]
        assert any(what.startswith(row) for what in rows), place


def test_every_method_is_in_the_documentation():
    text = " ".join(name for name, _, _ in METHODS)
    public = [name for name in dir(CoprClient) if not name.startswith("_") and name != "api_url"]
    assert [name for name in public if f"{name}(" not in text] == []
