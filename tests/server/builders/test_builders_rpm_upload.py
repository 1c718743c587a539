"""Source type `rpm_upload`: a built RPM is published unchanged, for the chroots of its architecture."""

from __future__ import annotations

import pytest

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildFailed, BuiltPackage


@pytest.fixture
def rpm_upload(source_task):
    return lambda file: build_source(source_task(file, source_type="rpm_upload"))


def test_a_built_package_is_published_as_it_is(rpm_upload, build_rpm, chroot_task, spec):
    upload = build_rpm(spec())
    result = rpm_upload(upload)
    assert (result.name, result.version, result.srpm.name) == ("hello", "1.0-1", "hello-1.0-1.noarch.rpm")
    assert result.exclusive_arch == ()
    task = chroot_task(result.srpm)
    assert build_chroot(task) == [BuiltPackage("hello", 0, "1.0", "1", "noarch")]
    (published,) = task.directory.glob("*.rpm")
    assert published.read_bytes() == upload.read_bytes()
    assert (task.directory / "results.json").exists()


def test_a_package_for_an_architecture_is_only_for_its_chroots(rpm_upload, build_rpm, spec):
    result = rpm_upload(build_rpm(spec(noarch=False)))
    assert result.exclusive_arch == (result.srpm.name.split(".")[-2],)


@pytest.mark.parametrize("what", ["source", "junk"])
def test_what_is_no_built_package_is_refused(rpm_upload, make_srpm, spec, tmp_path, what):
    upload = tmp_path / "hello-1.0-1.noarch.rpm"
    upload.write_bytes(make_srpm(spec()).read_bytes() if what == "source" else b"junk")
    with pytest.raises(BuildFailed, match=r"^hello-1\.0-1\.noarch\.rpm is not a built RPM: it "):
        rpm_upload(upload)
