"""Every example in the documentation runs, against a local Copr."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from distribution import distribution
from pytest_runs import run_pytest
from srpm import make_srpm

from copr.v3 import Client, requests
from copr_local import LocalCopr

ROOT = Path(__file__).parents[2]
INDEXED = [ROOT / "client" / "README.md", ROOT / "server" / "README.md"]
PAGES = [ROOT / "README.md", *INDEXED, *sorted((ROOT / "docs").glob("*.md"))]
CHROOTS = ["fedora-45-x86_64", "epel-10-x86_64"]


def examples(page, language="python"):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def is_of_tests(page):
    return any("\ndef test_" in f"\n{example}" for example in examples(page))


@pytest.fixture(scope="module")
def hello(tmp_path_factory):
    return make_srpm(tmp_path_factory.mktemp("srpm"))


@pytest.fixture
def reader(tmp_path, hello, monkeypatch):
    """Somebody with a configuration, a colleague, and hello-1.0-1.src.rpm in the current folder."""
    shutil.copy(hello, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with LocalCopr(username="alice", chroots=CHROOTS) as copr:
        copr.add_user("bob")
        monkeypatch.setenv("COPR_CONFIG", str(copr.config_path))
        monkeypatch.setattr(requests, "USER_AGENT", requests.USER_AGENT)  # an example puts its own there
        yield copr


@pytest.mark.parametrize(
    "page", [page for page in PAGES if examples(page) and not is_of_tests(page)], ids=lambda page: page.stem
)
def test_the_examples_of_a_page_run_in_their_order(page, reader):
    if page.stem not in ("README", "data-structures"):
        Client(reader.config).project_proxy.add("alice", "hello", CHROOTS)
    names = {"__name__": "__main__"}
    for example in examples(page):
        exec(compile(example, str(page), "exec"), names)


@pytest.mark.parametrize("page", [page for page in PAGES if is_of_tests(page)], ids=lambda page: page.stem)
def test_the_tests_of_a_page_pass(page, tmp_path, hello):
    shutil.copy(hello, tmp_path)
    (tmp_path / "test_page.py").write_text("\n\n".join(examples(page)))
    done = run_pytest(tmp_path, "-W", "error", "--strict-markers")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_the_script_for_a_job_builds_two_packages_and_installs_both(tmp_path, hello):
    shutil.copy(hello, tmp_path)
    make_srpm(tmp_path, "uses-hello", needs="hello")
    distribution(is_small=True).dnf_configuration(tmp_path / "fedora-45.conf")
    [script] = examples(ROOT / "docs" / "ci.md", "bash")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        script = script.replace("2677", str(free.getsockname()[1]))
    if os.geteuid() != 0:
        script = script.replace("\ndnf ", "\nunshare --map-root-user dnf ")
    programs = Path(sys.executable).parent
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "no_proxy": "*",
    }
    try:
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        if os.geteuid() != 0:  # files of roots belong to ids that only the service can use
            subprocess.run([programs / "copr-local", "gc", "--roots", "--data", tmp_path / "ci"], check=True)
    states = [line for line in done.stderr.splitlines() if line[:1].isdigit()]  # dnf and rpm warn of more
    assert states == ["1 hello succeeded", "2 uses-hello succeeded"]
    for name in ("hello", "uses-hello"):
        assert (tmp_path / "root" / "usr" / "share" / name / "name").read_text() == f"{name}\n"


def test_every_link_between_pages_leads_somewhere():
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", INDEXED, ids=lambda page: page.parent.name)
def test_a_page_for_a_package_index_has_no_relative_links(page):
    targets = re.findall(r"\]\(([^)]+)\)|(?:href|src)=\"([^\"]+)\"", page.read_text())
    assert not [target for pair in targets for target in pair if target and not target.startswith("https://")]


def test_the_reference_is_what_the_docstrings_say():
    written = runpy.run_path(str(ROOT / "docs" / "make_reference.py"))["page"]()
    assert (ROOT / "docs" / "reference.md").read_text() == written, "run docs/make_reference.py"
