"""The distribution that tests install roots from: real dnf installs it, and rpmbuild works in the root."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SECONDS = 120
HELLO = """\
Name: hello
Version: 1.0
Release: 1%{?dist}
Summary: Say hello
License: MIT
BuildRequires: gcc, make >= 4
%description
A program.
%prep
%setup -c -T
cat > hello.c <<END
#include <stdio.h>
int main(void) { return puts("hello") == EOF; }
END
%build
gcc -o hello hello.c
%check
test "$(./hello)" = hello
%install
install -D hello %{buildroot}%{_bindir}/hello
%files
%{_bindir}/hello
"""


class Root:
    """A root of the distribution, in a folder. Its users are those of a user namespace."""

    def __init__(self, folder: Path, configuration: Path) -> None:
        self.folder = folder
        self.tree = folder / "root"
        self.home = folder / "home"
        self.configuration = configuration
        for path in (self.tree / "proc", self.tree / "dev", self.home, folder / "builddir"):
            path.mkdir(parents=True)
        # Debian's rpm keeps its database in the home of the user.
        (self.home / ".rpmmacros").write_text(
            "%_dbpath /usr/lib/sysimage/rpm\n%_netsharedpath /proc:/dev:/sys\n"
        )

    def install(self, *packages: str | Path) -> None:
        sandbox = ("--dev-bind", "/", "/", "--unshare-user", "--uid", "0", "--gid", "0", "--cap-add", "ALL")
        mounts = ("--proc", self.tree / "proc", "--dev", self.tree / "dev", "--setenv", "HOME", self.home)
        options = ("--config", self.configuration, "--installroot", self.tree, "--releasever", "44", "-y")
        settings = {"reposdir": "/dev/null", "cachedir": self.folder / "cache", "logdir": self.folder}
        dnf = ("dnf", *options, *(f"--setopt={name}={value}" for name, value in settings.items()))
        self._run("bwrap", *sandbox, *mounts, "--", *dnf, "install", *packages)

    def run(self, *command: str) -> str:
        """Run a program of the root, as an ordinary user and without network, and return what it prints."""
        home = self.folder / "builddir"
        mounts = ("--ro-bind", self.tree, "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp")
        folders = ("--tmpfs", "/var/tmp", "--bind", home, "/builddir", "--chdir", "/builddir")
        user = ("--unshare-all", "--uid", "1000", "--gid", "1000", "--clearenv")
        environment = {"HOME": "/builddir", "PATH": "/usr/bin:/usr/sbin", "LANG": "C.UTF-8"}
        variables = [part for item in environment.items() for part in ("--setenv", *item)]
        return self._run("bwrap", *mounts, *folders, *user, *variables, "--", *command)

    @staticmethod
    def _run(*command: object) -> str:
        arguments = [str(part) for part in command]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout


@pytest.fixture(scope="module")
def root(distribution, tmp_path_factory):
    folder = tmp_path_factory.mktemp("root")
    made = Root(folder, distribution.dnf_configuration(folder / "dnf.conf"))
    made.install("@buildsys-build", "gcc", "make >= 4")
    return made


@pytest.fixture(scope="module")
def hello(root):
    """The package of a C program, built in the root; its path in the root."""
    (root.folder / "builddir" / "hello.spec").write_text(HELLO)
    root.run("rpmbuild", "-bb", "hello.spec")
    [built] = (root.folder / "builddir").glob("rpmbuild/RPMS/*/hello-1.0-1.mini44.*.rpm")
    return built


def test_a_c_program_is_built_in_the_root_and_installed_into_it(root, hello):
    root.install(hello)
    assert root.run("hello") == "hello\n"


def test_a_root_has_only_what_was_installed(root):
    installed = root.run("rpm", "-qa", "--queryformat", "%{NAME}\\n").split()
    assert {"bash", "rpm-build", "redhat-rpm-config", "glibc-devel"} <= set(installed)
    assert not {"python3", "perl", "cmake", "meson", "dnf"} & set(installed)


def test_a_package_has_a_file_with_a_group_of_its_own(distribution):
    [package] = distribution.folder.glob("mini-grouped-*.rpm")
    form = "[%{FILEUSERNAME} %{FILEGROUPNAME} %{FILEMODES:octal}\\n]"
    command = ["rpm", "-qp", "--nosignature", "--queryformat", form, str(package)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    assert done.stdout == "bin tty 102755\n"
