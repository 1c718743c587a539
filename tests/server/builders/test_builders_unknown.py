"""What a build says about requirements and macros that this machine does not know."""

from __future__ import annotations

import pytest
from chroot_builds import fails, log_of

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.leftover_macros import leftover_macros
from copr_local.builders.rpm import failure
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildFailed


def test_the_last_line_of_a_failure_names_requirements_that_were_not_checked(make_srpm, chroot_task, spec):
    preamble = "BuildRequires: make, tally-devel >= 2\nBuildRequires: pkgconfig(tally) /usr/bin/sh"
    task = chroot_task(make_srpm(spec(preamble).replace("%files", "%build\ntally-config --libs\n%files")))
    missing = "these BuildRequires may be missing: pkgconfig(tally), tally-devel >= 2"
    assert fails(task).endswith(f": the program tally-config is not installed on this machine: {missing}")


def test_a_failure_of_a_build_with_all_it_needs_names_nothing(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec("BuildRequires: make").replace("%files", "%build\nfalse\n%files")))
    assert fails(task).endswith(": Bad exit status from %build")


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("no-such-program --version", "no-such-program"),
        ("/usr/bin/no-gem x", "/usr/bin/no-gem"),
    ],
)
def test_a_program_that_is_not_installed_is_named(make_srpm, chroot_task, spec, command, program):
    task = chroot_task(make_srpm(spec().replace("%files", f"%build\n{command}\n%files")))
    reason = f": Bad exit status from %build: the program {program} is not installed on this machine"
    assert fails(task).endswith(reason)


def test_a_file_of_the_source_that_does_not_exist_is_not_called_a_program(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec().replace("%files", "%build\n./configure\n%files")))
    assert fails(task).endswith(": Bad exit status from %build")


@pytest.mark.parametrize("section", ["%post", "%description doc", "%triggerin -- x", "%posttrans"])
def test_a_macro_that_is_left_in_a_package_is_in_the_log(make_srpm, chroot_task, spec, section):
    package = (
        "%package doc\nSummary: A text\n%description doc\nA text.\n"
        if "doc" not in section
        else ("%package doc\nSummary: A text\n")
    )
    text = spec().replace("%files", f"{package}{section}\n%{{_some_macro x}} `date +%%Y`\n%files\n%files doc")
    task = chroot_task(make_srpm(text))
    build_chroot(task)
    line = f"The macro %_some_macro is not defined, and stays as it is in {section}\n"
    assert log_of(task).count(line) == 1
    assert log_of(task).count("not defined") == 1


def test_only_texts_and_scriptlets_are_searched():
    parsed = """Summary: %{a_summary}
%description
Has 100%of it, %d, %%{escaped}, %{?left:x} and %left_too.
%build
%in_build
%post -n x
%{!?left} %left-over
%files
%attr(0644, root, root) %config /etc/x
%changelog
- %{in_changelog}
"""
    assert leftover_macros(parsed) == [
        ("left", "%description"),
        ("left_too", "%description"),
        ("left", "%post -n x"),
    ]


@pytest.mark.parametrize(
    "source", ["%{unknown}", "%unknown", "%{unknown of name 1}", "https://a.example/%{unknown}.tar.gz"]
)
def test_a_source_that_is_an_unknown_macro_is_no_missing_file(source_task, spec, tmp_path, source):
    upload = tmp_path / "hello.spec"
    upload.write_text(spec(f"Source: {source}"))
    text = f"hello.spec has the source {source}: the macro %unknown is not defined"
    with pytest.raises(BuildFailed) as failed:
        build_source(source_task(upload))
    assert str(failed.value) == text


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            "error: Failed build dependencies:\n\tbash conflicts with a-1-1.noarch\n",
            "bash conflicts with a-1-1",
        ),
        ("+ true\nbwrap: Can't bind mount /a on /builddir\n", "bwrap: Can't bind mount /a on /builddir"),
        (
            "setpriv: failed to execute sh: No such file or directory\n",
            "setpriv: failed to execute sh: No such",
        ),
    ],
)
def test_the_reason_is_in_the_last_line_even_if_rpmbuild_did_not_begin(output, reason):
    assert reason in str(failure("rpmbuild", 1, output))
