"""Invalid submissions: the source step makes a source RPM, or gives the reason in one line."""

from __future__ import annotations

import contextlib
import io
import shutil
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildFailed

some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LINES = [
    *("Name: hello", "Version: 1.0", "Release: 1", "Summary: x", "License: MIT", "BuildArch: noarch"),
    *("%description", "%prep", "%build", "%install", "%files", "%changelog", "%if 1", "%else", "%endif"),
    *("Source0: a.txt", "Source1: ../../x", "Patch0: /etc/passwd", "%include /etc/passwd", "%{nil}", "%"),
    *("%global x %{x}", "%define d() %{d}", "%{lua: while false do end}", "%(exit 1)", "%[", "%{", "%{?"),
    *("BuildRequires: (a if", "ExclusiveArch: %{ix86}", "Epoch: -1", "Name: ../../x", "Version: 1-1"),
]


def ends(task):
    """Run the source step; it succeeds with one RPM, or fails with a reason of one line and no RPM."""
    try:
        result = build_source(task)
    except BuildFailed as failed:
        assert "\n" not in str(failed)
        assert list(task.directory.glob("*.rpm")) == []
    else:
        assert list(task.directory.glob("*.rpm")) == [result.srpm]


@some
@given(
    lines=st.lists(st.sampled_from(LINES) | st.text(max_size=40), max_size=25),
    begin=st.integers(0, len(LINES)),
)
def test_any_text_is_a_spec_or_is_not(source_task, tmp_path, lines, begin):
    upload = tmp_path / "hello.spec"
    upload.write_text("\n".join([*LINES[:begin], *lines]), errors="replace")
    ends(source_task(upload, timeout=20))


@pytest.fixture
def sound(make_srpm, spec):
    return make_srpm(spec("Source0: a.txt"), {"a.txt": "a" * 500}).read_bytes()


@some
@given(
    changes=st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=8)), max_size=6),
    end=st.none() | st.integers(0, 10**6),
)
def test_any_bytes_are_a_source_rpm_or_are_not(source_task, tmp_path, sound, changes, end):
    data = bytearray(sound)
    for place, change in changes:
        begin = place % len(data)
        data[begin : begin + len(change)] = change
    upload = tmp_path / "hello.src.rpm"
    upload.write_bytes(data if end is None else data[: end % len(data)])
    ends(source_task(upload, timeout=20))


def hostile_archive(elsewhere):
    """Return an archive with members that point outside the folder of extraction, by name and by links."""
    with tarfile.open(fileobj=(file := io.BytesIO()), mode="w") as archive:
        for name in (f"..{elsewhere}/by-name", f"{elsewhere}/absolute", f"{'../' * 12}{elsewhere}/up"):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, io.BytesIO(b"evil"))
        link = tarfile.TarInfo("way-out")
        link.type, link.linkname = tarfile.SYMTYPE, str(elsewhere)
        archive.addfile(link)
        through = tarfile.TarInfo("way-out/through-a-link")
        through.size = 4
        archive.addfile(through, io.BytesIO(b"evil"))
    return file.getvalue()


def test_members_of_archives_write_nothing_elsewhere(make_srpm, chroot_task, spec, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    content = hostile_archive(elsewhere).decode("latin-1")
    unpack = "%prep\n%setup -c -T\ntar --absolute-names -xf %{SOURCE0} || :\ntar -xf %{SOURCE0} || :"
    srpm = make_srpm(spec("Source0: a.tar", f"{unpack}\n%files"), {"a.tar": content})
    task = chroot_task(srpm)
    with contextlib.suppress(BuildFailed):
        build_chroot(task)
    assert list(elsewhere.iterdir()) == []
    assert not Path("/by-name").exists()
    shutil.rmtree(elsewhere)
