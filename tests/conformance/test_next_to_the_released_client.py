"""copr-local and the released client in one environment: a program that uses both, and its test."""

from __future__ import annotations

import os
import subprocess

import pytest

TEST = """\
import pytest
from copr.v3 import Client, CoprRequestException

pytestmark = pytest.mark.local_copr(builds="scripted", chroots=["fedora-45-x86_64", "epel-10-x86_64"])


def submit():
    client = Client.create_from_config_file()
    client.project_proxy.add("local", "hello", ["fedora-45-x86_64", "epel-10-x86_64"], exist_ok=True)
    return client, client.build_proxy.create_from_url("local", "hello", "https://example.com/hello-1.0-1.src.rpm")


def wait(client, build):
    while build.state not in ("succeeded", "failed"):
        build = client.build_proxy.get(build.id)
    return build


def test_the_client_is_the_released_one():
    from importlib.metadata import version

    assert version("copr") == "2.7"


def test_a_build(local_copr, copr_config):
    local_copr.script("hello", packages=["hello", "hello-libs"])
    client, build = submit()
    assert wait(client, build).state == "succeeded"
    built = client.build_proxy.get_built_packages(build.id)["epel-10-x86_64"]["packages"]
    assert [package["name"] for package in built] == ["hello", "hello-libs", "hello"]


def test_a_failure(local_copr, copr_config):
    local_copr.script("hello", chroot="epel-*", fails="no such header")
    assert wait(*submit()).state == "failed"


def test_a_lost_answer(local_copr, copr_config):
    with local_copr.faults.reset("after", path="/build/create"), pytest.raises(CoprRequestException):
        submit()
    client = Client.create_from_config_file()
    assert len(client.build_proxy.get_list("local", "hello")) == 1


def test_an_old_token(local_copr, copr_config):
    local_copr.clock.advance(days=365)
    with pytest.raises(CoprRequestException, match="Login invalid/expired"):
        Client.create_from_config_file().base_proxy.auth_check()
"""


@pytest.fixture(scope="module")
def both(environment):
    """The released client with copr-local of this checkout and its dependencies."""
    return environment("copr-local", "released")


def test_a_program_is_tested_with_the_fixtures(both, tmp_path):
    (tmp_path / "test_program.py").write_text(TEST)
    done = subprocess.run(
        [both.command("python"), "-m", "pytest", "--strict-markers", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
