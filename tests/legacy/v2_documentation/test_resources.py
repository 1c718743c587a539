"""The documentation's chapters on resources, and on mock chroots."""

from __future__ import annotations

from v2_examples import CHROOTS, ENABLED, lines, matches, run

CHROOT = r"<Project chroot: [\w-]+, additional packages: \[\], comps size if any: 0>"
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
