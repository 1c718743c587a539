"""AppStream metadata: made for each build where the program is installed, and merged in the repository."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from chroot_builds import log_of

from copr_local.builders import tools
from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.repository import metadata
from copr_local.builders.repository.update import update_repository

METAINFO = """\
<component type="console-application">
<id>org.example.hello</id>
<metadata_license>CC0-1.0</metadata_license>
<project_license>MIT</project_license>
<name>Hello</name>
<summary>Greets</summary>
<description>
<p>A program of the tests that greets everybody who starts it, once or several times.</p>
</description>
<provides><binary>hello</binary></provides>
</component>
"""
PACKAGE = f"""\
%install
mkdir -p %{{buildroot}}%{{_metainfodir}} %{{buildroot}}%{{_bindir}}
echo > %{{buildroot}}%{{_bindir}}/hello
cat > %{{buildroot}}%{{_metainfodir}}/org.example.hello.metainfo.xml <<'END'
{METAINFO}END
%files
%{{_bindir}}/hello
%{{_metainfodir}}/org.example.hello.metainfo.xml
"""


def components(*names: str) -> bytes:
    found = "".join(
        f"<component><id>{name}</id><summary>{text}</summary></component>" for name, text in names
    )
    return gzip.compress(f'<components version="0.16" origin="x">{found}</components>'.encode())


def published(repository: Path) -> str | None:
    name = metadata.files_of(repository / "repodata/repomd.xml").get("appstream")
    return name and gzip.decompress((repository / "repodata" / name).read_bytes()).decode()


def test_a_build_makes_metadata_that_its_repository_has(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec().replace("%files\n", PACKAGE)), appstream=True)
    build_chroot(task)
    text = gzip.decompress((task.directory / "appstream.xml.gz").read_bytes()).decode()
    assert "<id>org.example.hello</id>" in text
    assert "<pkgname>hello</pkgname>" in text
    update_repository(task.directory.parent)
    assert "<pkgname>hello</pkgname>" in (published(task.directory.parent) or "")


def test_a_machine_that_cannot_make_metadata_says_so(make_srpm, chroot_task, spec, monkeypatch):
    monkeypatch.setattr(tools, "find_helper", lambda name: None)
    task = chroot_task(make_srpm(spec().replace("%files\n", PACKAGE)), appstream=True)
    build_chroot(task)
    reason = "AppStream metadata is left out: appstreamcli compose is not installed: apt-get install"
    assert f"\n{reason}" in log_of(task)
    assert not (task.directory / "appstream.xml.gz").exists()


@pytest.mark.parametrize("appstream", [True, False])
def test_a_package_without_a_metainfo_file_has_no_metadata(make_srpm, chroot_task, spec, appstream):
    task = chroot_task(make_srpm(spec()), appstream=appstream)
    build_chroot(task)
    assert not (task.directory / "appstream.xml.gz").exists()
    assert ("AppStream: the packages have no valid component\n" in log_of(task)) is appstream


def test_a_repository_has_the_components_of_the_newest_builds(build_rpm, spec, tmp_path):
    chroot = tmp_path / "results" / "hello" / "fedora-45-x86_64"
    rpm = {name: build_rpm(spec(name=name)) for name in ("one", "two")}

    def add(number: int, name: str, content: bytes) -> Path:
        folder = chroot / f"{number:08d}-{name}"
        folder.mkdir(parents=True)
        shutil.copy2(rpm[name], folder)
        (folder / "appstream.xml.gz").write_bytes(content)
        return folder

    add(1, "one", components(("a", "old"), ("gone", "old")))
    update_repository(chroot)
    assert "<id>gone</id>" in (published(chroot) or "")
    newest = add(2, "one", components(("a", "new")))
    add(3, "two", components(("b", "&lt;x&gt; ä")))
    update_repository(chroot)
    text = published(chroot) or ""
    assert "<summary>new</summary>" in text
    assert "<summary>&lt;x&gt; ä</summary>" in text
    assert "old" not in text
    assert 'origin="hello"' in text
    shutil.rmtree(newest)
    update_repository(chroot)
    assert "<id>gone</id>" in (published(chroot) or "")


@pytest.mark.parametrize(
    "damaged",
    [b"", b"junk", gzip.compress(b""), gzip.compress(b"<components>")],
    ids=["empty", "junk", "nothing", "cut"],
)
def test_damaged_components_do_not_stop_an_update(build_rpm, spec, tmp_path, damaged):
    folder = tmp_path / "hello" / "fedora-45-x86_64" / "00000001-hello"
    folder.mkdir(parents=True)
    shutil.copy2(build_rpm(spec()), folder)
    (folder / "appstream.xml.gz").write_bytes(damaged)
    assert update_repository(folder.parent) == {}
    assert published(folder.parent) is None
