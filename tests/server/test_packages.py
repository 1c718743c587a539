"""Packages over API v3: adding, changing, listing, resetting, rebuilding, deleting; which builds are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.rules import packages, projects, sources, users
from copr_local.rules.errors import Invalid
from copr_local.rules.submission import Options

X86, ARM, EPEL = "fedora-45-x86_64", "fedora-45-aarch64", "epel-10-x86_64"
PROJECT = {"ownername": "local", "projectname": "hello"}
GIT = {"clone_url": "https://example.com/hello.git"}
NOTHING = {"latest": None, "latest_succeeded": None}


@pytest.fixture(autouse=True)
def project(api: Any) -> Any:
    return api.project()


@pytest.fixture
def add(api: Any) -> Callable[..., Any]:
    """Add a package, by default from git."""

    def one(name: str = "hello", kind: str = "scm", *, expect: int = 200, **fields: Any) -> Any:
        body = {"package_name": name, **(fields or GIT)}
        return api.call("POST", f"/package/add/local/hello/{name}/{kind}", body, expect=expect)

    return one


@pytest.fixture
def edit(api: Any) -> Callable[..., Any]:
    def one(name: str = "hello", kind: str = "", *, expect: int = 200, **fields: Any) -> Any:
        path = f"/package/edit/local/hello/{name}/{kind}"
        return api.call("POST", path, {"package_name": name, **fields}, expect=expect)

    return one


@pytest.fixture
def rebuild(api: Any) -> Callable[..., Any]:
    def one(name: str = "hello", *, expect: int = 200, **options: Any) -> Any:
        body = {**PROJECT, "package_name": name, **options}
        return api.call("POST", "/package/build", body, expect=expect)

    return one


def get(api: Any, name: str = "hello", **query: Any) -> Any:
    return api.get("/package", **PROJECT, packagename=name, **query)


def builds(api: Any) -> list[int]:
    return [build["id"] for build in api.get("/build/list", **PROJECT)["items"]]


def test_a_package_has_the_defaults_of_the_original(add: Any, api: Any) -> None:
    made = add()
    assert made == {
        "id": 1,
        "name": "hello",
        "ownername": "local",
        "projectname": "hello",
        "source_type": "scm",
        "source_dict": {
            "type": "git",
            "clone_url": "https://example.com/hello.git",
            "subdirectory": "",
            "committish": "",
            "spec": "",
            "source_build_method": "rpkg",
        },
        "auto_rebuild": False,
        "builds": NOTHING,
    }
    assert get(api) == made


def test_nobody_else_adds_or_changes_packages(add: Any, log_in: Any) -> None:
    add()
    bob = log_in("bob")
    body = {"package_name": "hello", **GIT}
    for path in ("/package/add/local/hello/hello/scm", "/package/edit/local/hello/hello/scm"):
        error = bob.error("POST", path, 403, body)
        assert error == "You are not allowed to add or edit packages in this copr."
    named = {**PROJECT, "package_name": "hello"}
    assert bob.error("PUT", "/package/reset", 403, named) == "You are not allowed to reset package `1`."
    assert bob.error("DELETE", "/package/delete", 403, named) == "You are not allowed to delete package `1`."
    error = bob.error("POST", "/package/build", 403, named)
    assert error == "You don't have permissions to build in this copr."


def test_a_name_is_taken_once_per_project(add: Any, api: Any) -> None:
    add()
    error = add(expect=409)["error"]
    assert error == "Package hello already exists in copr local/hello."
    api.project("other")
    api.call("POST", "/package/add/local/other/hello/scm", {"package_name": "hello", **GIT})


@pytest.mark.parametrize("kind", ["tarball", "link", "upload", "unset", "rpm_upload"])
def test_sources_that_cannot_be_built_again_are_not_for_packages(kind: str, add: Any) -> None:
    assert add(kind=kind, expect=400)["error"] == f"Unsupported package source type {kind}"


def test_every_wrong_field_has_its_line(add: Any) -> None:
    wrong = {
        "clone_url": "nope",
        "scm_type": "cvs",
        "max_builds": -3,
        "timeout": -1,
        "chroot_denylist": "zzz*",
    }
    assert add("bad name!", expect=400, **wrong)["error"].splitlines() == [
        "package_name: Please enter a valid package name in ^[-+_.a-zA-Z0-9]+$",
        'chroot_denylist: no chroot matched by pattern "zzz*"',
        "max_builds: Number must be between 0 and 100.",
        "timeout: Number must be between 0 and 108000.",
        "scm_type: Not a valid choice.",
        "clone_url: Invalid URL.",
    ]
    assert add(expect=400, max_builds=1)["error"] == "clone_url: This field is required."


def test_a_pattern_of_a_denylist_must_be_one(add: Any) -> None:
    error = add(expect=400, **GIT, chroot_denylist="fedora-4?")["error"]
    assert error == 'chroot_denylist: Pattern "fedora-4?" does not match "^[a-z0-9-_*]+$"'


def test_the_name_in_the_body_is_the_one_that_counts(api: Any) -> None:
    # The real Copr frontend adds the package, and then does not find it by the name in the path.
    body = {"package_name": "in-body", "gem_name": "rake"}
    api.call("POST", "/package/add/local/hello/in-path/rubygems", body, expect=500)
    assert get(api, "in-body")["source_dict"] == {"gem_name": "rake"}
    error = api.error("POST", "/package/add/local/hello/in-path/rubygems", 400, {"gem_name": "rake"})
    assert error == "package_name: Please enter a valid package name in ^[-+_.a-zA-Z0-9]+$"


def test_what_an_edit_does_not_name_stays(add: Any, edit: Any) -> None:
    add(**GIT, committish="main", spec="a.spec", scm_type="svn", source_build_method="tito", max_builds=5)
    source = edit(kind="scm", committish="devel")["source_dict"]
    assert source == {
        "type": "svn",
        "clone_url": "https://example.com/hello.git",
        "subdirectory": "",
        "committish": "devel",
        "spec": "a.spec",
        "source_build_method": "tito",
    }
    assert edit(source_build_method="make_srpm")["source_dict"] == {
        **source,
        "source_build_method": "make_srpm",
    }
    assert edit(webhook_rebuild=True)["auto_rebuild"] is True
    assert edit(committish="x")["auto_rebuild"] is True
    assert edit(webhook_rebuild=False)["auto_rebuild"] is False


def test_an_edit_can_change_the_type(add: Any, edit: Any, api: Any) -> None:
    add()
    changed = edit(kind="rubygems", gem_name="rake")
    assert (changed["source_type"], changed["source_dict"]) == ("rubygems", {"gem_name": "rake"})
    body = {"package_name": "hello", **GIT}
    back = api.call("POST", "/package/edit/local/hello/hello", body, source_type_text="scm")
    assert (back["source_type"], back["source_dict"]["clone_url"]) == ("scm", GIT["clone_url"])
    edit(kind="rubygems", gem_name="rake")
    assert edit(kind="None", expect=400)["error"] == "Unsupported package source type None"
    assert edit(kind="scm", expect=400)["error"] == "clone_url: This field is required."
    error = edit("nope", kind="scm", expect=404)["error"]
    assert error == "Package nope does not exists in copr local/hello."


def test_packages_are_listed_in_the_order_that_was_asked_for(add: Any, api: Any) -> None:
    for name in ("b", "c", "a"):
        add(name)
    listing = api.get("/package/list", **PROJECT)
    assert [package["name"] for package in listing["items"]] == ["b", "c", "a"]
    assert listing["meta"] == {"limit": None, "offset": 0, "order": "id", "order_type": "ASC"}
    page = {"order": "name", "order_type": "DESC", "limit": 2, "offset": 1}
    listing = api.get("/package/list", **PROJECT, **page)
    assert [package["name"] for package in listing["items"]] == ["b", "a"]
    assert listing["meta"] == page | {"order": "name"}
    error = api.error("GET", "/package/list", 500, **PROJECT, order="nonsense")
    assert error == "Cannot order by nonsense, package doesn't have such property"


def test_the_newest_builds_are_shown_where_they_are_asked_for(
    add: Any, rebuild: Any, script: Any, api: Any
) -> None:
    add()
    add("other")
    first = rebuild()["id"]
    api.wait(first)
    script.fail = {X86}
    second = rebuild()["id"]
    api.wait(second)
    assert get(api)["builds"] == NOTHING
    both = {"with_latest_build": True, "with_latest_succeeded_build": True}
    found = get(api, **both)["builds"]
    assert found == {
        "latest": api.get(f"/build/{second}"),
        "latest_succeeded": api.get(f"/build/{first}"),
    }
    assert get(api, with_latest_build="False")["builds"] == {**found, "latest_succeeded": None}
    listed = api.get("/package/list", **PROJECT, **both)["items"]
    assert [package["builds"] for package in listed] == [found, NOTHING]


def test_a_package_comes_with_the_first_source_rpm_and_has_its_source(api: Any) -> None:
    made = api.upload("tool-1.0-1.src.rpm")
    api.wait(made["id"])
    package = get(api, "tool")
    assert package["source_type"] == "upload"
    assert package["source_dict"]["url"].endswith("/tool-1.0-1.src.rpm")
    later = api.upload("tool-1.1-1.src.rpm")
    api.wait(later["id"])
    assert get(api, "tool") == package


def test_a_rebuild_shows_its_package_and_chroots_at_once(add: Any, rebuild: Any, api: Any) -> None:
    add()
    made = rebuild(timeout=3000, background=True)
    assert made["source_package"] == {"name": "hello", "url": None, "version": None}
    assert (made["chroots"], made["is_background"], made["state"]) == ([ARM, X86], True, "pending")
    config = api.get(f"/build/source-build-config/{made['id']}")
    assert (config["source_type"], config["timeout"]) == ("scm", 3000)
    over = api.wait(made["id"])
    assert (over["state"], over["source_package"]["name"]) == ("succeeded", "hello")
    assert rebuild(chroots=[X86], project_dirname="hello:custom:x")["chroots"] == [X86]
    assert rebuild(exclude_chroots=[X86])["chroots"] == [ARM]
    assert rebuild(expect=400, timeout=-1, chroots=[EPEL])["error"].splitlines() == [
        "timeout: Number must be between 0 and 108000.",
        f"chroots: '{EPEL}' is not a valid choice for this field.",
    ]


def test_without_a_source_there_is_no_rebuild(add: Any, rebuild: Any, api: Any) -> None:
    add()
    reset = api.call("PUT", "/package/reset", {**PROJECT, "package_name": "hello"})
    assert (reset["source_type"], reset["source_dict"]) == ("unset", {})
    needed = (
        "Package 'Unset default source for package {}' doesn't have the default source method set, but it is"
        " required for the rebuild request.  Please configure some source  method first"
    )
    assert rebuild(expect=400)["error"] == needed.format("hello")
    api.wait(api.upload("tool-1.0-1.src.rpm")["id"])
    assert rebuild("tool", expect=400)["error"] == needed.format("tool")
    assert rebuild("nope", expect=404)["error"] == "No package with name nope in copr hello"
    assert api.error("POST", "/package/build", 404, PROJECT) == "No package with name None in copr hello"


@pytest.mark.parametrize(("path", "verb", "old"), [("reset", "PUT", "POST"), ("delete", "DELETE", "POST")])
def test_the_deprecated_verbs_work_and_warn(path: str, verb: str, old: str, add: Any, api: Any) -> None:
    add()
    response = api.raw(old, f"/package/{path}", json={**PROJECT, "package_name": "hello"})
    assert response.status_code == 200
    warning = f"This method is deprecated: Use {verb} method instead of {old}"
    assert response.headers["Warning"] == warning


def test_a_package_is_deleted_with_its_builds_and_results(
    add: Any, rebuild: Any, api: Any, script: Any, copr: Any
) -> None:
    add()
    build_id = rebuild()["id"]
    api.wait(build_id)
    results = copr.data / "results/local/hello" / X86 / f"{build_id:08d}-hello"
    assert results.exists()
    script.hold()
    running = rebuild()["id"]
    named = {**PROJECT, "package_name": "hello"}
    error = api.error("DELETE", "/package/delete", 400, named)
    assert error == f"Build(s) {running} are still running.\n"
    script.release()
    api.wait(running)
    assert api.call("DELETE", "/package/delete", named)["name"] == "hello"
    assert builds(api) == []
    assert not results.exists()
    assert api.error("DELETE", "/package/delete", 404, named) == "No package with name hello in copr hello"


def test_the_packages_own_timeout_is_that_of_its_rebuilds(
    add: Any, edit: Any, rebuild: Any, api: Any
) -> None:
    add(**GIT, timeout=600)

    def timeout(**options: Any) -> int:
        seconds: int = api.get(f"/build/source-build-config/{rebuild(**options)['id']}")["timeout"]
        return seconds

    assert (timeout(), timeout(timeout=60)) == (600, 60)
    edit(timeout=0)
    assert timeout() == 18_000


def test_denied_chroots_are_left_out(add: Any, rebuild: Any, api: Any) -> None:
    add(**GIT, chroot_denylist="*-aarch64, epel-*")
    assert rebuild()["chroots"] == [X86]
    url = {**PROJECT, "pkgs": ["https://example.com/hello-1.0-1.src.rpm"]}
    from_url = api.call("POST", "/build/create/url", url)["items"][0]["id"]
    assert api.wait(from_url)["chroots"] == [X86]
    assert rebuild(chroots=[ARM])["chroots"] == [ARM], "who asks for a chroot gets it"


def test_a_denylist_of_all_the_projects_chroots_does_not_count(add: Any, rebuild: Any) -> None:
    add(**GIT, chroot_denylist="fedora-45-*")
    assert rebuild()["chroots"] == [ARM, X86]


def test_older_builds_go_when_a_newer_one_ends(add: Any, rebuild: Any, api: Any, copr: Any) -> None:
    add(**GIT, max_builds=2)
    made = [rebuild()["id"] for _ in range(4)]
    for build_id in made[2:]:
        api.wait(build_id)
    api.until(lambda: builds(api) == made[:1:-1])
    repository = copr.data / "results/local/hello" / X86
    kept = {folder.name for folder in repository.iterdir() if folder.name.endswith("-hello")}
    assert kept == {f"{build_id:08d}-hello" for build_id in made[2:]}


def test_what_failed_counts_and_what_runs_is_never_deleted(
    add: Any, rebuild: Any, api: Any, script: Any
) -> None:
    add(**GIT, max_builds=1)
    first = rebuild()["id"]
    api.wait(first)
    script.hold()
    running = rebuild(chroots=[X86])["id"]
    api.wait(running, "running")
    cancelled = rebuild()["id"]
    api.call("PUT", f"/build/cancel/{cancelled}")
    assert builds(api) == [cancelled, running]
    script.release()
    api.wait(cancelled)
    api.until(lambda: builds(api) == [cancelled])


@pytest.mark.parametrize(("outcome", "state"), [("fail", "failed"), ("skip", "skipped")])
def test_older_builds_go_when_a_newer_one_fails_or_is_skipped(
    outcome: str, state: str, add: Any, rebuild: Any, api: Any, script: Any
) -> None:
    add(**GIT, max_builds=1)
    api.wait(rebuild(chroots=[X86])["id"])
    getattr(script, outcome).add(X86)
    newer = rebuild(chroots=[X86])["id"]
    assert api.wait(newer)["state"] == state
    assert builds(api) == [newer]


def test_an_older_build_that_is_cancelled_goes_at_once(
    add: Any, rebuild: Any, api: Any, script: Any, copr: Any
) -> None:
    add(**GIT, max_builds=1)
    script.hold()
    older = rebuild(chroots=[X86])["id"]
    api.wait(older, "running")
    newer = rebuild(chroots=[X86])["id"]
    api.wait(newer, "running")
    cancelled = api.call("PUT", f"/build/cancel/{older}")
    assert (cancelled["state"], cancelled["chroots"]) == ("canceled", [X86])
    assert builds(api) == [newer]
    sources = copr.data / "results/local/hello/srpm-builds"
    api.until(lambda: [folder.name for folder in sources.iterdir()] == [f"{newer:08d}"])
    script.release()
    assert api.wait(newer)["state"] == "succeeded"


def test_each_folder_of_a_project_keeps_its_own_builds(add: Any, edit: Any, rebuild: Any, api: Any) -> None:
    add()
    folders = ["hello", "hello:custom:x", "hello"]
    made = [rebuild(project_dirname=folder)["id"] for folder in folders]
    for build_id in made:
        api.wait(build_id)
    edit(max_builds=1)
    assert builds(api) == made[:0:-1]


def test_a_package_of_a_protected_project_is_deleted_only_without_builds(copr: LocalCopr) -> None:
    with copr.database.writing() as tx:
        local, hello = users.get(tx, "local"), projects.get(tx, "local", "hello")
        package = packages.add(tx, local, hello, "hello", sources.scm("https://example.com/hello.git"))
        build = packages.rebuild(tx, local, package, hello.main_dir, Options())
        assert build.user == local
        build.state = "succeeded"
        hello.persistent = True
        tx.session.flush()
        with pytest.raises(Invalid, match="permissions"):
            packages.delete(tx, local, package)
        tx.session.delete(build)
        tx.session.flush()
        packages.delete(tx, local, package)
        assert packages.find(tx, hello, "hello") is None
