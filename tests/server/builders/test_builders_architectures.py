"""ExclusiveArch and ExcludeArch: read for each chroot, with its macros and options."""

from __future__ import annotations

import pytest
from chroot_builds import MACHINE, fails, log_of

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.tasks import BuildSkipped

FOREIGN = "s390x" if MACHINE != "s390x" else "x86_64"


def is_built(task):
    try:
        return bool(build_chroot(task))
    except BuildSkipped as skipped:
        assert log_of(task).endswith(f"\nBuild skipped: {skipped}\n")
        return False


@pytest.mark.parametrize("noarch", [True, False])
@pytest.mark.parametrize(
    ("preamble", "chroots"),
    [
        (f"%if 0%{{?fedora}}\nExcludeArch: {MACHINE}\n%endif", {"epel-9", "epel-10"}),
        (f"%if 0%{{?rhel}} == 9\nExcludeArch: {FOREIGN} {MACHINE}\n%endif", {"fedora-45", "epel-10"}),
        (
            f"%if 0%{{?rhel}}\nExclusiveArch: {MACHINE}\n%else\nExclusiveArch: {FOREIGN}\n%endif",
            {"epel-9", "epel-10"},
        ),
        (f"ExclusiveArch: {FOREIGN}", set()),
        (f"ExclusiveArch: noarch {FOREIGN}", set()),
        ("ExclusiveArch: noarch", set()),
        (f"ExcludeArch: {MACHINE}, {FOREIGN}", set()),
        ("ExcludeArch: %{some_arches}", {"fedora-45", "epel-9", "epel-10"}),
        (f"ExclusiveArch: %{{some_arches}} {MACHINE}", {"fedora-45", "epel-9", "epel-10"}),
        (f"ExclusiveArch: {FOREIGN}, {MACHINE}", {"fedora-45", "epel-9", "epel-10"}),
        ("ExclusiveArch: %{zig_arches} %{qt6_qtwebengine_arches}", {"fedora-45", "epel-9", "epel-10"}),
    ],
)
def test_a_spec_can_exclude_an_architecture_of_some_chroots(
    make_srpm, chroot_task, spec, preamble, chroots, noarch
):
    srpm = make_srpm(spec(preamble, noarch=noarch))
    tasks = {name: chroot_task(srpm, f"{name}-{MACHINE}") for name in ("fedora-45", "epel-9", "epel-10")}
    assert {name for name, task in tasks.items() if is_built(task)} == chroots


def test_an_option_of_the_chroot_decides_too(make_srpm, chroot_task, spec):
    preamble = f"%if !%{{with everywhere}}\nExclusiveArch: {FOREIGN}\n%endif"
    srpm = make_srpm("%bcond_with everywhere\n" + spec(preamble))
    assert not is_built(chroot_task(srpm))
    assert is_built(chroot_task(srpm, with_options=("everywhere",)))


@pytest.mark.parametrize(
    ("preamble", "reason"),
    [
        ("ExclusiveArch: %{some_arches}", "%{some_arches}: the macro %some_arches is not defined"),
        (f"ExclusiveArch: {MACHINE}, {FOREIGN}", f"ExclusiveArch has {MACHINE} with a comma"),
    ],
)
def test_what_rpm_would_refuse_is_explained(make_srpm, chroot_task, spec, preamble, reason):
    fails(chroot_task(make_srpm(spec(preamble, noarch=False))), reason)


def test_a_macro_that_only_some_chroots_define_can_be_in_the_release(make_srpm, chroot_task, spec):
    text = "%if 0%{?rhel}\n%global ghc 9.4\n%endif\n" + spec().replace("Release: 1", "Release: 2.ghc%{ghc}")
    srpm = make_srpm(text)
    packages = build_chroot(chroot_task(srpm, f"epel-9-{MACHINE}"))
    assert {package.release for package in packages} == {"2.ghc9.4.el9"}
    fails(chroot_task(srpm), r"rpmbuild made .*%\{ghc\}.*: the macro %ghc is not defined")


def test_a_release_can_be_as_long_as_a_file_name(make_srpm, chroot_task, spec):
    release = "1" * (255 - len("hello-1.0-.fc42.noarch.rpm"))
    packages = build_chroot(chroot_task(make_srpm(spec().replace("Release: 1", f"Release: {release}"))))
    assert {package.release for package in packages} == {f"{release}.fc42"}
