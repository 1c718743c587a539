"""Builds and build tasks over API v2."""

from __future__ import annotations

import pytest


def test_a_build_from_a_url_is_shown_with_its_tasks(v2, api):
    project_id = v2.project(repos=["http://example.org/r/"])
    build_id = v2.build(project_id, chroots=["fedora-45-x86_64", "nonsense"], enable_net=False)
    submitted_on = api.wait(build_id)["submitted_on"]
    answer = v2.get(f"/builds/{build_id}", show_build_tasks="true")
    assert answer["build"] == {
        "id": build_id,
        "state": "succeeded",
        "submitter": "local",
        "submitted_on": submitted_on,
        "package_name": "hello",
        "package_version": "1.0-1",
        "built_packages": [{"name": "hello", "version": "1.0"}],
        "repos": ["http://example.org/r/"],
        "enable_net": False,
        "source_type": "link",
        "source_metadata": {"url": "http://example.org/hello-1.0-1.src.rpm"},
    }
    assert answer["_links"]["self"]["href"] == f"/api_2/builds/{build_id}?show_build_tasks=True"
    (task,) = answer["build_tasks"]
    assert v2.get(f"/build_tasks/{build_id}/fedora-45-x86_64") == task
    assert task["build_task"]["state"] == "succeeded"
    assert len(bytes.fromhex(task["build_task"]["git_hash"])) == 20
    address = f"/results/local/hello/fedora-45-x86_64/{build_id:08d}-hello/"
    assert task["build_task"]["result_dir_url"].endswith(address)


def test_an_upload_is_built(v2, api):
    project_id = v2.project()
    response = v2.upload({"project_id": project_id, "chroots": [], "enable_net": True})
    assert response.status_code == 201
    build_id = int(response.headers["Location"].rpartition("/")[2])
    assert api.wait(build_id)["source_package"]["version"] == "2.0-1"
    build = v2.get(f"/builds/{build_id}")["build"]
    assert build["source_type"] == "upload"
    assert build["source_metadata"]["pkg"] == "hello-2.0-1.src.rpm"


def test_builds_are_listed_newest_first_and_page_by_page(v2, api, script):
    script.hold("fedora-45-x86_64")
    project_id = v2.project()
    done, cancelled, running = (v2.build(project_id) for _ in range(3))
    api.wait(cancelled, "running", "pending")
    v2.send("PUT", f"/builds/{cancelled}", {"state": "canceled"}, 201)
    api.wait(done, "running")

    def listed(**query):
        answer = v2.get("/builds", **query)
        return [each["build"]["id"] for each in answer["builds"]], answer["_links"]["self"]["href"]

    assert listed() == ([running, cancelled, done], "/api_2/builds?limit=100")
    assert listed(project_id=project_id, limit=1, offset=1) == (
        [cancelled],
        f"/api_2/builds?project_id={project_id}&limit=1&offset=1",
    )
    assert listed(owner="local", limit=1000)[1] == "/api_2/builds?owner=local&limit=100"
    assert done not in listed(is_finished="true")[0]
    assert done in listed(is_finished="no")[0]
    script.release()
    api.wait(done)
    assert done in listed(is_finished="true")[0]


@pytest.mark.parametrize(
    ("query", "error", "data"),
    [
        ({"owner": "nobody"}, "User `nobody` doesn't have any project", {"username": "nobody"}),
        ({"project_id": 999}, "Project with id `999` not found", {"project_id": 999}),
    ],
)
def test_a_list_of_builds_of_what_is_not_there_says_so(still, query, error, data):
    assert still.get("/builds", expect=404, **query) == {"message": error, "data": data}


@pytest.mark.parametrize("query", [{"owner": "nobody"}, {"project_id": 999}, {"build_id": 999}])
def test_of_what_is_not_there_no_tasks_are_listed(still, query):
    assert still.get("/build_tasks", **query)["build_tasks"] == []


def test_a_build_counts_before_a_project_and_that_before_an_owner(v2, v2_of, api):
    project_id, of_bob = v2.project(), v2_of("bob").project()
    build_id = v2.build(project_id)
    api.wait(build_id)
    assert [each["build"]["id"] for each in v2.get("/builds", project_id=project_id, owner="bob")["builds"]]
    assert v2.get("/builds", project_id=of_bob, owner="local")["builds"] == []
    for query in ({"build_id": build_id, "project_id": of_bob}, {"project_id": project_id, "owner": "bob"}):
        tasks = v2.get("/build_tasks", **query)["build_tasks"]
        assert {each["build_task"]["build_id"] for each in tasks} == {build_id}


def test_tasks_that_have_not_begun_come_first(v2, api, script):
    project_id = v2.project()
    built = v2.build(project_id)
    api.wait(built)
    script.hold()
    waiting = v2.build(project_id, chroots=["fedora-45-x86_64"])

    def listed(**query):
        answer = v2.get("/build_tasks", **query)
        tasks = [each["build_task"] for each in answer["build_tasks"]]
        return [(task["build_id"], task["state"]) for task in tasks], answer["_links"]["self"]["href"]

    assert listed(project_id=project_id) == (
        [(waiting, "waiting"), (built, "succeeded")],
        f"/api_2/build_tasks?project_id={project_id}&limit=100",
    )
    assert listed(owner="local", state="succeeded", limit=3) == (
        [(built, "succeeded")],
        "/api_2/build_tasks?owner=local&limit=3&state=succeeded",
    )
    assert listed(build_id=waiting)[0] == [(waiting, "waiting")]
    assert listed(group="devs")[0] == []


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"project_id": 999}, 404, "Project with id `999` not found"),
        (
            {"srpm_url": "nonsense"},
            400,
            "Failed to parse request: {'srpm_url': ['Not a valid URL.', 'Invalid value.']}",
        ),
        ({"project_id": "1"}, 400, "Failed to parse request: {'project_id': ['Not a valid integer.']}"),
        ({"enable_net": "yes"}, 400, "Failed to parse request: {'enable_net': ['Not a valid boolean.']}"),
    ],
)
def test_what_is_wrong_with_a_submission_is_said(still, body, status, error):
    given = {"project_id": 1, "srpm_url": "http://example.org/a.src.rpm", "chroots": [], **body}
    assert still.error("POST", "/builds", given, status) == error


def test_what_is_missing_in_a_submission_is_said(v2):
    project_id = v2.project()
    form = "application/x-www-form-urlencoded"
    for kwargs, error in (
        ({}, "Got request without content type header"),
        ({"data": "a=b", "content_type": form}, f"Got unexpected content type: {form}"),
        (
            {"data": {"metadata": "{}"}, "content_type": "multipart/form-data"},
            "Missing srpm file in the request",
        ),
        ({"data": {}, "content_type": "multipart/form-data"}, "Missing build metadata in the request"),
    ):
        response = v2.raw("POST", "/builds", **kwargs)
        assert response.status_code == 400
        assert response.get_json()["message"] == error
    response = v2.upload({"project_id": project_id, "chroots": []}, "comps.xml")
    assert response.status_code == 400
    assert response.get_json()["message"] == "You can upload only .src.rpm, .nosrc.rpm, and .spec files"


def test_only_builders_may_build(v2, v2_of):
    body = {"project_id": v2.project(), "chroots": []}
    bob = v2_of("bob")
    text = (
        "User bob cannot create build in project local/hello:"
        " You don't have permissions to build in this copr."
    )
    url = {**body, "srpm_url": "http://example.org/a.src.rpm"}
    assert bob.error("POST", "/builds", url, 403) == text
    assert bob.upload(body).get_json()["message"] == text


def test_a_build_is_cancelled_by_its_submitter_and_stays_so(v2, v2_of, script):
    script.hold()
    path = f"/builds/{v2.build(v2.project())}"
    text = "Failed to update build: You are not allowed to cancel this build."
    assert v2_of("bob").error("PUT", path, {"state": "canceled"}, 403) == text
    for _ in range(2):
        answer = v2.send("PUT", path, {"state": "canceled"}, 201)
        assert answer.headers["Location"] == f"http://localhost/api_2{path}"
    assert v2.get(path)["build"]["state"] == "canceled"
    error = v2.error("PUT", path, {}, 400)
    assert error == "Failed to parse request: {'state': ['Missing data for required field.']}"
    error = v2.error("PUT", path, {"state": "succeeded"}, 400)
    assert error == "Failed to parse request: {'state': ['Not a valid choice.']}"


def test_what_is_over_is_not_cancelled_and_what_is_not_is_not_deleted(v2, v2_of, api, script):
    script.hold()
    build_id = v2.build(v2.project())
    path = f"/builds/{build_id}"
    unfinished = f"Cannot delete build due to: You can not delete build `{build_id}` which is not finished."
    assert v2.error("DELETE", path, None, 400) == unfinished
    script.release()
    api.wait(build_id)
    finished = f"Cannot update build due to: Cannot cancel build {build_id}"
    assert v2.error("PUT", path, {"state": "canceled"}, 400) == finished
    forbidden = f"Failed to delete build: You are not allowed to delete build `{build_id}`."
    assert v2_of("bob").error("DELETE", path, None, 403) == forbidden
    v2.send("DELETE", path, None, 204)
    answer = v2.get(path, expect=404)
    assert answer == {"message": f"Build with id `{build_id}` not found", "data": {"build_id": build_id}}


def test_a_task_is_asked_for_by_build_and_chroot(v2, script):
    script.hold()
    build_id = v2.build(v2.project(), chroots=["fedora-45-x86_64"])
    answer = v2.get(f"/build_tasks/{build_id}/nonsense", expect=400)
    assert answer["message"] == "Bad mock chroot name: Chroot identification is not valid"
    answer = v2.get(f"/build_tasks/{build_id}/epel-10-x86_64", expect=404)
    # Exactly as recorded from the real Copr frontend.
    assert answer["message"] == "Build task {} for build {} not found"
