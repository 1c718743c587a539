"""One rpmbuild for one chroot: its results, what ends it early, and what it cannot do."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from chroot_builds import MACHINE, fails, log_of, names

from copr_local.builders import chroot_build
from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.results import publish, read_results, write_results
from copr_local.builders.tasks import BuildCancelled, BuildFailed, BuiltPackage, Limits

MIB = 1024**2


C_PACKAGE = """\
%package libs
Summary: A library
%description libs
A library.
%package doc
Summary: Documentation
BuildArch: noarch
%description doc
Documentation.
%prep
%setup -c -T
cp %{SOURCE0} %{SOURCE1} .
%build
%{__cc} %{build_cflags} -fPIC -shared greet.c %{build_ldflags} -Wl,-soname,libgreet.so.1 -o libgreet.so.1
%{__cc} %{build_cflags} hello.c %{build_ldflags} ./libgreet.so.1 -o hello
%install
install -Dpm755 hello %{buildroot}%{_bindir}/hello
install -Dpm755 libgreet.so.1 %{buildroot}%{_libdir}/libgreet.so.1
install -d %{buildroot}%{_pkgdocdir}
echo read > %{buildroot}%{_pkgdocdir}/README
%check
test "$(LD_LIBRARY_PATH=. ./hello)" = "Hello, world"
%files
%{_bindir}/hello
%files libs
%{_libdir}/libgreet.so.1
%files doc
%{_pkgdocdir}
"""
C_SOURCES = {
    "hello.c": 'void greet(const char *name);\nint main(void) { greet("world"); return 0; }\n',
    "greet.c": '#include <stdio.h>\nvoid greet(const char *name) { printf("Hello, %s\\n", name); }\n',
}

LOGS = ["build.log.gz", "builder-live.log", "builder-live.log.gz", "hw_info.log.gz", "state.log.gz"]


@pytest.mark.parametrize(("release", "dist"), [("fedora-42", "fc42"), ("epel-9", "el9")])
def test_a_c_package_is_built_with_its_subpackages(make_srpm, chroot_task, spec, release, dist):
    preamble = "BuildRequires: gcc\nSource0: hello.c\nSource1: greet.c"
    srpm = make_srpm(
        spec(preamble, C_PACKAGE, noarch=False).replace("%files\n%package", "%package"), C_SOURCES
    )
    task = chroot_task(srpm, f"{release}-{MACHINE}", project="alice/hello")
    packages = build_chroot(task)
    assert packages == [
        BuiltPackage("hello", 0, "1.0", f"1.{dist}", "src"),
        BuiltPackage("hello", 0, "1.0", f"1.{dist}", MACHINE),
        BuiltPackage("hello-doc", 0, "1.0", f"1.{dist}", "noarch"),
        BuiltPackage("hello-libs", 0, "1.0", f"1.{dist}", MACHINE),
    ]
    rpms = [f"{package.name}-1.0-1.{dist}.{package.arch}.rpm" for package in packages]
    assert names(task.directory) == sorted([*rpms, *LOGS, "package.spec", "results.json", "success"])
    written = json.loads((task.directory / "results.json").read_text())
    assert [BuiltPackage(**package) for package in written["packages"]] == packages
    assert log_of(task).splitlines()[-1].startswith(f"Built hello.src, hello.{MACHINE}, hello-doc.noarch, ")
    assert gzip.decompress((task.directory / "builder-live.log.gz").read_bytes()).decode() == log_of(task)
    assert "-fstack-protector-strong" in log_of(task)
    program, library = (
        task.directory / f"{name}-1.0-1.{dist}.{MACHINE}.rpm" for name in ("hello", "hello-libs")
    )
    assert (
        query(program, "%{VENDOR}|[%{FILENAMES} %{FILEUSERNAME}]") == "Copr - user alice|/usr/bin/hello root"
    )
    assert "libgreet.so.1()(64bit)" in query(library, "[%{PROVIDENAME} ]").split()


def query(rpm: Path, form: str) -> str:
    command = ["rpm", "-qp", "--nosignature", "--queryformat", form, rpm]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_files_are_readable_by_all_and_owned_by_the_service(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec()))
    build_chroot(task)
    for path in task.directory.glob("*.rpm"):
        assert (path.stat().st_mode & 0o777, path.stat().st_uid) == (0o644, os.geteuid())


def test_the_same_source_gives_the_same_bytes(make_srpm, chroot_task, spec, tmp_path):
    install = "%install\nmkdir -p %{buildroot}/usr/share\necho $SOURCE_DATE_EPOCH > %{buildroot}/usr/share/x"
    srpm = make_srpm(spec(sections=f"/usr/share/x\n{install}"))
    built = []
    for number in (1, 2):
        task = chroot_task(srpm, directory=tmp_path / str(number))
        build_chroot(task)
        built.append({path.name: path.read_bytes() for path in task.directory.glob("*.rpm")})
        time.sleep(1.1 * (number == 1))  # the builds must start in different seconds
    assert built[0] == built[1]


def test_the_live_log_is_readable_while_it_grows(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec(sections="%build\necho first\nsleep 1\necho second")))
    builder = threading.Thread(target=build_chroot, args=(task,))
    builder.start()
    until = time.monotonic() + 10
    path = task.directory / "builder-live.log"
    while "\nfirst\n" not in (path.read_text() if path.exists() else ""):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert builder.is_alive()
    assert "\nsecond\n" not in log_of(task)
    assert list(task.directory.glob("*.rpm")) == []
    builder.join()
    assert "\nsecond\n" in log_of(task)


def test_options_turn_conditions_on_and_off(make_srpm, chroot_task, spec):
    conditions = "%bcond_with tests\n%bcond_without docs\n"
    echo = "%build\necho tests=%{with tests} docs=%{with docs}"
    srpm = make_srpm(conditions + spec(sections=echo))
    for options, expected in [
        ({}, "tests=0 docs=1"),
        ({"with_options": ("tests",), "without_options": ("docs",)}, "tests=1 docs=0"),
    ]:
        task = chroot_task(srpm, **options)
        build_chroot(task)
        assert f"\n{expected}\n" in log_of(task)


@pytest.mark.parametrize("option", ["", "--nodeps", "a b", "x;y", "%{nil}"])
def test_an_option_that_is_no_name_fails(make_srpm, chroot_task, spec, option):
    task = chroot_task(make_srpm(spec()), with_options=(option,))
    assert fails(task) == f"{option!r} is not a valid name for --with"


def test_a_spec_sees_the_chroot_and_the_project(make_srpm, chroot_task, spec):
    echo = "%build\necho %{?fedora}-%{?rhel}-%{?el10}-%{copr_username}-%{copr_projectname}-%{buildtag}"
    task = chroot_task(make_srpm(spec(sections=echo)), f"centos-stream-10-{MACHINE}", project="@devs/tools")
    build_chroot(task)
    assert "\n-10-1-@devs-tools-.copr7\n" in log_of(task)


def test_a_failing_check_fails_the_build(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec(sections="%check\necho 1 test failed; false")))
    assert fails(task) == "rpmbuild exited with 1: Bad exit status from %check"
    assert "\n1 test failed\n" in log_of(task)


@pytest.mark.parametrize(
    ("made", "listed"),
    [(2, "/opt/1, /opt/2"), (7, "/opt/1, /opt/2, /opt/3, /opt/4, /opt/5, and 2 more")],
)
def test_files_that_a_spec_does_not_list_are_named_in_the_reason(make_srpm, chroot_task, spec, made, listed):
    script = f"%install\nmkdir -p %{{buildroot}}/opt; cd %{{buildroot}}/opt; touch $(seq {made})"
    found = f"Installed (but unpackaged) file(s) found: {listed}"
    assert fails(chroot_task(make_srpm(spec(sections=script)))) == f"rpmbuild exited with 1: {found}"


def test_a_spec_that_does_not_parse_in_the_chroot_fails(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec("%if 0%{?fedora}\nUnknown: tag\n%endif"), None, "--undefine=fedora"))
    assert "Unknown tag: Unknown: tag" in fails(task, "rpmbuild exited with 1: line ")


def test_a_build_that_never_ends_is_ended(make_srpm, chroot_task, spec, marker):
    script = f"%build\nsleep {marker.seconds} & sleep {marker.seconds}"
    task = chroot_task(make_srpm(spec(sections=script)), timeout=2)
    began = time.monotonic()
    assert fails(task) == "it ran longer than 2 s (timeout)"
    assert time.monotonic() - began < 4
    assert marker.alive() == 0


def test_a_build_that_writes_without_end_is_ended_at_the_log_limit(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec(sections="%build\nyes `seq 1000`")), limits=Limits(log=MIB))
    began = time.monotonic()
    assert fails(task) == "the log is larger than 1 MiB"
    assert time.monotonic() - began < 5
    assert MIB < (task.directory / "builder-live.log").stat().st_size < MIB + 1000


def test_a_build_that_fills_the_disk_is_ended(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec(sections="%build\ncat /dev/zero > big")), limits=Limits(disk=20 * MIB))
    assert fails(task) == "its files are larger than 20 MiB"


def test_a_build_that_forks_without_end_is_ended(make_srpm, chroot_task, spec, marker):
    script = f"%build\nbash -c 'while :; do sleep {marker.seconds} & done'"
    task = chroot_task(make_srpm(spec(sections=script)), limits=Limits(processes=100))
    assert fails(task) == "it ran more than 100 processes at once"
    assert marker.alive() == 0


def test_cancel_ends_a_build_within_two_seconds(make_srpm, chroot_task, spec, marker):
    task = chroot_task(make_srpm(spec(sections=f"%build\nsetsid sleep {marker.seconds}")))
    ended = []

    def build():
        with pytest.raises(BuildCancelled):
            build_chroot(task)
        ended.append(time.monotonic())

    builder = threading.Thread(target=build)
    builder.start()
    assert marker.sleeps()
    began = time.monotonic()
    task.cancelled.set()
    builder.join()
    assert ended[0] - began < 2
    assert marker.alive() == 0
    assert log_of(task).endswith("\nBuild cancelled.\n")
    assert names(task.directory) == sorted([*LOGS, "package.spec"])


def test_a_build_cannot_reach_the_network_nor_write_elsewhere(
    make_srpm, chroot_task, spec, tmp_path, file_server, bubblewrap
):
    outside = tmp_path / "outside"
    script = f"""%build
bash -c 'exec 3<>/dev/tcp/127.0.0.1/{file_server.port}' && echo connected
echo x > {outside} && echo written
true
"""
    srpm = make_srpm(spec(sections=script))
    task = chroot_task(srpm)
    build_chroot(task)
    assert "\nconnected\n" not in log_of(task)
    assert "\nwritten\n" not in log_of(task)
    assert not outside.exists()
    build_chroot(allowed := chroot_task(srpm, network=True))
    assert "\nconnected\n" in log_of(allowed)


def test_what_a_build_puts_among_the_results_is_not_published(make_srpm, chroot_task, spec):
    script = """%build
mkdir -p %{_rpmdir}/noarch
ln -s /etc/passwd %{_rpmdir}/noarch/passwd-1-1.noarch.rpm
ln -s / %{_rpmdir}/noarch/root
"""
    task = chroot_task(make_srpm(spec(sections=script)))
    build_chroot(task)
    rpms = sorted(path.name for path in task.directory.glob("*.rpm"))
    assert rpms == ["hello-1.0-1.fc42.noarch.rpm", "hello-1.0-1.fc42.src.rpm"]


def test_a_file_that_only_looks_like_a_result_fails_the_build(make_srpm, chroot_task, spec):
    script = "%build\nmkdir -p %{_rpmdir}/noarch; echo x > %{_rpmdir}/noarch/x-1-1.noarch.rpm"
    fails(chroot_task(make_srpm(spec(sections=script))), "rpm cannot read it|rpm finds")


def test_results_behind_a_link_are_not_looked_at(make_srpm, chroot_task, spec, tmp_path):
    script = "%install\n%clean\nrm -rf %{_topdir}/RPMS; ln -s /usr %{_topdir}/RPMS"
    task = chroot_task(make_srpm(spec(sections=script)))
    assert [package.arch for package in build_chroot(task)] == ["src"]


def test_a_source_rpm_with_paths_in_its_names_writes_nothing_elsewhere(
    make_srpm, chroot_task, spec, forge, tmp_path
):
    plain = ("--define", "_source_payload w.ufdio")
    srpm = make_srpm(spec("Source0: evil-source.txt"), {"evil-source.txt": "x"}, *plain)
    forge(srpm, b"evil-source.txt", b"../../../evil.t")
    before = set(tmp_path.rglob("*"))
    task = chroot_task(srpm)
    fails(task)
    new = {path for path in set(tmp_path.rglob("*")) - before if path.is_file()}
    logs = {task.directory / name for name in LOGS}
    assert new - logs <= {task.directory / "package.spec"}
    assert new >= logs - {task.directory / "build.log.gz", task.directory / "state.log.gz"}
    assert not Path("/evil.t").exists()


def test_a_second_attempt_begins_afresh(make_srpm, chroot_task, spec):
    task = chroot_task(make_srpm(spec(sections="%build\nfalse")))
    (task.directory / ".work" / "home" / "build" / "RPMS").mkdir(parents=True)
    for name in ("old-1-1.noarch.rpm", "results.json", ".work/home/build/RPMS/old-1-1.noarch.rpm"):
        (task.directory / name).touch()
    fails(task)


def test_a_build_whose_service_was_killed_can_be_done_again(make_srpm, chroot_task, spec, marker):
    task = chroot_task(make_srpm(spec(sections=f"%build\nsleep {marker.seconds}")))
    script = (
        "import pathlib, sys\n"
        "from copr_local.builders.chroot_build import build_chroot\n"
        "from copr_local.builders.tasks import ChrootTask\n"
        "build_chroot(ChrootTask(7, sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])))\n"
    )
    service = subprocess.Popen([sys.executable, "-c", script, task.chroot, task.srpm, task.directory])
    assert marker.sleeps()
    service.kill()
    service.wait()
    assert marker.vanishes()
    assert list(task.directory.glob("*.rpm")) == []
    build_chroot(chroot_task(make_srpm(spec()), directory=task.directory))
    packages = [name for name in names(task.directory) if name.endswith(".rpm")]
    assert len(packages) == 2


def test_without_bubblewrap_a_build_works_and_the_log_says_so(make_srpm, chroot_task, spec, confinement):
    task = chroot_task(make_srpm(spec()))
    assert len(build_chroot(task, confinement=confinement)) == 2
    line = log_of(task).splitlines()[1]
    if confinement.bwrap is None:
        text = "Sandbox: none (as asked for by a test); the build "
        text += "runs as user " if os.geteuid() == 0 else "has the rights of this service, and sees its files"
    else:
        text = f"Sandbox: {confinement.reason}, without network; at most "
    assert line.startswith(text)


def test_builds_run_next_to_each_other(make_srpm, chroot_task, spec, tmp_path):
    srpm = make_srpm(spec(sections="%build\nsleep 0.3"))
    tasks = [chroot_task(srpm, directory=tmp_path / "many" / str(number)) for number in range(6)]
    builders = [threading.Thread(target=build_chroot, args=(task,)) for task in tasks]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert [len(list(task.directory.glob("*.rpm"))) for task in tasks] == [2] * 6


def test_results_are_published_together_or_not_at_all(tmp_path):
    made, published = tmp_path / "made", tmp_path / "published"
    made.mkdir()
    published.mkdir()
    (made / "a.rpm").touch()
    with pytest.raises(FileNotFoundError):
        publish([made / "a.rpm", made / "gone.rpm"], published)
    assert names(published) == []


def test_a_full_disk_fails_the_build(make_srpm, chroot_task, spec, monkeypatch):
    task = chroot_task(make_srpm(spec()))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(chroot_build, "publish", full)
    with pytest.raises(BuildFailed, match=r"the builder failed: .*No space left"):
        build_chroot(task)
    assert log_of(task).endswith("Build failed: [Errno 28] No space left on device\n")


def test_a_disk_that_is_full_once_all_is_published_does_not_fail_the_build(
    make_srpm, chroot_task, spec, monkeypatch
):
    """The kernel refuses all further writes of this process, as on a full disk."""
    task = chroot_task(make_srpm(spec()))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def write_and_fill(directory, packages):
        write_results(directory, packages)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))

    monkeypatch.setattr(chroot_build, "write_results", write_and_fill)
    try:
        packages = build_chroot(task)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert read_results(task.directory) == packages
    assert len(packages) == 2
    assert "Build failed" not in (task.directory / "builder-live.log").read_text()
    assert not (task.directory / "builder-live.log.gz").exists()
