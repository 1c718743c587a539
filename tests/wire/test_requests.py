"""What each method sends: one row for each endpoint, as the released client sent it to real frontends.

Parts of the path are once more in the query, and `with_latest_build=False`, which services read as true:
recorded requests have them.
"""

from __future__ import annotations

import json
from email.parser import BytesParser
from urllib.parse import parse_qsl, urlsplit

import pytest

from copr.v3 import Client

ON = ("alice", "hello")
NAMED = {"ownername": "alice", "projectname": "hello"}
SWITCHED_OFF = {"with_latest_build": "False", "with_latest_succeeded_build": "False"}
UPLOADED = {**NAMED, "project_dirname": None}
CHROOT_SETTINGS = {
    "additional_repos": None,
    "additional_packages": None,
    "additional_modules": None,
    "delete_comps": False,
    "with_opts": None,
    "without_opts": None,
    "bootstrap": None,
    "bootstrap_image": None,
    "isolation": None,
    "reset_fields": None,
}
PROJECT = {
    "chroots": None,
    "description": None,
    "instructions": None,
    "homepage": None,
    "contact": None,
    "unlisted_on_hp": None,
    "enable_net": None,
    "auto_prune": None,
    "bootstrap": None,
    "isolation": None,
    "follow_fedora_branching": None,
    "bootstrap_image": None,
    "devel_mode": None,
    "delete_after_days": None,
    "multilib": None,
    "module_hotfixes": None,
    "fedora_review": None,
    "appstream": None,
    "runtime_dependencies": None,
    "packit_forge_projects_allowed": None,
    "repo_priority": None,
}
NEW_PROJECT = {
    **PROJECT,
    "name": "hello",
    "chroots": ["c"],
    "additional_repos": None,
    "unlisted_on_hp": False,
    "enable_net": False,
    "persistent": False,
    "auto_prune": True,
    "follow_fedora_branching": True,
    "devel_mode": False,
    "multilib": False,
    "module_hotfixes": False,
    "appstream": False,
    "storage": None,
}
SCM = {
    "clone_url": "u",
    "committish": "",
    "subdirectory": "",
    "spec": "",
    "scm_type": "git",
    "source_build_method": "rpkg",
}
PYPI = {
    "pypi_package_name": "x",
    "pypi_package_version": None,
    "spec_generator": None,
    "spec_template": "",
    "python_versions": [3, 2],
}
CUSTOM = {"script": "s", "chroot": None, "builddeps": None, "resultdir": None, "repos": None}
DISTGIT = {"distgit": None, "namespace": None, "package_name": "x", "committish": None}
MODULE = {"scmurl": "u", "branch": "master", "distgit": None}

#: Rows: method of a proxy, arguments, HTTP method and path, query, JSON body, whether it needs login.
TABLE = [
    ("base.home", (), "GET /", {}, None, False),
    ("base.auth_check", (), "GET /auth-check", {}, None, True),
    ("base.new_api_token", (), "POST /api-token", {}, None, True),
    ("project.get", ON, "GET /project", NAMED, None, False),
    ("project.get_list", (), "GET /project/list", {}, None, False),
    ("project.get_list", ("@devs", {"limit": 3, "offset": 3}), "GET /project/list",
     {"ownername": "@devs", "limit": "3", "offset": "3"}, None, False),
    ("project.search", ("alice/hello",), "GET /project/search", {"query": "alice/hello"}, None, False),
    ("project.add", (*ON, ["c"]), "POST /project/add/alice",
     {"ownername": "alice", "exist_ok": "False"}, NEW_PROJECT, True),
    ("project.edit", ON, "PUT /project/edit/alice/hello", NAMED, {**PROJECT, "repos": None}, True),
    ("project.delete", ON, "DELETE /project/delete/alice/hello", NAMED, {"verify": True}, True),
    ("project.fork", (*ON, "@devs", "copy"), "POST /project/fork/alice/hello", NAMED,
     {"name": "copy", "ownername": "@devs", "confirm": False}, True),
    ("project.regenerate_repos", ON, "PUT /project/regenerate-repos/alice/hello", NAMED, None, True),
    ("project.can_build_in", ("bob", *ON), "GET /project/permissions/can_build_in/bob/alice/hello",
     {"who": "bob", **NAMED}, None, True),
    ("project.get_permissions", ON, "GET /project/permissions/get/alice/hello", NAMED, None, True),
    ("project.set_permissions", (*ON, {"bob": {"builder": "approved"}}),
     "PUT /project/permissions/set/alice/hello", NAMED, {"bob": {"builder": "approved"}}, True),
    ("project.request_permissions", (*ON, {"builder": True}),
     "PUT /project/permissions/request/alice/hello", NAMED, {"builder": True}, True),
    ("build.get", (13,), "GET /build/13", {}, None, False),
    ("build.get_source_chroot", (13,), "GET /build/source-chroot/13", {}, None, False),
    ("build.get_source_build_config", (13,), "GET /build/source-build-config/13", {}, None, False),
    ("build.get_built_packages", (13,), "GET /build/built-packages/13", {}, None, False),
    ("build.get_list", (*ON, "p", "failed", {"limit": 2}), "GET /build/list",
     {**NAMED, "packagename": "p", "status": "failed", "limit": "2"}, None, False),
    ("build.cancel", (13,), "PUT /build/cancel/13", {}, None, True),
    ("build.delete", (13,), "DELETE /build/delete/13", {}, None, True),
    ("build.delete_list", ([13, 14],), "DELETE /build/delete/list", {}, {"builds": [13, 14]}, True),
    ("build.create_from_urls", (*ON, ["u", "v"], {"timeout": 5}), "POST /build/create/url", {},
     {**UPLOADED, "pkgs": ["u", "v"], "timeout": 5}, True),
    ("build.create_from_file", (*ON, "FILE", {"background": True}), "POST /build/create/upload", {},
     {**UPLOADED, "background": True}, True),
    ("build.create_from_rpm_upload", (*ON, "FILE"), "POST /build/create/rpm-upload", {}, UPLOADED, True),
    ("build.create_from_scm", (*ON, "u"), "POST /build/create/scm", {}, {**UPLOADED, **SCM}, True),
    ("build.create_from_distgit", (*ON, "x"), "POST /build/create/distgit", {},
     {**UPLOADED, **DISTGIT}, True),
    ("build.create_from_pypi", (*ON, "x"), "POST /build/create/pypi", {}, {**UPLOADED, **PYPI}, True),
    ("build.create_from_rubygems", (*ON, "x"), "POST /build/create/rubygems", {},
     {**UPLOADED, "gem_name": "x"}, True),
    ("build.create_from_custom", (*ON, "s"), "POST /build/create/custom", {}, {**UPLOADED, **CUSTOM}, True),
    ("build.check_before_build", ON, "POST /build/check-before-build", {}, UPLOADED, True),
    ("package.get", (*ON, "p"), "GET /package", {**NAMED, "packagename": "p", **SWITCHED_OFF}, None, False),
    ("package.get_list", (*ON, {"order": "name"}, True), "GET /package/list",
     {**NAMED, **SWITCHED_OFF, "with_latest_build": "True", "order": "name"}, None, False),
    ("package.add", (*ON, "p", "rubygems", {"gem_name": "x"}), "POST /package/add/alice/hello/p/rubygems",
     {**NAMED, "package_name": "p", "source_type_text": "rubygems"},
     {"package_name": "p", "gem_name": "x"}, True),
    ("package.edit", (*ON, "p", "scm", {"committish": "x"}), "POST /package/edit/alice/hello/p/scm",
     {**NAMED, "package_name": "p", "source_type_text": "scm"},
     {"package_name": "p", "committish": "x"}, True),
    ("package.reset", (*ON, "p"), "PUT /package/reset", {}, {**NAMED, "package_name": "p"}, True),
    ("package.build", (*ON, "p"), "POST /package/build", {}, {**UPLOADED, "package_name": "p"}, True),
    ("package.delete", (*ON, "p"), "DELETE /package/delete", {}, {**NAMED, "package_name": "p"}, True),
    ("mock_chroot.get_list", ({"limit": 1},), "GET /mock-chroots/list", {}, None, False),
    ("monitor.monitor", (*ON, "hello:pr:1", ["url_build", "url_build_log"]), "GET /monitor",
     {**NAMED, "project_dirname": "hello:pr:1", "additional_fields[]": ["url_build", "url_build_log"]},
     None, False),
    ("project_chroot.get", (*ON, "c"), "GET /project-chroot", {**NAMED, "chrootname": "c"}, None, False),
    ("project_chroot.get_build_config", (*ON, "c"), "GET /project-chroot/build-config",
     {**NAMED, "chrootname": "c"}, None, False),
    ("project_chroot.edit", (*ON, "c"), "PUT /project-chroot/edit/alice/hello/c",
     {**NAMED, "chrootname": "c"}, CHROOT_SETTINGS, True),
    ("build_chroot.get", (13, "c"), "GET /build-chroot", {"build_id": "13", "chrootname": "c"}, None, False),
    ("build_chroot.get_list", (13,), "GET /build-chroot/list", {"build_id": "13"}, None, False),
    ("build_chroot.get_build_config", (13, "c"), "GET /build-chroot/build-config",
     {"build_id": "13", "chrootname": "c"}, None, False),
    ("build_chroot.get_built_packages", (13, "c"), "GET /build-chroot/built-packages",
     {"build_id": "13", "chrootname": "c"}, None, False),
    ("webhook.generate", ON, "POST /webhook/generate/alice/hello", NAMED, None, True),
    ("module.build_from_url", (*ON, "u"), "POST /module/build/alice/hello", {}, MODULE, True),
    ("module.build_from_file", (*ON, "FILE"), "POST /module/build/alice/hello", {}, {"distgit": None}, True),
]  # fmt: skip

#: Parts of a multipart body before `json`: their name and content type.
PARTS = {
    "build.create_from_file": ("pkgs", "application/x-rpm"),
    "build.create_from_rpm_upload": ("pkgs", "application/x-rpm"),
    "module.build_from_file": ("modulemd", "application/x-rpm"),
    "project_chroot.edit": None,
}


def parts_of(headers, body):
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    return BytesParser().parsebytes(head + body).get_payload()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_a_method_sends_what_the_service_knows(stub, client, tmp_path, row):
    name, arguments, target, query, document, login = row
    file = tmp_path / "hello-1.0-1.src.rpm"
    file.write_bytes(b"content")
    arguments = [file if argument == "FILE" else argument for argument in arguments]
    proxy, method = name.split(".")
    listing = method in ("get_list", "search", "create_from_urls")
    stub.answers = [(200, {}, b'{"items": [], "meta": {}}' if listing else b'{"can_build_in": true}')]
    getattr(getattr(client, f"{proxy}_proxy"), method)(*arguments)

    [(http_method, path, headers, body)] = stub.requests
    parts = urlsplit(path)
    assert f"{http_method} {parts.path.removeprefix('/api_3')}" == target
    sent_query = {}
    for key, value in parse_qsl(parts.query):
        sent_query[key] = [*sent_query[key], value] if key in sent_query else value
        if key.endswith("[]") and not isinstance(sent_query[key], list):
            sent_query[key] = [value]
    assert sent_query == query
    assert ("Authorization" in headers) == login
    if name in PARTS:
        *uploads, described = parts_of(headers, body)
        assert described.get_filename() == described.get_param("name", header="Content-Disposition") == "json"
        assert described.get_content_type() == "application/json"
        assert json.loads(described.get_payload()) == document
        found = [
            (part.get_param("name", header="Content-Disposition"), part.get_content_type())
            for part in uploads
        ]
        assert found == ([PARTS[name]] if PARTS[name] else [])
    elif document is None:
        assert body == b""
        assert "Content-Type" not in headers
    else:
        assert headers["Content-Type"] == "application/json"
        assert json.loads(body) == document


#: Our methods that have no endpoint of their own.
OURS = {
    "auth_username",
    "cancel_list",
    "create_from_config_file",
    "create_from_url",
    "create_in_order",
    "download",
    "download_packages",
    "edit_chroots",
    "follow_log",
    "get_log",
    "get_many",
    "matching",
    "rebuild_failed",
}


def test_every_method_of_every_proxy_is_in_the_table():
    client = Client({"copr_url": "http://127.0.0.1"})
    shared = {"home", "auth_check", "new_api_token"}
    for name in [name for name in vars(client) if name.endswith("_proxy")]:
        proxy = getattr(client, name)
        methods = {
            each for each in dir(proxy) if callable(getattr(type(proxy), each, None)) and each[0] != "_"
        }
        expected = methods - OURS - (shared if name != "base_proxy" else set())
        assert expected == {row[0].split(".")[1] for row in TABLE if f"{row[0].split('.')[0]}_proxy" == name}
