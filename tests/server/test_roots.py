"""Builds in installed roots: a chroot with repositories, and packages that need one another.

The roots are real: dnf and rpm install them from a distribution made of this machine's packages.
"""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from as_user import run_as_user
from hostile_package import KILLED, VICTIM, Prey
from processes import command_lines
from rpm_repositories import make_key, make_repository, site

from copr.v3 import Client, wait
from copr_local import LocalCopr, LocalCoprError
from copr_local.builders.roots import tools
from copr_local.builders.roots.namespace import find_ids
from copr_local.builders.settings import Settings
from copr_local.builders.tasks import Limits

CHROOT = "fedora-44-x86_64"
LOGS = ("build", "root", "state", "installed_pkgs", "hw_info", "builder-live")
HEAD = """\
Name: {name}
Version: 1.0
Release: 1%{{?dist}}
Summary: A package of the tests
License: MIT
{tags}
%description
A package of the tests.
"""
LIBRARY = """\
%package devel
Summary: Header
Requires: tally = %{version}-%{release}
%description devel
The header.
%build
echo 'int tally(void) { return 42; }' > tally.c
gcc -shared -fPIC -o libtally.so tally.c
%install
mkdir -p %{buildroot}/usr/include %{buildroot}%{_libdir}
echo 'int tally(void);' > %{buildroot}/usr/include/tally.h
cp libtally.so %{buildroot}%{_libdir}
%files
%{_libdir}/libtally.so
%files devel
/usr/include/tally.h
"""
PROGRAM = """\
%build
cat > user.c <<'END'
#include <tally.h>
int main(void) { return tally() != 42; }
END
gcc -o tallyuser user.c -ltally
%check
./tallyuser
%install
mkdir -p %{buildroot}/usr/bin
cp tallyuser %{buildroot}/usr/bin
%files
/usr/bin/tallyuser
"""
GENERATED = """\
%generate_buildrequires
if [ -e /usr/include/tally.h ]; then echo tallyuser; else echo tally-devel; fi
%build
tallyuser
%files
"""
LOOKS_AROUND = """\
%build
grep -E '^(Cap...|NoNewPrivs|Seccomp|Uid)' /proc/self/status
cat /proc/net/dev
touch /usr/written && exit 1
test ! -e /etc/shadow || ! cat /etc/shadow
test "$(cat %{_topdir}/../.rpmmacros 2>/dev/null)" = ""
echo "home $HOME, dist %{dist}, vendor %{vendor}"
%files
"""


class Service:
    """A service with one project, whose chroot has the repositories of the test distribution."""

    def __init__(self, copr: LocalCopr) -> None:
        self.copr = copr
        self.client = Client(copr.config)
        self.me = copr.config["username"]

    def project(self, name: str, **settings: object) -> None:
        self.client.project_proxy.add(self.me, name, [CHROOT], **settings)

    def build(self, spec: Path, project: str = "p") -> tuple[str, str]:
        """Build a spec: the state, and the log of the chroot."""
        build = self.client.build_proxy.create_from_file(self.me, project, str(spec))
        (build,) = wait(build, interval=0.1, timeout=120)
        return build.state, self.client.build_chroot_proxy.get_log(build.id, CHROOT)


@pytest.fixture(scope="module")
def service(distribution, tmp_path_factory) -> Iterator[Service]:
    configuration = distribution.dnf_configuration(tmp_path_factory.mktemp("chroots") / "test.conf")
    with LocalCopr(chroots={CHROOT: configuration}) as copr:
        service = Service(copr)
        service.project("p")
        yield service


@pytest.fixture
def spec(tmp_path: Path) -> Callable[..., Path]:
    """Write a spec."""

    def write(name: str, body: str, *tags: str) -> Path:
        path = tmp_path / f"{name}.spec"
        path.write_text(HEAD.format(name=name, tags="\n".join(tags)) + body)
        return path

    return write


def test_packages_of_a_project_need_one_another(service, spec):
    """One test, since each step needs the results of the one before."""
    program = spec("tallyuser", PROGRAM, "BuildRequires: gcc", "BuildRequires: tally-devel")
    state, log = service.build(program)
    assert state == "failed"
    assert "tally-devel" in log.strip().splitlines()[-1]

    assert service.build(spec("tally", LIBRARY, "BuildRequires: gcc"))[0] == "succeeded"
    assert service.build(program)[0] == "succeeded"
    assert "As before: dnf install-requirements gcc tally-devel" in service.build(program)[1]
    state, log = service.build(spec("generated", GENERATED, "BuildArch: noarch"))
    assert state == "succeeded", log

    service.project("other")
    assert service.build(program, "other")[0] == "failed"
    service.client.project_proxy.edit(service.me, "other", additional_repos=[f"copr://{service.me}/p"])
    assert service.build(program, "other")[0] == "succeeded"


def test_the_log_says_that_rpm_ignores_generated_requirements_of_which_one_is_not_valid(service, spec):
    bad = '%generate_buildrequires\necho no-such-tool\necho "bash >= "\n%files\n'
    state, log = service.build(spec("ignored", bad, "BuildArch: noarch"))
    assert state == "succeeded", log  # as on a real Copr: rpmbuild ends with status 0
    assert "rpmbuild ignores all generated requirements: Version required: bash >=" in log


def test_a_build_has_no_capability_no_network_and_a_root_that_it_cannot_change(service, spec):
    state, log = service.build(spec("around", LOOKS_AROUND, "BuildArch: noarch"))
    assert state == "succeeded", log
    lines = log.splitlines()
    capabilities = [line.split()[1] for line in lines if line.startswith("Cap")]
    assert capabilities == ["0000000000000000"] * 5
    assert {"NoNewPrivs:\t1", "Seccomp:\t2"} <= set(lines)
    assert "Uid:\t1000\t1000\t1000\t1000" in lines
    assert [line for line in lines if line.strip().startswith("eth")] == []
    assert "touch: cannot touch '/usr/written': Read-only file system" in lines


def test_the_results_have_the_logs_of_a_real_copr(service, spec):
    service.project("logs")
    path = spec("logged", "%build\nmake --version\n%files\n", "BuildArch: noarch", "BuildRequires: make")
    (build,) = wait(service.client.build_proxy.create_from_file(service.me, "logs", str(path)), interval=0.1)
    chroot = service.client.build_chroot_proxy.get(build.id, CHROOT)
    folder = service.copr.data / "results" / chroot.result_url.partition("/results/")[2]
    (source,) = service.copr.data.glob("results/*/logs/srpm-builds/*/builder-live.log")
    assert f"The source RPM is made with the programs of {CHROOT}, in an installed root" in source.read_text()
    logs = {name: gzip.decompress((folder / f"{name}.log.gz").read_bytes()).decode() for name in LOGS}
    assert "GNU Make" in logs["build"]
    assert "Running dnf install-requirements make" in logs["root"]
    assert "Finish: rpmbuild" in logs["state"]
    assert any(line.startswith("make-0:") for line in logs["installed_pkgs"].splitlines())
    assert "MemTotal" in logs["hw_info"]
    assert all(logs[name].strip() in logs["builder-live"] for name in ("build", "root"))
    assert (folder / "success").exists()
    assert (folder / "logged.spec").read_bytes() == path.read_bytes()
    with tarfile.open(folder / "configs.tar.gz") as archive:
        assert b"[copr_base]" in archive.extractfile("configs/dnf.conf").read()


def test_a_repository_that_is_dead_fails_the_build_and_is_named(service, spec):
    service.project("dead", additional_repos=["http://127.0.0.1:9/nothing"])
    state, log = service.build(spec("hello", "%files\n", "BuildArch: noarch"), "dead")  # it needs nothing
    assert state == "failed"
    assert "http_127_0_0_1_9_nothing" in log.strip().splitlines()[-1]


def test_a_url_of_a_repository_may_have_variables_and_a_priority(service, spec, tmp_path):
    with site(tmp_path) as web:
        make_repository(tmp_path / "fedora" / "44", "chosen-1")
        make_repository(tmp_path / "newer", "chosen-2")
        urls = [f"{web.url}/$distname/$releasever?priority=5", f"{web.url}/newer"]
        service.project("chooses", additional_repos=urls)
        shows = "%build\nrpm -q chosen\n%files\n"
        path = spec("shows", shows, "BuildArch: noarch", "BuildRequires: chosen")
        state, log = service.build(path, "chooses")
    assert state == "succeeded", log
    assert "chosen-1-1.noarch" in log.splitlines()


def test_a_project_in_devel_mode_sees_what_it_has_not_published(service, spec):
    service.project("devel", devel_mode=True)
    state, log = service.build(spec("early", "%files\n", "BuildArch: noarch", "BuildRequires: make"), "devel")
    assert state == "succeeded", log
    path = spec("late", "%files\n", "BuildArch: noarch", "BuildRequires: early")
    state, log = service.build(path, "devel")
    assert state == "succeeded", log


@pytest.mark.parametrize("has_overlays", [True, False])
def test_keys_are_imported_when_a_package_needs_them_first(
    distribution, spec, tmp_path, has_overlays, monkeypatch
):
    """One key is first needed in a base root, the other in a layer; a package without one is refused."""
    if not has_overlays:
        monkeypatch.setattr("copr_local.builders.roots.roots.overlay_works", lambda *_: False)
    checked = "gpgcheck=1\nskip_if_unavailable=0\n"
    with tempfile.TemporaryDirectory() as short, site(tmp_path) as web:
        first = make_key(Path(short, "1"), tmp_path / "first.key")
        second = make_key(Path(short, "2"), tmp_path / "second.key")
        make_repository(tmp_path / "first", "begins-1", key=first)
        make_repository(tmp_path / "second", "follows-1", "unsigned-1!", key=second)
        (tmp_path / "mini").symlink_to(distribution.folder)
        web.metalink("metalink", "mini")
        configuration = tmp_path / "test.conf"
        configuration.write_text(
            f"[main]\n[mini]\nmetalink={web.url}/metalink?repo=fedora-$releasever&arch=$basearch\n"
            f"[first]\nbaseurl={web.url}/first\n{checked}gpgkey={web.url}/first.key\n"
            f"[second]\nbaseurl={web.url}/second\n{checked}gpgkey={(tmp_path / 'second.key').as_uri()}\n"
            "[copr-local]\ninstall = @buildsys-build begins\n"
        )
        with LocalCopr(chroots={CHROOT: configuration}) as copr:
            signed = Service(copr)
            signed.project("p")
            shows = "%build\nrpm -q begins follows\n%files\n"
            state, log = signed.build(spec("shows", shows, "BuildArch: noarch", "BuildRequires: follows"))
            assert state == "succeeded", log
            state, log = signed.build(
                spec("trusts", "%files\n", "BuildArch: noarch", "BuildRequires: unsigned")
            )
            assert state == "failed"
            assert "unsigned-1-1.noarch.rpm is not signed" in log.strip().splitlines()[-1]


def test_a_root_that_is_too_large_for_the_disk_limit_is_not_kept(distribution, spec, tmp_path):
    configuration = distribution.dnf_configuration(tmp_path / "test.conf")
    settings = Settings(limits=Limits(disk=20 * 1024**2), source_chroot="none")
    with LocalCopr(chroots={CHROOT: configuration}, settings=settings) as copr:
        small = Service(copr)
        small.project("p")
        state, log = small.build(spec("hello", "%files\n", "BuildArch: noarch"))
        assert state == "failed"
        assert log.strip().splitlines()[-1] == "Build failed: its files are larger than 20 MiB"
        assert [path.name for path in (copr.data / "roots").iterdir() if "base" in path.name] == []


def test_a_project_that_was_deleted_fails_the_build_and_is_named(service, spec):
    service.project("gone")
    service.project("heir", additional_repos=[f"copr://{service.me}/gone"])
    service.client.project_proxy.delete(service.me, "gone")
    state, log = service.build(spec("hello", "%files\n", "BuildArch: noarch", "BuildRequires: make"), "heir")
    assert state == "failed"
    assert f"copr_{service.me}_gone cannot be read" in log.strip().splitlines()[-1]


@pytest.fixture
def prey(tmp_path) -> Iterator[Prey]:
    # Not in pytest's folder: each start of pytest closes that to other users.
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        yield Prey(Path(folder), listener)


def test_a_hostile_package_stays_inside(service, spec, prey):
    service.project("hostile", enable_net=True)
    evil = spec("evil", prey.package(), "BuildArch: noarch")
    assert service.build(evil, "hostile")[0] == "succeeded"
    (package,) = service.copr.data.glob("results/*/hostile/*/*-evil/evil-*.noarch.rpm")
    before = package.read_bytes()
    victim = spec("victim", VICTIM, "BuildArch: noarch", "BuildRequires: evil")
    state, log = service.build(victim, "hostile")
    assert state == "succeeded", log
    ids = find_ids(service.copr.data / "roots")
    prey.check(log, "1" if ids.is_single else str(ids.users[0][2]))
    assert package.read_bytes() == before


def test_a_machine_without_dnf_fails_the_build_and_says_what_to_install(service, spec, monkeypatch):
    monkeypatch.setattr(tools, "find_dnf", lambda: None)
    service.project("without")
    # The base root and an answer for make may exist.
    path = spec("hello", "%files\n", "BuildArch: noarch", "BuildRequires: make, sed")
    build = service.client.build_proxy.create_from_file(service.me, "without", str(path))
    assert wait(build, interval=0.1, timeout=120)[0].state == "failed"
    # It is the source build that fails if the base root does not exist yet, else the build of the chroot.
    logs = [log.read_text() for log in service.copr.data.glob("results/*/without/*/*/builder-live.log")]
    how = "apt-get install dnf / dnf install python3-dnf"
    assert any(log.strip().endswith(how) for log in logs)


def test_a_package_for_another_architecture_fails(distribution, spec, tmp_path):
    foreign = "fedora-44-s390x"
    with LocalCopr(chroots={foreign: distribution.dnf_configuration(tmp_path / "test.conf")}) as copr:
        client, me = Client(copr.config), copr.config["username"]
        client.project_proxy.add(me, "p", [foreign])
        path = spec("hello", "%files\n", "BuildArch: noarch")
        (build,) = wait(client.build_proxy.create_from_file(me, "p", str(path)), interval=0.1, timeout=60)
        log = client.build_chroot_proxy.get_log(build.id, foreign)
    assert build.state == "failed"
    assert log.strip().splitlines()[-1].endswith("cannot install a root for s390x")


def test_a_file_without_repositories_is_refused(tmp_path):
    path = tmp_path / "empty.conf"
    path.write_text("[main]\n")
    with pytest.raises(LocalCoprError, match=rf"empty\.conf cannot be used for {CHROOT}: it has no section"):
        LocalCopr(chroots={CHROOT: path}).start()


if os.geteuid() == 0:  # for an ordinary user, the other tests show it

    @pytest.mark.parametrize("has_range", [False, True], ids=["one id", "a range of ids"])
    def test_a_hostile_package_stays_inside_the_roots_of_a_user_too(distribution, spec, prey, has_range):
        """The service is killed while the package is installed: what it has left is ended and removed."""
        inputs = [
            distribution.dnf_configuration(prey.folder / "test.conf"),
            spec("evil", prey.package(), "BuildArch: noarch"),
            spec("victim", VICTIM, "BuildArch: noarch", "BuildRequires: evil", "BuildRequires: mini-grouped"),
        ]
        arguments = [str(inputs[0]), *(str(shutil.copy(each, prey.folder)) for each in inputs[1:])]
        home = prey.folder / "home"
        home.mkdir()
        output = run_as_user(KILLED, CHROOT, *arguments, home=home, has_range=has_range)
        assert "states: succeeded succeeded\nunfinished:\n" in output, output
        prey.check(output, "1000" if has_range else "1")
        assert list(home.iterdir()) == []
        assert command_lines(home) == []
