"""Every kind of submission, a service to send them to, and the ways to lose their responses.

The service is a local Copr, so that what it makes of a submission, and how it describes it afterwards, is not
our own guess.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from copr._drive import drive
from copr.v3 import Client
from copr.v3.calls import package, submit
from copr_local import LocalCopr
from copr_local.rules import users
from copr_local.testing.rpm_file import RpmFile

CHROOTS = ["centos-stream-10-x86_64", "fedora-44-aarch64", "fedora-44-x86_64"]
PROJECT = ("alice", "tools")
GROUP_PROJECT = ("@team", "tools")

#: Packages of the project, one of each source type.
PACKAGES = {
    "scm": {"clone_url": "https://example.com/of-package.git", "source_build_method": "tito"},
    "pypi": {"pypi_package_name": "munch", "python_versions": [3]},
    "rubygems": {"gem_name": "rake"},
    "custom": {"script": "#!/bin/sh\nmake\n", "builddeps": "make tar", "chroot": "fedora-latest-x86_64"},
    "distgit": {"distgit": "fedora", "committish": "f44"},
}

URL = "https://example.com/hello-1-1.src.rpm"

#: A call of each kind. Each takes a folder that has the files to upload.
SUBMISSIONS = {
    "file": lambda folder: submit.create_from_file(*PROJECT, folder / "hello-1-1.src.rpm"),
    "rpm": lambda folder: submit.create_from_rpm_upload(*PROJECT, folder / "hello-1-1.noarch.rpm"),
    "url": lambda folder: submit.create_from_url(*PROJECT, URL),
    "urls": lambda folder: submit.create_from_urls(*PROJECT, [URL, "https://example.com/ed.spec"]),
    "scm": lambda folder: submit.create_from_scm(*PROJECT, "https://example.com/hello.git"),
    **{
        f"scm, {method}": lambda folder, method=method: submit.create_from_scm(
            *PROJECT,
            "https://example.com/hello",
            "main",
            "sub",
            "hello.spec",
            "svn" if method == "rpkg" else "git",
            method,
        )
        for method in ("rpkg", "tito", "tito_test", "make_srpm")
    },
    "pypi": lambda folder: submit.create_from_pypi(*PROJECT, "munch"),
    "pypi, version": lambda folder: submit.create_from_pypi(
        *PROJECT, "munch", "4.0", "fedora", [3], spec_generator="pyp2rpm"
    ),
    "rubygems": lambda folder: submit.create_from_rubygems(*PROJECT, "rake"),
    "custom": lambda folder: submit.create_from_custom(*PROJECT, "#!/bin/sh\nmake\n"),
    "custom, options": lambda folder: submit.create_from_custom(
        *PROJECT, "#!/bin/sh\nmake\n", "fedora-44-x86_64", ["make", "tar"], "out", "https://example.com/repo"
    ),
    "distgit": lambda folder: submit.create_from_distgit(*PROJECT, "hello"),
    "distgit, branch": lambda folder: submit.create_from_distgit(
        *PROJECT, "hello", "f44", "forks/bob", "fedora"
    ),
    **{
        f"package, {kind}": lambda folder, kind=kind: package.build(*PROJECT, f"of-{kind}")
        for kind in PACKAGES
    },
    "options": lambda folder: submit.create_from_file(
        *PROJECT,
        folder / "hello-1-1.src.rpm",
        {"chroots": CHROOTS[:1], "background": True, "timeout": 60},
        "tools:custom:x",
    ),
    "without a chroot": lambda folder: submit.create_from_url(
        *PROJECT, URL, {"exclude_chroots": CHROOTS[:1]}
    ),
}


@contextmanager
def prepared():
    """Run a local Copr with a project, its packages, a user bob, and a group with a project.

    All builds are those of a test. They stay pending, because the service has no builder.
    """
    with LocalCopr(username="alice", chroots=CHROOTS, builds="scripted", builders=0) as copr:
        copr.bob = copr.add_user("bob", admin=True)
        with copr.database.writing() as tx:
            users.add_group(tx, "team", "fas_team", [users.get(tx, "alice")])
        client = Client(copr.config)
        client.project_proxy.add(*PROJECT, CHROOTS)
        for kind, source in PACKAGES.items():
            client.package_proxy.add(*PROJECT, f"of-{kind}", kind, source)
        client.project_proxy.add(*GROUP_PROJECT, CHROOTS)
        yield copr


@pytest.fixture(scope="module")
def began():
    """The service at its beginning, and its state then. A module takes these fixtures by their names."""
    with prepared() as copr:
        yield copr, copr.snapshot()


@pytest.fixture
def service(began):
    """The service, as it was at the beginning."""
    copr, state = began
    copr.restore(state)
    return copr


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with the files that submissions upload."""
    folder = tmp_path_factory.mktemp("files")
    for arch, path in (("src", "hello.spec"), ("noarch", "/usr/share/hello")):
        RpmFile("hello", 0, "1", "1", arch, "", path, "Hello.", 1_795_000_000).write(folder)
    (folder / "hello.spec").write_text("Name: hello\n")
    return folder


def builds(copr):
    """Return the ids of the project's builds, oldest first."""
    return sorted(build.id for build in Client(copr.config).build_proxy.get_list(*PROJECT))


class Sender:
    """Carries flows out: sends their calls to the service, and counts the submissions among them.

    Pauses move the clock of the service, so nobody waits. `before_the_first` is called before the first
    submission is sent, and `in_pause` in each pause with the number of the pause.
    """

    def __init__(self, copr, policy=None, config=None):
        self.copr = copr
        self.submissions = 0
        self.before_the_first = None
        self.in_pause = lambda number: None
        self.pauses = 0
        self.connection = Client(config or copr.config, policy=policy).base_proxy._connection

    def __call__(self, call):
        if call.method == "POST":
            self.submissions += 1
            if self.before_the_first and self.submissions == 1:
                self.before_the_first()
        return self.connection.transport()(call)

    def now(self):
        return self.copr.clock()

    def sleep(self, seconds):
        self.pauses += 1
        self.in_pause(self.pauses)
        self.copr.clock.advance(seconds=seconds)

    def run(self, plan):
        """Carry a plan out, as a client does."""
        return drive(self.connection.around(plan), self, self)


#: Ways to lose the response to a submission that was carried out, as functions of the service's faults.
LOSSES = {
    "reset after": lambda faults: faults.reset("after", method="POST", count=1),
    "502 after": lambda faults: faults.status(502, "after", method="POST", count=1),
    "504 after": lambda faults: faults.status(504, "after", method="POST", count=1),
    "a page of HTML after": lambda faults: faults.status(200, "after", method="POST", count=1),
    "cut in the body": lambda faults: faults.cut(10, method="POST", count=1),
}


def silence(faults):
    """Carry the request out, and respond long after a short timeout of the client."""
    return faults.delay(2, "after", method="POST", count=1)
