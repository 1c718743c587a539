"""Source builds in an installed root: what it has, what a Makefile may do there, and what is kept of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from copr_local.builders.roots.store import remove_all
from copr_local.builders.settings import Settings
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildFailed, RootTask

CHROOT = f"fedora-44-{os.uname().machine}"
GO_SPEC = """\
%global goipath example.com/greet
Name: greet
Version: 1.0
Release: 1%{?dist}
Summary: A package of the tests
License: MIT
%gometa
%description
A package of the tests.
%files
"""


@pytest.fixture(scope="module")
def roots(distribution, tmp_path_factory) -> Iterator[RootTask]:
    folder = tmp_path_factory.mktemp("source-roots")
    configuration = distribution.dnf_configuration(folder / f"{CHROOT}.conf")
    roots = folder / "roots"
    yield RootTask(configuration, roots)
    remove_all(roots)


@pytest.fixture
def build(source_task, roots) -> Callable[..., object]:
    """Make a source RPM in a root; keep the log."""

    def make(uploaded: Path | None = None, *, root: RootTask = roots, **fields: object) -> object:
        task = source_task(uploaded, chroot=CHROOT, root=root, **fields)
        try:
            return build_source(task, settings=Settings())
        finally:
            make.log = (task.directory / "builder-live.log").read_text()

    return make


def test_a_spec_has_the_macros_of_the_root(build, git_repository):
    repository = git_repository()
    repository.commit({"greet.spec": GO_SPEC, "greet-1.0.txt": "greetings"})
    result = build(source_type="scm", source={"clone_url": repository.url})
    assert result.srpm.name == "greet-1.0-1.src.rpm"
    listed = subprocess.run(["rpm", "-qpl", result.srpm], capture_output=True, text=True, check=True).stdout
    assert listed.splitlines() == ["greet-1.0.txt", "greet.spec"]


MAKEFILE = """\
srpm:
\tdnf -y install git
\tid -u
\tgit archive --prefix=hello-1.0/ -o hello-1.0.tar.gz HEAD
\trpmbuild -bs --define "_sourcedir $(PWD)" --define "_srcrpmdir $(outdir)" $(spec)
\ttouch left-behind /usr/left-behind
\tchown -R 5 $(outdir)/..
"""


def test_a_makefile_installs_what_it_needs_as_root_of_a_root_that_is_thrown_away(
    build, roots, git_repository, spec
):
    repository = git_repository()
    repository.commit({"hello.spec": spec("Source0: hello-1.0.tar.gz"), ".copr/Makefile": MAKEFILE})
    source = {"clone_url": repository.url, "srpm_build_method": "make_srpm", "spec": "hello.spec"}
    assert build(source_type="scm", source=source).name == "hello"
    assert "\n0\n" in build.log
    assert not list(roots.roots.glob("*.new"))
    assert not list(roots.roots.glob("*/*/usr/left-behind"))


def test_the_builddeps_of_a_script_are_installed(build, spec):
    script = f"set -e\nid -u\ncmake --version\ncat > hello.spec <<'END'\n{spec()}\nEND\n"
    source = {"script": script, "builddeps": "cmake"}
    assert build(source_type="custom", source=source).name == "hello"
    assert "\ncmake version " in build.log
    assert "\n1000\n" in build.log


def test_builddeps_that_no_repository_has_fail_the_build(build):
    source = {"script": "true", "builddeps": "cmake no-such-thing"}
    with pytest.raises(BuildFailed, match="no repository of this chroot has no-such-thing"):
        build(source_type="custom", source=source)


def test_a_root_that_cannot_be_installed_fails_the_build(build, roots, tmp_path):
    (tmp_path / "bad.conf").write_text("[gone]\nbaseurl=file:///no/such/folder\n")
    script = tmp_path / "greet.spec"
    script.write_text(GO_SPEC)
    with pytest.raises(BuildFailed, match="no/such/folder"):
        build(script, root=RootTask(tmp_path / "bad.conf", roots.roots))


def test_an_uploaded_source_rpm_needs_no_root(build, roots, make_srpm, spec, tmp_path):
    assert build(make_srpm(spec()), root=RootTask(tmp_path / "missing.conf", roots.roots)).name == "hello"
