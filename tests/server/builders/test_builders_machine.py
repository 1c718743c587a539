"""What this machine can and cannot build: architectures, build requirements, distributions."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from chroot_builds import MACHINE, fails, log_of

from copr_local.builders import machine_place
from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.settings import Settings
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildSkipped

FOREIGN = "aarch64" if MACHINE != "aarch64" else "x86_64"


def test_a_package_for_another_architecture_fails(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec(noarch=False)), f"fedora-42-{FOREIGN}")
    assert fails(task) == f"this machine is {MACHINE} and cannot build for {FOREIGN}"


def test_a_package_for_another_architecture_is_skipped_if_that_is_the_policy(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec(noarch=False)), f"fedora-42-{FOREIGN}")
    reason = f"this machine is {MACHINE} and cannot build for {FOREIGN}"
    with pytest.raises(BuildSkipped, match=f"^{reason}$"):
        build_chroot(task, settings=Settings(foreign_architecture="skip"))
    assert log_of(task).endswith(f"\nBuild skipped: {reason}\n")


def test_a_noarch_package_is_built_for_any_architecture(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec(sections="%build\necho for %{_target_cpu}")), "epel-9-s390x")
    assert [package.arch for package in build_chroot(task)] == ["noarch", "src"]


def test_a_32_bit_package_is_built_where_the_compiler_can(make_srpm, chroot_task, spec, tmp_path):
    (tmp_path / "probe.c").write_text("int main(void) { return 0; }")
    compiler = ["gcc", "-m32", tmp_path / "probe.c", "-o", tmp_path / "probe"]
    able = MACHINE == "x86_64" and subprocess.run(compiler, capture_output=True, check=False).returncode == 0
    task = chroot_task(make_srpm(spec(noarch=False)), "fedora-42-i386")
    if able:
        assert [package.arch for package in build_chroot(task)] == ["i686", "src"]
    else:
        assert fails(task) == f"this machine is {MACHINE} and cannot build for i686"


@pytest.fixture
def database(monkeypatch, build_rpm, spec, tmp_path):
    """Give the builds an RPM database that is empty, or has one package, `compiler`."""
    given = machine_place.rpm_options

    def use(*, empty):
        folder = tmp_path / f"database-{empty}"
        folder.mkdir()
        rpm = ["rpm", "--dbpath", folder]
        subprocess.run([*rpm, "--initdb"], check=True, capture_output=True)
        if not empty:
            package = build_rpm(spec(name="compiler"))
            install = [*rpm, "--install", "--justdb", "--nodeps", "--nosignature", "--ignorearch", package]
            subprocess.run(install, check=True, capture_output=True)

        def with_database(sandbox, macros):
            own = sandbox.home / "database"
            shutil.copytree(folder, own)
            for path in (own, *own.iterdir()):
                path.chmod(0o777)
            return [*given(sandbox, macros), "--define", f"_dbpath {sandbox.inside(own)}"]

        monkeypatch.setattr(machine_place, "rpm_options", with_database)

    return use


REQUIRES = "BuildRequires: compiler >= 1, missing-devel >= 2, other-missing"


def test_an_empty_rpm_database_is_not_asked_but_the_log_says_what_it_does_not_know(
    make_srpm, chroot_task, spec, database
):
    database(empty=True)
    task = chroot_task(make_srpm(spec(REQUIRES)))
    build_chroot(task)
    assert "but the build continues: compiler >= 1, missing-devel >= 2, other-missing\n" in log_of(task)


def test_an_rpm_database_with_packages_decides(make_srpm, chroot_task, spec, database):
    database(empty=False)
    task = chroot_task(make_srpm(spec(REQUIRES)))
    text = "rpmbuild exited with 11: missing BuildRequires: missing-devel >= 2, other-missing"
    assert fails(task) == text
    build_chroot(satisfied := chroot_task(make_srpm(spec("BuildRequires: compiler"))))
    assert "BuildRequires" not in log_of(satisfied)


def test_the_policy_on_build_requires_can_be_set(make_srpm, chroot_task, spec, database):
    database(empty=True)
    task = chroot_task(make_srpm(spec("BuildRequires: compiler")))
    assert "missing BuildRequires: compiler" in fails(task, settings=Settings(build_requires="check"))
    database(empty=False)
    build_chroot(chroot_task(make_srpm(spec(REQUIRES))), settings=Settings(build_requires="ignore"))


def test_a_name_that_is_no_chroot_fails(make_srpm, chroot_task, spec):
    text = "'fedora' is not a valid chroot name: write one like fedora-42-x86_64"
    assert fails(chroot_task(make_srpm(spec()), "fedora")) == text


def test_a_distribution_that_is_not_known_is_built_for_without_its_macros(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec()), f"gentoo-17-{MACHINE}")
    assert build_chroot(task)[0].release == "1"
    assert "\nThe distribution gentoo 17 is not known: %dist is not set\n" in log_of(task)


def test_what_a_chroot_was_to_have_besides_is_said_to_be_left_out(make_srpm, chroot_task, spec):
    repos = ("https://example.com/r/", "copr://alice/tools")
    task = chroot_task(
        make_srpm(spec()),
        additional_packages=("gcc", "make"),
        additional_modules=("nodejs:18",),
        additional_repos=repos,
    )
    build_chroot(task)
    said = "Builds here install nothing, so the additional"
    assert f"\n{said} packages are ignored: gcc make\n" in log_of(task)
    assert f"\n{said} modules are ignored: nodejs:18\n" in log_of(task)
    assert f"\n{said} repositories are ignored: {' '.join(repos)}\n" in log_of(task)


BASH = """\
%install
install -d %{buildroot}/opt/{one,two}
pushd %{buildroot}/opt
[[ -d one && -d two ]]
popd
%files
/opt/*"""


def test_scripts_of_a_spec_are_for_bash(make_srpm, chroot_task, spec, confinement):
    task = chroot_task(make_srpm(spec().replace("%files", BASH)))
    build_chroot(task, confinement=confinement)


def test_so_are_programs_that_a_macro_runs(source_task, spec, tmp_path, bubblewrap):
    upload = tmp_path / "hello.spec"
    commit = "%global commit %(c=0123456789abcdef; echo ${c:0:7})"
    upload.write_text(commit + "\n" + spec().replace("1%{?dist}", "1.git%{commit}"))
    assert build_source(source_task(upload), confinement=bubblewrap).version == "1.0-1.git0123456"


def test_manual_pages_are_compressed_and_programs_begin_with_the_python_of_the_chroot(
    make_srpm, chroot_task, spec
):
    files = "%{_mandir}/man1/hello.1.gz\n%{_bindir}/hello"
    script = """\
%install
mkdir -p %{buildroot}%{_mandir}/man1 %{buildroot}%{_bindir}
echo page > %{buildroot}%{_mandir}/man1/hello.1
printf '#!/usr/bin/env python3\\npass\\n' > %{buildroot}%{_bindir}/hello
%py3_shebang_fix %{buildroot}%{_bindir}
head -n 1 %{buildroot}%{_bindir}/hello"""
    task = chroot_task(make_srpm(spec(sections=f"{files}\n{script}")))
    build_chroot(task)
    assert re.search(r"^#! ?/usr/bin/python3", log_of(task), re.MULTILINE)


PERL_PACKAGE = """\
%build
mkdir -p lib
printf 'package Hello;\\nour $VERSION = "1.0";\\n1;\\n\\n=head1 NAME\\n\\nHello - a module\\n' > lib/Hello.pm
echo 'use ExtUtils::MakeMaker; WriteMakefile(NAME => "Hello", VERSION_FROM => "lib/Hello.pm");' > Makefile.PL
perl Makefile.PL INSTALLDIRS=vendor NO_PACKLIST=1 NO_PERLLOCAL=1
%{make_build}
%install
%{make_install}
%{_fixperms} %{buildroot}/*
%files
%{perl_vendorlib}/Hello.pm
%{_mandir}/man3/Hello.3*"""


def test_a_perl_module_is_where_its_spec_looks_for_it(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec().replace("%files", PERL_PACKAGE)))
    assert [package.arch for package in build_chroot(task)] == ["noarch", "src"]


PROGRAM_AND_PAGE = "%{_bindir}/hello\n%{_mandir}/man1/hello.1*"


@pytest.mark.parametrize(
    ("saved", "is_binary", "place"),
    [("hello", False, "/usr/lib"), ("'*' +auto", False, "/usr/lib"), ("hello", True, "/usr/lib64")],
)
def test_the_files_of_a_python_package_are_its_modules_or_all(
    make_srpm, chroot_task, spec, saved, is_binary, place
):
    script = f"""\
%files -f %{{pyproject_files}}
{"" if "+auto" in saved else PROGRAM_AND_PAGE}
%build
cat > setup.py <<END
from setuptools import Distribution, setup
class Kind(Distribution):
    def has_ext_modules(self):
        return {is_binary}
programs = ["hello = hello:main"]
points = {{"console_scripts": programs}}
data = [("share/man/man1", ["hello.1"])]
setup(name="hello", version="1.0", py_modules=["hello"], entry_points=points, data_files=data, distclass=Kind)
END
echo page > hello.1
echo 'def main(): print("Hello")' > hello.py
%pyproject_wheel
%install
%pyproject_install
%pyproject_save_files {saved}
%check
%{{py3_test_envvars}} hello"""
    text = spec(noarch=not is_binary).replace("%files", script)
    task = chroot_task(make_srpm(text))
    build_chroot(task)
    (rpm,) = set(task.directory.glob("*.rpm")) - set(task.directory.glob("*.src.rpm"))
    query = ["rpm", "--query", "--list", "--package", "--nosignature", rpm]
    listed = subprocess.run(query, check=True, capture_output=True, text=True).stdout.split()
    assert {"/usr/bin/hello", "/usr/share/man/man1/hello.1.gz"} <= set(listed)
    module = rf"{place}/python3\.\d+/site-packages/hello\.py"
    assert any(re.fullmatch(module, path) for path in listed)
    assert "\nHello\n" in log_of(task)
    assert "listed twice" not in log_of(task)


@pytest.mark.parametrize(
    "parts",
    [("%nobody_defines", ""), ("Requires: %{nobody_defines x}", ""), ("", "%{nobody_defines}/x")],
)
def test_a_macro_that_a_spec_needs_and_this_machine_has_not_is_named(make_srpm, chroot_task, spec, parts):
    text = spec(*("%if 0%{?fedora}\n" + part + "\n%endif" for part in parts))
    task = chroot_task(make_srpm(text, None, "--undefine=fedora"))
    assert fails(task).endswith(": the macro %nobody_defines is not defined")


def test_a_section_is_not_taken_for_a_macro(make_srpm, chroot_task, spec):
    text = spec("%if 0%{?fedora}\n%package -n ../x\n%endif")
    reason = fails(chroot_task(make_srpm(text, None, "--undefine=fedora")))
    assert reason.endswith("Illegal char '/' (0x2f) in: %package -n ../x")


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_a_macro_that_a_script_needs_and_this_machine_has_not_is_named(make_srpm, chroot_task, spec, shell):
    text = spec(f"%global _buildshell {shell}", "%build\n%{nobody_defines} -v")
    reason = "Bad exit status from %build: the macro %nobody_defines is not defined"
    assert fails(chroot_task(make_srpm(text))) == f"rpmbuild exited with 1: {reason}"
