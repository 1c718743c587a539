"""Client v2 over API v3, with responses recorded of a public frontend of 2026, which has no API v2."""

from __future__ import annotations

import gzip
import json
from urllib.parse import parse_qsl

import pytest
from recordings import WIRE, answer
from scripted import reply, run

from copr._bridge.v2.table import make_bridge
from copr._wire import Call, Reply


def recorded():
    with gzip.open(WIRE / "frontend-2026.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {row["label"]: row for row in map(json.loads, lines) if "label" in row}


class Frontend:
    """Sends the recorded responses for a build at one of its stages, and stores the calls."""

    def __init__(self, stage):
        self.rows = recorded()
        self.stage = stage
        self.asked = []

    def __call__(self, call):
        self.asked.append(call)
        query = dict(parse_qsl(call.target().partition("?")[2]))
        match call.path.split("/")[1:]:
            case ["build", "13"]:
                return self.build()
            case ["build", "built-packages", "13"]:
                return self.of(f"build.built-packages.{self.stage}")
            case ["build", "source-build-config", "13"]:
                return self.of("build.source-build-config.url")
            case ["build-chroot", "list"]:
                return self.of(f"build-chroot.list.{self.stage}")
            case ["build-chroot", "build-config"]:
                return self.of("build-chroot.build-config")
            case ["build-chroot"]:
                return self.of("build-chroot.get")
            case ["project"]:
                return self.of(
                    "project.get" if query["projectname"] == "hello-world" else "project.get.unknown-project"
                )
            case ["project", "list"]:
                body = json.loads(self.rows["project.list.all"]["response_body"])
                first = int(query.get("offset", 0))
                body["items"] = body["items"][first : first + int(query.get("limit", 1000))]
                return reply(body=body)
            case ["mock-chroots", "list"]:
                return self.of("mock-chroots.list")
        raise AssertionError(f"{call} was not recorded")

    def build(self):
        if f"build.get.{self.stage}" in self.rows:
            return self.of(f"build.get.{self.stage}")
        items = json.loads(self.rows["build.list"]["response_body"])["items"]
        (build,) = [each for each in items if each["id"] == 13]
        return reply(body=build)

    def of(self, label):
        status, headers, body = answer(self.rows[label])
        return Reply(status, "Reason", "http://service/", headers, body)


def asked(path, frontend, **query):
    """Return the bridge's response to a call of API v2."""
    return run(make_bridge()(Call("GET", f"/api_2{path}", query=query, decode=answer)), frontend)


@pytest.mark.parametrize(
    ("stage", "state", "version", "packages"),
    [
        ("source-running", "running", None, []),
        ("importing", "importing", "1.0-1", []),
        ("running", "running", "1.0-1", []),
        (
            "succeeded",
            "succeeded",
            "1.0-1",
            [{"name": "hello", "version": "1.0"}, {"name": "hello-doc", "version": "1.0"}],
        ),
    ],
)
def test_a_build_is_shown_at_each_stage(stage, state, version, packages):
    build = json.loads(asked("/builds/13", Frontend(stage)).body)["build"]
    assert (build["id"], build["state"], build["submitter"]) == (13, state, "alice")
    assert (build["package_version"], build["built_packages"]) == (version, packages)
    assert (build["source_type"], build["enable_net"]) == ("link", True)
    assert build["package_name"] == (version and "hello")


@pytest.mark.parametrize(("stage", "count"), [("pending", 0), ("running", 2), ("succeeded", 2)])
def test_a_builds_tasks_are_shown_at_each_stage(stage, count):
    document = json.loads(asked("/build_tasks", Frontend(stage), build_id=13).body)
    tasks = [each["build_task"] for each in document["build_tasks"]]
    assert len(tasks) == count
    assert {task["state"] for task in tasks} <= {stage}
    assert all(task["result_dir_url"].endswith("/00000013-hello/") for task in tasks)


def test_a_task_is_shown():
    task = json.loads(asked("/build_tasks/13/fedora-42-x86_64", Frontend("succeeded")).body)
    assert task["build_task"]["state"] == "succeeded"
    assert task["_links"]["project"] == {"href": "/api_2/projects/2"}


def test_projects_are_shown_and_found_by_number():
    frontend = Frontend("succeeded")
    listed = json.loads(asked("/projects", frontend).body)["projects"]
    numbers = [each["project"]["id"] for each in listed]
    assert numbers == sorted(numbers)
    found = json.loads(asked("/projects/2", frontend).body)
    assert found == listed[numbers.index(2)]
    assert found["project"]["repos"] == ["https://example.com/repo/$basearch/", "copr://bob/tools"]
    nothing = asked("/projects/9999", frontend)
    assert (nothing.status, json.loads(nothing.body)["data"]) == (404, {"project_id": 9999})


def test_chroots_are_shown():
    listed = json.loads(asked("/mock_chroots", Frontend("succeeded"), active_only=True).body)["chroots"]
    parts = {
        each["chroot"]["name"]: [each["chroot"][name] for name in ("os_release", "os_version", "arch")]
        for each in listed
    }
    assert parts["centos-stream-10-x86_64"] == ["centos-stream", "10", "x86_64"]
    assert parts["fedora-eln-x86_64"] == ["fedora", "eln", "x86_64"]
