"""The documentation's chapters on projects and their chroots."""

from __future__ import annotations

from v2_examples import ENABLED, OWNERS, lines, matches, run

CHROOT = r"<Project chroot: [\w-]+, additional packages: \[\], comps size if any: 0>"
BUILD = r"<Build #\d+ state: \w+>"


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
