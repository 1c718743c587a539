"""Source type `custom`: what a script can use, how its results are used, and what it cannot do."""

from __future__ import annotations

import threading
import time

import pytest

from copr_local.builders.settings import Settings
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildCancelled, BuildFailed


@pytest.fixture
def custom(source_task, spec):
    """Run a script that finds the text of a spec in `$SPEC`; return the result and keep the build's log."""

    def run(script, *, settings=Settings(), network=False, package=None, project="", **source):  # noqa: B008
        source = {"script": script.replace("$SPEC", spec()), "chroot": "fedora-latest-x86_64", **source}
        fields = {"network": network, "package": package, "project": project}
        run.task = source_task(source_type="custom", source=source, **fields)
        try:
            return build_source(run.task, settings=settings)
        finally:
            run.log = (run.task.directory / "builder-live.log").read_text()

    return run


WRITE_SPEC = """#!/bin/bash -e
cat > hello.spec <<'END'
$SPEC
END
"""


def test_a_script_can_leave_a_spec(custom):
    assert custom(WRITE_SPEC).srpm.name == "hello-1.0-1.src.rpm"
    assert (
        "\nThe script is for fedora-latest-x86_64; it runs with the programs of this machine\n" in custom.log
    )


def test_a_script_can_leave_a_source_rpm_in_its_resultdir(custom):
    script = WRITE_SPEC + "mkdir -p a/b; rpmbuild -bs --define '_srcrpmdir a/b' hello.spec\n"
    assert custom(script, resultdir="a/b").name == "hello"


def test_sources_lie_next_to_the_spec(custom, spec):
    script = (
        f"mkdir out; cd out; echo x > hello.txt; cat > hello.spec <<'END'\n{spec('Source0: hello.txt')}END\n"
    )
    assert custom(script, resultdir="out").name == "hello"


def test_a_script_has_the_documented_variables(custom):
    script = """#!/bin/sh -e
test "$COPR_OWNER $COPR_PROJECT $COPR_PACKAGE" = "@devs hello "
test -d "$COPR_RESULTDIR"
case $COPR_RESULTDIR in /*) ;; *) exit 1 ;; esac
cat > "$COPR_RESULTDIR/hello.spec" <<'END'
$SPEC
END
"""
    for resultdir in ("", "out", "a/b", "./c/"):
        assert custom(script, resultdir=resultdir, project="@devs/hello").name == "hello"


def test_a_script_knows_the_package_that_it_is_for(custom):
    assert custom(f'{WRITE_SPEC}test "$COPR_PACKAGE" = hello', package="hello").name == "hello"


def test_a_script_without_an_interpreter_is_run_by_the_shell(custom):
    assert custom(WRITE_SPEC.partition("\n")[2]).name == "hello"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 3", "the script exited with 3"),
        ("#!/no/such/interpreter\n", "the script exited with 127"),
        ("true", r"left no \.src\.rpm and no \.spec in the resultdir '\.'"),
        ("touch a.spec b.spec", r"one \.spec in the resultdir, but it left a\.spec, b\.spec"),
        ("mkdir deep; touch deep/a.spec", r"left no"),
        ("ln -s /etc/passwd a.spec", r"left no"),
        ("mkfifo a.spec", r"left no"),
        ("touch a.spec", r"a\.spec is empty"),
        ("echo junk > a.src.rpm", r"a\.src\.rpm is not a source RPM"),
    ],
)
def test_a_script_without_a_result_fails(custom, script, reason):
    with pytest.raises(BuildFailed, match=reason):
        custom(script)


@pytest.mark.parametrize("resultdir", ["..", "../..", "/etc", "a/../../b"])
def test_a_resultdir_elsewhere_is_refused(custom, resultdir):
    with pytest.raises(BuildFailed, match="leads out of the folder that the script runs in"):
        custom("true", resultdir=resultdir)


@pytest.mark.parametrize("script", ["ln -s {} out", "mkdir x; ln -s {} x/y; ln -s x/y out"])
def test_results_are_not_read_through_a_link(custom, script, spec, tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.spec").write_text(spec())
    with pytest.raises(BuildFailed, match="left no"):
        custom(script.format(tmp_path / "secret"), resultdir="out")


@pytest.mark.parametrize("place", ["$HOME/.rpmmacros", "$HOME/build", "$HOME/source/hello.txt"])
def test_links_that_a_script_leaves_are_not_written_through(custom, spec, tmp_path, file_server, place):
    (file_server.folder / "hello.txt").write_text("fetched")
    victim = tmp_path / "victim"
    text = spec(f"Source0: {file_server.url}/hello.txt")
    script = f"cat > hello.spec <<'END'\n{text}END\nrm -rf {place}; ln -s {victim} {place}\n"
    try:
        custom(script)
    except BuildFailed as failed:
        assert "internal" not in str(failed)
    assert not victim.exists()


def test_a_folder_that_was_exchanged_for_a_link_gets_no_download(custom, spec, tmp_path, file_server):
    (file_server.folder / "hello.txt").write_text("fetched")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    swap = f"%(mv /builddir/source /builddir/moved; ln -s {elsewhere} /builddir/source)"
    text = spec(f"Source0: {file_server.url}/hello.txt\nURL: http://x/{swap}")
    with pytest.raises(BuildFailed):
        custom(f"cat > hello.spec <<'END'\n{text}END\n")
    assert list(elsewhere.iterdir()) == []


def test_a_script_has_network_and_its_spec_does_not(custom, spec, file_server, bubblewrap):
    """As at a real Copr, where the network of a build is another question: `enable_net`."""
    reach = f"exec 3<>/dev/tcp/127.0.0.1/{file_server.port}"
    text = f"%global reached %(bash -c '{reach}' && echo 1 || echo 2)\n{spec()}"
    text = text.replace("Version: 1.0", "Version: %{reached}")
    script = f"bash -c '{reach}' && echo reached\ncat > hello.spec <<'END'\n{text}END\n"
    assert [custom(script, network=network).version for network in (False, True)] == ["2-1", "1-1"]
    assert "\nreached\n" in custom.log


@pytest.mark.parametrize("program", ["dnf", "dnf5", "yum", "microdnf"])
@pytest.mark.parametrize(
    ("arguments", "left_out"),
    [
        ("-y install git rpm-build", "git rpm-build"),
        ("install --setopt x=y -y --enablerepo=z git", "git"),
        ("--enablerepo updates -y builddep hello.spec", "hello.spec"),
        ("-y copr enable a/b", "enable a/b"),
        ("update -y", "everything"),
    ],
)
def test_what_a_script_would_install_is_left_out(custom, program, arguments, left_out):
    assert custom(f"{WRITE_SPEC}{program} {arguments}\n").name == "hello"
    said = "nothing is installed or changed on this machine for a build; left out"
    command = next(word for word in ("install", "builddep", "copr", "update") if word in arguments.split())
    assert f"\n{program} {command}: {said}: {left_out}\n" in custom.log


def test_what_dnf_is_asked_for_and_cannot_be_left_out_is_passed_on(custom):
    script = (
        f"{WRITE_SPEC}set +e; microdnf repoquery x; test $? = 127 && dnf --version > version; cat version\n"
    )
    assert custom(script).name == "hello"
    assert "microdnf: command not found on this machine; microdnf repoquery cannot be left out" in custom.log


def test_what_a_script_needs_is_looked_for(custom):
    needs = "git no-such-package"
    with pytest.raises(
        BuildFailed, match=r"^missing builddeps: no-such-package: install them on this machine$"
    ):
        custom(WRITE_SPEC, builddeps=needs, settings=Settings(build_requires="check"))
    assert custom(WRITE_SPEC, builddeps=needs, settings=Settings(build_requires="ignore")).name == "hello"
    assert "no-such-package" not in custom.log


def test_further_repositories_are_not_used_and_the_log_says_so(custom):
    custom(WRITE_SPEC, repos="https://example.com/r/")
    assert "\nNothing is installed from https://example.com/r/\n" in custom.log


def test_cancel_ends_a_script_with_all_its_processes(custom, marker):
    def cancel():
        assert marker.sleeps()
        custom.task.cancelled.set()
        cancel.at = time.monotonic()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(BuildCancelled):
        custom(f"sleep {marker.seconds} & setsid sleep {marker.seconds}")
    assert time.monotonic() - cancel.at < 2
    assert marker.vanishes()
    thread.join()
