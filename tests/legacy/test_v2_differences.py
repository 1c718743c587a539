"""Differences of client v2 over API v3 from API v2, as the documentation's table lists them."""

from __future__ import annotations

import math

import pytest
from v2_service import USED, address, changed, client, populated

from copr._bridge.v2 import projects
from copr.client_v2.net_client import AuthError, RequestError
from copr.v3 import Client
from copr.v3.calls.project import search


@pytest.fixture(scope="module")
def service():
    with populated() as copr:
        yield copr


@pytest.fixture(scope="module")
def began(service):
    service.script("slow", takes=math.inf)
    return service.snapshot()


@pytest.fixture
def bridged(service, began):
    service.restore(began)
    return client(service, True)


def refused(ask):
    with pytest.raises(RequestError) as raised:
        ask()
    return raised.value


def test_groups_of_a_chroot_stay_where_api_v3_does_not_show_them(service, bridged):
    project = bridged.projects.get_one(1)
    chroot = project.get_project_chroot(USED[0])
    changed(bridged, chroot, comps="<comps/>", comps_name="groups.xml")
    again = project.get_project_chroot(USED[0])
    assert (again.comps, again.comps_name, again.comps_len) == (None, "groups.xml", 0)
    changed(bridged, again, buildroot_pkgs=["gcc"])
    native = client(service, False).projects.get_one(1).get_project_chroot(USED[0])
    assert (native.comps, native.comps_name, native.buildroot_pkgs) == ("<comps/>", "groups.xml", ["gcc"])
    changed(bridged, again, comps_name=None)
    native = client(service, False).projects.get_one(1).get_project_chroot(USED[0])
    assert (native.comps, native.comps_name) == (None, None)


def test_what_api_v3_cannot_empty_is_said_and_the_rest_is_changed(bridged):
    project = bridged.projects.get_one(1)
    error = refused(lambda: changed(bridged, project, homepage=None, contact="", description="new"))
    assert (error.status, error.response_json["message"]) == (
        501,
        "API v3 cannot empty the project's homepage and contact; the rest was changed. "
        "Use the project's page on the service.",
    )
    assert project.get_self().description == "new"


def test_a_new_project_of_ones_own_is_found_by_its_name_before_the_search_knows_it(bridged, monkeypatch):
    known = bridged.projects.get_list(name="tools")
    assert len(known) == 1
    stale = search("nothing is called like this")
    monkeypatch.setattr("copr._bridge.v2.projects.calls.search", lambda words: stale)
    assert [each.id for each in bridged.projects.get_list(name="tools")] == [known[0].id]
    assert list(bridged.projects.get_list(name="unknown")) == []


def test_what_api_v3_has_no_words_for_names_its_way(bridged, monkeypatch):
    assert "project_proxy.get(owner, name)" in str(refused(lambda: bridged.projects.get_list(name="to")))
    last = bridged.projects.get_one(3).get_project_chroot(USED[0])
    assert "project_proxy.edit(owner, name, chroots=[...])" in str(refused(last.disable))
    monkeypatch.setattr(projects, "MOST_PROJECTS", 3)
    monkeypatch.setattr(projects, "PAGE", 2)
    for ask in (bridged.builds.get_list, bridged.build_tasks.get_list):
        error = refused(ask)
        assert error.status == 501
        assert "build_proxy.get_list(owner, project)" in str(error)
    assert len(bridged.builds.get_list(owner="bob")) == 1


def test_a_chroot_is_not_disabled_while_builds_for_it_are_not_over(service, bridged):
    chroot = bridged.projects.get_one(1).get_project_chroot(USED[1])
    error = refused(chroot.disable)
    assert error.status == 409
    assert "still in progress" in str(error)
    assert client(service, False).projects.get_one(1).get_project_chroot(USED[1]).disable().is_successful()


def test_what_api_v2_leaves_out_without_a_word_is_refused(service, began):
    for create in (
        lambda cl: cl.projects.create("new", "alice", ["fedora-1-x86_64"]),
        lambda cl: cl.projects.create("new", "alice", []),
        lambda cl: cl.builds.create_from_url(1, address("slow"), chroots=["fedora-1-x86_64"]),
    ):
        service.restore(began)
        assert create(client(service, False))
        service.restore(began)
        error = refused(lambda create=create: create(client(service, True)))
        assert error.status == 400
    service.restore(began)
    assert client(service, False).projects.create("new", "bob", USED).owner == "alice"
    assert isinstance(refused(lambda: client(service, True).projects.create("new", "bob", USED)), AuthError)


def test_an_owner_without_projects_is_not_told_from_one_who_is_unknown(service, bridged):
    service.add_user("carol")
    assert len(client(service, False).builds.get_list(owner="carol")) == 0
    error = refused(lambda: bridged.builds.get_list(owner="carol"))
    assert (error.status, error.response_json["data"]) == (404, {"username": "carol"})


def test_a_number_whose_project_is_gone_is_not_its_namesake(service, bridged):
    assert bridged.projects.get_one(3).name == "empty"
    alice = Client(service.config)
    alice.project_proxy.delete("alice", "empty")
    alice.project_proxy.add("alice", "empty", USED)
    for ask in (lambda: bridged.projects.get_one(3), lambda: bridged.projects.delete(3)):
        assert refused(ask).response_json["message"] == "Project with id `3` not found"
    assert alice.project_proxy.get("alice", "empty").id == 5
