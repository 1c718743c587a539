"""`%autosetup -C`, which rpm has since 4.20: the only folder at the top of an archive is left out."""

from __future__ import annotations

import io
import tarfile

import pytest
from chroot_builds import log_of

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.sources.source_build import build_source


def archive(*names):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as file:
        for name in names:
            file.addfile(tarfile.TarInfo(name), io.BytesIO())
    return content.getvalue().decode()


PATCH = """\
--- a/one
+++ b/one
@@ -0,0 +1 @@
+patched
"""


@pytest.mark.parametrize(
    ("names", "options", "folder", "found"),
    [
        (["top/one", "top/.hidden", "top/sub/two"], "-C", "hello-1.0", ". .hidden one sub sub/two"),
        (["top/one", "other/two"], "-C", "hello-1.0", ". other other/two top top/one"),
        (["one"], "-C", "hello-1.0", ". one"),
        (["top/top/one", "top/one"], "-C -n x", "x", ". one top top/one"),
        (["top/one"], "-C -a 1 -p1", "hello-1.0", ". more more/three one"),
        (["top/one"], "-n top -p1", "top", ". one"),
        (["hello-1.0/one"], "-p1", "hello-1.0", ". one"),
        (["one"], "-c -p1", "hello-1.0", ". one"),
    ],
)
def test_the_only_folder_of_an_archive_is_left_out(
    make_srpm, chroot_task, spec, names, options, folder, found
):
    preamble = "Source0: a.tar\nSource1: b.tar" + ("\nPatch0: a.patch" if "-p1" in options else "")
    script = (
        f"%prep\n%autosetup {options}\npwd\necho found $(find . | sed 's|^[.]/||' | LC_ALL=C sort)\n%files"
    )
    text = spec(preamble).replace("%files", script)
    sources = {"a.tar": archive(*names), "b.tar": archive("more/three"), "a.patch": PATCH}
    task = chroot_task(make_srpm(text, sources, "--define", "autosetup(a:b:cCDn:TvNS:p:) %{nil}"))
    build_chroot(task)
    lines = log_of(task).splitlines()
    assert f"found {found}" in lines
    assert any(line.startswith("/") and line.endswith(f"/{folder}") for line in lines)


def test_the_source_step_knows_it(source_task, make_srpm, spec, tmp_path):
    upload = tmp_path / "hello.spec"
    script = "%prep\n%autosetup -C -T\n%files"
    upload.write_text(spec().replace("%files", script))
    assert build_source(source_task(upload)).name == "hello"
