"""What the scripts of a spec find around them: locale, temporary folders, host names, compiler flags."""

from __future__ import annotations

import re
import threading

import pytest
from chroot_builds import MACHINE, log_of

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.sandbox.sandbox import Sandbox
from copr_local.builders.tasks import Limits


def printed(task):
    """Return the lines that the scripts of a spec printed, without those that show commands."""
    return [line for line in log_of(task).splitlines() if not line.startswith("+")]


def test_every_script_of_a_spec_has_a_locale_with_utf_8(make_srpm, chroot_task, spec):
    stages = ("prep", "generate_buildrequires", "build", "install", "check", "clean")
    shown = "".join(f"%{stage}\necho in {stage}: $LANG $(locale charmap) >&2\n" for stage in stages)
    task = chroot_task(make_srpm(spec().replace("%files", f"{shown}%files")))
    build_chroot(task)
    for stage in stages:
        assert f"in {stage}: C.UTF-8 UTF-8" in printed(task)


def test_the_install_script_begins_with_an_empty_buildroot(make_srpm, chroot_task, spec):
    script = "%build\nmkdir -p %{buildroot}/old\n%install\nls -A %{buildroot} && echo empty\n%files"
    task = chroot_task(make_srpm(spec().replace("%files", script)))
    build_chroot(task)
    assert "empty" in printed(task)
    assert "old" not in printed(task)


@pytest.mark.parametrize("folder", ["/tmp", "/var/tmp"])
def test_temporary_folders_can_be_written(make_srpm, chroot_task, spec, folder):
    script = f'%build\nmade=$(mktemp -d {folder}/x.XXXXXX)\ntouch "$made/file"\n%files'
    build_chroot(chroot_task(make_srpm(spec().replace("%files", script))))


@pytest.mark.parametrize("folder", ["/run", "/var", "/var/lib", "/var/cache", "/var/run", "/home"])
def test_the_parents_of_what_is_shown_can_be_read(bubblewrap, tmp_path, folder):
    shown = tmp_path / "shown" / "below"
    shown.mkdir(parents=True)
    with Sandbox(tmp_path / "work", Limits(), threading.Event(), confinement=bubblewrap) as sandbox:
        status, answer = sandbox.read(["ls", "-la", folder], sees=(shown,))
        assert (status == 0) is (folder != "/home"), answer
        assert sandbox.read(["ls", str(shown.parent)], sees=(shown,)) == (0, "below\n")


def test_the_sandbox_has_host_names_of_its_own(bubblewrap, tmp_path):
    with Sandbox(tmp_path / "work", Limits(), threading.Event(), confinement=bubblewrap) as sandbox:
        assert sandbox.read(["cat", "/etc/hosts"])[1] == (
            "127.0.0.1 localhost localhost.localdomain copr-local\n::1 localhost localhost.localdomain\n"
        )
        assert sandbox.read(["sh", "-c", "getent hosts $(hostname)"])[1].startswith("127.0.0.1 ")
        with open("/etc/hosts") as file:
            own = file.read()
        assert own in sandbox.read(["cat", "/etc/hosts"], network=True)[1]


@pytest.mark.parametrize(
    ("chroot", "flags"),
    [
        (f"fedora-42-{MACHINE}", ""),
        ("fedora-42-i386", " -m32 -march=i686 -msse2 -mfpmath=sse"),
        ("fedora-42-s390x", ""),
        ("epel-9-aarch64", ""),
        ("epel-9-riscv64", ""),
    ],
)
def test_builds_for_any_architecture_have_fedoras_flags(make_srpm, chroot_task, spec, chroot, flags):
    script = '%build\necho "optflags: %{optflags}"\necho "RPM_OPT_FLAGS: $RPM_OPT_FLAGS"\n%files'
    task = chroot_task(make_srpm(spec().replace("%files", script)), chroot)
    build_chroot(task)
    shown = re.findall("^(?:optflags|RPM_OPT_FLAGS): (.*)$", log_of(task), re.MULTILINE)
    assert len(shown) == 2
    for each in shown:
        assert each.startswith("-O2 -fexceptions -g ")
        assert "-fstack-protector-strong" in each
        assert each.rstrip().endswith(flags)
        assert "-march=" not in each or flags
