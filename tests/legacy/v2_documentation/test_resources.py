"""Programs of our own that make the calls of chapters 3.2.2 and 3.2.4 on resources and mock chroots."""

from __future__ import annotations

from documented import stands_for
from v2_examples import CHROOTS, ENABLED, OWNERS

from copr import create_client2_from_params


@stands_for("3.2.2", "Resources")
def test_a_client_without_login_goes_through_a_list_page_by_page(service):
    anybody = create_client2_from_params(root_url=f"{service.url}/")
    page = anybody.projects.get_list(name="beacon", limit=3)
    shown = [str(each) for each in page]
    numbers = [each.id for each in page]
    rest = page.next_page()
    shown += [str(each) for each in rest]
    numbers += [each.id for each in rest]
    assert len(page.projects) == 3
    assert shown == [f"<Project #{n}: {owner}/beacon>" for n, owner in zip(numbers, OWNERS, strict=True)]


@stands_for("3.2.2", "Resources")
def test_a_project_has_fields_and_methods_of_its_own(mira):
    lantern = mira.projects.get_one(1)
    assert (lantern.name, lantern.owner) == ("lantern", "mira")
    shown = [str(each) for each in lantern.get_project_chroot_list()]
    beginning = [text.partition(",")[0] for text in shown]
    assert sorted(beginning) == sorted(f"<Project chroot: {name}" for name in ENABLED)
    assert all(text.endswith(", additional packages: [], comps size if any: 0>") for text in shown)


@stands_for("3.2.2", "Resources")
def test_a_changed_field_is_saved_by_the_project_or_by_the_handle(mira, lantern):
    lantern.description = "Holds a candle"
    assert lantern.update().is_successful()
    assert mira.projects.get_one(1).description == "Holds a candle"
    lantern.description = "Holds two"
    assert mira.projects.update(lantern._entity).is_successful()
    assert mira.projects.get_one(1).description == "Holds two"


@stands_for("3.2.4", "Get mock chroot list")
def test_active_chroots_are_listed(mira):
    found = mira.mock_chroots.get_list(active_only=True)
    assert sorted(map(str, found)) == sorted(f"<Mock chroot: {name} is active: True>" for name in CHROOTS)


@stands_for("3.2.4", "Get single mock chroot")
def test_a_chroot_has_the_parts_of_its_name(mira):
    found = mira.mock_chroots.get_one("rhel-9-s390x")
    assert str(found) == "<Mock chroot: rhel-9-s390x is active: True>"
    assert (found.os_release, found.os_version, found.arch) == ("rhel", "9", "s390x")
    assert found.name == "-".join((found.os_release, found.os_version, found.arch))
