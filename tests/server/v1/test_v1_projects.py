"""Projects over API v1: listing, searching, reading, adding, changing, copying, deleting; logins."""

from __future__ import annotations

import pytest

from copr_local.rules import users


def test_a_new_project_is_shown_and_listed(v1):
    v1.add(
        "other",
        description="Über alles",
        instructions="Read it",
        repos="http://example.org/a/ copr://local/hello",
        disable_createrepo="true",
        unlisted_on_hp="y",
        build_enable_net="",
        use_bootstrap_container="y",
    )
    detail = v1.get("/coprs/local/other/detail/")["detail"]
    assert detail == {
        "name": "other",
        "additional_repos": "http://example.org/a/ copr://local/hello",
        "yum_repos": {},
        "description": "Über alles",
        "instructions": "Read it",
        "last_modified": None,
        "auto_createrepo": False,
        "persistent": False,
        "unlisted_on_hp": True,
        "auto_prune": True,
        "use_bootstrap_container": True,
    }
    found = v1.get("/coprs/local/")["repos"]
    assert {each["name"] for each in found} == {"hello", "other"}
    assert v1.get("/coprs/", username="local")["repos"] == found
    assert all(detail[name] == value for name, value in found[1].items())


def test_what_api_v1_adds_is_what_api_v3_sees(v1, api):
    v1.add("other", build_enable_net="y", homepage="http://example.org/", contact="a@example.org")
    project = api.get("/project", ownername="local", projectname="other")
    assert project["enable_net"] is True
    assert project["homepage"] == "http://example.org/"
    assert project["contact"] == "a@example.org"
    assert list(project["chroot_repos"]) == ["fedora-45-x86_64", "fedora-45-aarch64"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": "hello"}, "- name: You already have project named 'hello'.\n"),
        (
            {"name": "a b"},
            "- name: Name must contain only letters, digits, underscores, dashes and dots.\n",
        ),
        ({}, "- name: This field is required.\n"),
        (
            {"name": "a", "fedora-45-x86_64": "", "fedora-99-x86_64": "y"},
            "- chroots: At least one chroot must be selected\n",
        ),
        (
            {"name": "a", "repos": "nonsense"},
            "- repos: A list of http[s] URLs separated by whitespace characters is needed"
            " ('nonsense' doesn't seem to be a valid URL).\n",
        ),
    ],
)
def test_what_is_wrong_with_a_new_project_is_said(still, fields, error):
    given = {"fedora-45-x86_64": "y", **fields}
    assert still.error("/coprs/local/new/", given) == f"Validation error\n{error}"


def test_a_field_that_means_nothing_is_left_alone_and_named(v1):
    answer = v1.add("other", bogus="1")
    assert answer["message"] == "Unknown key 'bogus' received.\nNew project was successfully created."


def test_a_json_object_is_as_good_as_a_form(v1):
    response = v1.raw("POST", "/coprs/local/new/", json={"name": "other", "fedora-45-x86_64": True})
    assert response.get_json()["output"] == "ok"


def test_first_builds_are_submitted_with_a_new_project(v1, api, script):
    script.hold()
    answer = v1.add("other", initial_pkgs="http://example.org/a-1-1.src.rpm http://example.org/b-1-1.src.rpm")
    assert answer["message"].endswith("\nInitial packages were successfully submitted for building.")
    builds = api.get("/build/list", ownername="local", projectname="other")["items"]
    assert [build["source_package"]["url"][-13:] for build in builds] == ["b-1-1.src.rpm", "a-1-1.src.rpm"]


def test_settings_are_changed_one_by_one(v1):
    path = f"{v1.project}/modify/"
    answer = v1.post(path, {"description": "new", "repos": "http://example.org/a/", "unlisted_on_hp": "n"})
    assert answer == {
        "output": "ok",
        "description": "new",
        "instructions": "",
        "repos": "http://example.org/a/",
        "chroots": ["fedora-45-x86_64", "fedora-45-aarch64"],
    }
    assert v1.get(f"{v1.project}/detail/")["detail"]["unlisted_on_hp"] is True
    answer = v1.post(path, {"chroots": "epel-10-x86_64 fedora-45-x86_64"})
    assert answer["chroots"] == ["fedora-45-x86_64", "epel-10-x86_64"]
    assert answer["description"] == "new"


def test_only_chroots_on_offer_can_be_chosen(still):
    error = "Invalid request: {'chroots': ['Such chroot is not available: fedora-99-x86_64']}"
    assert still.error(f"{still.project}/modify/", {"chroots": "fedora-99-x86_64"}) == error


def test_only_owners_change_and_delete(v1, v1_of):
    bob = v1_of("bob")
    error = bob.error(f"{v1.project}/modify/", {"description": "mine"})
    assert error == "Invalid request: Only owners and admins may update their projects."
    assert bob.error(f"{v1.project}/delete/", {"verify": "yes"}) == "Only owners may delete their projects."
    text = "You can only change webhook secret for your project."
    assert bob.error(f"{v1.project}/new_webhook_secret/") == text


def test_a_project_goes_only_with_the_word_that_says_so_and_without_running_builds(v1, api, script):
    path = f"{v1.project}/delete/"
    assert v1.error(path) == "Invalid request: {'verify': ['This field is required.']}"
    script.hold()
    build_id = v1.build()
    unfinished = f"You can not delete build `{build_id}` which is not finished."
    assert v1.error(path, {"verify": "yes"}) == unfinished
    script.release()
    api.wait(build_id)
    assert v1.post(path, {"verify": "yes"})["message"] == "Project hello has been deleted."
    assert v1.get(f"{v1.project}/detail/", expect=404)["error"] == "Project local/hello does not exist."


def test_repositories_are_named_once_something_was_built(v1, api):
    build = api.wait(v1.build())
    detail = v1.get(f"{v1.project}/detail/")["detail"]
    assert sorted(detail["yum_repos"]) == ["fedora-45-aarch64", "fedora-45-x86_64"]
    assert detail["last_modified"] == build["ended_on"]
    for name, address in detail["yum_repos"].items():
        assert address.endswith(f"/results/local/hello/{name}/")


def test_projects_are_found_by_words(v1):
    v1.add("world", description="of greetings")
    found = [{"username": "local", "coprname": "world", "description": "of greetings"}]
    assert v1.get("/coprs/search/greetings/")["repos"] == found
    assert v1.get("/coprs/search/", project="greetings")["repos"] == found
    assert v1.get("/coprs/search/nothing-like-it/")["repos"] == []


def test_a_group_has_projects_of_its_own(copr, v1, v1_of):
    with copr.database.writing() as tx:
        users.add_group(tx, "devs", "fas_devs", [users.get(tx, "local")])
    v1.add("ours", owner="@devs")
    assert [each["name"] for each in v1.get("/coprs/@devs/")["repos"]] == ["ours"]
    assert {each["name"] for each in v1.get("/coprs/local/")["repos"]} == {"hello", "ours"}
    fields = {"name": "x", "fedora-45-x86_64": "y"}
    text = "User 'bob' doesn't have access to group devs(fas_devs)"
    assert v1_of("bob").error("/coprs/@devs/new/", fields, expect=403) == text
    assert v1.error("/coprs/@nosuch/new/", fields, expect=404) == "Group nosuch does not exist."


def test_a_project_is_copied_with_what_was_built(v1, api):
    api.wait(v1.build())
    fields = {"name": "copy", "owner": "local", "source": "local/hello"}
    first, second = v1.post(f"{v1.project}/fork/", fields)["message"].split("\n")
    assert first == "Forking project local/hello for you into local/copy."
    assert second.startswith("Please be aware")
    package = v1.get("/coprs/local/copy/package/get/hello/", with_latest_build="y")["package"]
    assert set(package["latest_build"]["chroots"].values()) == {"forked"}
    assert v1.error(f"{v1.project}/fork/", fields) == (
        "You are about to fork into existing project: local/copy\n"
        "Please use --confirm if you really want to do this"
    )
    again = v1.post(f"{v1.project}/fork/", {**fields, "confirm": "y"})["message"]
    assert again.startswith("Updating packages in local/hello from local/copy.\n")
    error = v1.error(f"{v1.project}/fork/", {"name": "a b", "owner": "bob"})
    assert error == (
        "Invalid request: {'name': ['Name must contain only letters, digits, underscores, dashes and dots.'],"
        " 'owner': ['Not a valid choice']}"
    )


def test_each_new_webhook_secret_is_another(v1):
    first, second = (v1.post(f"{v1.project}/new_webhook_secret/")["message"] for _ in range(2))
    assert first.startswith("Generated new token: ")
    assert first != second


@pytest.mark.parametrize("header", ["", "Basic !!!", "Bearer", "Basic Tm9uZTpOb25l"])
def test_who_is_not_logged_in_is_told_where_tokens_are(copr, v1, header):
    headers = {"Authorization": header} if header else {}
    response = copr.app.test_client().post("/api/auth_check/", headers=headers)
    assert response.status_code == 401
    text = f"Login invalid/expired. Please visit {copr.url}/api to get or renew your API token."
    assert response.get_json() == {"output": "notok", "error": text}
    assert v1.post("/auth_check/") == {"output": "ok"}


def test_a_proxy_acts_for_others(v1, v1_of):
    v1_of("bob")
    proxy = v1_of("ferry", proxy=True)
    proxy.add("for-bob", username="bob")
    assert [each["name"] for each in v1.get("/coprs/bob/")["repos"]] == ["for-bob"]
    fields = {"name": "x", "fedora-45-x86_64": "y", "username": "nobody"}
    assert proxy.error("/coprs/nobody/new/", fields, expect=404) == "No such user `nobody'"


def test_nobody_else_acts_for_others(v1, v1_of):
    v1_of("bob").add("own", username="local")
    assert [each["name"] for each in v1.get("/coprs/bob/")["repos"]] == ["own"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/coprs/local/hello/detail", 308),
        ("GET", "/coprs/local/new/", 405),
        ("GET", "/nonsense/", 404),
        ("GET", "/coprs/build/abc/", 404),
        ("GET", "/coprs/search//", 404),
        ("GET", "/new/", 302),
        ("GET", "/", 200),
    ],
)
def test_paths_that_are_no_endpoints_lead_to_pages(still, method, path, status):
    response = still.raw(method, path)
    assert response.status_code == status
    assert response.mimetype == "text/html"
