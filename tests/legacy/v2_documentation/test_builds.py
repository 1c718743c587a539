"""Programs of our own that make the calls of chapter 3.2.4 on builds and build tasks."""

from __future__ import annotations

import pytest
from documented import stands_for
from v2_examples import ENABLED

from copr.client_v2.common import BuildStateValues

URL = "https://example.com/lamp-2-1.src.rpm"


@stands_for("3.2.4", "Get builds list")
def test_the_client_and_a_project_list_the_newest_builds(mira, lantern):
    newest = ["<Build #4 state: failed>", "<Build #3 state: succeeded>"]
    assert [str(each) for each in lantern.get_builds(limit=2)] == newest
    assert [str(each) for each in mira.builds.get_list(limit=2)] == newest
    assert len(lantern.get_builds()) == 4


@stands_for("3.2.4", "Get one build")
def test_a_build_is_returned_by_its_id(mira):
    found = mira.builds.get_one(2)
    assert str(found) == "<Build #2 state: failed>"
    assert found.package_name == "wick"
    assert found.is_finished()


@stands_for("3.2.4", "Create new build")
def test_the_client_and_a_project_submit_urls_and_files(mira, lantern, lamp):
    made = [
        lantern.create_build_from_file(lamp),
        mira.builds.create_from_file(file_path=lamp, project_id=1),
        lantern.create_build_from_url(URL),
        mira.builds.create_from_url(srpm_url=URL, project_id=1),
    ]
    assert [each.id for each in made] == [5, 6, 7, 8]
    sources = [mira.builds.get_one(each.id).source_type for each in made]
    assert sources == ["upload", "upload", "link", "link"]
    assert not any(each.is_finished() for each in made)


@stands_for("3.2.4", "Cancel build")
def test_a_cancelled_build_is_canceled_on_the_service(lantern):
    made = lantern.create_build_from_url(URL)
    assert made.cancel().is_successful()
    assert made.get_self().state == "canceled"


@stands_for("3.2.4", "Delete build")
def test_a_deleted_build_is_in_no_list(mira, lantern):
    assert mira.builds.get_one(3).delete().is_successful()
    assert [each.id for each in lantern.get_builds()] == [4, 2, 1]


@stands_for("3.2.4", "Get build tasks list")
def test_tasks_are_listed_by_state(mira):
    failed = mira.build_tasks.get_list(state=BuildStateValues.FAILED, limit=8)
    assert {each.build_id for each in failed} == {2, 4}
    # API v3 of 2020 returns no state of a chroot; there, all tasks of a failed build count as failed.
    assert {str(each) for each in failed} >= {
        f"<Build task #{number}-opensuse-tumbleweed-x86_64, state: failed>" for number in (2, 4)
    }


@stands_for("3.2.4", "Get build tasks list")
def test_tasks_are_listed_by_project_and_by_build(mira, lantern):
    of_project = lantern.get_build_tasks(limit=5)
    assert len(of_project) == 5
    of_build = mira.builds.get_one(2).get_build_tasks(limit=3)
    assert len(of_build) == 3
    assert {each.build_id for each in of_build} == {2}
    assert {each.chroot_name for each in of_build} < set(ENABLED)


@stands_for("3.2.4", "Get single build task")
@pytest.mark.parametrize(("number", "package", "state"), [(4, "wick", "failed"), (3, "glass", "succeeded")])
def test_a_task_has_its_state_and_the_url_of_its_results(service, mira, number, package, state):
    chroot = "opensuse-tumbleweed-x86_64"
    task = mira.build_tasks.get_one(number, chroot)
    assert task.state == state
    assert task.result_dir_url.startswith(f"{service.url}/results/mira/lantern/{chroot}/")
    assert package in task.result_dir_url
