"""The code of the released documentation, chapter 3.3, runs as it is printed there.

Only the host, the credentials and the path of a configuration file are this test's. The numbers 2544, 2545
and 123, the group and the projects are as in the documentation, so the service has them. Two examples cannot
run in any client: one is no Python (a doubled comma), one leaves out the project that it builds in.
"""

from __future__ import annotations

from pprint import pprint
from textwrap import indent

import pytest
from sqlalchemy import text

from copr.v3 import Client, CoprNoResultException, CoprRequestException
from copr_local import LocalCopr
from copr_local.models import Build, Group, Project, User
from copr_local.rules import builds, queue
from copr_local.rules.builds import Options, Source
from copr_local.rules.queue import Step

CHROOTS = ["fedora-27-x86_64", "fedora-rawhide-x86_64", "fedora-rawhide-i386"]

CONFIGURATION = """
config = {'copr_url': u'https://copr.fedorainfracloud.org',
          'login': u'secretlogin',
          'token': u'secrettoken',
          'username': u'frostyx'}
"""


@pytest.fixture
def documented():
    """A service in the state that the documentation shows."""
    with LocalCopr(username="frostyx", chroots=CHROOTS, builders=0) as copr:
        with copr.database.writing() as tx:
            user = tx.session.query(User).filter_by(name="frostyx").one()
            user.groups.append(Group(name="copr", fas_name="copr"))
        client = Client(copr.config)
        client.project_proxy.add("@copr", "copr", CHROOTS[:2])
        with copr.database.writing() as tx:
            user = tx.session.query(User).filter_by(name="frostyx").one()
            project = tx.session.query(Project).filter_by(ownername="@copr", name="copr").one()
            for number, package in ((123, "copr-cli"), (2543, "copr"), (2544, "mksh"), (2545, "ed")):
                tx.session.add(Build(**_fields(tx, user, project, number)))
                tx.session.flush()
                if number > 2543:
                    _succeed(tx, number, package)
        for number in range(5):
            client.package_proxy.add(
                "@copr", "copr", f"package-{number}", source_type="rubygems", source={"gem_name": "x"}
            )
        yield copr


def _fields(tx, user, project, number):
    """What a submission writes, with a number of our own."""
    build = builds.submit(
        tx, user, project.dirs[0], Source("link", {"url": "http://foo.ex/x.src.rpm"}), Options()
    )
    fields = {column.name: getattr(build, column.name) for column in Build.__table__.columns}
    builds.cancel(tx, user, build)
    tx.session.delete(build)
    tx.session.flush()
    tx.session.execute(text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'build'"), {"last": number})
    return {**fields, "id": number}


def _succeed(tx, number, package):
    """Have a builder take every step of a build, and succeed."""
    source = Step(number)
    queue.claim(tx, source)
    queue.begin(tx, source)
    queue.source_built(tx, source, package=package, version="1-1", srpm=f"{package}-1-1.src.rpm")
    queue.imported(tx, source)
    tx.session.flush()
    for chroot in [chroot.name for chroot in tx.session.get(Build, number).chroots]:
        step = Step(number, chroot)
        queue.claim(tx, step)
        queue.begin(tx, step)
        queue.chroot_built(tx, step, [])


@pytest.fixture
def run(documented, tmp_path, monkeypatch):
    """Runs an example as it is printed, and returns its names; later ones see the names of earlier ones."""
    home = tmp_path / "home"
    (home / ".config").mkdir(parents=True)
    (home / ".config" / "copr").write_text(documented.config_path.read_text())
    monkeypatch.setenv("HOME", str(home))
    ours = {
        "https://copr.fedorainfracloud.org": documented.url,
        "'secretlogin'": repr(documented.config["login"]),
        "'secrettoken'": repr(documented.config["token"]),
        "/some/alternative/copr": str(documented.config_path),
    }
    names = {"pprint": pprint, "CoprRequestException": CoprRequestException}

    def run(example):
        for theirs, own in ours.items():
            example = example.replace(theirs, own)
        exec(compile(example, "documentation", "exec"), names)
        return names

    return run


def test_example_usage(run):
    names = run("""
from copr.v3 import Client

# Create an API client from config file
client = Client.create_from_config_file()

# Create a new project
chroots = ["fedora-rawhide-x86_64", "fedora-rawhide-i386"]
client.project_proxy.add("@copr", "foo", chroots, description="Some desc")

# Build a package
url = "http://foo.ex/bar.src.rpm"
build = client.build_proxy.create_from_url("@copr", "foo", url)
print(build.id)
""")
    assert names["build"].ownername == "@copr"
    assert names["build"].projectname == "foo"
    assert names["client"].project_proxy.get("@copr", "foo").description == "Some desc"


def test_client_initialization(run, documented, capsys):
    run("""
from copr.v3 import Client
client = Client.create_from_config_file()
pprint(client.config)
""")
    assert f"'copr_url': '{documented.url}'" in capsys.readouterr().out
    run('client = Client.create_from_config_file("/some/alternative/copr")')
    run(
        CONFIGURATION
        + """
client = Client(config)
assert client.config == config
"""
    )
    run("""
from copr.v3 import BuildProxy
build_proxy = BuildProxy.create_from_config_file()
""")
    run(
        CONFIGURATION
        + """
build_proxy = BuildProxy(config)
"""
    )
    names = run("""
from copr.v3 import config_from_file
config = config_from_file()
client = Client(config)
""")
    assert type(names["build_proxy"]) is names["BuildProxy"]
    assert names["client"].base_proxy.auth_check().name == "frostyx"
    assert names["build_proxy"].auth_check().name == "frostyx"


def test_data_structures(run, capsys):
    run("""
from copr.v3 import Client
client = Client.create_from_config_file()
build = client.build_proxy.get(2545)
pprint(build)
""")
    names = run("""
print(type(build))
print(isinstance(build, dict))
""")
    assert capsys.readouterr().out.endswith("True\n")
    run("""
from pprint import pprint
pprint(dict(build))
""")
    assert "'source_package': " in capsys.readouterr().out
    run("""
assert build.ownername == build["ownername"]
print (build.ownername)
""")
    assert capsys.readouterr().out == "@copr\n"
    run("""
print (build.__response__)
print (type(build.__response__))
print (build.__response__.status_code)
""")
    assert capsys.readouterr().out == "<Response [200]>\n<class 'requests.models.Response'>\n200\n"
    assert names["build"].source_package.name == "ed"
    assert names["build"].state == "succeeded"


def test_lists_of_objects(run, capsys):
    run("from copr.v3 import Client\nclient = Client.create_from_config_file()")
    run("""
builds = client.build_proxy.get_list("@copr", "copr")
print (builds)
""")
    capsys.readouterr()
    run("""
print(type(builds))
print(isinstance(builds, list))
""")
    assert capsys.readouterr().out.endswith("True\n")
    run("print(builds.__response__)")
    assert capsys.readouterr().out == "<Response [200]>\n"
    names = run("print(builds.meta)")
    assert {"limit", "offset", "order", "order_type"} <= set(names["builds"].meta)
    capsys.readouterr()
    run("""
for build in builds:
    print("Build {} {}".format(build.id, build.state))
""")
    assert "Build 2544 succeeded\n" in capsys.readouterr().out


def test_modifying_data(run):
    run("from copr.v3 import Client\nclient = Client.create_from_config_file()")
    names = run("""
build = client.build_proxy.delete(2545)
print(build)
""")
    assert names["build"].source_package.name == "ed"
    with pytest.raises(CoprNoResultException) as caught:
        run("client.build_proxy.get(build.id)")
    assert str(caught.value) == "Build 2545 does not exist."


CANCEL = """
from copr.v3 import Client
client = Client.create_from_config_file()

try:
    build = client.build_proxy.cancel(123)
    print("Build {} is {}".format(build.id, build.state))
"""


def test_error_handling(run, capsys):
    run(CANCEL + "except CoprRequestException as ex:\n    print(ex)\n")
    assert capsys.readouterr().out == "Build 123 is canceled\n"
    run(CANCEL + "except CoprRequestException as ex:\n    print(ex)\n    print(ex.result)\n")
    assert capsys.readouterr().out.startswith("Cannot cancel build 123\nMunch({")
    run(
        CANCEL
        + indent(
            """\
print(type(ex.result.__response__))
print(ex.result.__response__)
print(ex.result.__response__.status_code)
print(ex.result.__response__.headers)
""",
            "    ",
        ).join(("except CoprRequestException as ex:\n", ""))
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "<class 'requests.models.Response'>"
    assert int(lines[2]) >= 400
    assert "'Content-Type': 'application/json'" in lines[3]


def test_pagination(run, capsys):
    run(CONFIGURATION)
    run("""
from copr.v3 import Client
client = Client(config)

packages = client.package_proxy.get_list("@copr", "copr")
print(packages)
""")
    names = run("""
pagination = {"limit": 3, "order": "name"}
packages = client.package_proxy.get_list("@copr", "copr", pagination=pagination)
print(packages)
print(packages.meta)
""")
    assert [package.name for package in names["packages"]] == sorted(
        package.name for package in names["packages"]
    )
    assert names["packages"].meta.limit == 3
    capsys.readouterr()
    run("""
from copr.v3 import next_page

package_page = client.package_proxy.get_list("@copr", "copr", pagination={"limit": 3})
while package_page:
    for package in package_page:
        print(package)
    print("---")
    package_page = next_page(package_page)
""")
    pages = capsys.readouterr().out.split("---\n")
    assert len(pages) > 2
    assert pages[-1] == ""


def test_working_with_proxies_directly(run, documented):
    run("""
from copr.v3 import Client
client = Client.create_from_config_file()
build = client.build_proxy.get(123)
""")
    example = """
from copr.v3 import BuildProxy
config = {"username": "frostyx", , "copr_url": "https://copr.fedorainfracloud.org/",
         "login": "somehash", "token": "someotherhash"}
build_proxy = BuildProxy(config)
build = build_proxy.get(123)
"""
    with pytest.raises(SyntaxError):
        run(example)
    assert run(example.replace(", ,", ","))["build"].id == 123


def test_build_options(run):
    run("from copr.v3 import Client\nclient = Client.create_from_config_file()")
    example = """
url = "http://foo.ex/baz.src.rpm"
client.build_proxy.create_from_url(url, buildopts={
    "chroots": ["fedora-rawhide-x86_64"],
    "background": True,
})
"""
    with pytest.raises(TypeError, match="projectname"):
        run(example)
    whole = example.replace("client.build", "build = client.build").replace("(url,", '("@copr", "copr", url,')
    build = run(whole)["build"]
    assert build.is_background
    assert build.chroots in ([], ["fedora-rawhide-x86_64"])


def test_package_source_type(run):
    run("from copr.v3 import Client\nclient = Client.create_from_config_file()")
    run("""
client.project_proxy.add("@copr", "foo", ["fedora-rawhide-x86_64"], exist_ok=True)
client.package_proxy.add("@copr", "foo", "mypackage",
                          source_type="rubygems",
                          source={"gem_name": "mygem"})
""")
    package = run('package = client.package_proxy.get("@copr", "foo", "mypackage")')["package"]
    assert package.source_type == "rubygems"
    assert package.source_dict["gem_name"] == "mygem"
