"""Source type `pypi`: a project of a package index, served on loopback, becomes a source RPM."""

from __future__ import annotations

import importlib.util
import subprocess

import pytest
from python_index import PythonIndex

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.settings import Settings
from copr_local.builders.sources.bounded_file import LARGEST
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildFailed


@pytest.fixture
def index(file_server):
    return PythonIndex(file_server)


@pytest.fixture
def pypi(source_task, index):
    def build(name="greeting", version=None, **source):
        source = {"pypi_package_name": name, "pypi_package_version": version, **source}
        task = source_task(source_type="pypi", source=source)
        return build_source(task, settings=Settings(pypi=f"{index.url}/"))

    return build


def test_the_newest_version_is_built_with_its_archive(pypi, index):
    index.release("1.0")
    index.release("2.0")
    result = pypi(spec_generator="pyp2spec", spec_template="", python_versions=[])
    assert (result.name, result.version) == ("python-greeting", "2.0-1")
    assert b"greeting-2.0.tar.gz" in result.srpm.read_bytes()


def test_an_index_is_trusted_as_this_machine_trusts_it(file_server, source_task, tmp_path, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    certificate = file_server.encrypt(tmp_path)
    index = PythonIndex(file_server)
    index.release("1.0")
    settings = Settings(pypi=index.url)
    task = source_task(source_type="pypi", source={"pypi_package_name": "greeting"})
    with pytest.raises(BuildFailed, match="self-signed certificate"):
        build_source(task, settings=settings)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert build_source(task, settings=settings).name == "python-greeting"


def test_the_source_rpm_becomes_a_package_that_has_the_module_and_its_program(pypi, index, chroot_task):
    index.release("1.0")
    task = chroot_task(pypi().srpm)
    (package,) = (package for package in build_chroot(task) if package.arch == "noarch")
    assert package.name == "python3-greeting"
    (rpm,) = task.directory.glob("*.noarch.rpm")
    command = ["rpm", "--query", "--package", "--list", rpm]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert any(path.endswith("/site-packages/greeting/__init__.py") for path in listed)
    assert "/usr/bin/greet" in listed
    assert not any("rpmbuild" in path or "BUILDROOT" in path for path in listed)


def test_a_version_can_be_named(pypi, index):
    index.release("1.0")
    index.release("2.0")
    assert pypi(version="1.0").version == "1.0-1"


def test_an_archive_that_was_changed_on_the_way_is_not_used(pypi, index):
    index.release("1.0", digests={"sha256": "0" * 64})
    with pytest.raises(BuildFailed, match=r"greeting-1\.0\.tar\.gz has the wrong sha256:"):
        pypi()


def test_a_project_that_is_not_there_fails(pypi, index):
    with pytest.raises(BuildFailed, match=r"cannot download .*/pypi/nothing/json: the server answered 404"):
        pypi("nothing")


def test_a_project_without_a_source_archive_fails(pypi, index):
    index.release("1.0", sdist=False)
    with pytest.raises(BuildFailed, match=r"/pypi/greeting/json lists no source archive of greeting$"):
        pypi()


@pytest.mark.parametrize("name", ["../../../etc/passwd.tar.gz", "a/b.tar.gz", "-x.tar.gz", "x.exe"])
def test_an_archive_whose_name_is_no_file_name_is_not_taken(pypi, index, name):
    index.release("1.0", filename=name)
    with pytest.raises(BuildFailed, match="lists no source archive"):
        pypi()


@pytest.mark.parametrize(
    "answer", ["", "[]", "null", "<html>", '{"urls": 1}', '{"urls": [1], "info": {}}', "[" * 100_000]
)
def test_an_index_that_answers_something_else_fails(pypi, index, answer):
    index.answer("pypi/greeting/json", answer)
    with pytest.raises(BuildFailed, match=r"respond like a Python package index|lists no source archive"):
        pypi()


def test_an_answer_that_would_fill_the_memory_is_not_read(pypi, index):
    index.answer("pypi/greeting/json", " " * (LARGEST + 1))
    with pytest.raises(BuildFailed, match=r"/pypi/greeting/json is larger than the allowed 16 MiB"):
        pypi()


@pytest.mark.parametrize("name", ["", "--help", "../x", "a b", "a;b"])
def test_names_that_are_none_are_refused(pypi, name):
    with pytest.raises(BuildFailed, match="is not a valid name of a Python project"):
        pypi(name)


def test_what_cannot_be_done_is_said(pypi, index, monkeypatch):
    with pytest.raises(BuildFailed, match="the spec generator pyp2rpm is not supported here: use pyp2spec"):
        pypi(spec_generator="pyp2rpm")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(BuildFailed, match=r"^pyp2spec is not installed: pip install 'copr-local\[pypi\]'$"):
        pypi()
