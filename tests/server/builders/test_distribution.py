"""The distribution for tests: real dnf installs a root from it, and packages are built in the root."""

from __future__ import annotations

import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from example_specs import RPMS, write_sources

pytestmark = pytest.mark.slow

SECONDS = 120
TOOLS = ("cmake", "dnf", "gcc", "meson", "perl", "pyproject-rpm-macros", "python3dist(wheel)")


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


def query(package: Path, form: str) -> str:
    """Return what rpm prints about a package file."""
    command = ["rpm", "-qp", "--nosignature", "--queryformat", form, str(package)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def root(distribution, tmp_path_factory):
    folder = tmp_path_factory.mktemp("root")
    made = Root(folder, distribution.dnf_configuration(folder / "dnf.conf"))
    made.install("buildsys-build")
    return made


def test_a_root_begins_with_what_every_build_needs(root):
    installed = root.run("rpm", "-qa", "--queryformat", "%{NAME}\\n").split()
    assert {"bash", "coreutils", "make", "rpm-build", "redhat-rpm-config"} <= set(installed)
    assert not {"cmake", "dnf", "gcc", "meson", "perl", "python3"} & set(installed)


def test_all_example_packages_are_built_in_a_root_and_installed_into_it(root):
    root.install(*TOOLS, "perl(ExtUtils::MakeMaker) >= 6.76", "python3dist(setuptools) >= 40", "make >= 4")
    for name, rpms in RPMS.items():
        write_sources(name, root.folder / "builddir" / name)
        options = ("--define", f"_topdir /builddir/{name}", "--define", f"_sourcedir /builddir/{name}")
        root.run("rpmbuild", "-ba", *options, f"{name}/{name}.spec")
        built = list((root.folder / "builddir" / name).glob("RPMS/*/*.mini44.*.rpm"))
        assert sorted(path.name.rsplit("-", 2)[0] for path in built) == sorted(rpms)
        root.install(*built)
    assert root.run("tallyuser", "a", "b") == "2 words\n"
    assert root.run("python3", "-c", "import painter; print(painter.paint(['sky'])[0])") == "red sky\n"
    assert root.run("perl", "-MText::Flip", "-e", "print Text::Flip::flip('a b')") == "b a"
    assert root.run("dnf", "--version").startswith(("4.", "5."))


def test_the_group_has_the_members_that_its_package_requires(distribution):
    comps = ElementTree.parse(distribution.folder / "comps.xml")
    [package] = distribution.folder.glob("buildsys-build-*.rpm")
    required = {name for name in query(package, "[%{REQUIRES}\\n]").split() if "(" not in name}
    assert {member.text for member in comps.iter("packagereq")} == required


def test_a_package_has_a_file_with_a_group_of_its_own(distribution):
    [package] = distribution.folder.glob("mini-grouped-*.rpm")
    form = "[%{FILEUSERNAME} %{FILEGROUPNAME} %{FILEMODES:octal}\\n]"
    assert query(package, form) == "bin tty 102755\n"
