"""Source type `distgit`: the git repository of a package, and its large files from the lookaside cache."""

from __future__ import annotations

import hashlib

import pytest

from copr_local.builders.settings import Settings
from copr_local.builders.sources.bounded_file import LARGEST
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildFailed

CONTENT = b"a large file"


@pytest.fixture
def distgit(git_repository, source_task, file_server, spec):
    """Build the package `hello` from a dist-git with one large file in its lookaside cache."""

    class DistGit:
        repository = git_repository("rpms/hello")

        def sources(self, text):
            return self.repository.commit({"hello.spec": spec("Source0: large.bin"), "sources": text})

        def cache(self, content=CONTENT, kind="sha512"):
            digest = hashlib.new(kind, content).hexdigest()
            place = file_server.folder / "cache/hello/large.bin" / kind / digest / "large.bin"
            place.parent.mkdir(parents=True)
            place.write_bytes(CONTENT)
            return digest

        def build(self, committish=None):
            source = {"clone_url": self.repository.url, "distgit": "local"}
            if committish:
                source["committish"] = committish
            cache = f"{file_server.url}/cache/{{name}}/{{filename}}/{{hashtype}}/{{hash}}/{{filename}}"
            settings = Settings(lookaside={"local": cache})
            return build_source(source_task(source_type="distgit", source=source), settings=settings)

    return DistGit()


def test_large_files_come_from_the_lookaside_cache(distgit):
    distgit.sources(f"SHA512 (large.bin) = {distgit.cache()}\n")
    assert distgit.build().srpm.name == "hello-1.0-1.src.rpm"


def test_the_lines_of_long_ago_are_read_too(distgit):
    distgit.sources(f"{distgit.cache(kind='md5')}  large.bin\n")
    assert distgit.build().name == "hello"


def test_a_branch_can_be_named(distgit):
    distgit.sources(f"SHA512 (large.bin) = {distgit.cache()}\n")
    distgit.repository.git("branch", "f45")
    distgit.repository.commit({"hello.spec": "broken"})
    assert distgit.build("f45").version == "1.0-1"


def test_a_package_without_large_files_needs_no_cache(distgit, spec):
    distgit.repository.commit({"hello.spec": spec(), "other.spec": spec(name="other")})
    assert distgit.build().name == "hello"


def test_a_file_with_another_checksum_is_not_used(distgit):
    distgit.sources(f"SHA512 (large.bin) = {distgit.cache(b'something else')}\n")
    with pytest.raises(BuildFailed, match="has the wrong sha512: "):
        distgit.build()


def test_a_file_that_is_not_in_the_cache_fails(distgit):
    distgit.sources(f"SHA512 (large.bin) = {'0' * 128}\n")
    with pytest.raises(BuildFailed, match=r"cannot download .*/large\.bin: the server answered 404"):
        distgit.build()


@pytest.mark.parametrize(
    "line",
    [
        f"SHA512 (../large.bin) = {'0' * 128}",
        f"SHA512 (/etc/large.bin) = {'0' * 128}",
        f"SHA512 (.git) = {'0' * 128}",
        f"MAGIC (large.bin) = {'0' * 128}",
        "large.bin",
    ],
)
def test_a_line_that_names_no_file_fails(distgit, line):
    distgit.sources(f"# comment\n\n{line}\n")
    with pytest.raises(BuildFailed, match="the file sources has a line that is not valid"):
        distgit.build()


def test_a_file_is_never_written_through_a_link_of_the_repository(distgit, tmp_path):
    victim = tmp_path / "victim"
    (distgit.repository.folder / "large.bin").symlink_to(victim)
    distgit.sources(f"SHA512 (large.bin) = {distgit.cache()}\n")
    assert distgit.build().name == "hello"
    assert not victim.exists()


def test_a_file_sources_that_would_fill_the_memory_is_not_read(distgit):
    distgit.sources("#" * (LARGEST + 1))
    with pytest.raises(BuildFailed, match="the file sources is larger than the allowed 16 MiB"):
        distgit.build()
