"""What a build publishes: each package once, under its own name, with all that belongs to it."""

from __future__ import annotations

import subprocess

import pytest
from chroot_builds import fails, names

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.tasks import BuiltPackage

GENERATED = """\
%generate_buildrequires
echo make
"""


def query(rpm, *options):
    command = ["rpm", "--query", "--package", "--nosignature", *options, rpm]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.mark.parametrize("release", ["1%{?dist}", "1.buildreqs", "1%{?dist}.nosrc"])
def test_the_source_rpm_keeps_its_sources_after_generated_requirements(make_srpm, chroot_task, spec, release):
    text = spec("Source0: data.txt").replace("%files", f"{GENERATED}%files")
    task = chroot_task(make_srpm(text.replace("1%{?dist}", release), {"data.txt": "x"}))
    built = release.replace("%{?dist}", ".fc42")
    assert build_chroot(task) == [
        BuiltPackage("hello", 0, "1.0", built, "noarch"),
        BuiltPackage("hello", 0, "1.0", built, "src"),
    ]
    rpms = [f"hello-1.0-{built}.{arch}.rpm" for arch in ("noarch", "src")]
    assert [name for name in names(task.directory) if name.endswith(".rpm")] == rpms
    assert "data.txt" in query(task.directory / rpms[1], "--list")


def test_two_files_of_one_package_are_an_error_and_not_one_of_them(make_srpm, chroot_task, spec):
    copies = """\
%check
rpmbuild -bs --define "_topdir %{_topdir}" --define "dist %{dist}" %{_specdir}/*.spec
mv %{_srcrpmdir}/*.src.rpm %{_srcrpmdir}/a-copy.rpm
%files"""
    task = chroot_task(make_srpm(spec().replace("%files", copies)))
    file = "hello-1.0-1.fc42.src.rpm"
    assert fails(task) == f"a-copy.rpm and {file} are both {file}"


def test_a_package_can_have_very_many_files(make_srpm, chroot_task, spec):
    """Their names alone are more than a megabyte."""
    script = """\
%global __os_install_post %{nil}
%install
mkdir -p %{buildroot}%{_datadir}/hello
cd %{buildroot}%{_datadir}/hello
set +x
for number in $(seq 100000 125000); do echo > a-file-with-a-name-that-is-quite-long-$number; done
%files
%{_datadir}/hello"""
    task = chroot_task(make_srpm(spec().replace("%files", script)))
    assert [package.arch for package in build_chroot(task)] == ["noarch", "src"]


def test_a_folder_in_the_way_of_a_package_fails_the_build(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec().replace("%files", "%build\nmkdir ~/0.rpm\n%files")))
    assert fails(task) == "the build has replaced 0.rpm or its folder"


def test_a_spec_may_have_a_very_long_changelog(make_srpm, chroot_task, spec):
    lines = f"- {'word ' * 20}\n" * 12_000  # more than a megabyte
    task = chroot_task(make_srpm(spec() + lines))
    assert [package.arch for package in build_chroot(task)] == ["noarch", "src"]


def test_a_spec_that_is_too_large_to_be_one_is_not_read(make_srpm, chroot_task, spec, monkeypatch):
    monkeypatch.setattr("copr_local.builders.chroot_build.LARGEST", 100)
    assert fails(chroot_task(make_srpm(spec()))).endswith(".src.rpm is larger than 100 bytes")
