"""Source type `rubygems`: what is downloaded from the index; a stand-in replaces gem2rpm."""

from __future__ import annotations

import hashlib
import json

import pytest

from copr_local.builders import tools
from copr_local.builders.settings import Settings
from copr_local.builders.sources.bounded_file import LARGEST
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildFailed
from copr_local.builders.tools import Tool

GEM = b"a gem"


@pytest.fixture
def rubygems(source_task, file_server):
    def build(name="rake"):
        task = source_task(source_type="rubygems", source={"gem_name": name})
        return build_source(task, settings=Settings(rubygems=file_server.url))

    return build


@pytest.fixture
def index(file_server):
    """Serve an index with one gem; a test can set the content and the version of the gem."""

    def serve(content=GEM, version="13.0"):
        for place, data in {
            "api/v1/gems/rake.json": json.dumps(
                {"name": "rake", "version": version, "sha": hashlib.sha256(GEM).hexdigest()}
            ).encode(),
            f"gems/rake-{version}.gem": content,
        }.items():
            path = file_server.folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    return serve


@pytest.fixture
def gem2rpm(tmp_path, monkeypatch, spec):
    """Install a stand-in for gem2rpm, which writes a spec that has the gem as its source."""
    program = tmp_path / "programs" / "gem2rpm"
    program.parent.mkdir()
    text = spec("Source0: https://rubygems.org/gems/rake-13.0.gem", name="rubygem-rake")
    program.write_text(f'#!/bin/sh -e\n[ "$1" = --output ] && [ -s "$3" ]\ncat > "$2" <<"END"\n{text}END\n')
    program.chmod(0o755)
    found = tools.find
    own = Tool(str(program), (program.parent,))
    monkeypatch.setattr(tools, "find", lambda name: own if name == "gem2rpm" else found(name))


@pytest.mark.usefixtures("gem2rpm")
def test_the_gem_of_the_index_is_in_the_source_rpm(rubygems, index):
    index()
    result = rubygems()
    assert result.name == "rubygem-rake"
    assert b"rake-13.0.gem" in result.srpm.read_bytes()


@pytest.mark.usefixtures("gem2rpm")
@pytest.mark.parametrize(
    ("served", "reason"),
    [
        (None, r"cannot download .*/rake\.json: the server answered 404"),
        ({"content": b"another"}, "has the wrong sha256:"),
        ({"version": "../../x"}, r"lists a version that is not valid: '\.\./\.\./x'"),
    ],
)
def test_a_gem_that_is_not_there_or_not_what_it_should_be_fails(rubygems, index, served, reason):
    if served is not None:
        index(**served)
    with pytest.raises(BuildFailed, match=reason):
        rubygems()


@pytest.mark.usefixtures("gem2rpm")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b" " * (LARGEST + 1), r"/rake\.json is larger than the allowed 16 MiB"),
        (b"[" * 100_000, "did not respond like an index of gems"),
    ],
)
def test_an_answer_that_would_fill_the_memory_is_not_read(rubygems, index, file_server, answer, reason):
    index()
    (file_server.folder / "api/v1/gems/rake.json").write_bytes(answer)
    with pytest.raises(BuildFailed, match=reason):
        rubygems()


@pytest.mark.parametrize("name", ["", "-x", "../x", "a/b", "a b"])
def test_a_name_that_is_none_is_refused(rubygems, name):
    with pytest.raises(BuildFailed, match="is not a valid name of a gem"):
        rubygems(name)


def test_without_gem2rpm_the_build_says_how_to_get_it(rubygems, monkeypatch):
    found = tools.find
    monkeypatch.setattr(tools, "find", lambda name: None if name == "gem2rpm" else found(name))
    with pytest.raises(BuildFailed, match=r"^gem2rpm is not installed: dnf install rubygem-gem2rpm / gem "):
        rubygems()
