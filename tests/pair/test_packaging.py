"""Both distributions as RPMs: built by our own Copr from the specs, installed by dnf, and run."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from copr.v3 import Client, wait
from copr_local import LocalCopr

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
UNITS = ("copr-local.service", "copr-local@.service", "copr-local-builder.service")
CHROOT = f"fedora-45-{platform.machine()}"

# A package that provides the Python packages and programs of this machine, which are not from RPMs.
MACHINE = """\
Name:           machine
Version:        1
Release:        1
Summary:        What this machine has
License:        MIT
BuildArch:      noarch
{provides}

%description
What this machine has.

%files
"""


def output(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def save_results(client, build, folder):
    """Save the packages of a build that must have succeeded, and return their files by name."""
    assert build.state == "succeeded", client.build_chroot_proxy.get_log(build.id, CHROOT)
    url = client.build_chroot_proxy.get(build.id, CHROOT).result_url
    files = {}
    for package in client.build_chroot_proxy.get_built_packages(build.id, CHROOT).packages:
        if package.arch != "src":
            file = folder / f"{package.name}-{package.version}-{package.release}.{package.arch}.rpm"
            file.write_bytes(requests.get(f"{url}/{file.name}", timeout=10).content)
            files[package.name] = file
    return files


@pytest.fixture(scope="module")
def system_python():
    """The version of the Python that rpmbuild uses, such as `3.11`."""
    return output("/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()


@pytest.fixture(scope="module")
def machine_spec(tmp_path_factory, system_python):
    provides = [
        *("/bin/sh", "/usr/bin/python3", "systemd", "bubblewrap", "rpm-build", "util-linux"),
        f"python(abi) = {system_python}",
        *(
            f"python{system_python}dist({name}) = {distribution.version}"
            for distribution in importlib.metadata.distributions()
            if (name := re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower())
            not in ("copr", "copr-local")
        ),
    ]
    spec = tmp_path_factory.mktemp("machine") / "machine.spec"
    spec.write_text(MACHINE.format(provides="\n".join(f"Provides: {name}" for name in provides)))
    return spec


@pytest.fixture(scope="module")
def built(tmp_path_factory, machine_spec):
    """The packages that our own Copr built (name to file), and the folder into which dnf installed them."""
    folder = tmp_path_factory.mktemp("packages")
    environment = {**os.environ, "PYTHON": sys.executable, "BUILD_OPTIONS": "--no-isolation"}
    with LocalCopr() as service:
        client = Client(service.config)
        owner = service.config["username"]
        client.project_proxy.add(owner, "ours", [CHROOT])
        sources = [
            output(PACKAGING / "make_srpm", part, folder, env=environment).strip()
            for part in ("client", "server")
        ]
        builds = [
            client.build_proxy.create_from_file(owner, "ours", str(source))
            for source in (machine_spec, *sources)
        ]
        files = {}
        for build in wait(builds, interval=0.2, timeout=250):
            files |= save_results(client, build, folder)
        repository = requests.get(f"{service.url}/coprs/{owner}/ours/repo/fedora-45/ours.repo", timeout=10)
        (folder / "repos").mkdir()
        (folder / "repos" / "ours.repo").write_text(repository.text)
        options = {
            "reposdir": folder / "repos",
            "cachedir": folder / "cache",
            "install_weak_deps": "False",  # no package provides gcc, git and make
            "tsflags": "noscripts",  # scripts would need a shell in the new root
        }
        subprocess.run(
            [
                *("dnf", "--quiet", "--assumeyes", "--installroot", folder / "root", "--releasever=45"),
                *(f"--setopt={name}={value}" for name, value in options.items()),
                *("--disableplugin=*", "install", "python3-copr", "copr-local"),
            ],
            check=True,
        )
    return files, folder / "root"


def test_the_specs_build_the_packages_that_they_name(built):
    files, _root = built
    assert set(files) == {"machine", "python3-copr", "copr-local"}


def test_packages_require_what_the_distributions_require(built, system_python):
    """The requirements exist if rpm has a generator for Python packages, as on Fedora."""
    folder = output("rpm", "--eval", "%{_fileattrsdir}").strip()
    can_generate = (Path(folder) / "pythondist.attr").exists()
    for name, distribution in (("python3-copr", "copr"), ("copr-local", "copr-local")):
        required = output("rpm", "--query", "--requires", "--package", "--nosignature", built[0][name])
        found = set(re.findall(rf"^python{re.escape(system_python)}dist\((.*?)\)", required, re.MULTILINE))
        wanted = {
            re.match(r"[\w-]+", requirement)[0].lower()
            for requirement in importlib.metadata.requires(distribution)
            if "extra ==" not in requirement
        }
        assert found == (wanted if can_generate else set())
        assert f"python(abi) = {system_python}" in required.splitlines()


def test_what_dnf_installed_runs(built, system_python, tmp_path):
    _files, root = built
    folder = root / "usr" / "lib" / f"python{system_python}" / "site-packages"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(folder)}
    python = [sys.executable, "-W", "error"]
    paths = output(
        *python,
        *("-c", "import copr.v3, copr_local; print(copr.v3.__file__, copr_local.__file__)"),
        env=environment,
    )
    assert paths.split() == [str(folder / "copr/v3/__init__.py"), str(folder / "copr_local/__init__.py")]
    version = importlib.metadata.version("copr-local")
    program = root / "usr" / "bin" / "copr-local"
    assert output(*python, program, "--version", env=environment) == f"copr-local, version {version}\n"
    program_text = (
        "from copr.v3 import Client; from copr_local import LocalCopr\n"
        "with LocalCopr() as service: print(Client(service.config).base_proxy.auth_username())"
    )
    assert output(*python, "-c", program_text, env=environment) == "local\n"


def test_the_package_has_the_units_their_user_and_their_options(built):
    _files, root = built
    for name, path in (
        *((unit, f"usr/lib/systemd/system/{unit}") for unit in UNITS),
        ("copr-local.sysusers", "usr/lib/sysusers.d/copr-local.conf"),
        ("copr-local.sysconfig", "etc/sysconfig/copr-local"),
        ("copr-local-builder.sysconfig", "etc/sysconfig/copr-local-builder"),
    ):
        assert (root / path).read_bytes() == (PACKAGING / name).read_bytes()
    assert os.access(root / "usr/bin/copr-local", os.X_OK)


def test_systemd_reads_the_units_and_finds_nothing_wrong(built, tmp_path):
    _files, root = built
    units = [tmp_path / name.replace("@", "@2677") for name in UNITS]
    for name, unit in zip(UNITS, units, strict=True):
        text = (PACKAGING / name).read_text()
        assert text.count("ExecStart=/usr/bin/copr-local ") == 1
        unit.write_text(text.replace("ExecStart=/usr", f"ExecStart={root}/usr"))
    command = ["systemd-analyze", "--man=no", "verify", *units]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_units_give_the_service_and_a_builder_the_same_few_rights():
    """The limit is 3.5 on the scale from 0 (no rights) to 10 (all). Sandboxes for builds need 3.3."""
    command = ["systemd-analyze", "--no-pager", "--offline=yes", "--threshold=35", "security"]
    done = subprocess.run(
        [*command, PACKAGING / "copr-local.service"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    texts = [(PACKAGING / name).read_text() for name in UNITS]
    assert len({text[text.index("\nCapabilityBoundingSet=") :] for text in texts}) == 1


def test_the_user_of_the_unit_is_made(tmp_path):
    (tmp_path / "etc").mkdir()
    output("systemd-sysusers", f"--root={tmp_path}", PACKAGING / "copr-local.sysusers")
    [user] = (tmp_path / "etc" / "passwd").read_text().splitlines()
    name, _, _, _, _, home, shell = user.split(":")
    assert (name, home) == ("copr-local", "/var/lib/copr-local")
    assert shell.endswith("/nologin")
