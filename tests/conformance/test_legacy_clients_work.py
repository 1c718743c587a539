"""The last released legacy client and client v2, copr 1.101, work with a local Copr.

They need marshmallow 2 and pkg_resources, as they did then. Their known defects are left out.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from copr_local import LocalCopr

CHROOTS = ("fedora-45-x86_64", "epel-10-x86_64")

BEGIN = """\
import json, sys, time
config, source = json.loads(sys.argv[1]), sys.argv[2]
results = {}

def wait(look):
    for _ in range(200):
        state = look()
        if state in ("succeeded", "failed"):
            return state
        time.sleep(0.05)
"""
V1 = """
from copr import CoprClient

client = CoprClient(config["username"], config["login"], config["token"], copr_url=config["copr_url"])
client.authentication_check()
results["add"] = client.create_project("local", "hello", ["fedora-45-x86_64"], description="d").message
modified = client.modify_project("hello", chroots=["fedora-45-x86_64", "epel-10-x86_64"])
results["modify"] = modified.data["chroots"]
results["list"] = [project.projectname for project in client.get_projects_list().projects_list]

submitted = client.create_new_build("hello", ["http://example.org/hello-1.0-1.src.rpm"])
(build,) = submitted.builds_list
results["state"] = wait(lambda: build.handle.get_build_details().status)
details = client.get_build_details(build.build_id)
results["built"], results["chroots"] = details.built_pkgs, sorted(details.data["chroots"].items())
(upload,) = client.create_new_build("hello", [source], chroots=["epel-10-x86_64"]).builds_list
results["upload"] = wait(lambda: upload.handle.get_build_details().status)
results["repositories"] = sorted(client.get_project_details("hello").data["detail"]["yum_repos"])

client.add_package_scm("tool", "hello", "https://example.org/tool.git", committish="main")
client.edit_package_pypi("tool", "hello", "pello", "1.0", python_versions=[3])
packages = client.get_packages_list("hello", with_latest_build=True).packages_list
results["packages"] = [(each.name, each.source_type, bool(each.latest_build)) for each in packages]
rebuilt = client.build_package("hello", "tool", chroots=["epel-10-x86_64"])
results["rebuilt"] = rebuilt.message
wait(lambda: client.get_build_details(rebuilt.data["ids"][0]).status)
client.reset_package("hello", "tool")
client.delete_package("hello", "tool")

client.edit_chroot("hello", "epel-10-x86_64", upload_comps=source + ".xml", packages="gcc make")
chroot = client.get_chroot("hello", "local", "epel-10-x86_64").data["chroot"]
results["chroot"] = [chroot["buildroot_pkgs"], chroot["comps_name"]]
client.modify_project_chroot_details("hello", "epel-10-x86_64", pkgs=["vim"])
results["detail"] = client.get_project_chroot_details("hello", "epel-10-x86_64").data["buildroot_pkgs"]
config_of_chroot = client.get_build_config("local/hello", "epel-10-x86_64").data["build_config"]
results["config"] = config_of_chroot["additional_packages"]
results["secret"] = client.new_webhook_secret("hello").message[:22]
results["search"] = [found.projectname for found in client.search_projects("hello").projects_list]
results["fork"] = client.fork_project("local/hello", "copy").message.partition(chr(10))[0]
(custom,) = client.create_new_build_custom("copy", "true").data["ids"]
results["custom"] = wait(lambda: client.get_build_details(custom).status)
results["delete build"] = client.delete_build(upload.build_id).data["status"]
results["delete"] = client.delete_project("copy").message

for name, call in {
    "no build": lambda: client.get_build_details(999),
    "no project": lambda: client.get_project_details("nope"),
    "bad URL": lambda: client.create_new_build("hello", ["http://example.org/hello.txt"]),
    "module": lambda: client.build_module("http://example.org/m.yaml", projectname="hello"),
}.items():
    try:
        call()
    except Exception as error:
        results[name] = [type(error).__name__, str(error)]
print(json.dumps(results))
"""
V2 = """
from copr import create_client2_from_params
from copr.client_v2.net_client import RequestError

client = create_client2_from_params(config["copr_url"], config["login"], config["token"])
project = client.projects.create(
    "hello", "local", ["fedora-45-x86_64"], description="d", instructions="i", repos=[], homepage="http://example.org/"
)
project.description = "new"
project.update()
results["project"] = [project.get_self().description, project.homepage, project.build_enable_net]
results["list"] = [each.name for each in client.projects.get_list(owner="local", limit=5)]
results["search"] = [each.name for each in client.projects.get_list(search_query="hello")]

project.enable_project_chroot("epel-10-x86_64")
chroot = project.get_project_chroot("epel-10-x86_64")
chroot.buildroot_pkgs = ["gcc"]
chroot.update()
results["chroot"] = project.get_project_chroot("epel-10-x86_64").buildroot_pkgs
results["chroots"] = [each.name for each in project.get_project_chroot_list()]

build = project.create_build_from_url(srpm_url="http://example.org/hello-1.0-1.src.rpm")
results["state"] = wait(lambda: build.get_self().state)
build = build.get_self()
results["built"] = [build.package_name, build.package_version, build.built_packages]
tasks = list(build.get_build_tasks())
results["tasks"] = sorted((task.chroot_name, task.state) for task in tasks)
upload = project.create_build_from_file(file_path=source, chroots=["epel-10-x86_64"])
results["upload"] = wait(lambda: upload.get_self().state)
results["builds"] = len(list(client.builds.get_list(project_id=project.id)))
results["offered"] = [each.name for each in client.mock_chroots.get_list()]

try:
    upload.cancel()
except RequestError as error:
    message = error.response_json["message"]
    results["cancel"] = [error.response.status_code, message.replace(str(upload.id), "N")]
upload.delete()
project.get_project_chroot("epel-10-x86_64").disable()
results["left"] = [each.name for each in project.get_project_chroot_list()]
results["deleted"] = project.delete().is_successful()
try:
    project.get_self()
except RequestError as error:
    results["gone"] = error.response.status_code
print(json.dumps(results))
"""


@pytest.fixture
def run(environment, tmp_path):
    """Run a program with copr 1.101 against a new local Copr. Return what it prints."""
    python = environment("legacy client", "released").command("python")
    source = tmp_path / "hello-2.0-1.src.rpm"
    source.write_bytes(b"a source RPM")
    (tmp_path / "hello-2.0-1.src.rpm.xml").write_text("<comps/>")

    def run(program: str) -> Any:
        with LocalCopr(tmp_path / "data", chroots=CHROOTS, builds="scripted") as copr:
            command = [python, "-W", "ignore", "-c", BEGIN + program, json.dumps(copr.config), str(source)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_the_legacy_client_does_its_whole_work(run):
    results = run(V1)
    assert results == {
        "add": "New project was successfully created.",
        "modify": list(CHROOTS),
        "list": ["hello"],
        "state": "succeeded",
        "built": ["hello 1.0"],
        "chroots": [[name, "succeeded"] for name in sorted(CHROOTS)],
        "upload": "succeeded",
        "repositories": sorted(CHROOTS),
        "packages": [["hello", "link", True], ["tool", "pypi", False]],
        "rebuilt": "Build was added to hello.",
        "chroot": ["gcc make", "hello-2.0-1.src.rpm.xml"],
        "detail": "vim",
        "config": ["vim"],
        "secret": "Generated new token: " + results["secret"][-1],
        "search": ["hello"],
        "fork": "Forking project local/hello for you into local/copy.",
        "custom": "succeeded",
        "delete build": "Build deleted",
        "delete": "Project copy has been deleted.",
        "no build": ["CoprRequestException", "Build 999 does not exist."],
        "no project": ["CoprRequestException", "Project local/nope does not exist."],
        "bad URL": [
            "CoprRequestException",
            "Invalid request: bad request parameters: {'pkgs': [\"URLs must end with .src.rpm, .nosrc.rpm, or"
            " .spec ('http://example.org/hello.txt' doesn't seem to be a valid URL).\"]}",
        ],
        "module": [
            "CoprRequestException",
            "Builds of modules, as for local/hello, are not implemented here",
        ],
    }


def test_client_v2_does_its_whole_work(run):
    assert run(V2) == {
        "project": ["new", "http://example.org/", True],
        "list": ["hello"],
        "search": ["hello"],
        "chroot": ["gcc"],
        "chroots": list(CHROOTS),
        "state": "succeeded",
        "built": ["hello", "1.0-1", [{"name": "hello", "version": "1.0"}]],
        "tasks": [[name, "succeeded"] for name in sorted(CHROOTS)],
        "upload": "succeeded",
        "builds": 2,
        "offered": list(CHROOTS),
        "cancel": [400, "Cannot update build due to: Cannot cancel build N"],
        "left": ["fedora-45-x86_64"],
        "deleted": True,
        "gone": 404,
    }
