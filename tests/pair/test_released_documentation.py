"""Programs of our own that make the calls of the released documentation's chapter 3.3 (client version 3).

Functions, parameter names and what is positional are as documented. `tests/README.md` has the table of the
examples that these tests stand for.
"""

from __future__ import annotations

from pprint import pformat

import munch
import pytest
import requests
from documented import stands_for

from copr.v3 import (
    BuildProxy,
    Client,
    CoprNoResultException,
    CoprRequestException,
    config_from_file,
    next_page,
    wait,
)
from copr_local import LocalCopr
from copr_local.rules import users

CHROOTS = ["centos-stream-10-x86_64", "epel-10-x86_64"]
PACKAGES = ["anvil", "bellows", "chisel", "drill", "emery", "file", "gouge"]


@pytest.fixture(scope="module")
def prepared():
    """A service with a group's project: three builds that succeeded, and seven packages."""
    with LocalCopr(username="dana", chroots=CHROOTS, builds="scripted") as copr:
        with copr.database.writing() as tx:
            users.add_group(tx, "smiths", "fas_smiths", [users.get(tx, "dana")])
        client = Client(copr.config)
        client.project_proxy.add("@smiths", "forge", CHROOTS)
        for name in ("anvil", "bellows", "chisel"):
            url = f"https://example.com/{name}-4.2-1.src.rpm"
            wait(client.build_proxy.create_from_url("@smiths", "forge", url), interval=0.05)
        for name in reversed(PACKAGES[3:]):
            client.package_proxy.add("@smiths", "forge", name, "pypi", {"pypi_package_name": name})
        yield copr, copr.snapshot()


@pytest.fixture
def service(prepared, tmp_path, monkeypatch):
    """That service in its first state; the user's configuration file is in the usual place."""
    copr, state = prepared
    copr.restore(state)
    folder = tmp_path / "home" / ".config"
    folder.mkdir(parents=True)
    (folder / "copr").write_text(copr.config_path.read_text())
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.delenv("COPR_CONFIG", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return copr


@pytest.fixture
def settings(service):
    """The four settings that the documentation names."""
    return {name: service.config[name] for name in ("copr_url", "username", "login", "token")}


@stands_for("3.3.1", "Example usage")
def test_three_calls_make_a_project_and_submit_a_build(service):
    me = Client.create_from_config_file()
    me.project_proxy.add("@smiths", "workshop", CHROOTS[:1], description="Tools for wood")
    submitted = me.build_proxy.create_from_url(
        "@smiths", "workshop", "https://example.com/drill-0.9-5.src.rpm"
    )
    assert me.project_proxy.get("@smiths", "workshop").description == "Tools for wood"
    assert list(me.project_proxy.get("@smiths", "workshop").chroot_repos) == CHROOTS[:1]
    assert (submitted.ownername, submitted.projectname) == ("@smiths", "workshop")
    assert [each.id for each in me.build_proxy.get_list("@smiths", "workshop")] == [submitted.id]


@stands_for("3.3.2", "Client initialization")
@pytest.mark.parametrize(
    "make",
    [
        lambda settings: Client.create_from_config_file(),
        Client,
        lambda settings: Client(config_from_file()),
        lambda settings: BuildProxy.create_from_config_file(),
        BuildProxy,
    ],
    ids=["client, file", "client, dict", "client, dict of the file", "proxy, file", "proxy, dict"],
)
def test_clients_and_proxies_of_the_same_settings_log_in_as_the_same_user(make, settings):
    made = make(settings)
    assert {name: made.config[name] for name in settings} == settings
    proxy = made if isinstance(made, BuildProxy) else made.build_proxy
    assert proxy.auth_check().name == "dana"
    assert proxy.get(3).source_package.name == "chisel"


@stands_for("3.3.2", "Client initialization")
def test_a_client_keeps_the_dict_that_it_was_given(settings):
    given = dict(settings)
    assert Client(given).config == given == settings


@stands_for("3.3.2", "Client initialization")
def test_the_path_of_another_file_makes_a_client_of_another_user(service, tmp_path):
    other = service.add_user("erik")
    lines = [f"{name} = {other[name]}" for name in ("username", "login", "token", "copr_url")]
    path = tmp_path / "erik.conf"
    path.write_text("\n".join(["[copr-cli]", *lines]))
    assert Client.create_from_config_file(str(path)).base_proxy.auth_check().name == "erik"
    assert Client.create_from_config_file().base_proxy.auth_check().name == "dana"


@stands_for("3.3.2", "Data structures")
def test_a_build_is_a_munch_whose_items_are_attributes(service):
    anvil = Client.create_from_config_file().build_proxy.get(1)
    assert isinstance(anvil, munch.Munch)
    assert isinstance(anvil, dict)
    plain = dict(anvil)
    assert type(plain) is dict
    assert all(getattr(anvil, name) is value for name, value in plain.items())
    assert f"'name': '{anvil.source_package.name}'" in pformat(plain)
    assert anvil["ownername"] == anvil.ownername == "@smiths"
    assert (anvil.state, anvil.submitter, anvil.chroots) == ("succeeded", "dana", CHROOTS)
    assert anvil.submitted_on <= anvil.started_on <= anvil.ended_on


@stands_for("3.3.2", "Data structures")
def test_a_build_has_the_response_that_it_came_in(service):
    response = Client.create_from_config_file().build_proxy.get(2).__response__
    assert type(response) is requests.Response
    assert response.status_code == 200
    assert response.json()["source_package"]["name"] == "bellows"


@stands_for("3.3.2", "Lists of objects")
def test_a_list_of_builds_is_a_list_that_knows_its_response_and_order(service, settings):
    found = Client(settings).build_proxy.get_list("@smiths", "forge")
    assert isinstance(found, list)
    assert type(found).__name__ == "List"
    assert {each.id: each.state for each in found} == dict.fromkeys((1, 2, 3), "succeeded")
    assert isinstance(found.meta, munch.Munch)
    assert found.meta.offset == 0
    assert set(found.meta) >= {"order_type", "order", "limit"}
    assert found.__response__.status_code == 200
    assert [each["id"] for each in found.__response__.json()["items"]] == [each.id for each in found]


@stands_for("3.3.2", "Modifying data")
def test_a_deleted_build_is_returned_once_more_and_then_gone(service):
    proxy = Client.create_from_config_file().build_proxy
    before = proxy.get(2)
    assert proxy.delete(2) == before
    with pytest.raises(CoprNoResultException) as gone:
        proxy.get(before.id)
    assert str(gone.value) == "Build 2 does not exist."
    assert sorted(each.id for each in proxy.get_list("@smiths", "forge")) == [1, 3]


@stands_for("3.3.2", "Error handling")
def test_cancelling_returns_the_canceled_build_and_raises_where_it_has_finished(service, settings):
    client = Client(settings)
    service.script("emery", takes=86400)
    slow = client.build_proxy.create_from_url("@smiths", "forge", "https://example.com/emery-3-1.src.rpm")
    assert client.build_proxy.cancel(slow.id).state == "canceled"
    with pytest.raises(CoprRequestException) as refused:
        client.build_proxy.cancel(slow.id)
    assert str(refused.value) == f"Cannot cancel build {slow.id}"


@stands_for("3.3.2", "Debugging")
def test_a_refusal_has_the_document_and_the_response_that_it_came_in(service):
    with pytest.raises(CoprRequestException) as refused:
        Client.create_from_config_file().build_proxy.cancel(3)
    document = refused.value.result
    assert isinstance(document, munch.Munch)
    assert document.error == str(refused.value) == "Cannot cancel build 3"
    response = document.__response__
    assert type(response) is requests.Response
    assert 400 <= response.status_code < 600
    assert response.headers["Content-Type"] == "application/json"
    assert int(response.headers["Content-Length"]) == len(response.content)
    assert str(response.status_code) in repr(response)


@stands_for("3.3.2", "Pagination")
def test_all_packages_come_without_pagination_and_some_of_them_with_it(service):
    proxy = Client.create_from_config_file().package_proxy
    assert sorted(each.name for each in proxy.get_list("@smiths", "forge")) == PACKAGES
    first = proxy.get_list("@smiths", "forge", pagination={"order": "name", "limit": 4})
    assert [each.name for each in first] == PACKAGES[:4]
    assert (first.meta.limit, first.meta.offset, first.meta.order) == (4, 0, "name")
    assert first.meta.order_type == "ASC"


@stands_for("3.3.2", "Pagination parameters")
def test_order_and_offset_choose_which_packages_come(service):
    proxy = Client.create_from_config_file().package_proxy
    chosen = {"limit": 2, "offset": 1, "order": "name", "order_type": "DESC"}
    last = proxy.get_list("@smiths", "forge", pagination=chosen)
    assert [each.name for each in last] == ["file", "emery"]
    assert last.meta == chosen


@stands_for("3.3.2", "Pagination")
def test_next_page_goes_through_a_list_and_ends_with_an_empty_one(service):
    page = Client.create_from_config_file().package_proxy.get_list(
        "@smiths", "forge", pagination={"limit": 3, "order": "name"}
    )
    seen = []
    while page:
        seen.append([each.name for each in page])
        page = next_page(page)
    assert seen == [PACKAGES[:3], PACKAGES[3:6], PACKAGES[6:]]


@stands_for("3.3.2", "Working with proxies directly")
def test_a_proxy_without_a_client_returns_what_a_clients_proxy_does(service, settings):
    with_a_slash = {**settings, "copr_url": f"{settings['copr_url']}/"}
    alone = BuildProxy(with_a_slash).get(3)
    assert alone == Client.create_from_config_file().build_proxy.get(3)
    assert alone.source_package.version == "4.2-1"


@stands_for("3.3.4", "Build Options")
def test_build_options_choose_the_chroots_and_the_background(service):
    proxy = Client.create_from_config_file().build_proxy
    url = "https://example.com/file-5.46-1.src.rpm"
    made = proxy.create_from_url(
        "@smiths", "forge", url, buildopts={"background": True, "chroots": ["epel-10-x86_64"], "timeout": 900}
    )
    assert made.is_background
    [finished] = wait(made, interval=0.05)
    assert finished.chroots == ["epel-10-x86_64"]
    assert proxy.get_source_build_config(made.id).timeout == 900


@stands_for("3.3.4", "Build Options")
def test_a_submission_that_names_no_project_is_not_sent(service):
    proxy = Client.create_from_config_file().build_proxy
    with pytest.raises(TypeError, match="projectname"):
        proxy.create_from_url("https://example.com/file-5.46-1.src.rpm", buildopts={"background": True})
    assert len(proxy.get_list("@smiths", "forge")) == 3


SOURCES = {
    "scm": {
        "spec": "packaging/hammer.spec",
        "subdirectory": "head",
        "committish": "stable",
        "clone_url": "https://example.com/hammer.git",
        "scm_type": "git",
        "source_build_method": "make_srpm",
    },
    "rubygems": {"gem_name": "hammer"},
    "pypi": {
        "python_versions": [3],
        "pypi_package_version": "1.7",
        "spec_template": "fedora",
        "pypi_package_name": "hammer",
    },
    "custom": {
        "resultdir": "out",
        "builddeps": "make tar",
        "chroot": "epel-10-x86_64",
        "script": "#!/bin/bash\nmake dist\n",
    },
}

#: A frontend returns this parameter under another name, and numbers as texts.
RENAMED = {"scm_type": "type"}


@stands_for("3.3.4", "Package Source Type", "SCM", "Rubygems", "PyPI", "Custom")
@pytest.mark.parametrize("kind", SOURCES)
def test_a_package_of_each_source_type_keeps_each_documented_parameter(service, kind):
    proxy = Client.create_from_config_file().package_proxy
    proxy.add("@smiths", "forge", "hammer", source_type=kind, source=SOURCES[kind])
    kept = proxy.get("@smiths", "forge", "hammer")
    assert kept.source_type == kind
    for name, sent in SOURCES[kind].items():
        returned = kept.source_dict[RENAMED.get(name, name)]
        assert returned == ([str(each) for each in sent] if isinstance(sent, list) else sent)
