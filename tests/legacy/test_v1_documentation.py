"""The documentation's examples of the legacy client run as they are written, on a service with API v1 and on
one that has only API v3.

What is changed of an example is its host and owner; where its lines are alternatives of each other, such as
deleting a project twice, the state that the second needs is made between them.
"""

from __future__ import annotations

import math
import re
import time

import pytest

from copr.client import CoprClient
from copr.v3 import Client
from copr_local import LocalCopr
from copr_local.rules import users

CREATE_CLIENT = """
from copr.client import CoprClient

# using default config location ~/.config/copr
cl = CoprClient.create_from_file_config()

# using config at ~/.config/alt_copr
cl = CoprClient.create_from_file_config("~/.config/alt_copr")

# directly
cl = CoprClient(username="foo", login="abcd", token="efgk", copr_url="http://example.com/")
"""

PROJECTS_LIST = """
# your projects
result = cl.get_projects_list().projects_list

# other user projects
result = cl.get_projects_list(username="rhscl")

# print list for humans and machines
from pprint import pprint
for prj in result.projects_list:
    print(prj)
    pprint(prj.get_project_details().data)
"""

SEARCH = """
result = cl.search_projects("python")
# print list for humans
for prj in result.projects_list:
    print(prj)
"""

PROJECT = """
result = cl.create_project("hello_world", chroots=["fedora-20-x86_64"],
    description="My cool app")

# assert correct description
assert result.handle.get_project_details().description == "My cool app"

# add instruction
result.handle.modify_project(instructions="How does one patch KDE2 under FreeBSD?")
# which is shorter than
cl.modify_project("hello_world", instructions="...")

# delete project
result.handle.delete_project()
# again shortcut for
cl.delete_project("hello_world")
"""

BUILDS = """
# building new package
result = cl.create_new_build("hello_world",
    pkgs=["http://example.com/pkg.src.rpm",])

# retrieve build statuses
for bw in result.builds_list:
    print("{0}:{1}".format(bw.build_id, bw.handle.get_build_details().status))

# cancel all created build
for bw in result.builds_list:
    bw.handle.cancel_build()

# get build status for each chroot
for bw in result.builds_list:
    print("build: {0}".format(bw.build_id))
    for ch, status in bw.handle.get_build_details().data["chroots"].items():
        print("\\t chroot {0}:\\t {1}".format(ch, status))

# simple build progress:
import time, datetime
watched = set(result.builds_list)
done = set()
while watched != done:
    print("time: {0}".format(datetime.datetime.now()))
    for bw in watched:
        if bw in done:
            continue
        status = bw.handle.get_build_details().status
        print("{0}: {1}".format(bw.build_id, status))
        if status in ["skipped", "failed", "succeeded"]:
            done.add(bw)
    time.sleep(10)

# cancel all created build
for bw in result.builds_list:
    bw.handle.cancel_build()
"""

CHROOT = "fedora-20-x86_64"


@pytest.fixture(
    params=[["v1", "v2", "v3"], ["v3"], ["v3-2020"]], ids=["natively", "bridged", "bridged to API v3 of 2020"]
)
def service(request, tmp_path, monkeypatch):
    """A service, and configuration files for its first user."""
    with LocalCopr(builds="scripted", username="foo", chroots=[CHROOT], apis=request.param) as copr:
        folder = tmp_path / ".config"
        folder.mkdir()
        for name in ("copr", "alt_copr"):
            (folder / name).write_text(copr.config_path.read_text())
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        yield copr


@pytest.fixture
def cl(service):
    return CoprClient("foo", service.config["login"], service.config["token"], service.url)


def parts(example, *beginnings):
    """An example, cut before the lines that begin so."""
    places = [example.index(f"\n{each}") for each in beginnings]
    return [example[start:end] for start, end in zip([0, *places], [*places, None], strict=True)]


def test_create_client(service):
    example = CREATE_CLIENT.replace("http://example.com/", service.url + "/")
    config = service.config
    for said, known in (("abcd", config["login"]), ("efgk", config["token"])):
        example = example.replace(said, known)
    names = {}
    for part in parts(example, "# using config at", "# directly"):
        exec(part, names)
        assert names["cl"].username == "foo"
        names["cl"].authentication_check()


def test_projects_list(service, cl, capsys):
    other = service.add_user("rhscl")
    with service.database.writing() as tx:
        users.add_group(tx, "scl", "fas_scl", [users.get(tx, "rhscl")])
    client = Client(other)
    client.project_proxy.add("rhscl", "python27", [CHROOT], description="An interpreter")
    client.project_proxy.add("@scl", "of-the-group", [CHROOT], description="Of a group")
    cl.create_project("mine", chroots=[CHROOT])
    mine, others = parts(PROJECTS_LIST, "# other user projects")
    names = {"cl": cl}
    exec(mine, names)
    assert [project.projectname for project in names["result"]] == ["mine"]
    exec(others, names)
    shown = capsys.readouterr().out
    assert "Name: python27\n  Description: An interpreter\n" in shown
    assert "'name': 'python27'" in shown


def test_a_project_of_a_group_in_a_users_list_shows_its_details(service, cl):
    with service.database.writing() as tx:
        users.add_group(tx, "scl", "fas_scl", [users.get(tx, "foo")])
    cl.create_project("@scl", "of-the-group", [CHROOT], description="Of a group")
    for project in [*cl.get_projects_list().projects_list, *cl.get_projects_list("@scl").projects_list]:
        assert project.get_project_details().description == "Of a group"


def test_search_for_projects(service, cl, capsys):
    cl.create_project("python-tools", chroots=[CHROOT], description="Tools")
    cl.create_project("other", chroots=[CHROOT])
    exec(SEARCH, {"cl": cl})
    assert capsys.readouterr().out == "Name: python-tools\n  Description: Tools\n\n"


def test_create_update_and_delete_a_project(service, cl):
    names = {"cl": cl}
    changed, deleted_too = parts(PROJECT, "# again shortcut for")
    exec(changed, names)
    assert cl.get_projects_list().projects_list == []
    names["result"] = cl.create_project("hello_world", chroots=[CHROOT])
    exec(deleted_too, names)
    assert cl.get_projects_list().projects_list == []


def test_work_with_builds(service, cl, capsys, monkeypatch):
    real_sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: real_sleep(min(seconds, 0.1)))
    last = BUILDS.rindex("# cancel all created build")
    submitted, canceled, progress = parts(
        BUILDS[:last], "# cancel all created build", "# simple build progress:"
    )
    cl.create_project("hello_world", chroots=[CHROOT])
    names = {"cl": cl}

    service.script("pkg", takes=math.inf)
    exec(submitted, names)
    number = names["result"].builds_list[0].build_id
    assert re.fullmatch(rf"{number}:\w+\n", capsys.readouterr().out)
    exec(canceled, names)
    assert f"build: {number}\n" in capsys.readouterr().out
    assert cl.get_build_details(number).status == "canceled"

    service.script("pkg", takes=0)
    exec(submitted, names)
    exec(progress, names)
    number = names["result"].builds_list[0].build_id
    assert capsys.readouterr().out.endswith(f"{number}: succeeded\n")

    service.script("pkg", takes=math.inf)
    exec(submitted, names)
    exec(BUILDS[last:], names)
    number = names["result"].builds_list[0].build_id
    assert cl.get_build_details(number).status == "canceled"
