"""The documentation's examples of client v2 run as they are written, on a service with API v2 and on one that
has only API v3.

What is changed of an example is its host, owners, numbers and the folder of its files; its own slips stay. An
example is the text of the page: what follows a prompt, and lines that go on in brackets.
"""

from __future__ import annotations

import math
import re
import shutil

import pytest
from srpm import make_srpm

import copr
from copr.client_v2.common import BuildStateValues
from copr.v3 import Client, wait
from copr_local import LocalCopr

OWNERS = ["alice", "bob", "carol", "dave", "erin"]
CHROOTS = [
    "epel-5-i386",
    "epel-6-i386",
    "epel-6-x86_64",
    "epel-7-x86_64",
    "fedora-18-x86_64",
    "fedora-20-x86_64",
    "fedora-21-i386",
    "fedora-21-x86_64",
    "fedora-22-i386",
    "fedora-22-x86_64",
    "fedora-23-x86_64",
]
ENABLED = [name for name in CHROOTS if name != "fedora-22-x86_64"]


@pytest.fixture(scope="module", params=[("v1", "v2", "v3"), ("v3",)], ids=["over v2", "over v3"])
def began(request):
    """A service with projects and builds, and its state."""
    with LocalCopr(
        builds="scripted", username="alice", chroots=CHROOTS, builders=8, apis=request.param
    ) as service:
        alice = Client(service.config)
        alice.project_proxy.add("alice", "salt", ENABLED, enable_net=True)
        for owner in OWNERS:
            config = service.config if owner == "alice" else service.add_user(owner)
            Client(config).project_proxy.add(owner, "copr", CHROOTS[:1])
        service.script("broken", chroot="epel-*", fails="no such header: zlib.h")
        for package in ("hello", "broken", "hello", "broken"):
            wait(
                alice.build_proxy.create_from_url(
                    "alice", "salt", f"http://example.com/{package}-1-1.src.rpm"
                ),
                interval=0.05,
            )
        service.script("my", takes=math.inf)
        yield service, service.snapshot()


@pytest.fixture
def names(began, tmp_path, monkeypatch):
    """What the examples take for granted."""
    service, state = began
    service.restore(state)
    srpm = make_srpm(tmp_path)
    for name in ("my.src.rpm", "hello-2.8-1.fc20.src.rpm"):
        shutil.copy(srpm, tmp_path / name)
    monkeypatch.setenv("COPR_CONFIG", str(service.config_path))
    client = copr.create_client2_from_file_config()
    return {
        "cl": client,
        "p": client.projects.get_one(1),
        "b": client.builds.get_one(2),
        "BuildStateValues": BuildStateValues,
        "HERE": {
            "http://copr-fe-dev.cloud.fedoraproject.org/": f"{service.url}/",
            "vgologuz": "alice",
            "1835": "1",
            "3806": "1",
            "138421": "2",
            "106897": "2",
            "/tmp/": f"{tmp_path}/",
        },
    }


def run(example, names):
    """Run an example; what it shows is checked by who asked for it."""
    for there, here in names["HERE"].items():
        example = example.replace(there, here)
    code, brackets = [], 0
    for line in example.splitlines():
        if line.startswith(">>> ") or brackets:
            code.append(line.removeprefix(">>> "))
            brackets += sum(line.count(each) for each in "([{") - sum(line.count(each) for each in ")]}")
    exec(compile("\n".join(code), "the documentation", "exec"), names)


def lines(capsys):
    return capsys.readouterr().out.splitlines()


def matches(shown, pattern, count):
    assert len(shown) == count, shown
    assert all(re.fullmatch(pattern, line) for line in shown), shown


PROJECT = r"<Project #\d+: \w+/\w+>"
CHROOT = r"<Project chroot: [\w-]+, additional packages: \[\], comps size if any: 0>"
BUILD = r"<Build #\d+ state: \w+>"
TASK = r"<Build task #\d+-[\w-]+, state: \w+>"
MOCK_CHROOT = r"<Mock chroot: [\w-]+ is active: True>"


def test_resources(names, capsys):
    run(
        """
>>> from copr import create_client2_from_params
# using dev server for test
>>> cl = create_client2_from_params(root_url="http://copr-fe-dev.cloud.fedoraproject.org/")

>>> projects = cl.projects.get_list(name="copr", limit=3)
>>> for p in projects:
>>>     print(p)
<Project #1: msuchy/copr>
<Project #1503: vgologuz/copr>
<Project #2796: mosquito/copr>
""",
        names,
    )
    matches(lines(capsys), r"<Project #\d+: \w+/copr>", 3)
    run(
        """
>>> more_projects = projects.next_page()
>>> for p in more_projects:
>>>     print(p)
<Project #2805: esmil/copr>
<Project #4266: frostyx/copr>
""",
        names,
    )
    matches(lines(capsys), r"<Project #\d+: \w+/copr>", 2)


def test_an_individual_resource(names, capsys):
    run(
        """
>>> p = cl.projects.get_one(1835)
""",
        names,
    )
    run(
        """
>>> print(p.owner, p.name)
(u'saltstack', u'salt')
# obtain active build chroots
>>> print("\\n".join(map(str, p.get_project_chroot_list())))
<Project chroot: fedora-22-x86_64, additional packages: [], comps size if any: 0>
<Project chroot: fedora-22-i386, additional packages: [], comps size if any: 0>
# change project description (require auth)
>>> p.description = u"Hello world!"
>>> p.update()
# instead of cl.projects.update(p._entity)
""",
        names,
    )
    first, *chroots = lines(capsys)
    assert first == "alice salt"
    matches(chroots, CHROOT, len(ENABLED))
    assert names["cl"].projects.get_one(1).description == "Hello world!"
    assert names["cl"].projects.update(names["p"]._entity).is_successful()


def test_get_projects_list(names):
    run(
        """
>>> plist_1 = cl.project.get_list(limit=10)
# filter by name
>>> plist_2 = cl.project.get_list(name="copr")
""",
        names,
    )
    assert [project.name for project in names["plist_1"]] == ["salt", *["copr"] * 5]
    assert [project.owner for project in names["plist_2"]] == OWNERS
    run(
        """
# search by string
>>> plist_2 = cl.project.get_list(search_query="copr")
""",
        names,
    )
    assert [project.owner for project in names["plist_2"]] == OWNERS


def test_get_modify_and_delete_a_project(names):
    run(
        """
>>> p = cl.projects.get_one(1835)
""",
        names,
    )
    run(
        """
>>> p.description = "Nothing"
>>> p.update()
""",
        names,
    )
    assert names["p"].get_self().description == "Nothing"
    run(
        """
>>> p.delete()
""",
        names,
    )
    assert "salt" not in [project.name for project in names["cl"].projects.get_list()]


def test_create_new_project(names, capsys):
    run(
        """
>>> res = cl.projects.create(name="my_cool_project",
                             owner="vgologuz",
                             instructions="don't touch me!",
                             chroots=["fedora-22-x86_64"])
>>> print(res)
<Project #5384: vgologuz/my_cool_project>
""",
        names,
    )
    matches(lines(capsys), r"<Project #\d+: alice/my_cool_project>", 1)
    assert names["res"].instructions == "don't touch me!"


def test_access_project_chroots(names, capsys):
    run(
        """
# get all lists
>>> chroots = p.get_project_chroot_list()
>>> print("\\n".join(map(str, chroots)))
<Project chroot: fedora-21-x86_64, additional packages: [], comps size if any: 0>
<Project chroot: fedora-21-i386, additional packages: [], comps size if any: 0>
# get one chroot
>>> chroot_1 = p.get_project_chroot("fedora-22-i386")
# enable chroot for project
>>> p.enable_project_chroot("fedora-22-x86_64")
""",
        names,
    )
    matches(lines(capsys), CHROOT, len(ENABLED))
    assert names["chroot_1"].name == "fedora-22-i386"
    assert names["p"].get_project_chroot("fedora-22-x86_64").buildroot_pkgs == []


def test_access_project_builds(names, capsys):
    run(
        """
>>> p.get_builds(limit=5)
>>> pbuilds = p.get_builds(limit=5)
>>> print(pbuilds[3])
<Build #138414 state: failed>

# submit new builds
>>> p.create_build_from_url(srpm_url="http://example.com/my.src.rpm")
>>> p.create_build_from_file(file_path="/tmp/my.src.rpm")
""",
        names,
    )
    matches(lines(capsys), BUILD, 1)
    assert [build.source_type for build in names["p"].get_builds(limit=2)] == ["upload", "link"]


def test_project_chroots(names, capsys):
    run(
        """
>>> pc_list = cl.project_chroots.get_list(project=p)
# or more simple
>>> pc_list = p.get_project_chroot_list()
>>> map(str, pc_list)
['<Project chroot: fedora-21-x86_64, additional packages: [], comps size if any: 0>',
 '<Project chroot: epel-7-x86_64, additional packages: [], comps size if any: 0>']
""",
        names,
    )
    matches(list(map(str, names["pc_list"])), CHROOT, len(ENABLED))
    run(
        """
>>> pc = cl.project_chroots.get_one(project=p, name="fedora-23-x86_64")
# or
>>> pc = p.get_project_chroot("fedora-23-x86_64")
>>> print(pc)
<Project chroot: fedora-23-x86_64, additional packages: [], comps size if any: 0>
""",
        names,
    )
    matches(lines(capsys), CHROOT, 1)
    run(
        """
>>> pc.buildroot_pkgs = ["scl-utils",]
>>> pc.update()
""",
        names,
    )
    assert names["p"].get_project_chroot("fedora-23-x86_64").buildroot_pkgs == ["scl-utils"]
    run(
        """
>>> pc.disable()
""",
        names,
    )
    assert "fedora-23-x86_64" not in [chroot.name for chroot in names["p"].get_project_chroot_list()]


def test_get_builds(names, capsys):
    run(
        """
>>> blist_1 = cl.builds.get_list(limit=2)
>>> print(map(str, blist_1))
['<Build #138426 state: succeeded>', '<Build #138425 state: succeeded>']
# using the project object
>>> blist_2 = p.get_builds(limit=2)
>>> print(map(str, blist_2))
['<Build #138423 state: failed>', '<Build #138421 state: failed>']
""",
        names,
    )
    assert list(map(str, names["blist_1"])) == ["<Build #4 state: failed>", "<Build #3 state: succeeded>"]
    assert list(map(str, names["blist_2"])) == ["<Build #4 state: failed>", "<Build #3 state: succeeded>"]
    capsys.readouterr()
    run(
        """
>>> b = cl.builds.get_one(138421)
>>> print(b)
<Build #138421 state: failed>
""",
        names,
    )
    assert lines(capsys) == ["<Build #2 state: failed>"]


def test_create_cancel_and_delete_a_build(names):
    run(
        """
# using the url to srpm
>>> b1 = cl.builds.create_from_url(project_id=3806, srpm_url="http://example.com/my.src.rpm")
# or using project object
>>> b2 = p.create_build_from_url("http://example.com/my.src.rpm")
>>> print(map(str, [b1, b2]))
['<Build #138431 state: importing>', '<Build #138430 state: importing>']

# and using the file upload
>>> b3 = cl.builds.create_from_file(project_id=3806, file_path="/tmp/hello-2.8-1.fc20.src.rpm")
>>> b4 = p.create_build_from_file("/tmp/hello-2.8-1.fc20.src.rpm")
""",
        names,
    )
    assert [names[name].id for name in ("b1", "b2", "b3", "b4")] == [5, 6, 7, 8]
    run(
        """
>>> b1.cancel()
""",
        names,
    )
    assert names["b1"].get_self().state == "canceled"
    run(
        """
>>> b1.delete()
""",
        names,
    )
    assert 5 not in [build.id for build in names["p"].get_builds()]


def test_get_build_tasks(names, capsys):
    run(
        """
>>> bt_list_1 = cl.build_tasks.get_list(state=BuildStateValues.FAILED, limit=5)
>>> map(str, bt_list_1)
['<Build task #17-fedora-18-x86_64, state: failed>',
 '<Build task #17-fedora-18-i386, state: failed>',
 '<Build task #17-fedora-19-x86_64, state: failed>',
 '<Build task #17-fedora-19-i386, state: failed>',
 '<Build task #107850-fedora-23-x86_64, state: failed>']

# using project object
>>> bt_list_2 = p.get_build_tasks(limit=5)
>>> map(str, bt_list_2)
['<Build task #86705-epel-6-i386, state: succeeded>',
 '<Build task #86705-epel-6-x86_64, state: failed>',
 '<Build task #86705-fedora-rawhide-x86_64, state: succeeded>',
 '<Build task #86705-fedora-rawhide-i386, state: failed>',
 '<Build task #86705-fedora-20-x86_64, state: succeeded>']

# using build object
>>> bt_list_3 = b.get_build_tasks(limit=5)
>>> map(str, bt_list_3)
['<Build task #87165-epel-6-i386, state: failed>',
 '<Build task #87165-epel-6-x86_64, state: failed>',
 '<Build task #87165-fedora-rawhide-x86_64, state: succeeded>',
 '<Build task #87165-fedora-rawhide-i386, state: succeeded>',
 '<Build task #87165-fedora-20-x86_64, state: succeeded>']
""",
        names,
    )
    for name in ("bt_list_1", "bt_list_2", "bt_list_3"):
        matches(list(map(str, names[name])), TASK, 5)
    assert {task.state for task in names["bt_list_1"]} == {"failed"}
    assert {task.build_id for task in names["bt_list_3"]} == {2}
    run(
        """
>>> bt = cl.build_tasks.get_one(106897, "epel-6-i386")
>>> print(bt.state, bt.result_dir_url)
(u'succeeded', u'http://copr-be-dev.cloud.fedoraproject.org/results/rineau/libQGLViewer-qt5/epel-6-i386/libQGLViewer-2.5.1-5.fc21')
""",
        names,
    )
    matches(lines(capsys), r"failed http://.+/results/alice/salt/epel-6-i386/.+", 1)


def test_mock_chroots(names, capsys):
    run(
        """
>>> mlist = map(str, cl.mock_chroots.get_list(active_only=True))
>>> print("\\n".join(map(str, mlist)))
<Mock chroot: epel-6-i386 is active: True>
<Mock chroot: epel-6-x86_64 is active: True>
<Mock chroot: epel-5-i386 is active: True>
...
""",
        names,
    )
    matches(lines(capsys), MOCK_CHROOT, len(CHROOTS))
    run(
        """
>>> mc = cl.mock_chroots.get_one("fedora-22-i386")
>>> print(mc)
<Mock chroot: fedora-22-i386 is active: True>
>>> print(mc.name, mc.os_release, mc.os_version, mc.arch)
(u'fedora-22-i386', u'fedora', u'22', u'i386')
""",
        names,
    )
    assert lines(capsys) == [
        "<Mock chroot: fedora-22-i386 is active: True>",
        "fedora-22-i386 fedora 22 i386",
    ]
