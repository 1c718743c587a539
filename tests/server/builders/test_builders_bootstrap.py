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
MODULES = """\
document: modulemd
version: 2
data:
  name: greeter
  stream: "{stream}"
  version: 1
  context: c0ffee
  arch: {arch}
  summary: A module of the tests
  description: A module of the tests.
  license: {{module: [MIT]}}
  artifacts:
    rpms: [greeting-0:{stream}-1.noarch]
"""
GREETING = """\
Name: greeting
Version: {stream}
Release: 1
Summary: A package of the tests
License: MIT
BuildArch: noarch
%description
A package of the tests.
%install
mkdir -p %{{buildroot}}/etc
echo stream {stream} > %{{buildroot}}/etc/greeting
%files
/etc/greeting
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bootstrap")
    yield folder
    remove_all(folder / "roots")


@pytest.fixture(scope="module")
def configuration(distribution, folder):
    return distribution.dnf_configuration(folder / f"{CHROOT}.conf")


def test_a_root_is_installed_by_the_programs_of_its_distribution(
    configuration, folder, make_srpm, chroot_task, spec
):
    srpm = make_srpm(spec("BuildRequires: unzip, python3", "%build\npython3 --version"))
    task = chroot_task(srpm, CHROOT, root=RootTask(configuration, folder / "roots", bootstrap="on"))
    build_chroot(task)
    log = log_of(task)
    assert log.index("Installing a bootstrap root: /usr/bin/dnf-3") < log.index("\nPython 3.")
    assert (list((folder / "roots").glob("base-*/bootstrapped"))) != []
    state = gzip.decompress((task.directory / "state.log.gz").read_bytes()).decode()
    assert "Finish: bootstrap root" in state


@pytest.fixture(scope="module")
def with_modules(configuration, folder):
    """Return a configuration with two streams of a module, which have two versions of a package."""
    repository = folder / "modular"
    for stream in ("1", "2"):
        (folder / "greeting.spec").write_text(GREETING.format(stream=stream))
        defines = ("--define", f"_topdir {folder}/rpmbuild", "--define", f"_rpmdir {repository}")
        command = ["rpmbuild", "-bb", *defines, folder / "greeting.spec"]
        subprocess.run(command, check=True, capture_output=True)
    documents = [MODULES.format(stream=stream, arch=os.uname().machine) for stream in ("1", "2")]
    (folder / "modules.yaml").write_text("".join(f"---\n{text}...\n" for text in documents))
    programs = Path(sys.executable).parent
    for command in (
        [programs / "createrepo_c", "--quiet", repository],
        [programs / "modifyrepo_c", "--mdtype=modules", folder / "modules.yaml", repository / "repodata"],
    ):
        subprocess.run(command, check=True, capture_output=True)
    path = folder / "modular.conf"
    path.write_text(f"{configuration.read_text()}\n[modular]\nbaseurl={repository.as_uri()}\n")
    return path


def test_a_module_that_is_enabled_decides_the_version(with_modules, folder, make_srpm, chroot_task, spec):
    srpm = make_srpm(spec("BuildRequires: greeting", "%build\ncat /etc/greeting"))
    root = RootTask(with_modules, folder / "roots", modules=("greeter:1",), bootstrap="off")
    task = chroot_task(srpm, CHROOT, root=root)
    build_chroot(task)
    assert "\nstream 1\n" in log_of(task)


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("!greeter", "missing BuildRequires: greeting"),
        ("greeter:3", "greeter:3"),
        ("-x", "not a valid module"),
    ],
)
def test_a_module_that_is_disabled_or_missing_fails_a_build(
    with_modules, folder, make_srpm, chroot_task, spec, module, reason
):
    srpm = make_srpm(spec("BuildRequires: greeting", "%build\ncat /etc/greeting"))
    root = RootTask(with_modules, folder / "roots", modules=(module,), bootstrap="off")
    with pytest.raises(BuildFailed, match=reason):
        build_chroot(chroot_task(srpm, CHROOT, root=root))


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
