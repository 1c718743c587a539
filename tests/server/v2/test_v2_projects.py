"""Projects and chroots over API v2."""

from __future__ import annotations

import pytest

from copr_local.rules import chroots, users
from copr_local.v2 import query


def hrefs(links):
    return {name: link["href"] for name, link in links.items()}


def test_the_root_leads_everywhere(still):
    links = still.get("/")["_links"]
    assert hrefs(links) == {
        "self": "/api_2/",
        "projects": "/api_2/projects",
        "mock_chroots": "/api_2/mock_chroots",
        "builds": "/api_2/builds",
        "build_tasks": "/api_2/build_tasks",
    }
    for link in links.values():
        still.get(link["href"].removeprefix("/api_2"))


def test_a_new_project_is_where_its_location_says(v2):
    project_id = v2.project(
        description="d",
        homepage="http://example.org/",
        contact="a@example.org",
        repos=["http://example.org/r/"],
        disable_createrepo=True,
        build_enable_net=False,
    )
    answer = v2.get(f"/projects/{project_id}")
    assert answer["project"] == {
        "id": project_id,
        "name": "hello",
        "owner": "local",
        "is_a_group_project": False,
        "description": "d",
        "instructions": "",
        "homepage": "http://example.org/",
        "contact": "a@example.org",
        "repos": ["http://example.org/r/"],
        "disable_createrepo": True,
        "build_enable_net": False,
    }
    assert hrefs(answer["_links"]) == {
        "self": f"/api_2/projects/{project_id}",
        "builds": f"/api_2/builds?project_id={project_id}",
        "chroots": f"/api_2/projects/{project_id}/chroots",
        "build_tasks": f"/api_2/build_tasks?project_id={project_id}",
    }


def test_what_api_v2_adds_is_what_api_v3_sees(v2, api):
    v2.project(chroots=["fedora-45-x86_64", "fedora-99-x86_64"], description=None, owner="somebody")
    project = api.get("/project", ownername="local", projectname="hello")
    assert list(project["chroot_repos"]) == ["fedora-45-x86_64"]
    assert project["enable_net"] is True


def test_a_group_has_projects_of_its_own(copr, v2, v2_of):
    with copr.database.writing() as tx:
        users.add_group(tx, "devs", "fas_devs", [users.get(tx, "local")])
    project = v2.get(f"/projects/{v2.project(group='devs')}")["project"]
    assert (project["owner"], project["is_a_group_project"]) == ("@devs", True)
    for caller, group, status in ((v2_of("bob"), "devs", 403), (v2, "nosuch", 404)):
        body = {"name": "x", "chroots": [], "group": group}
        assert caller.send("POST", "/projects", body, status).mimetype == "text/html"


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"name": None}, "{'name': ['Field may not be null.']}"),
        ({"chroots": "fedora-45-x86_64"}, "{'chroots': ['Not a valid list.']}"),
        ({"chroots": [1]}, "{'chroots': ['Not a valid string.']}"),
        ({"build_enable_net": 1}, "{'build_enable_net': ['Not a valid boolean.']}"),
        ({"homepage": "zzz"}, "{'homepage': ['Not a valid URL.']}"),
        (
            {"contact": "not an email"},
            "{'contact': ['At least one validator should accept given value:', 'Not a valid URL.',"
            " 'Not a valid email address.', 'Not a valid choice.']}",
        ),
        (
            {"repos": ["nonsense"]},
            "{'repos': [\"A list of http[s] URLs separated by whitespace characters is needed"
            " ('nonsense' doesn't seem to be a valid URL).\"]}",
        ),
    ],
)
def test_what_is_wrong_with_a_new_project_is_said(still, members, error):
    body = {"name": "other", "chroots": [], **members}
    assert still.error("POST", "/projects", body, 400) == f"Failed to parse request: {error}"


def test_a_body_that_is_no_object_is_shown_to_who_sent_it(v2):
    for text, error in (
        ("{bad", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "{'_schema': ['Invalid input type.']}"),
        ('{"chroots": []}', "{'name': ['Missing data for required field.']}"),
        ('{"name": "x"}', "{'chroots': ['Missing data for required field.']}"),
    ):
        response = v2.raw("POST", "/projects", data=text, content_type="application/json")
        assert response.status_code == 400
        message = f"Failed to parse request: {error}"
        assert response.get_json() == {"message": message, "data": {"request_string": text}}


def test_a_name_is_taken_once(v2):
    v2.project()
    body = {"name": "hello", "chroots": []}
    assert v2.error("POST", "/projects", body, 409) == "Copr: 'local/hello' already exists"
    text = "Name must contain only letters, digits, underscores, dashes and dots."
    assert v2.error("POST", "/projects", {"name": "a b", "chroots": []}, 400) == text


def test_projects_are_listed_page_by_page(v2, v2_of):
    numbers = [v2.project(name) for name in ("a", "b", "c")]
    v2_of("bob").project("d")

    def listed(**query):
        answer = v2.get("/projects", **query)
        return [each["project"]["name"] for each in answer["projects"]], answer["_links"]["self"]["href"]

    assert listed() == (["a", "b", "c", "d"], "/api_2/projects")
    assert listed(owner="local", limit=2, offset=1) == (
        ["b", "c"],
        "/api_2/projects?owner=local&limit=2&offset=1",
    )
    assert listed(owner="bob") == (["d"], "/api_2/projects?owner=bob")
    assert listed(owner="nobody")[0] == []
    assert listed(name="b") == (["b"], "/api_2/projects?name=b")
    assert listed(limit=0)[0] == ["a", "b", "c", "d"]
    found = v2.get("/projects", search_query="local/c")["projects"]
    assert [each["project"]["id"] for each in found] == numbers[2:]


def test_a_page_of_projects_is_as_long_as_asked_for_and_has_a_hundred_by_itself(v2, monkeypatch):
    monkeypatch.setattr(query, "MOST", 2)
    for name in ("a", "b", "c"):
        v2.project(name)
    for limit, count in ((None, 2), (0, 2), (1, 1), (1000, 3)):
        assert len(v2.get("/projects", limit=limit)["projects"]) == count


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["hello", "hello-tools", "hello-shared", "hellos"]),
        ({"owner": "LOC"}, ["hello", "hello-tools", "hello-shared"]),
        ({"owner": "bob"}, ["hellos"]),
        ({"owner": "nobody"}, []),
        ({"name": "HELLO-"}, ["hello-tools", "hello-shared"]),
        ({"group": "dev"}, ["hello-shared"]),
        ({"group": "dev", "owner": "bob"}, ["hello-shared"]),
        ({"search_query": "local/hello", "owner": "bob"}, ["hello", "hello-tools", "hello-shared"]),
    ],
)
def test_projects_are_searched_among_an_owners_or_those_with_a_name(copr, v2, v2_of, asked, names):
    with copr.database.writing() as tx:
        users.add_group(tx, "devs", "fas_devs", [users.get(tx, "local")])
    v2.project()
    v2.project("hello-tools")
    v2.project("hello-shared", group="devs")
    v2_of("bob").project("hellos")
    found = v2.get("/projects", **{"search_query": "hello", **asked})["projects"]
    assert [each["project"]["name"] for each in found] == names


@pytest.mark.parametrize(
    ("path", "asked", "error"),
    [
        ("/projects", {"limit": "abc"}, "invalid literal for int() with base 10: 'abc'"),
        ("/projects", {"limit": "-1"}, "-1 is not a number from 0 to 9223372036854775807"),
        (
            "/projects/1",
            {"show_builds": "maybe"},
            "Value `maybe` doesn't belong to either true of false sets."
            " Allowed values: ['true', 'yes', '1'] and ['false', 'no', '0']",
        ),
        ("/build_tasks", {"state": "nonsense"}, "nonsense is not a valid choice"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(still, path, asked, error):
    answer = still.get(path, expect=400, **asked)
    (name,) = asked
    assert answer["message"] == f"Failed to validate query parameter: {name}"
    assert answer["data"]["error"] == error


def test_settings_are_changed_by_owners(v2, v2_of):
    path = f"/projects/{v2.project(description='old', homepage='http://example.org/')}"
    body = {"description": "new", "repos": ["http://example.org/"], "homepage": None, "instructions": None}
    response = v2.send("PUT", path, body, 204)
    assert response.mimetype == "application/json"
    project = v2.get(path)["project"]
    assert (project["description"], project["homepage"]) == ("new", None)
    assert (project["repos"], project["instructions"]) == (["http://example.org/"], "")
    text = "Only owners and admins may update their projects."
    assert v2_of("bob").error("PUT", path, body, 403) == text


def test_a_project_is_deleted_when_its_builds_are_over(v2, v2_of, api, script):
    script.hold()
    project_id = v2.project()
    build_id = v2.build(project_id)
    path = f"/projects/{project_id}"
    unfinished = f"You can not delete build `{build_id}` which is not finished."
    assert v2.error("DELETE", path, None, 400) == unfinished
    script.release()
    api.wait(build_id)
    forbidden = f"You are not allowed to delete build `{build_id}`."
    assert v2_of("bob").error("DELETE", path, None, 403) == forbidden
    v2.send("DELETE", path, None, 204)
    answer = v2.get(path, expect=404)
    assert answer == {
        "message": f"Project with id `{project_id}` not found",
        "data": {"project_id": project_id},
    }


def test_nobody_changes_anything(copr, v2, v2_of):
    v2.project()
    where = copr.url.removeprefix("http://")
    text = f"Login invalid/expired. Please visit {where}/api get or renew your API token."
    for method, path in (
        ("POST", "/projects"),
        ("PUT", "/projects/1"),
        ("DELETE", "/projects/1"),
        ("POST", "/projects/1/chroots"),
        ("PUT", "/projects/1/chroots/fedora-45-x86_64"),
        ("DELETE", "/projects/1/chroots/fedora-45-x86_64"),
        ("POST", "/builds"),
        ("PUT", "/builds/1"),
        ("DELETE", "/builds/1"),
    ):
        assert v2_of().error(method, path, {}, 401) == text


def test_a_project_comes_with_its_builds_and_chroots_if_they_are_asked_for(v2, script):
    script.hold()
    project_id = v2.project()
    build_id = v2.build(project_id)
    answer = v2.get(f"/projects/{project_id}", show_builds="yes", show_chroots="1")
    assert [each["build"]["id"] for each in answer["project_builds"]] == [build_id]
    assert [each["chroot"]["name"] for each in answer["project_chroots"]] == ["fedora-45-x86_64"]
    link = answer["_links"]["self"]["href"]
    assert link == f"/api_2/projects/{project_id}?show_builds=True&show_chroots=True"


def test_chroots_are_enabled_changed_and_disabled(v2, v2_of):
    path = f"/projects/{v2.project()}/chroots"
    body = {"name": "epel-10-x86_64", "buildroot_pkgs": ["gcc", "make"]}
    answer = v2.send("POST", path, body, 201)
    assert answer.headers["Location"] == f"http://localhost/api_2{path}/epel-10-x86_64"
    names = [each["chroot"]["name"] for each in v2.get(path)["chroots"]]
    assert names == ["fedora-45-x86_64", "epel-10-x86_64"]
    changed = v2.send("PUT", f"{path}/epel-10-x86_64", {"comps": "<comps/>", "comps_name": "c.xml"}, 200)
    assert changed.get_json()["chroot"] == {
        "name": "epel-10-x86_64",
        "buildroot_pkgs": ["gcc", "make"],
        "comps": "<comps/>",
        "comps_name": "c.xml",
        "comps_len": 8,
    }
    assert v2.get(f"{path}/epel-10-x86_64") == changed.get_json()
    for _ in range(2):
        v2.send("DELETE", f"{path}/epel-10-x86_64", None, 204)
    v2.get(f"{path}/epel-10-x86_64", expect=404)


@pytest.mark.parametrize(
    ("method", "name", "status", "error"),
    [
        ("POST", "fedora-45-x86_64", 409, "Copr local/hello already has chroot fedora-45-x86_64 enabled"),
        ("POST", "fedora-99-x86_64", 400, "Bad mock chroot name: fedora-99-x86_64. Error: None"),
        (
            "POST",
            "nonsense",
            400,
            "Bad mock chroot name: nonsense. Error: Chroot identification is not valid",
        ),
        ("PUT", "nonsense", 400, "Bad mock chroot name: Chroot identification is not valid"),
        ("PUT", "epel-10-x86_64", 404, "Requested object wasn't found"),
    ],
)
def test_what_is_wrong_with_a_chroot_is_said(still, method, name, status, error):
    path = "/projects/1/chroots"
    body = {"name": name} if method == "POST" else {}
    assert still.error(method, path if method == "POST" else f"{path}/{name}", body, status) == error


def test_others_do_not_touch_chroots(v2, v2_of):
    path, bob = f"/projects/{v2.project()}/chroots", v2_of("bob")
    why = "Only owners and admins may update their projects."
    one = f"{path}/fedora-45-x86_64"
    assert bob.error("PUT", one, {}, 403) == f"Failed to update copr chroot: {why}"
    assert bob.error("DELETE", one, None, 403) == f"Failed to remove copr chroot: {why}"
    assert bob.send("POST", path, {"name": "epel-10-x86_64"}, 403).mimetype == "text/html"


def test_chroots_on_offer_are_told_from_those_that_were(copr, v2):
    with copr.database.writing() as tx:
        chroots.offer(tx, {"fedora-45-x86_64": ""})
    active = v2.get("/mock_chroots", active_only="True")
    assert [each["chroot"]["name"] for each in active["chroots"]] == ["fedora-45-x86_64"]
    assert active["_links"]["self"]["href"] == "/api_2/mock_chroots?active_only=True"
    known = v2.get("/mock_chroots")
    assert [each["chroot"]["is_active"] for each in known["chroots"]] == [True, False, False, False]
    assert v2.get("/mock_chroots/epel-10-x86_64")["chroot"] == {
        "name": "epel-10-x86_64",
        "os_release": "epel",
        "os_version": "10",
        "arch": "x86_64",
        "is_active": False,
    }
    v2.get("/mock_chroots/fedora-99-x86_64", expect=404)
    assert v2.raw("GET", "/mock_chroots/nonsense").status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "", 308),
        ("GET", "/nonsense", 404),
        ("GET", "/projects/", 404),
        ("GET", "/projects/abc", 404),
        ("PUT", "/projects", 405),
    ],
)
def test_paths_that_are_no_endpoints_lead_to_pages(still, method, path, status):
    response = still.raw(method, path)
    assert response.status_code == status
    assert response.mimetype == "text/html"
