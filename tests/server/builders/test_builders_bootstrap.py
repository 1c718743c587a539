"""Bootstrap roots, in which dnf and rpm of the distribution install a root; and modules of roots."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from chroot_builds import log_of

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.roots.store import remove_all
from copr_local.builders.roots.tools import has_newer_rpm
from copr_local.builders.tasks import BuildFailed, RootTask

CHROOT = f"fedora-44-{os.uname().machine}"
MODULE = """\
---
document: modulemd
version: 2
data:
  name: {name}
  stream: "{stream}"
  version: 1
  context: c0ffee
  arch: {arch}
  summary: A module of the tests
  description: A module of the tests.
  license: {{module: [MIT]}}
  artifacts:
    rpms: [{name}-0:{stream}-1.noarch]
...
"""
PACKAGE = """\
Name: {name}
Version: {stream}
Release: 1
Summary: A package of the tests
License: MIT
BuildArch: noarch
%description
A package of the tests.
%install
mkdir -p %{{buildroot}}/etc
echo {name} {stream} > %{{buildroot}}/etc/{name}
%files
/etc/{name}
"""
#: Less than the group `buildsys-build`, to take less time.
INSTALL = (
    "rpm-build redhat-rpm-config mini-release setup bash coreutils grep sed findutils tar gzip util-linux"
)
STREAMS = (("greeting", "1"), ("greeting", "2"), ("farewell", "1"))


@pytest.fixture(scope="module")
def configuration(distribution, tmp_path_factory):
    """A configuration with two modules; each has a package of its name. One of them has two streams."""
    folder = tmp_path_factory.mktemp("bootstrap")
    repository = folder / "modular"
    documents = ""
    for name, stream in STREAMS:
        (folder / "package.spec").write_text(PACKAGE.format(name=name, stream=stream))
        defines = ("--define", f"_topdir {folder}/rpmbuild", "--define", f"_rpmdir {repository}")
        command = ["rpmbuild", "-bb", *defines, folder / "package.spec"]
        subprocess.run(command, check=True, capture_output=True)
        documents += MODULE.format(name=name, stream=stream, arch=os.uname().machine)
    (folder / "modules.yaml").write_text(documents)
    programs = Path(sys.executable).parent
    for command in (
        [programs / "createrepo_c", "--quiet", repository],
        [programs / "modifyrepo_c", "--mdtype=modules", folder / "modules.yaml", repository / "repodata"],
    ):
        subprocess.run(command, check=True, capture_output=True)
    path = distribution.dnf_configuration(folder / f"{CHROOT}.conf")
    with path.open("a") as file:
        file.write(f"\n[modular]\nbaseurl={repository.as_uri()}\n")
        file.write(f"[copr-local]\nbootstrap = on\ninstall = {INSTALL}\n")
    yield path
    remove_all(folder / "roots")


@pytest.fixture
def build(configuration, make_srpm, chroot_task, spec):
    """Build a package that requires another one, in a root with modules."""

    def run(requirement, *modules):
        text = spec(f"BuildRequires: {requirement}", f"%build\ncat /etc/{requirement}")
        root = RootTask(configuration, configuration.parent / "roots", modules=modules)
        run.task = chroot_task(make_srpm(text), CHROOT, root=root)
        return build_chroot(run.task)

    return run


def test_the_distribution_installs_a_root_and_modules_decide_the_versions(build):
    build("greeting", "!farewell", "greeting:1")
    log = log_of(build.task)
    assert log.index("Installing a base root: ") < log.index("Installing a bootstrap root: /usr/bin/dnf-3")
    assert "\ngreeting 1\n" in log
    state = gzip.decompress((build.task.directory / "state.log.gz").read_bytes()).decode()
    assert "Finish: bootstrap root" in state


@pytest.mark.parametrize(
    ("requirement", "modules", "reason"),
    [
        ("farewell", ("!farewell", "greeting:1"), "missing BuildRequires: farewell"),
        ("greeting", ("greeting:3",), "greeting:3"),
        ("greeting", ("--releasever=1",), "'--releasever=1' is not a valid module"),
    ],
)
def test_a_module_that_is_disabled_or_does_not_exist_fails_the_build(build, requirement, modules, reason):
    with pytest.raises(BuildFailed, match=reason):
        build(requirement, *modules)


@pytest.mark.parametrize(
    ("package", "machine", "expected"),
    [
        ("rpm-4.19.1-1.fc40.x86_64", "RPM version 4.18.0\n", True),
        ("rpm-0:6.0.1-2.fc44.x86_64", "RPM version 4.20.1", True),
        ("rpm-4.18.92-1.fc39.x86_64", "RPM version 4.18.0", False),
        ("rpm-4.16.1.3-29.el9.x86_64", "RPM version 4.18.0", False),
        ("rpm-build-4.19.1-1.fc40.x86_64", "RPM version 4.18.0", False),
        ("rpm-4.19.1-1.fc40.x86_64", "", False),
    ],
)
def test_the_rpm_of_a_distribution_is_compared_with_that_of_this_machine(package, machine, expected):
    assert has_newer_rpm(["bash-5.2-1.x86_64", package], machine) is expected
