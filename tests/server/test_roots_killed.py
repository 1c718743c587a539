"""A service that is killed while it installs a root or builds in one: what stays, and how the build ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import command_lines

from copr.v3 import Client, wait
from copr_local import LocalCopr
from copr_local.builders.settings import Settings

CHROOT = "fedora-44-x86_64"
SPEC = """\
Name: slow
Version: 1.0
Release: 1
Summary: A package of the tests
License: MIT
BuildArch: noarch
BuildRequires: gcc
%description
A package of the tests.
%build
sleep 3
%files
"""
SERVICE = """
import sys, time
from copr.v3 import Client
from copr_local import LocalCopr
from copr_local.builders.settings import Settings
data, chroot, configuration, spec = sys.argv[1:]
copr = LocalCopr(data, chroots={chroot: configuration}, settings=Settings(source_chroot="none"))
copr.start()
client, me = Client(copr.config), copr.config["username"]
client.project_proxy.add(me, "p", [chroot], exist_ok=True)
client.build_proxy.create_from_file(me, "p", spec)
time.sleep(600)
"""

#: Phase: what the log says when it begins, seconds to wait then, what the package requires, what a root has.
PHASES = {
    "the base root is resolved": ("Running dnf install @", 0.2, "make", "@buildsys-build"),
    "the base root is installed": ("Preparing packages", 0.1, "make", "@buildsys-build file"),
    "a layer is resolved": ("Running dnf install-requirements", 0.2, "sed", "@buildsys-build file"),
    "a layer is installed": ("Needed: ", 0.3, "gcc", "@buildsys-build file"),
    "rpmbuild runs": ("+ sleep 3", 0.2, "gcc", "@buildsys-build file"),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("killed") / "data"


@pytest.mark.parametrize("phase", PHASES)
def test_a_service_that_is_killed_leaves_no_half_root(distribution, data, tmp_path, phase):
    """The phases share a data folder, so the roots of one phase exist in the next."""
    text, seconds, requirement, install = PHASES[phase]
    configuration = distribution.dnf_configuration(tmp_path / "test.conf")
    configuration.write_text(f"{configuration.read_text()}\n[copr-local]\ninstall = {install}\n")
    spec = tmp_path / "slow.spec"
    spec.write_text(SPEC.replace("gcc", requirement))
    killed = subprocess.Popen([sys.executable, "-c", SERVICE, data, CHROOT, configuration, spec])
    try:
        _wait_for_log(data, text)
        time.sleep(seconds)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert str(data) not in Path("/proc/mounts").read_text()

    with LocalCopr(data, chroots={CHROOT: configuration}, settings=Settings(source_chroot="none")) as copr:
        client = Client(copr.config)
        builds = client.build_proxy.get_list(copr.config["username"], "p")
        assert {build.state for build in wait(builds, interval=0.1, timeout=120)} == {"succeeded"}
        assert list((data / "roots").glob("*.new")) == []
        assert not list((data / "results").rglob(".work"))
    assert command_lines(data) == []


def _wait_for_log(data: Path, text: str) -> None:
    """Wait until the log of a build that runs has a text."""
    until = time.monotonic() + 100
    while time.monotonic() < until:
        logs = data.glob("results/*/p/*/*/builder-live.log")  # of the source, and of the chroot
        unfinished = [log for log in logs if not log.with_name(f"{log.name}.gz").exists()]
        if any(text in log.read_text(errors="replace") for log in unfinished):
            return
        time.sleep(0.02)
    pytest.fail(f"{text!r} is not in the log")


@pytest.fixture(scope="module", autouse=True)
def _remove(data):
    yield
    from copr_local.builders.roots.store import remove_all

    remove_all(data / "roots")
