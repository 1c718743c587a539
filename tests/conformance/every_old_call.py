"""A program for the clients of API v1 and v2: it calls methods against a server that records the requests.

It reads calls as JSON: the kind of object, the method, its arguments, and the fields that are set before. For
null it makes them itself, with many values for each parameter. It prints each call with the requests that
were sent, or with the class of the exception.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import sys
import tempfile
import warnings
from pathlib import Path

from recorder import recording

from copr.client import CoprClient
from copr.client_v2.client import CoprClient as Client2

FILE = "FOLDER/hello-1.0-1.src.rpm"
GIT = "http://example.test/a.git"
CHROOT = "fedora-31-x86_64"

#: Arguments that every call of API v1 gets, if the method needs them.
V1_REQUIRED = {
    "projectname": "hello",
    "coprname": "hello",
    "copr": "hello",
    "username": "alice",
    "ownername": "alice",
    "owner": "alice",
    "name": "hello",
    "stream": "s",
    "version": 5,
    "arch": "x86_64",
    "chroots": [CHROOT],
    "chrootname": CHROOT,
    "build_id": 5,
    "pkgs": ["http://example.test/a.src.rpm"],
    "package_name": "hello",
    "pkg_name": "hello",
    "clone_url": GIT,
    "git_url": GIT,
    "scm_url": GIT,
    "scm_type": "git",
    "scm_branch": "b",
    "spec": "a.spec",
    "script": "#!/bin/sh",
    "gem_name": "hello",
    "pypi_package_name": "hello",
    "pypi_package_version": "1",
    "source": "bob/hello",
    "project": "alice/hello",
    "chroot": CHROOT,
    "query": "hello",
    "modulemd": "http://example.test/a.git?#5",
    "data": {"gem_name": "hello"},
    "api_endpoint": "new_build_rubygems",
    "request_url": "URL/api/coprs/alice/hello/package/hello/edit/rubygems/",
}

TEXTS = ("a b+c", "\u00fc~%&=/?#")
LISTS = (None, [], ["a", "b"])
VALUES = (None, False, True, "", "a b+\u00fc&", ["a", "b"])

#: Values of parameters of API v1 that are not texts or switches.
V1_OTHERS = {
    "pkgs": ([FILE], ["http://example.test/a", "http://example.test/b"]),
    "upload_comps": (FILE,),
    "chroots": LISTS,
    "python_versions": ([3], [3, 2], [], ["3"]),
    "timeout": (None, False, True, "", 5, "5"),
    "memory": (None, False, True, "", 5, "5"),
    "repos": (*LISTS, "a b"),
    "packages": (*LISTS, "a b"),
    "initial_pkgs": (*LISTS, "a b"),
    "modulemd": ({"opened": FILE},),
    "data": ({}, {"a": None, "b": "", "c": False}),
    "request_url": (),
}

#: They send nothing, or are no part of a request.
WITHOUT_REQUESTS = (
    "create_from_file_config",
    "get_package_add_url",
    "get_package_edit_url",
    "get_package_delete_url",
)
NO_PARTS = ("progress_callback", "fetch_functor")

#: Objects of client v2, and their methods: arguments, and values of each parameter, or of each field.
V2 = {
    "projects": {
        "get_one": ({"project_id": 5}, {"project_id": ("5",)}),
        "get_list": (
            {},
            {
                "search_query": VALUES[:5],
                "owner": (None, "alice", "@devs", "a b"),
                "name": VALUES[:5],
                "limit": (None, 0, 5, "5"),
                "offset": (None, 0, 5),
            },
        ),
        "create": (
            {"name": "hello", "owner": "alice", "chroots": [CHROOT]},
            {
                "name": ("\u00fc b",),
                "owner": ("@devs",),
                "chroots": ([], [CHROOT, "a"]),
                "description": (None, "", "\u00fc d"),
                "instructions": (None, "", "i"),
                "homepage": (None, "http://example.test/"),
                "contact": (None, "", "c@example.test"),
                "disable_createrepo": (None, False, True),
                "build_enable_net": (None, False, True),
                "repos": LISTS,
            },
        ),
        "delete": ({"project_id": 5}, {}),
    },
    "builds": {
        "get_one": ({"build_id": 5}, {}),
        "get_list": (
            {},
            {
                "project_id": (None, 5),
                "owner": VALUES[:5],
                "limit": (None, 0, 5),
                "offset": (None, 0, 5),
            },
        ),
        "delete": ({"build_id": 5}, {}),
        "create_from_url": (
            {"project_id": 5, "srpm_url": "http://example.test/a.src.rpm"},
            {"project_id": ("5",), "srpm_url": TEXTS, "chroots": LISTS, "enable_net": (False, True, None, 0)},
        ),
        "create_from_file": (
            {"project_id": 5, "file_path": FILE},
            {"project_id": ("5",), "chroots": LISTS, "enable_net": (False, True, None, 0)},
        ),
    },
    "build_tasks": {
        "get_one": ({"build_id": 5, "chroot_name": CHROOT}, {"chroot_name": ("a b",)}),
        "get_list": (
            {},
            {
                "owner": (None, "", "alice"),
                "project_id": (None, 5),
                "build_id": (None, 5),
                "state": (None, "failed"),
                "offset": (None, 0, 5),
                "limit": (None, 0, 5),
            },
        ),
    },
    "mock_chroots": {
        "get_one": ({"name": CHROOT}, {"name": ("a b",)}),
        "get_list": ({}, {"active_only": (None, False, True)}),
    },
    "project": {
        "update": (
            {},
            {
                "description": ("", "\u00fc", None),
                "instructions": ("i",),
                "homepage": (None, "http://example.test/"),
                "contact": (None, "c"),
                "disable_createrepo": (True, None),
                "build_enable_net": (False, None),
                "repos": ([], ["a", "b"]),
            },
        ),
        "delete": ({}, {}),
        "get_self": ({}, {}),
        "get_builds": ({}, {"limit": (5,), "offset": (5,)}),
        "get_build_tasks": ({}, {"state": ("failed",), "limit": (5,)}),
        "get_project_chroot": ({"name": CHROOT}, {}),
        "get_project_chroot_list": ({}, {}),
        "enable_project_chroot": ({"name": CHROOT}, {}),
        "create_build_from_url": (
            {"srpm_url": "http://example.test/a.src.rpm"},
            {"chroots": LISTS, "enable_net": (False, True)},
        ),
        "create_build_from_file": (
            {"file_path": FILE},
            {"chroots": LISTS, "enable_net": (False, True)},
        ),
    },
    "project, for an open file": {
        "create_build_from_file": ({"file_obj": {"opened": FILE}, "file_name": "\u00fc b.src.rpm"}, {}),
    },
    "chroot": {
        "update": (
            {},
            {"buildroot_pkgs": ([], ["a", "b"]), "comps": (None, "<comps/>"), "comps_name": ("c",)},
        ),
        "disable": ({}, {}),
    },
    "build": {
        "get_self": ({}, {}),
        "cancel": ({}, {}),
        "delete": ({}, {}),
        "get_build_tasks": ({}, {"limit": (5,)}),
    },
    "build task": {"get_self": ({}, {})},
    "list of projects": {"next_page": ({}, {})},
    "list of builds": {"next_page": ({}, {})},
    "list of chroots": {"enable": ({"name": CHROOT}, {})},
}

#: How each object is made, of the client.
OBJECTS = {
    "projects": lambda client: client.projects,
    "builds": lambda client: client.builds,
    "build_tasks": lambda client: client.build_tasks,
    "mock_chroots": lambda client: client.mock_chroots,
    "project": lambda client: client.projects.get_one(5),
    "project, for an open file": lambda client: client.projects.get_one(5),
    "chroot": lambda client: client.projects.get_one(5).get_project_chroot(CHROOT),
    "build": lambda client: client.builds.get_one(5),
    "build task": lambda client: client.build_tasks.get_one(5, CHROOT),
    "list of projects": lambda client: client.projects.get_list(owner="alice", limit=1),
    "list of builds": lambda client: client.builds.get_list(project_id=5, limit=1, offset=2),
    "list of chroots": lambda client: client.projects.get_one(5).get_project_chroot_list(),
}


def v1_answer(method, path):
    """Return one response that has the fields which every method of API v1 reads."""
    texts = ("project", "owner", "status", "message", "src_pkg", "buildroot_pkgs", "results")
    records = ("detail", "chroot", "chroots", "package", "build_config")
    fields = {
        "output": "ok",
        "ids": [5],
        "repos": [],
        "packages": [],
        **dict.fromkeys(texts, "x"),
        **{name: {} for name in records},
    }
    return 200, {"Content-Type": "application/json"}, json.dumps(fields).encode()


def v2_answer(method, path):
    """Return what API v2 responds: a resource, or the list of one, as the path asks for."""
    parts = path.partition("?")[0].strip("/").split("/")[1:]
    kinds = {"projects": "project", "builds": "build", "build_tasks": "build_task"}
    kind = "chroot" if "chroots" in parts else kinds.get("".join(parts[:1]), "chroot")
    headers = {"Content-Type": "application/json", "Location": f"{path}/7"}
    if method != "GET":
        status = {"POST": 201, "PUT": 201 if kind == "build" else 204}.get(method, 204)
        return status, headers, b"" if status == 204 else b"{}"
    document = _individual(kind)
    if not parts:
        names = (*kinds, "mock_chroots")
        document = {"_links": {name: {"href": f"/api_2/{name}"} for name in names}}
    elif parts[-1] in (*kinds, "mock_chroots", "chroots"):
        document = {f"{kind}s": [document], "_links": {"self": {"href": path}}}
    return 200, headers, json.dumps(document).encode()


def _individual(kind):
    fields = {
        "project": {
            "id": 5,
            "name": "hello",
            "owner": "alice",
            "group": None,
            "description": "d",
            "instructions": "i",
            "homepage": "http://example.test/",
            "contact": None,
            "disable_createrepo": False,
            "build_enable_net": True,
            "last_modified": None,
            "repos": ["r"],
        },
        "build": {"id": 5, "state": "running", "submitted_on": 5},
        "build_task": {"build_id": 5, "chroot_name": CHROOT, "state": "running"},
        "chroot": {
            "name": CHROOT,
            "buildroot_pkgs": ["a"],
            "comps": None,
            "comps_name": None,
        },
    }[kind]
    names = ("builds", "chroots", "build_tasks", "project", "self", "parent_build")
    return {kind: fields, "_links": {name: {"href": f"/api_2/{kind}s/5/{name}"} for name in names}}


def v1_calls(client):
    """Return calls of every method of API v1."""
    for name, method in inspect.getmembers(client, inspect.ismethod):
        if name.startswith("_") or name in WITHOUT_REQUESTS:
            continue
        parameters = inspect.signature(method).parameters
        base = {
            each: V1_REQUIRED[each]
            for each, at in parameters.items()
            if at.default is inspect.Parameter.empty
        }
        yield ["v1", name, base, {}]
        for parameter, at in parameters.items():
            for value in () if parameter in NO_PARTS else _v1_values(parameter, base, at.default):
                yield ["v1", name, {**base, parameter: value}, {}]


def _v1_values(parameter, base, default):
    if parameter == "pkgs" and parameter not in base:
        return (*LISTS, "a b")
    if parameter in V1_OTHERS:
        return V1_OTHERS[parameter]
    if parameter in base:
        return TEXTS if isinstance(base[parameter], str) else ("5",)
    return (None, False, True) if isinstance(default, bool) else VALUES


def v2_calls():
    """Return calls of every method of client v2."""
    for kind, methods in V2.items():
        for name, (base, values) in methods.items():
            yield [kind, name, base, {}]
            for parameter, choice in values.items():
                for value in choice:
                    if name == "update":
                        yield [kind, name, base, {parameter: value}]
                    else:
                        yield [kind, name, {**base, parameter: value}, {}]


def carry_out(target, name, arguments, fields):
    """Set fields of an object and call one of its methods."""
    for field, value in fields.items():
        setattr(target, field, value)
    with contextlib.ExitStack() as stack:
        for parameter, value in arguments.items():
            if isinstance(value, dict) and "opened" in value:
                arguments[parameter] = stack.enter_context(open(value["opened"], "rb"))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        getattr(target, name)(**arguments)


def main():
    warnings.simplefilter("ignore")
    native = {"bridge": False} if "bridge" in inspect.signature(CoprClient).parameters else {}
    v1_url, v1_sent = recording(v1_answer)
    v2_url, v2_sent = recording(v2_answer)
    v1 = CoprClient("alice", "lo", "to", v1_url, **native)
    v2 = Client2.create_from_params(v2_url, "lo", "to", **native)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in (FILE, "FOLDER/\u00fc b.src.rpm"):
            Path(name.replace("FOLDER", folder)).write_text("a source RPM")
        for call in json.load(sys.stdin) or [*v1_calls(v1), *v2_calls()]:
            kind, name, arguments, fields = json.loads(
                json.dumps(call).replace("FOLDER", folder).replace("URL/", f"{v1_url}/")
            )
            target, sent = (v1, v1_sent) if kind == "v1" else (OBJECTS[kind](v2), v2_sent)
            sent.clear()
            try:
                carry_out(target, name, arguments, fields)
                outcome = list(sent)
            except Exception as error:
                outcome = list(sent) or type(error).__name__
            found.append([call, outcome])
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
