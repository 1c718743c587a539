"""Programs of our own that make the calls of the released documentation's chapter 3.1 (legacy client), on a
service with API v1 and on services that have only API v3.

Functions, parameter names and what is positional are as documented. `tests/README.md` has the table of the
examples that these tests stand for.
"""

from __future__ import annotations

import math
import time

import pytest
from documented import stands_for

from copr.client import CoprClient
from copr.exceptions import CoprValidationException
from copr.v3 import Client
from copr_local import LocalCopr
from copr_local.rules import users

CHROOT = "epel-10-x86_64"
FINISHED = {"succeeded", "failed", "skipped"}


@pytest.fixture(
    params=[["v1", "v2", "v3"], ["v3"], ["v3-2020"]], ids=["natively", "bridged", "bridged to API v3 of 2020"]
)
def service(request, tmp_path, monkeypatch):
    """A service, with the configuration files of two of its users."""
    with LocalCopr(builds="scripted", username="pavel", chroots=[CHROOT], apis=request.param) as copr:
        other = copr.add_user("quinn")
        folder = tmp_path / ".config"
        folder.mkdir()
        (folder / "copr").write_text(copr.config_path.read_text())
        lines = [f"{name} = {other[name]}" for name in ("login", "username", "token", "copr_url")]
        (folder / "copr-of-quinn").write_text("\n".join(["[copr-cli]", *lines]))
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        monkeypatch.delenv("COPR_CONFIG", raising=False)
        copr.quinn = other
        yield copr


@pytest.fixture
def pavel(service):
    return CoprClient.create_from_file_config()


@stands_for("3.1.1", "Create client")
def test_files_and_parameters_make_clients_of_the_users_that_they_name(service):
    quinn = service.quinn
    clients = {
        "pavel": CoprClient.create_from_file_config(),
        "quinn": CoprClient.create_from_file_config("~/.config/copr-of-quinn"),
        "quinn, by parameters": CoprClient(
            copr_url=f"{service.url}/", token=quinn["token"], login=quinn["login"], username="quinn"
        ),
    }
    for name, client in clients.items():
        client.authentication_check()
        assert client.username == name.partition(",")[0]
        client.create_project(f"of-{len(name)}", chroots=[CHROOT])
    owned = {name: Client(service.config).project_proxy.get_list(name) for name in ("pavel", "quinn")}
    assert [each.name for each in owned["pavel"]] == ["of-5"]
    assert sorted(each.name for each in owned["quinn"]) == ["of-20", "of-5"]


@stands_for("3.1.2", "Get projects list")
def test_projects_are_listed_by_user_and_are_shown_to_people_and_programs(service, pavel):
    with service.database.writing() as tx:
        users.add_group(tx, "weavers", "fas_weavers", [users.get(tx, "quinn")])
    client = Client(service.quinn)
    client.project_proxy.add("quinn", "loom", [CHROOT], description="Frames and threads")
    client.project_proxy.add("@weavers", "yarn", [CHROOT], description="Wool")
    pavel.create_project("own", chroots=[CHROOT])

    assert [each.projectname for each in pavel.get_projects_list().projects_list] == ["own"]
    others = {each.projectname: each for each in pavel.get_projects_list(username="quinn").projects_list}
    assert "Name: loom\n  Description: Frames and threads\n" in str(others["loom"])
    details = others["loom"].get_project_details()
    assert details.data["detail"]["name"] == "loom"
    assert details.data["detail"]["description"] == details.description == "Frames and threads"


def test_a_project_of_a_group_in_a_users_list_shows_its_details(service, pavel):
    with service.database.writing() as tx:
        users.add_group(tx, "weavers", "fas_weavers", [users.get(tx, "pavel")])
    pavel.create_project("@weavers", "yarn", [CHROOT], description="Wool")
    for project in [
        *pavel.get_projects_list().projects_list,
        *pavel.get_projects_list("@weavers").projects_list,
    ]:
        assert project.get_project_details().description == "Wool"


@stands_for("3.1.3", "Search for projects")
def test_a_search_finds_projects_by_a_part_of_their_name(service, pavel):
    for name, description in (("perl-extras", "More of Perl"), ("ruby", "Less")):
        pavel.create_project(name, chroots=[CHROOT], description=description)
    found = pavel.search_projects("perl").projects_list
    assert [str(each) for each in found] == ["Name: perl-extras\n  Description: More of Perl\n"]


@stands_for("3.1.4", "Create/update/delete project")
def test_the_handle_of_a_new_project_reads_it_changes_it_and_deletes_it(service, pavel):
    made = pavel.create_project("atlas", description="Maps", chroots=[CHROOT])
    assert made.handle.get_project_details().description == "Maps"
    made.handle.modify_project(instructions="Unfold first")
    assert made.handle.get_project_details().instructions == "Unfold first"
    assert made.handle.get_project_details().description == "Maps"
    made.handle.delete_project()
    assert pavel.get_projects_list().projects_list == []


@stands_for("3.1.4", "Create/update/delete project")
def test_a_project_is_changed_and_deleted_by_its_name(service, pavel):
    pavel.create_project("atlas", chroots=[CHROOT])
    pavel.modify_project("atlas", instructions="Fold it again")
    assert pavel.get_project_details("atlas").instructions == "Fold it again"
    pavel.delete_project("atlas")
    assert pavel.get_projects_list().projects_list == []


@stands_for("3.1.7", "Responses")
def test_the_response_to_a_new_project_has_a_handle_whose_answers_have_data(pavel):
    with pytest.raises(CoprValidationException, match="provide chroots"):
        pavel.create_project("globe")  # as in the example; no service accepts it
    handle = pavel.create_project("globe", chroots=[CHROOT], description="Round").handle
    assert type(handle).__name__ == "ProjectHandle"
    details = handle.get_project_details().data["detail"]
    assert (details["name"], details["description"]) == ("globe", "Round")


@pytest.fixture
def orchard(service, pavel):
    """A project for builds, which run until a test lets them finish."""
    pavel.create_project("orchard", chroots=[CHROOT])
    service.script("pear", takes=math.inf)
    service.script("quince", takes=math.inf)


def submitted(pavel, *packages):
    return pavel.create_new_build(
        "orchard", pkgs=[f"https://example.com/{name}-3-1.src.rpm" for name in packages]
    ).builds_list


@stands_for("3.1.5", "Work with builds")
@pytest.mark.usefixtures("orchard")
def test_a_submission_returns_its_builds_and_each_is_cancelled_by_its_handle(service, pavel):
    builds = submitted(pavel, "pear", "quince")
    known = {each.id for each in Client(service.config).build_proxy.get_list("pavel", "orchard")}
    assert {each.build_id for each in builds} == known
    assert len(known) == 2
    for each in builds:
        assert each.handle.get_build_details().status in {"importing", "pending", "starting", "running"}
        each.handle.cancel_build()
    assert [pavel.get_build_details(number).status for number in known] == ["canceled"] * 2


@stands_for("3.1.5", "Work with builds")
@pytest.mark.usefixtures("orchard")
def test_the_details_of_a_build_have_the_state_of_each_chroot(service, pavel):
    [build] = submitted(pavel, "pear")
    service.script("pear", takes=0)
    until_finished(build)
    states = build.handle.get_build_details().data["chroots"]
    assert list(states.items()) == [(CHROOT, "succeeded")]


@stands_for("3.1.5", "Work with builds")
@pytest.mark.usefixtures("orchard")
def test_builds_are_polled_until_all_of_them_have_finished(service, pavel):
    service.script("quince", chroot=CHROOT, fails="no such header: seed.h")
    builds = submitted(pavel, "pear", "quince")
    waiting, seen = set(builds), {}
    assert len(waiting) == 2
    deadline = time.monotonic() + 60
    while waiting:
        assert time.monotonic() < deadline, seen
        for build in list(waiting):
            seen[build.build_id] = build.handle.get_build_details().status
            if seen[build.build_id] in FINISHED:
                waiting.discard(build)
        service.script("*", takes=0)
        time.sleep(0.05)
    assert list(seen.values()).count("succeeded") == 1
    assert list(seen.values()).count("failed") == 1


def until_finished(build):
    deadline = time.monotonic() + 60
    while build.handle.get_build_details().status not in FINISHED:
        assert time.monotonic() < deadline
        time.sleep(0.05)
