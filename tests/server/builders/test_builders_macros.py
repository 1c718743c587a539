"""The macros that a spec gets for the name of its chroot, as rpm expands them."""

from __future__ import annotations

import os
import subprocess
import threading

import pytest

from copr_local.builders.macros import Chroot, distribution_macros, parse_chroot, rpm_options
from copr_local.builders.sandbox.sandbox import Sandbox
from copr_local.builders.tasks import BuildFailed, Limits
from copr_local.releases import RAWHIDE


@pytest.fixture
def expand(tmp_path, bubblewrap):
    """Expand an expression as in a spec that is built for a chroot."""

    def expand(chroot, expression):
        sandbox = Sandbox(tmp_path / "work", Limits(), threading.Event(), confinement=bubblewrap)
        with sandbox:
            options = rpm_options(sandbox, distribution_macros(parse_chroot(chroot)))
            status, answer = sandbox.read(["rpm", *options, "--eval", expression])
        assert status == 0, answer
        return answer.strip()

    return expand


NUMBERS = "%{?fedora}/%{?rhel}/%{?centos}/%{?epel}/%{?eln:eln}"


@pytest.mark.parametrize(
    ("chroot", "dist", "numbers", "own"),
    [
        ("fedora-42-x86_64", ".fc42", "42////", "fc42"),
        ("fedora-rawhide-aarch64", f".fc{RAWHIDE}", f"{RAWHIDE}////", f"fc{RAWHIDE}"),
        ("fedora-eln-x86_64", ".eln155", "/11///eln", "el11"),
        ("epel-7-x86_64", ".el7", "/7//7/", "el7"),
        ("epel-9-x86_64", ".el9", "/9//9/", "el9"),
        ("centos-stream-10-x86_64", ".el10", "/10/10//", "el10"),
        ("centos-stream+epel-next-9-x86_64", ".el9", "/9/9/9/", "el9"),
        ("rhel-9-x86_64", ".el9", "/9///", "el9"),
        ("rhel+epel-10.1-x86_64", ".el10", "/10//10/", "el10"),
        ("almalinux-8-x86_64", ".el8", "/8///", "el8"),
        ("amazonlinux-2023-x86_64", ".amzn2023", "////", "amzn"),
        ("mageia-9-x86_64", ".mga9", "////", "mageia"),
    ],
)
def test_a_spec_can_tell_distributions_apart(expand, chroot, dist, numbers, own):
    assert expand(chroot, f"%{{dist}} {NUMBERS} %{{?{own}:1}}") == f"{dist} {numbers} 1"


def test_a_chroot_name_is_taken_apart_from_its_end():
    name = "centos-stream+epel-next-9-ppc64le"
    assert parse_chroot(name) == Chroot(name, "centos-stream+epel-next", "9", "ppc64le")


@pytest.mark.parametrize(("arch", "target"), [("i386", "i686"), ("armhfp", "armv7hl"), ("s390x", "s390x")])
def test_architectures_are_called_as_rpm_calls_them(arch, target):
    assert parse_chroot(f"fedora-42-{arch}").arch == target


@pytest.mark.parametrize("name", ["", "fedora", "fedora-42", "fedora-42-", "-42-x86_64", "a-b-c/d", "A-42-b"])
def test_other_names_are_refused(name):
    with pytest.raises(BuildFailed, match="is not a valid chroot name"):
        parse_chroot(name)


def test_packages_are_compressed_by_the_program_of_the_distribution(expand):
    assert expand("epel-8-x86_64", "%_binary_payload") == "w2.xzdio"
    assert expand("epel-9-x86_64", "%_binary_payload") == "w3.zstdio"
    assert expand("fedora-42-x86_64", "%_binary_payload") == "w3.zstdio"


def test_fedora_merged_its_directories_of_programs_in_release_42(expand):
    assert expand("fedora-41-x86_64", "%_sbindir") == "/usr/sbin"
    assert expand("fedora-42-x86_64", "%_sbindir") == "/usr/bin"


GEM = "%global gem_name foo\n%global version 1.2\n"


@pytest.mark.parametrize(
    ("macro", "value"),
    [
        ("%_bindir", "/usr/bin"),
        ("%_libdir", "/usr/lib64"),
        ("%_libexecdir", "/usr/libexec"),
        ("%_sharedstatedir", "/var/lib"),
        ("%_localstatedir", "/var"),
        ("%_rundir", "/run"),
        ("%_unitdir", "/usr/lib/systemd/system"),
        ("%_userunitdir", "/usr/lib/systemd/user"),
        ("%_tmpfilesdir", "/usr/lib/tmpfiles.d"),
        ("%_sysusersdir", "/usr/lib/sysusers.d"),
        ("%_udevrulesdir", "/usr/lib/udev/rules.d"),
        ("%_metainfodir", "/usr/share/metainfo"),
        ("%_defaultlicensedir", "/usr/share/licenses"),
        ("%global name hello\n%_pkgdocdir", "/usr/share/doc/hello"),
        ("%_vendor", "redhat"),
        ("%ldconfig_scriptlets -n libs", ""),
        ("%ldconfig_post", ""),
        ("%{?autorelease}", "1.fc42"),
        ("%{autorelease -b 4}", "4.fc42"),
        ("%python3_pkgversion", "3"),
        ("%{py3_dist Foo_Bar.baz x[y]}", "python3dist(foo-bar-baz) python3dist(x[y])"),
        ("%global version 1\n%global release 2\n%py_provides python3-x", "Provides: python3-x = 1-2"),
        ("%bash_completions_dir", "/usr/share/bash-completion/completions"),
        ("%gem_dir", "/usr/share/gems"),
        (f"{GEM}%gem_instdir", "/usr/share/gems/gems/foo-1.2"),
        (f"{GEM}%gem_libdir", "/usr/share/gems/gems/foo-1.2/lib"),
        (f"{GEM}%gem_cache", "/usr/share/gems/cache/foo-1.2.gem"),
        (f"{GEM}%gem_spec", "/usr/share/gems/specifications/foo-1.2.gemspec"),
        (f"{GEM}%gem_docdir", "/usr/share/gems/doc/foo-1.2"),
        (f"{GEM}%gem_extdir_mri", "/usr/lib64/gems/ruby/foo-1.2"),
        (f"{GEM}%global prerelease .rc1\n%gem_spec", "/usr/share/gems/specifications/foo-1.2.rc1.gemspec"),
    ],
)
def test_fedora_macros_have_their_values(expand, macro, value):
    assert os.uname().machine in ("x86_64", "aarch64")
    assert expand("fedora-42-x86_64", macro) == value


@pytest.mark.parametrize(
    "macro",
    [
        "%build_cflags",
        "%build_cxxflags",
        "%build_ldflags",
        "%set_build_flags",
        "%make_build",
        "%make_install",
        "%configure",
        "%cmake",
        "%cmake_build",
        "%cmake_install",
        "%ctest",
        "%meson",
        "%meson_build",
        "%meson_install",
        "%ninja_build",
        "%python3_sitelib",
        "%python3_sitearch",
        "%py3_build",
        "%py3_install",
        "%pytest",
        "%perl_vendorlib",
        "%perl_vendorarch",
        "%perl_version",
        "%py3_test_envvars",
        "%py3_shebang_fix a b",
        "%systemd_requires",
        "%systemd_post a.service",
        "%systemd_preun a.service",
        "%systemd_postun_with_restart a.service",
        "%tmpfiles_create a.conf",
        "%sysusers_create a.conf",
        "%java_arches",
        "%golang_arches",
        f"{GEM}%gem_install",
        f"{GEM}%gem_install -n other.gem -d ./there",
    ],
)
def test_fedora_macros_expand_to_something_complete(expand, macro):
    text = expand("fedora-42-x86_64", macro).replace("%{NAME}-%{VERSION}-%{RELEASE}", "")
    text = text.replace("%{buildroot}", "")  # rpm 4.20 defines it only while it reads a spec
    assert text
    assert "%" not in text
    assert "not found" not in text


@pytest.mark.parametrize(
    "macro",
    [
        "gem_install",
        "gem_install -n other.gem -d ./there",
        "gemspec_add_dep -g bar '>= 2' '< 3'",
        "gemspec_remove_dep -g bar -d -s x.gemspec",
    ],
)
def test_scripts_for_gems_are_programs_that_the_shell_understands(expand, macro):
    script = expand("fedora-42-x86_64", f"{GEM}%{macro}")
    subprocess.run(["bash", "-n", "-c", script], check=True)
    assert "%" not in script


@pytest.mark.parametrize(
    "macro", ["systemd_post", "systemd_preun", "systemd_postun_with_restart", "tmpfiles_create"]
)
def test_scriptlets_are_programs_that_the_shell_understands(expand, macro):
    script = expand("fedora-42-x86_64", f"%{macro} a.service b.service")
    subprocess.run(["sh", "-n", "-c", script], check=True)
