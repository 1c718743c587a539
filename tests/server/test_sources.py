"""Builds from every type of source over API v3: what is accepted, and what the builders get."""

from __future__ import annotations

import io
import json
import signal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copr_local import LocalCopr
from copr_local.rules import checks, sources
from copr_local.rules.errors import Invalid

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"
PROJECT = {"ownername": "local", "projectname": "hello"}
FEDORA = "https://src.fedoraproject.org"

SCM = {
    "type": "git",
    "clone_url": "https://example.com/hello.git",
    "subdirectory": "",
    "committish": "",
    "spec": "",
    "srpm_build_method": "rpkg",
}
PYPI = {
    "pypi_package_name": "requests",
    "pypi_package_version": None,
    "spec_generator": "pyp2spec",
    "spec_template": "",
    "python_versions": [],
}
CUSTOM = {
    "script": "#!/bin/sh\ntrue\n",
    "chroot": "fedora-latest-x86_64",
    "builddeps": None,
    "resultdir": None,
    "repos": "",
}

# source type, fields of the request, parameters for the builder
SUBMISSIONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("scm", {"clone_url": SCM["clone_url"]}, SCM),
    (
        "scm",
        {
            "clone_url": "https://example.com/svn",
            "scm_type": "svn",
            "committish": "17",
            "subdirectory": "trunk",
            "spec": "rpm/hello.spec",
            "source_build_method": "make_srpm",
        },
        {
            "type": "svn",
            "clone_url": "https://example.com/svn",
            "subdirectory": "trunk",
            "committish": "17",
            "spec": "rpm/hello.spec",
            "srpm_build_method": "make_srpm",
        },
    ),
    ("pypi", {"pypi_package_name": "requests"}, PYPI),
    (
        "pypi",
        {
            "pypi_package_name": "requests",
            "pypi_package_version": "2.31.0",
            "spec_generator": "pyp2rpm",
            "spec_template": "fedora",
            "python_versions": [3, 2],
        },
        {
            "pypi_package_name": "requests",
            "pypi_package_version": "2.31.0",
            "spec_generator": "pyp2rpm",
            "spec_template": "fedora",
            "python_versions": ["3", "2"],
        },
    ),
    ("rubygems", {"gem_name": "rake"}, {"gem_name": "rake"}),
    ("custom", {"script": CUSTOM["script"]}, CUSTOM),
    (
        "custom",
        {
            "script": "#!/bin/sh\r\ntrue\r\n",
            "chroot": ARM,
            "builddeps": ["git", "make"],
            "resultdir": "out",
            "repos": "https://example.com/a/ https://example.com/b/",
        },
        {
            "script": "#!/bin/sh\ntrue\n",
            "chroot": ARM,
            "builddeps": "git make",
            "resultdir": "out",
            "repos": "https://example.com/a/ https://example.com/b/",
        },
    ),
    (
        "distgit",
        {"package_name": "hello"},
        {"clone_url": f"{FEDORA}/rpms/hello", "distgit": "fedora"},
    ),
    (
        "distgit",
        {"package_name": "hello", "distgit": "fedora", "namespace": "forks/alice", "committish": "f45"},
        {
            "clone_url": f"{FEDORA}/forks/alice/rpms/hello",
            "distgit": "fedora",
            "namespace": "forks/alice",
            "committish": "f45",
        },
    ),
]


@pytest.fixture(autouse=True)
def project(api: Any) -> Any:
    return api.project()


def create(api: Any, kind: str, fields: Any, *, expect: int = 200, **options: Any) -> Any:
    return api.call("POST", f"/build/create/{kind}", {**PROJECT, **fields, **options}, expect=expect)


def ready(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a build: the chroot of a script is resolved."""
    return {name: X86 if value == "fedora-latest-x86_64" else value for name, value in parameters.items()}


def of_build(kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of a build without a package: dist-git has only a URL, PyPI a Python version."""
    if kind == "distgit":
        return {name: value for name, value in parameters.items() if name not in {"distgit", "namespace"}}
    if kind == "pypi":
        return {**parameters, "python_versions": parameters["python_versions"] or ["3"]}
    return ready(parameters)


def test_builders_are_told_what_was_submitted(api: Any, script: Any) -> None:
    script.hold()
    for kind, fields, parameters in SUBMISSIONS:
        made = create(api, kind, fields)
        assert (made["state"], made["chroots"]) == ("pending", [])
        assert made["source_package"] == {"name": None, "url": None, "version": None}
        config = api.get(f"/build/source-build-config/{made['id']}")
        assert (config["source_type"], config["source_dict"]) == (kind, of_build(kind, parameters))


def test_a_package_and_its_rebuild_have_the_same_parameters(api: Any, script: Any) -> None:
    script.hold()
    for number, (kind, fields, parameters) in enumerate(SUBMISSIONS):
        name = fields.get("package_name", f"package-{number}") + "-" * number
        expected = dict(parameters)
        if kind == "distgit":  # the name of the package is used here
            expected["clone_url"] = expected["clone_url"].replace("hello", name)
        body = {**fields, "package_name": name}
        package = api.call("POST", f"/package/add/local/hello/{name}/{kind}", body)
        assert package["source_dict"] == {
            "source_build_method" if name == "srpm_build_method" else name: value
            for name, value in expected.items()
        }
        build = api.call("POST", "/package/build", {**PROJECT, "package_name": name})
        assert api.get(f"/build/source-build-config/{build['id']}")["source_dict"] == ready(expected)


def test_packages_of_scripts_have_names_of_their_own_for_the_fields(api: Any) -> None:
    fields = {"script_chroot": ARM, "script_builddeps": "git", "script_resultdir": "out"}
    body = {"package_name": "hello", "script": "true", **fields, "script_repos": "https://example.com/"}
    source = api.call("POST", "/package/add/local/hello/hello/custom", body)["source_dict"]
    assert source == {
        "script": "true\n",
        "chroot": ARM,
        "builddeps": "git",
        "resultdir": "out",
        "repos": "https://example.com/",
    }


# source type, fields of the request, text of the error
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("scm", {}, "{'clone_url': ['This field is required.']}"),
    ("scm", {"clone_url": "nope"}, "{'clone_url': ['Invalid URL.']}"),
    (
        "scm",
        {"clone_url": "https://example.com/", "scm_type": "cvs", "source_build_method": "", "spec": "x"},
        "{'scm_type': ['Not a valid choice.'], 'spec': ['RPM spec file must end with .spec'],"
        " 'srpm_build_method': ['Not a valid choice.']}",
    ),
    (
        "pypi",
        {"pypi_package_name": "", "spec_generator": "nope", "spec_template": "nope"},
        "{'pypi_package_name': ['This field is required.'], 'spec_generator': ['Not a valid choice.'],"
        " 'spec_template': ['Not a valid choice.']}",
    ),
    ("rubygems", {"gem_name": ""}, "{'gem_name': ['This field is required.']}"),
    ("custom", {"script": "true", "chroot": "nope"}, "{'chroot': ['Not a valid choice.']}"),
    ("custom", {"script": "x" * 4097}, "{'script': ['Maximum script size is 4kB']}"),
    (
        "custom",
        {"script": "true", "repos": "nope"},
        "{'repos': [\"A list of http[s] URLs separated by whitespace characters is needed"
        " ('nope' doesn't seem to be a valid URL).\"]}",
    ),
    (
        "distgit",
        {},
        "{'package_name': ['Please enter a valid package name in ^[-+_.a-zA-Z0-9]+$']}",
    ),
    (
        "distgit",
        {"package_name": "hello", "distgit": "nope"},
        "{'distgit': ['Not a valid choice.', 'DistGit ID must be one of: fedora']}",
    ),
    (
        "rubygems",
        {"chroots": ["nope"], "timeout": -1},
        "{'gem_name': ['This field is required.'], 'timeout': ['Number must be between 0 and 108000.'],"
        " 'chroots': [\"'nope' is not a valid choice for this field.\"]}",
    ),
]


def test_wrong_fields_are_named(api: Any) -> None:
    for kind, fields, errors in WRONG:
        assert create(api, kind, fields, expect=400)["error"] == f"Bad request parameters: {errors}"


GIT, PACKAGE = {"clone_url": SCM["clone_url"]}, {"pypi_package_name": "requests"}
# source type, required fields, field of the request, parameter for the builder, all choices of the real Copr
CHOICES: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("scm", GIT, "scm_type", "type", "git svn"),
    ("scm", GIT, "source_build_method", "srpm_build_method", "rpkg tito tito_test make_srpm packit"),
    ("pypi", PACKAGE, "spec_generator", "spec_generator", "pyp2spec pyp2rpm"),
    ("pypi", PACKAGE, "spec_template", "spec_template", "fedora epel7 mageia pld"),
]


@pytest.mark.parametrize(
    ("kind", "required", "field", "parameter", "choices"), CHOICES, ids=[each[2] for each in CHOICES]
)
def test_every_choice_of_a_field_is_accepted(
    kind: str, required: dict[str, Any], field: str, parameter: str, choices: str, api: Any, script: Any
) -> None:
    script.hold()
    for choice in choices.split():
        made = create(api, kind, {**required, field: choice})
        config = api.get(f"/build/source-build-config/{made['id']}")
        assert config["source_dict"][parameter] == choice


def test_options_are_those_of_any_build(api: Any, script: Any) -> None:
    script.hold()
    for kind, fields, _ in SUBMISSIONS:
        made = create(api, kind, fields, chroots=[X86], background=True, project_dirname="hello:custom:x")
        assert (made["chroots"], made["is_background"]) == ([X86], True)
        assert made["project_dirname"] == "hello:custom:x"
        assert create(api, kind, fields, exclude_chroots=[X86])["chroots"] == [ARM]
        assert create(api, kind, fields, after_build_id=made["id"])["state"] == "pending"
        error = create(api, kind, fields, with_build_id=99, expect=400)["error"]
        assert error == "Bad request parameters: {'with_build_id': ['Build 99 not found']}"


def test_only_who_may_build_may_submit(log_in: Any, anonymous: Any) -> None:
    bob = log_in("bob")
    for kind, fields, _ in SUBMISSIONS:
        error = create(bob, kind, fields, expect=403)["error"]
        assert error == "User bob is not allowed to build in the copr: local/hello"
        assert create(anonymous, kind, fields, expect=401)["output"] == "notok"
        assert create(bob, kind, {**fields, "projectname": "nope"}, expect=404)


def test_the_package_of_a_build_gets_its_source(api: Any) -> None:
    made = create(api, "rubygems", {"gem_name": "rake"})
    api.wait(made["id"])
    package = api.get("/package", **PROJECT, packagename="rake")
    assert (package["source_type"], package["source_dict"]) == ("rubygems", {"gem_name": "rake"})
    rebuilt = api.call("POST", "/package/build", {**PROJECT, "package_name": "rake"})
    assert api.wait(rebuilt["id"])["state"] == "succeeded"


def test_scripts_run_in_a_chroot_on_offer_or_in_the_newest_fedora(api: Any, script: Any) -> None:
    script.hold()
    for chroot in (X86, "epel-10-x86_64", "fedora-latest-x86_64", "fedora-latest-aarch64"):
        assert create(api, "custom", {"script": "true", "chroot": chroot})
    create(api, "custom", {"script": "true", "chroot": "fedora-latest-s390x"}, expect=400)


def test_a_script_needs_no_chroot_on_offer_for_its_own(tmp_path: Any, api_of: Any) -> None:
    with LocalCopr(tmp_path / "arm", chroots=[ARM], builders=0) as copr:
        api = api_of(copr)
        api.project(chroots=[ARM])
        made = create(api, "custom", {"script": "true"})
        source = api.get(f"/build/source-build-config/{made['id']}")["source_dict"]
    assert source["chroot"] == "fedora-latest-x86_64"


def test_dist_gits_are_named_when_the_service_starts(tmp_path: Any, api_of: Any, script: Any) -> None:
    script.hold()
    known = {"mine": "http://127.0.0.1:1/git/", "fedora": FEDORA}
    with LocalCopr(tmp_path / "mine", chroots=[X86], distgits=known, builder=script.builder()) as copr:
        api = api_of(copr)
        api.project(chroots=[X86])
        made = [
            create(api, "distgit", {"package_name": "a", "distgit": name})["id"] for name in (None, *known)
        ]
        urls = [api.get(f"/build/source-build-config/{build}")["source_dict"]["clone_url"] for build in made]
        script.release()
    mine = "http://127.0.0.1:1/git/rpms/a"
    assert urls == [mine, mine, f"{FEDORA}/rpms/a"]


def test_the_data_folder_keeps_the_dist_gits_of_the_command_line(tmp_path: Any, serve: Any) -> None:
    arguments = ("--data", str(tmp_path), "--port", "0", "--builders", "0")
    for more in (("--distgit", "mine=http://127.0.0.1:1/git"), ()):
        service = serve(*arguments, *more).ready()
        api = service.api()
        owner, name = api.get("/auth-check")["name"], f"hello{len(more)}"
        api.call("POST", f"/project/add/{owner}", {"name": name, "chroots": ["fedora-45-x86_64"]})
        body = {"ownername": owner, "projectname": name, "package_name": "a"}
        made = api.call("POST", "/build/create/distgit", body)
        config = api.get(f"/build/source-build-config/{made['id']}")
        assert config["source_dict"]["clone_url"] == "http://127.0.0.1:1/git/rpms/a"
        assert service.end(signal.SIGTERM)[0] == 0


BINARY, SOURCE = b"\xed\xab\xee\xdb\x03\x00\x00\x00", b"\xed\xab\xee\xdb\x03\x00\x00\x01"


def upload_rpm(api: Any, name: str, content: bytes = BINARY, *, expect: int = 200, **options: Any) -> Any:
    data = {
        "pkgs": (io.BytesIO(content), name, "application/x-rpm"),
        "json": (io.BytesIO(json.dumps({**PROJECT, **options}).encode()), "json", "application/json"),
    }
    response = api.raw("POST", "/build/create/rpm-upload", data=data)
    assert response.status_code == expect, response.text
    return response.get_json()


def test_a_binary_rpm_is_handed_to_the_builders_as_it_is(api: Any, script: Any, copr: LocalCopr) -> None:
    script.hold()
    made = upload_rpm(api, "hello-1.0-1.noarch.rpm", chroots=[X86])
    config = api.get(f"/build/source-build-config/{made['id']}")
    assert config["source_type"] == "rpm_upload"
    source = config["source_dict"]
    assert source["pkg"] == "hello-1.0-1.noarch.rpm"
    assert source["url"] == f"{copr.url}/tmp/{source['tmp']}/hello-1.0-1.noarch.rpm"
    assert (copr.data / "tmp" / source["tmp"] / source["pkg"]).read_bytes() == BINARY


def test_other_files_are_no_binary_rpms(api: Any, copr: LocalCopr) -> None:
    only = "You can upload only .rpm files here, and no source RPMs"
    source = "The file is a source RPM, although its name says otherwise: submit it as a source RPM"
    for name, content, text in (
        ("hello-1.0-1.src.rpm", BINARY, only),
        ("hello-1.0-1.nosrc.rpm", BINARY, only),
        ("hello.spec", BINARY, only),
        ("hello.deb", BINARY, only),
        ("hello-1.0-1.noarch.rpm", SOURCE, source),
        ("hello-1.0-1.noarch.rpm", b"", "The file is not an RPM"),
        ("hello-1.0-1.noarch.rpm", b"PK\x03\x04 and more", "The file is not an RPM"),
    ):
        error = upload_rpm(api, name, content, expect=400)["error"]
        assert error == f"Bad request parameters: {{'pkgs': ['{text}']}}"
        assert list((copr.data / "tmp").iterdir()) == []


def test_any_scheme_with_a_host_can_be_cloned_from_unless_a_secret_is_in_it() -> None:
    for address in ("http://localhost/x.git", "git://a.b/x", "ssh://a.b:22/x", "https://[::1]:8080/x?y=z"):
        checks.clone_address(address)
    for address in ("x", "file:///x", "https://", "https:///x", "https://me:secret@a.b/x", "-u://x y"):
        with pytest.raises(Invalid, match=r"^Invalid URL\.$"):
            checks.clone_address(address)


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    committish=TEXT,
    subdirectory=TEXT,
    spec=TEXT.map(lambda name: f"{name}.spec"),
    method=st.sampled_from(sources.SCM_METHODS),
    kind=st.sampled_from(sources.SCM_TYPES),
)
def test_an_edit_that_names_nothing_changes_nothing(
    api: Any, committish: str, subdirectory: str, spec: str, method: str, kind: str
) -> None:
    path = "/package/edit/local/hello/hello/scm"
    named = {"package_name": "hello"}
    if api.raw("GET", "/package", query_string={**PROJECT, "packagename": "hello"}).status_code == 404:
        url = {"clone_url": "https://example.com/x"}
        api.call("POST", "/package/add/local/hello/hello/scm", {**named, **url})
    fields = {"committish": committish, "subdirectory": subdirectory, "spec": spec}
    whole = {**fields, "source_build_method": method, "scm_type": kind}
    before = api.call("POST", path, {**named, **whole})
    assert {name: before["source_dict"][name] for name in fields} == fields
    assert api.call("POST", path, named) == before
