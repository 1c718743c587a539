"""Custom webhooks: which build they start, and what its script gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from webhook_requests import package

from copr_local import LocalCopr
from copr_local.rules import chroots


def test_a_custom_webhook_answers_the_builds_number(api: Any, address: str, call: Any) -> None:
    body = {"package_name": "made", "script": "true"}
    api.call("POST", "/package/add/local/hello/made/custom", body)
    status, text, built = call(f"custom/{address}/made/", {"anything": "at all"})
    assert (status, built) == (200, [("made", None)])
    assert api.get(f"/build/{text}")["projectname"] == "hello"
    assert call(f"custom/{address}/", {}) == (400, "PACKAGE_NAME_REQUIRED", [])
    assert call(f"custom/{address}/nope/", {}) == (404, "PACKAGE_NOT_FOUND", [])
    ping = call(f"custom/{address}/made/", {}, headers={"X-GitHub-Event": "ping"})
    assert ping == (200, "SKIPPED", [])


def test_a_custom_webhook_can_build_into_another_folder(api: Any, address: str, call: Any) -> None:
    package(api, "hello")
    secret = address.partition("/")[2]
    status, text, _ = call(f"custom-dir/local/hello:pr:1/{secret}/hello/", {})
    assert (status, api.get(f"/build/{text}")["project_dirname"]) == (200, "hello:pr:1")
    assert call(f"custom-dir/local/nope/{secret}/hello/", {})[:2] == (404, "PROJECT_NOT_FOUND")
    assert call("custom-dir/local/hello:pr:1/wrong/hello/", {})[:2] == (403, "BAD_UUID")
    bad = call(f"custom-dir/local/hello:x/{secret}/hello/", {})
    assert bad == (400, "CANT_CREATE_DIRECTORY", [])


def test_without_chroots_nothing_is_built(api: Any, address: str, call: Any, copr: LocalCopr) -> None:
    package(api, "hello")
    with copr.database.writing() as tx:
        chroots.offer(tx, {"epel-10-x86_64": ""})
    assert call(f"custom/{address}/hello/", {}) == (500, "NO_ACTIVE_CHROOTS_IN_PROJECT", [])


def test_a_package_without_a_source_cannot_be_rebuilt(api: Any, address: str, call: Any) -> None:
    api.wait(api.upload()["id"])
    status, text, built = call(f"custom/{address}/hello/", {})
    assert (status, built) == (400, [])
    assert "default source" in text


def test_what_a_webhook_was_sent_is_no_part_of_a_packages_source(api: Any, address: str, call: Any) -> None:
    body = {"package_name": "other", "script": "true"}
    api.call("POST", "/package/add/local/hello/other/custom", body)
    _, text, _ = call(f"custom/{address}/other/", {"anything": "at all"})
    sent = api.get(f"/build/source-build-config/{text}")["source_dict"]
    assert {"tmp", "hook_data"} <= sent.keys()
    api.wait(int(text))
    made = {"ownername": "local", "projectname": "hello", "packagename": "hello"}
    source = api.get("/package", **made)["source_dict"]
    assert source["script"] == sent["script"]
    assert not {"tmp", "hook_data"} & source.keys()


SCRIPT = """#!/bin/sh
cat > hello.spec <<END
Name: hello
Version: $(cat hook_payload)
Release: 1
Summary: Made because somebody called
License: MIT
BuildArch: noarch
%description
%files
END
"""


def test_a_script_finds_what_the_webhook_was_sent(tmp_path: Path, api_class: Any) -> None:
    with LocalCopr(tmp_path / "data", chroots=["fedora-45-x86_64"], builders=1) as real:
        api = api_class(real, real.config["login"], real.config["token"])
        number = api.project(chroots=["fedora-45-x86_64"])["id"]
        secret = api.call("POST", "/webhook/generate/local/hello")["webhook_secret"]
        body = {"package_name": "hello", "script": SCRIPT}
        api.call("POST", "/package/add/local/hello/hello/custom", body)
        address = f"/webhooks/custom/{number}/{secret}/hello/"
        answer = real.app.test_client().post(address, data=b"4.2")
        build = api.wait(int(answer.text), "importing", "succeeded", "failed")
        assert build["source_package"]["version"] == "4.2-1"
        api.until(lambda: not list((real.data / "tmp").iterdir()))
