"""Names that other programs import and patch, beyond the documented API."""

from __future__ import annotations

import inspect
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from munch import Munch
from stub import paged

import copr.exceptions
import copr.v3
from copr.v3 import (
    BaseProxy,
    BuildProxy,
    Client,
    CoprException,
    CoprRequestException,
    CoprValidationException,
)
from copr.v3.auth.base import BaseAuth
from copr.v3.helpers import List, bind_proxy, for_all_methods
from copr.v3.pagination import all_pages, next_page, unlimited
from copr.v3.requests import DELETE, GET, POST, PUT, FileRequest, Request, handle_errors, munchify

#: Signatures of the released methods, as `inspect` shows them.
SIGNATURES = {
    "ProjectProxy.get": "(self, ownername, projectname)",
    "ProjectProxy.fork": "(self, ownername, projectname, dstownername, dstprojectname, confirm=False)",
    "ProjectProxy.can_build_in": "(self, who, ownername, projectname)",
    "ProjectProxy.search": "(self, query, pagination=None)",
    "BuildProxy.get_list": "(self, ownername, projectname, packagename=None, status=None, pagination=None)",
    "BuildProxy.create_from_urls": (
        "(self, ownername, projectname, urls, buildopts=None, project_dirname=None)"
    ),
    "BuildProxy.create_from_url": "(self, ownername, projectname, url, buildopts=None, project_dirname=None)",
    "BuildProxy.create_from_rpm_upload": (
        "(self, ownername, projectname, path, *, buildopts=None, project_dirname=None)"
    ),
    "BuildProxy.check_before_build": "(self, ownername, projectname, project_dirname=None, buildopts=None)",
    "BuildProxy.create_from_pypi": (
        "(self, ownername, projectname, pypi_package_name, pypi_package_version=None, spec_template='', "
        "python_versions=None, buildopts=None, project_dirname=None, spec_generator=None)"
    ),
    "BuildProxy.create_from_custom": (
        "(self, ownername, projectname, script, script_chroot=None, script_builddeps=None, "
        "script_resultdir=None, script_repos=None, buildopts=None, project_dirname=None)"
    ),
    "PackageProxy.get": (
        "(self, ownername, projectname, packagename, with_latest_build=False, "
        "with_latest_succeeded_build=False)"
    ),
    "MonitorProxy.monitor": "(self, ownername, projectname, project_dirname=None, additional_fields=None)",
    "ProjectChrootProxy.edit": (
        "(self, ownername, projectname, chrootname, additional_packages=None, additional_repos=None, "
        "additional_modules=None, comps=None, delete_comps=False, with_opts=None, without_opts=None, "
        "bootstrap=None, bootstrap_image=None, isolation=None, reset_fields=None)"
    ),
    "ModuleProxy.build_from_url": "(self, ownername, projectname, url, branch='master', distgit=None)",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_method_has_the_released_positions_and_keywords(name):
    kind, method = name.split(".")
    signature = inspect.signature(getattr(getattr(copr.v3, kind), method))
    bare = [each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()]
    shown = str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    assert shown == SIGNATURES[name]


def test_exceptions_are_the_same_classes_under_both_names():
    for name in copr.v3.exceptions.__all__:
        assert getattr(copr.v3.exceptions, name) is getattr(copr.exceptions, name)
    for old in ("CoprBuildException", "CoprUnknownResponseException", "CoprNoConfException"):
        assert issubclass(getattr(copr.exceptions, old), CoprException)


def test_an_exception_is_made_as_in_the_released_client():
    assert str(CoprException()) == "Unspecified error"
    error = CoprRequestException("No.", response=Munch(status_code=500))
    assert (error.result.error, error.result.__response__.status_code) == ("No.", 500)


def test_create_from_url_goes_through_create_from_urls(monkeypatch):
    proxy = BuildProxy({"copr_url": "http://127.0.0.1"})
    monkeypatch.setattr(BuildProxy, "create_from_urls", lambda self, *args: [args])
    assert proxy.create_from_url("alice", "p", "http://x/a") == ("alice", "p", ["http://x/a"], None, None)


def test_several_urls_are_not_one():
    with pytest.raises(CoprValidationException, match="create_from_urls"):
        BuildProxy({"copr_url": "http://127.0.0.1"}).create_from_url("alice", "p", "http://x/a http://x/b")


def response(status, body):
    made = requests.Response()
    made.status_code = status
    made._content = body
    made.url = "http://service/api_3/build/5"
    return made


def test_a_response_of_ones_own_can_be_read():
    build = munchify(response(200, b'{"id": 5, "source_package": {"name": "x"}}'))
    assert build.source_package.name == "x"
    page = munchify(response(200, b'{"items": [{"id": 5}], "meta": {"limit": 1}}'))
    assert isinstance(page, List)
    assert page.meta.limit == 1
    assert handle_errors(response(200, b"{}")) is None
    with pytest.raises(CoprRequestException, match="No"):
        handle_errors(response(500, b'{"error": "No."}'))
    with pytest.raises(CoprException, match="GET http://service/api_3/build/5 was answered 504"):
        handle_errors(response(504, b"<html>"))


def test_a_request_of_ones_own_is_sent(stub, tmp_path):
    stub.answers = [(200, {}, b'{"id": 5}')]
    request = Request(api_base_url=f"{stub.url}/api_3/")
    assert munchify(request.send("/build/{build_id}/", params={"build_id": 5})).id == 5
    file = tmp_path / "x"
    file.write_text("content")
    with file.open("rb") as opened:
        for named in (str(file), opened):
            parts = {"pkgs": ("x", named, "text/plain")}
            FileRequest(files=parts, api_base_url=f"{stub.url}/api_3").send(
                "/build/create/upload", method="post", data={"a": 1}
            )
    assert stub.requests[0][1].startswith("/api_3/build/5")
    assert [method for method, *_ in stub.requests] == ["GET", "POST", "POST"]
    assert b"content" in stub.requests[1][3]
    assert b"content" in stub.requests[2][3]


def test_a_request_of_ones_own_gets_the_credentials_ready(stub):
    class Session(BaseAuth):
        def make_expensive(self):
            self.cookies = {"session": "word"}

    session = Session({"copr_url": stub.url})
    stub.answers = [(302, {"Location": "/elsewhere"}, b"")]
    with pytest.raises(CoprRequestException, match="302"):
        Request(api_base_url=f"{stub.url}/api_3").send("/auth-check", auth=session)
    assert [headers["Cookie"] for _, _, headers, _ in stub.requests] == ["session=word"]
    assert (GET, POST, PUT, DELETE) == ("GET", "POST", "PUT", "DELETE")


def test_proxies_of_ones_own_are_bound():
    def shout(method):
        return lambda self: method(self).upper()

    @for_all_methods(shout)
    class Mine:
        def name(self):
            return "mine"

    assert Mine().name() == "MINE"

    class Other(BaseProxy):
        @bind_proxy
        def get(self, build_id):
            return Munch(id=build_id)

    proxy = Other({"copr_url": "http://127.0.0.1"})
    assert proxy.get(5).__proxy__ is proxy


def test_the_pages_of_a_proxy_of_ones_own_go_on(stub):
    class Own(BaseProxy):
        @bind_proxy
        def get_list(self, **params):
            return munchify(self.request.send("/any/list", params=params, auth=self.auth))

    page = b'{"items": [{"id": %d}], "meta": {"limit": 1, "offset": %d}}'
    stub.answers = [
        (200, {}, page % (7, 0)),
        (200, {}, page % (6, 1)),
        (200, {}, b'{"items": [], "meta": {}}'),
    ]
    first = Own({"copr_url": stub.url, "login": "lo", "token": "to"}).get_list(name="hello", limit=1)
    second = next_page(first)
    assert [each.id for each in (*first, *second)] == [7, 6]
    assert next_page(second) == []
    asked = [parse_qs(urlsplit(path).query) for _, path, _, _ in stub.requests]
    assert asked[1] == {"name": ["hello"], "limit": ["1"], "offset": ["1"]}


def test_pages_follow_each_other_to_an_empty_one(stub, client):
    paged(stub, 7)
    page = client.build_proxy.get_list("o", "p", pagination={"limit": 3})
    seen = []
    while page:
        seen.append([build.id for build in page])
        page = next_page(page)
    assert seen == [[0, 1, 2], [3, 4, 5], [6]]
    assert isinstance(page, List)


@pytest.mark.parametrize("connections", [1, 4])
def test_everything_comes_in_order_and_knows_its_proxy(stub, client, connections):
    paged(stub, 2500)
    page = client.build_proxy.get_list("o", "p", pagination={"limit": 100})
    builds = list(unlimited(page, connections=connections))
    assert [build.id for build in builds] == list(range(2500))
    assert builds[-1].__proxy__ is client.build_proxy
    assert [build.id for build in all_pages(page)] == list(range(2500))
    assert stub.connections <= 2 * connections + 1


def test_a_listing_without_a_limit_has_no_next_page(stub, client):
    paged(stub, 7)
    page = client.build_proxy.get_list("o", "p")
    assert next_page(page) == []
    assert len(list(unlimited(page))) == 7


def test_an_iteration_may_be_left_early(stub, client):
    paged(stub, 1000)
    builds = unlimited(client.build_proxy.get_list("o", "p", pagination={"limit": 10}))
    assert next(builds).id == 0
    builds.close()
    assert len(stub.requests) < 10


def test_many_threads_share_a_client(stub):
    from concurrent.futures import ThreadPoolExecutor

    stub.answers = [(200, {}, b'{"id": 5}')]
    client = Client({"copr_url": stub.url})
    with ThreadPoolExecutor(16) as threads:
        assert all(build.id == 5 for build in threads.map(client.build_proxy.get, range(300)))
    assert stub.connections <= 16
