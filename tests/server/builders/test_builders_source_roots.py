"""Source builds in an installed root: what it has, what a Makefile may do there, and what is kept of it."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from python_index import PythonIndex

from copr_local.builders.roots.store import remove_all, remove_idle
from copr_local.builders.settings import Settings
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildFailed, Limits, RootTask

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


TOOLS_SPEC = """\
Name: tools-of-python
Version: 1.0
Release: 1
Summary: Programs of the Python package index
License: Various
BuildArch: noarch
AutoReqProv: no
Requires: python3, python3-rpm, python3-setuptools, git
%define __os_install_post %{{nil}}
%description
Programs of the Python package index.
%install
mkdir -p %{{buildroot}}/usr/bin %{{buildroot}}/usr/lib
cp -r {modules} %{{buildroot}}/usr/lib/tools-of-python
for name in tito.cli pyp2spec.pyp2spec; do
    printf '#!/usr/bin/python3\\nfrom %s import main\\nmain()\\n' $name > ${{name%%.*}}
    install -m 755 ${{name%%.*}} %{{buildroot}}/usr/bin
done
mkdir -p %{{buildroot}}/usr/lib/python3/dist-packages
echo /usr/lib/tools-of-python > %{{buildroot}}/usr/lib/python3/dist-packages/tools-of-python.pth
%files
/usr/bin/*
/usr/lib/*
"""


def modules_of(*names: str) -> Iterator[Path]:
    """Return the folders and files of modules of this environment, with those that they need."""
    todo, seen = list(names), set()
    while todo:
        name = todo.pop()
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system
        if found.name in seen:
            continue
        seen.add(found.name)
        todo += [re.match(r"[\w.-]+", each)[0] for each in found.requires or () if "extra ==" not in each]
        tops = {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}
        yield from (Path(found.locate_file(top)) for top in tops)


@pytest.fixture(scope="module")
def roots(distribution, tmp_path_factory) -> Iterator[RootTask]:
    """Roots of the distribution, and of a repository with tito and pyp2spec."""
    folder = tmp_path_factory.mktemp("source-roots")
    modules, repository, roots = (folder / name for name in ("modules", "repository", "roots"))
    for path in modules_of("tito", "pyp2spec"):
        if path.is_dir():
            shutil.copytree(path, modules / path.name, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        elif path.suffix == ".py":
            modules.mkdir(exist_ok=True)
            shutil.copy(path, modules)
    (folder / "tools.spec").write_text(TOOLS_SPEC.format(modules=modules))
    defines = ("--define", f"_topdir {folder}/rpmbuild", "--define", f"_rpmdir {repository}")
    environment = {**os.environ, "HOME": str(folder)}
    command = ["rpmbuild", "-bb", *defines, folder / "tools.spec"]
    subprocess.run(command, check=True, capture_output=True, env=environment)
    subprocess.run([Path(sys.executable).with_name("createrepo_c"), "--quiet", repository], check=True)
    configuration = distribution.dnf_configuration(folder / f"{CHROOT}.conf")
    with configuration.open("a") as file:
        file.write(f"\n[tools]\nbaseurl={repository.as_uri()}\n")
    yield RootTask(configuration, roots)
    remove_all(roots)


@pytest.fixture
def build(source_task, roots) -> Callable[..., object]:
    """Make a source RPM in a root; keep the log."""

    def make(
        uploaded: Path | None = None,
        *,
        root: RootTask = roots,
        settings: Settings = Settings(),  # noqa: B008
        **fields: object,
    ) -> object:
        task = source_task(uploaded, chroot=CHROOT, root=root, **fields)
        try:
            return build_source(task, settings=settings)
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
\ttouch /dev/shm/file
\t! touch /dev/file
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


def test_empty_blocks_of_what_a_makefile_made_do_not_fill_the_disk(build, git_repository, spec, monkeypatch):
    """They take no space there, but they would in a copy."""
    monkeypatch.setattr("copr_local.builders.roots.throwaway._take", lambda *_: pytest.fail("it is copied"))
    repository = git_repository()
    makefile = "srpm:\n\ttruncate --size=90M $(outdir)/1.src.rpm $(outdir)/2.src.rpm\n"
    repository.commit({"hello.spec": spec(), ".copr/Makefile": makefile})
    source = {"clone_url": repository.url, "srpm_build_method": "make_srpm", "spec": "hello.spec"}
    with pytest.raises(BuildFailed, match="its files are larger than 100 MiB"):
        build(source_type="scm", source=source, limits=Limits(disk=100 * 1024**2))


def test_the_builddeps_of_a_script_are_installed(build, spec):
    script = f"set -e\nid -u\nls /usr/share/mini/grouped\ncat > hello.spec <<'END'\n{spec()}\nEND\n"
    source = {"script": script, "builddeps": "mini-grouped"}
    assert build(source_type="custom", source=source).name == "hello"
    assert "\n/usr/share/mini/grouped\n" in build.log
    assert "\n1000\n" in build.log


@pytest.mark.parametrize("missing", ["no-such-thing", "@no-such-group"])
def test_builddeps_that_no_repository_has_fail_the_build(build, missing):
    source = {"script": "true", "builddeps": f"mini-grouped {missing}"}
    with pytest.raises(BuildFailed, match=f"no repository of this chroot has {missing}"):
        build(source_type="custom", source=source)


def test_options_of_dnf_are_not_packages(build):
    source = {"script": "true", "builddeps": "mini-grouped --setopt=proxy=http://192.0.2.1"}
    with pytest.raises(BuildFailed, match=r"'--setopt=proxy=http://192.0.2.1' is not a valid package"):
        build(source_type="custom", source=source)


def test_output_without_end_is_not_read_into_memory(build, spec):
    script = f"cat > hello.spec <<'END'\n%(yes >&2)\n{spec()}\nEND\n"
    with pytest.raises(BuildFailed, match="rpmbuild printed more than 16 MiB"):
        build(source_type="custom", source={"script": script})


def test_tito_is_installed_and_makes_the_source_rpm(build, git_repository, spec):
    repository = git_repository()
    properties = "[buildconfig]\nbuilder = tito.builder.Builder\ntagger = tito.tagger.VersionTagger\n"
    files = {".tito/tito.props": properties, ".tito/packages/hello": "1.0-1 ./\n"}
    repository.commit({"hello.spec": spec("Source0: %{name}-%{version}.tar.gz"), **files})
    repository.git("tag", "--annotate", "--message", "Tag", "hello-1.0-1")
    source = {"clone_url": repository.url, "srpm_build_method": "tito"}
    result = build(source_type="scm", source=source)
    assert (result.name, result.version) == ("hello", "1.0-1.mini44")  # tito keeps the dist of the root


def test_pyp2spec_is_installed_and_asks_the_index(build, file_server):
    index = PythonIndex(file_server)
    index.release("2.0")
    source = {"pypi_package_name": "greeting"}
    result = build(source_type="pypi", source=source, settings=Settings(pypi=index.url))
    assert (result.name, result.version) == ("python-greeting", "2.0-1")


def test_a_program_that_no_repository_has_fails_the_build(build, git_repository, spec):
    repository = git_repository()
    repository.commit({"hello.spec": spec()})
    with pytest.raises(BuildFailed, match="no repository of this chroot has /usr/bin/packit"):
        build(source_type="scm", source={"clone_url": repository.url, "srpm_build_method": "packit"})


def test_a_root_that_cannot_be_installed_fails_the_build(build, roots, tmp_path):
    (tmp_path / "bad.conf").write_text("[gone]\nbaseurl=file:///no/such/folder\n")
    script = tmp_path / "greet.spec"
    script.write_text(GO_SPEC)
    with pytest.raises(BuildFailed, match="no/such/folder"):
        build(script, root=RootTask(tmp_path / "bad.conf", roots.roots))


def test_an_uploaded_source_rpm_needs_no_root(build, roots, make_srpm, spec, tmp_path):
    assert build(make_srpm(spec()), root=RootTask(tmp_path / "missing.conf", roots.roots)).name == "hello"


def test_roots_that_no_build_uses_can_be_removed_at_once(roots):
    remove_idle(roots.roots)
    assert sorted(path.name for path in roots.roots.iterdir()) == ["answers", "cache", "locks"]
    assert list((roots.roots / "cache").iterdir()) == []
