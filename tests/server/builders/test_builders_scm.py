"""Source type `scm`: the chosen commit, the build methods, and what a repository cannot do."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from copr_local.builders import tools
from copr_local.builders.sources.bounded_file import LARGEST
from copr_local.builders.sources.source_build import build_source
from copr_local.builders.tasks import BuildFailed
from copr_local.builders.tools import Tool

SETUP = "Source0: %{name}-%{version}.tar.gz"


@pytest.fixture
def scm(source_task):
    """Build the source RPM of a repository; return the result and keep the build's log."""

    def build(repository, **source):
        source = {"type": "git", "clone_url": repository.url, "srpm_build_method": "rpkg", **source}
        task = source_task(source_type="scm", source=source)
        try:
            result = build_source(task, confinement=build.confinement)
        finally:
            build.log = (task.directory / "builder-live.log").read_text()
        return result

    build.confinement = None
    return build


@pytest.fixture
def repository(git_repository, spec):
    made = git_repository()
    made.commit({"hello.spec": spec(), "README": "the first"})
    return made


def content(srpm, name):
    """Return the content of a file in a source RPM."""
    folder = srpm.parent / "unpacked"
    subprocess.run(["rpm", "--install", "--define", f"_topdir {folder}", srpm], check=True)
    return (folder / "SOURCES" / name).read_bytes()


def test_the_newest_commit_of_the_default_branch_is_built(scm, repository):
    commit = repository.git("rev-parse", "HEAD")
    result = scm(repository)
    assert (result.name, result.version, result.srpm.name) == ("hello", "1.0-1", "hello-1.0-1.src.rpm")
    assert f"\nCommit {commit}: " in scm.log


@pytest.mark.parametrize("kind", ["branch", "tag", "commit", "short", "reference"])
def test_any_commit_can_be_named(scm, repository, spec, kind):
    old = repository.git("rev-parse", "HEAD")
    repository.git("branch", "old")
    repository.git("tag", "--annotate", "--message", "Old", "v1")
    repository.git("update-ref", "refs/pull/7/head", old)
    repository.commit({"hello.spec": spec().replace("1.0", "2.0")})
    names = {"branch": "old", "tag": "v1", "commit": old, "short": old[:10], "reference": "refs/pull/7/head"}
    assert scm(repository, committish=names[kind]).version == "1.0-1"
    assert scm(repository).version == "2.0-1"


def test_a_commit_that_is_not_there_fails(scm, repository):
    text = "the repository has no branch, tag or commit 'nowhere': couldn't find remote ref nowhere"
    with pytest.raises(BuildFailed, match=text):
        scm(repository, committish="nowhere")


@pytest.mark.parametrize("committish", ["--upload-pack=touch /tmp/x", "-x", "a b", "a\nb", "$(id)"])
def test_a_committish_cannot_be_an_option(scm, repository, committish):
    with pytest.raises(BuildFailed, match="is not the name of a branch, tag or commit"):
        scm(repository, committish=committish)


def test_sources_in_the_repository_are_packed_with_the_spec(scm, repository, spec):
    repository.commit({"hello.spec": spec("Source0: hello.conf"), "hello.conf": "setting"})
    assert content(scm(repository).srpm, "hello.conf") == b"setting"


def test_an_archive_that_is_nowhere_is_packed_from_the_commit(scm, repository, spec):
    repository.commit({"hello.spec": spec(SETUP), "src/hello.c": "code"})
    (repository.folder / "uncommitted").touch()
    packed = content(scm(repository).srpm, "hello-1.0.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert {"hello-1.0/README", "hello-1.0/src/hello.c"} <= set(archive.getnames())
        assert "hello-1.0/uncommitted" not in archive.getnames()


def test_the_archive_of_a_subdirectory_holds_just_that(scm, repository, spec):
    text = spec(SETUP.replace("gz", "xz"))
    repository.commit({"packages/one/one.spec": text, "packages/one/one.txt": "1"})
    packed = content(scm(repository, subdirectory="packages/one").srpm, "hello-1.0.tar.xz")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert archive.getnames() == ["hello-1.0", "hello-1.0/one.spec", "hello-1.0/one.txt"]


def test_a_spec_can_lie_anywhere_below_the_subdirectory(scm, repository, spec):
    repository.commit({"dist/rpm/other.spec": spec(name="other"), "dist/another.spec": spec(name="another")})
    assert scm(repository, subdirectory="dist", spec="rpm/other.spec").name == "other"
    assert scm(repository, subdirectory="/dist/", spec="/another.spec").name == "another"


def test_two_specs_and_none_named_fails(scm, repository, spec):
    repository.commit({"other.spec": spec(name="other")})
    with pytest.raises(BuildFailed, match=r"one spec, or .* must name one; it has: hello\.spec, other\.spec"):
        scm(repository)


@pytest.mark.parametrize(
    "source",
    [
        {"subdirectory": "../../.."},
        {"subdirectory": "/../../../etc"},
        {"subdirectory": "out"},
        {"spec": "../../../../etc/passwd"},
        {"spec": "out/passwd"},
        {"spec": "link.spec"},
        {"subdirectory": "turn", "spec": "passwd"},
    ],
)
def test_no_path_leads_out_of_the_repository(scm, repository, source):
    for name, target in (("out", "/etc"), ("link.spec", "/etc/passwd"), ("turn", "../../../../../etc")):
        (repository.folder / name).symlink_to(target)
    repository.commit({})
    with pytest.raises(BuildFailed, match=r"leads out of the repository|does not exist in"):
        scm(repository, **source)


def test_links_inside_the_repository_are_fine(scm, repository):
    (repository.folder / "rpm").mkdir()
    (repository.folder / "rpm" / "hello.spec").symlink_to("../hello.spec")
    repository.commit({})
    assert scm(repository, subdirectory="rpm").name == "hello"


def test_a_download_does_not_follow_a_link_of_the_repository(scm, repository, spec, tmp_path, file_server):
    (file_server.folder / "hello.txt").write_text("fetched")
    victim = tmp_path / "victim"
    make_link = f"%(ln -s {victim} hello.txt.part; ln -sf {victim} /builddir/source/repository/hello.txt)"
    repository.commit(
        {"hello.spec": spec(f"Source0: {file_server.url}/hello.txt\nURL: http://x/{make_link}")}
    )
    with pytest.raises(BuildFailed):
        scm(repository)
    assert not victim.exists()


def test_submodules_are_fetched_from_servers_and_not_from_this_machine(
    scm, repository, spec, git_repository, file_server
):
    library = git_repository("library")
    library.commit({"library.txt": "from the library"})
    library.git("update-server-info")
    (file_server.folder / "library").symlink_to(library.folder / ".git")
    repository.commit({"hello.spec": spec("Source0: library/library.txt")})
    repository.git("submodule", "add", "--quiet", f"{file_server.url}/library", "library")
    repository.commit({"hello.spec": spec("Source0: library.txt"), "note": "x"})
    (repository.folder / "library.txt").symlink_to("library/library.txt")
    repository.commit({})
    assert content(scm(repository).srpm, "library.txt") == b"from the library"
    repository.git("config", "--file", ".gitmodules", "submodule.library.url", library.url)
    repository.commit({})
    with pytest.raises(BuildFailed, match="cannot fetch the submodules: transport 'file' not allowed"):
        scm(repository)


def test_a_repository_that_is_not_there_fails_with_the_reason_of_git(scm, repository, file_server, tmp_path):
    repository.url = f"{file_server.url}/nothing.git"
    with pytest.raises(BuildFailed, match=r"cannot clone .*: repository '.*' not found"):
        scm(repository)
    repository.url = tmp_path.as_uri() + "/nothing.git"
    with pytest.raises(BuildFailed, match=r"the repository .* does not exist"):
        scm(repository)


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch",
        "ssh://host/x",
        "--upload-pack=x",
        "file://host/x",
        "/etc",
        "http://[x",
        "http://u:p@h/x",
    ],
)
def test_what_is_no_url_of_a_repository_is_not_cloned(scm, repository, url):
    repository.url = url
    with pytest.raises(BuildFailed, match=r"can be cloned|is not a valid URL|has credentials"):
        scm(repository)


MAKEFILE = """\
srpm:
\techo "in $$(basename $$PWD)" > note
\trpmbuild -bs --define "_sourcedir $$PWD" --define "_srcrpmdir $(outdir)" $(spec)
"""


def test_make_srpm_runs_the_makefile_of_the_repository_in_the_subdirectory(scm, repository, spec):
    files = {".copr/Makefile": MAKEFILE, "sub/hello.spec": spec("Source0: note")}
    repository.commit(files)
    result = scm(repository, srpm_build_method="make_srpm", subdirectory="sub", spec="hello.spec")
    assert content(result.srpm, "note") == b"in sub\n"


def test_methods_work_with_and_without_a_sandbox(scm, repository, spec, confinement):
    scm.confinement = confinement
    files = {".copr/Makefile": MAKEFILE, "sub/hello.spec": spec("Source0: note"), "hello.spec": spec(SETUP)}
    repository.commit(files)
    assert scm(repository).name == "hello"
    assert (
        scm(repository, srpm_build_method="make_srpm", subdirectory="sub", spec="hello.spec").name == "hello"
    )


@pytest.mark.parametrize(
    ("makefile", "reason"),
    [
        (None, r"'\.copr/Makefile' does not exist in commit"),
        ("srpm:\n\ttrue\n", "make must make exactly one source RPM, but it made: none"),
        ("srpm:\n\tln -s /etc/passwd $(outdir)/x.src.rpm\n", "it made: none"),
        ("srpm:\n\trmdir $(outdir); ln -s /etc $(outdir)\n", "it made: none"),
        ("srpm:\n\techo junk > $(outdir)/x.src.rpm\n", "x.src.rpm is not a source RPM"),
        ("srpm:\n\t@echo no spec here >&2; false\n", r"make exited with 2: make: \*\*\* \[.*srpm\] Error 1$"),
    ],
)
def test_a_makefile_that_makes_no_source_rpm_fails(scm, repository, makefile, reason):
    repository.commit({".copr/Makefile": makefile} if makefile else {"more": ""})
    with pytest.raises(BuildFailed, match=reason):
        scm(repository, srpm_build_method="make_srpm")


def test_a_makefile_has_network_and_can_try_to_install(scm, repository, spec, file_server, bubblewrap):
    """As at a real Copr, where most Makefiles begin so, and are root in a chroot of their own."""
    makefile = f"""\
srpm:
\tdnf -y install git rpm-build
\tbash -c 'exec 3<>/dev/tcp/127.0.0.1/{file_server.port}' && echo reached
\tgit archive --prefix=hello-1.0/ -o hello-1.0.tar.gz HEAD
\trpmbuild -bs --define "_sourcedir $(PWD)" --define "_srcrpmdir $(outdir)" hello.spec
"""
    repository.commit({"hello.spec": spec("Source0: hello-1.0.tar.gz"), ".copr/Makefile": makefile})
    assert scm(repository, srpm_build_method="make_srpm").name == "hello"
    assert "for a build; left out: git rpm-build\n" in scm.log
    assert "\nreached\n" in scm.log


@pytest.fixture
def tito(tmp_path, monkeypatch):
    """Install the test environment's tito, run by the distribution's Python, which has the module `rpm`."""
    packages = Path(importlib.util.find_spec("tito").origin).parents[1]
    program = tmp_path / "programs" / "tito"
    program.parent.mkdir()
    program.write_text(
        "#!/usr/bin/python3\nimport rpm, sys\n"
        f"sys.path.append({str(packages)!r})\nfrom tito.cli import main\nmain()\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(tools, "find", lambda _: Tool(str(program), (program.parent, packages)))


@pytest.mark.usefixtures("tito")
def test_tito_makes_a_source_rpm_of_the_newest_tag_or_of_the_commit(scm, repository, spec):
    tito = {
        ".tito/tito.props": "[buildconfig]\n"
        "builder = tito.builder.Builder\ntagger = tito.tagger.VersionTagger\n"
    }
    repository.commit({"hello.spec": spec(SETUP), **tito, ".tito/packages/hello": "1.0-1 ./\n"})
    repository.git("tag", "--annotate", "--message", "Tag", "hello-1.0-1")
    repository.commit({"README": "the second"})
    assert scm(repository, srpm_build_method="tito").version == "1.0-1"
    tested = scm(repository, srpm_build_method="tito_test")
    assert tested.version.startswith("1.0-1.git.")
    assert tested.name == "hello"


@pytest.mark.parametrize(("method", "program"), [("tito", "tito"), ("packit", "packit"), ("rpkg", "rpkg")])
def test_a_method_whose_program_is_missing_says_how_to_get_it(
    scm, repository, spec, monkeypatch, method, program
):
    repository.commit({"hello.spec": spec().replace("1.0", "{{{ git_version }}}")})
    found = tools.find
    monkeypatch.setattr(tools, "find", lambda name: None if name == program else found(name))
    with pytest.raises(BuildFailed, match=f"^{program} is not installed: [^\n]*install"):
        scm(repository, srpm_build_method=method)


def test_methods_and_kinds_that_do_not_exist_are_refused(scm, repository):
    with pytest.raises(BuildFailed, match="cannot clone repositories of type 'svn', only git"):
        scm(repository, type="svn")
    with pytest.raises(BuildFailed, match=r"'magic' is not a valid way to make .*: use rpkg, make_srpm"):
        scm(repository, srpm_build_method="magic")


def test_a_spec_that_would_fill_the_memory_is_not_read(scm, repository, spec):
    repository.commit({"hello.spec": spec() + "#" * LARGEST})
    with pytest.raises(BuildFailed, match=r"^hello\.spec is larger than the allowed 16 MiB"):
        scm(repository)
