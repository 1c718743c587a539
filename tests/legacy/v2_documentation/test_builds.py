"""The documentation's chapters on builds and build tasks."""

from __future__ import annotations

from v2_examples import lines, matches, run

TASK = r"<Build task #\d+-[\w-]+, state: \w+>"


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
