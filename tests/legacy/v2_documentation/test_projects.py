"""Programs of our own that make the calls of chapter 3.2.4 on projects and their chroots."""

from __future__ import annotations

import pytest
from documented import stands_for
from v2_examples import ENABLED, OWNERS

STREAM = "centos-stream-10-x86_64"


@stands_for("3.2.4", "Get projects list")
def test_projects_are_found_by_name_and_by_words(mira):
    everything = mira.project.get_list(limit=10)
    assert [each.name for each in everything] == ["lantern"] + ["beacon"] * 5
    by_name = mira.project.get_list(name="beacon")
    by_words = mira.project.get_list(search_query="beacon")
    assert [each.owner for each in by_name] == [each.owner for each in by_words] == OWNERS


@stands_for("3.2.4", "Get one project")
def test_a_project_is_returned_by_its_id(mira):
    found = mira.projects.get_one(6)
    assert (found.id, found.owner, found.name) == (6, "rosa", "beacon")


@stands_for("3.2.4", "Modify project parameters")
def test_a_changed_description_is_on_the_service_after_an_update(mira, lantern):
    lantern.description = "Of brass"
    assert mira.projects.get_one(1).description != "Of brass"
    assert lantern.update().is_successful()
    assert lantern.get_self().description == "Of brass"


@stands_for("3.2.4", "Delete project")
def test_a_deleted_project_is_in_no_list(mira):
    [beacon] = mira.projects.get_list(name="beacon", owner="mira")
    assert beacon.delete().is_successful()
    assert [each.owner for each in mira.projects.get_list(name="beacon")] == OWNERS[1:]


@stands_for("3.2.4", "Create new project")
def test_a_new_project_has_what_it_was_created_with(mira):
    made = mira.projects.create(
        instructions="Keep away from curtains", chroots=[STREAM], owner="mira", name="torch"
    )
    assert str(made) == f"<Project #{made.id}: mira/torch>"
    assert made.get_self().instructions == "Keep away from curtains"
    assert [each.name for each in made.get_project_chroot_list()] == [STREAM]


@stands_for("3.2.4", "Access project chroots")
def test_a_project_lists_its_chroots_and_enables_another(lantern):
    assert sorted(each.name for each in lantern.get_project_chroot_list()) == sorted(ENABLED)
    assert lantern.get_project_chroot("opensuse-tumbleweed-x86_64").comps_len == 0
    lantern.enable_project_chroot("rhel-9-s390x")
    assert lantern.get_project_chroot("rhel-9-s390x").buildroot_pkgs == []
    assert len(lantern.get_project_chroot_list()) == len(ENABLED) + 1


@stands_for("3.2.4", "Access project builds")
def test_a_project_lists_its_builds_and_submits_new_ones(lantern, lamp):
    before = lantern.get_builds(limit=5)
    assert str(before[3]) == "<Build #1 state: succeeded>"
    from_file = lantern.create_build_from_file(file_path=lamp)
    from_url = lantern.create_build_from_url(srpm_url="https://example.com/lamp-2-1.src.rpm")
    new = {each.id: each.source_type for each in lantern.get_builds(limit=2)}
    assert new == {from_file.id: "upload", from_url.id: "link"}


@stands_for("3.2.4", "Get project chroots list")
def test_the_client_and_the_project_list_the_same_chroots(mira, lantern):
    by_client = [str(each) for each in mira.project_chroots.get_list(project=lantern)]
    assert by_client == [str(each) for each in lantern.get_project_chroot_list()]
    assert len(by_client) == len(ENABLED)


@stands_for("3.2.4", "Get one project chroot")
def test_the_client_and_the_project_return_the_same_chroot(mira, lantern):
    shown = f"<Project chroot: {STREAM}, additional packages: [], comps size if any: 0>"
    assert str(mira.project_chroots.get_one(name=STREAM, project=lantern)) == shown
    assert str(lantern.get_project_chroot(STREAM)) == shown


@stands_for("3.2.4", "Modify project chroot")
def test_additional_packages_of_a_chroot_are_saved_by_an_update(lantern):
    stream = lantern.get_project_chroot(STREAM)
    stream.buildroot_pkgs = ["brass-devel", "solder"]
    assert stream.update().is_successful()
    assert lantern.get_project_chroot(STREAM).buildroot_pkgs == ["brass-devel", "solder"]
    assert "['brass-devel', 'solder']" in str(lantern.get_project_chroot(STREAM))


@stands_for("3.2.4", "Disable project chroot")
@pytest.mark.parametrize("name", [STREAM, "opensuse-tumbleweed-x86_64"])
def test_a_disabled_chroot_is_no_longer_the_projects(lantern, name):
    lantern.get_project_chroot(name).disable()
    assert {each.name for each in lantern.get_project_chroot_list()} == set(ENABLED) - {name}
