"""Random requests to API v3 get a response, and never cause an internal error.

Schemathesis generates them from the service's own description. Half of the names and ids are replaced by
those of existing things, so that more requests get further than 404. Status 500 is correct only where the
real Copr frontend crashes (`v3.errors.Crash`). An unexpected error of our own code is in the log.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copr_local import LocalCopr

CHROOT = "fedora-45-x86_64"
CHECKS = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
THERE = {
    "ownername": ["local", "@team"],
    "projectname": ["hello"],
    "dirname": ["hello"],
    "packagename": ["hello"],
    "package_name": ["hello"],
    "chrootname": [CHROOT],
    "build_id": [1, 2],
    "builds": [[1], [1, 2]],
    "chroots": [[CHROOT]],
    "source_type_text": ["scm", "custom", "pypi", "distgit", "rubygems"],
    "who": ["local"],
    "name": ["hello", "fork"],
    "name_release": ["fedora-45"],
    "clone_url": ["https://example.com/hello.git"],
    "pkgs": [["https://example.com/hello-1-1.src.rpm"]],
}


@pytest.fixture(scope="module")
def copr(tmp_path_factory: pytest.TempPathFactory, api_class: Any) -> Iterator[LocalCopr]:
    """Start a local Copr with a project, a package and two builds."""
    with LocalCopr(tmp_path_factory.mktemp("fuzzed") / "data", chroots=[CHROOT], builders=0) as running:
        furnish(running, api_class)
        yield running


def furnish(copr: LocalCopr, api_class: Any) -> None:
    api = api_class(copr, copr.config["login"], copr.config["token"])
    api.call("POST", "/project/add/local", {"name": "hello", "chroots": [CHROOT]})
    source = {"package_name": "hello", "clone_url": "https://example.com/hello.git"}
    api.call("POST", "/package/add/local/hello/hello/scm", source)
    for _ in range(2):
        body = {"ownername": "local", "projectname": "hello", "package_name": "hello"}
        api.call("POST", "/package/build", body)


@pytest.fixture(scope="module")
def operations(copr: LocalCopr) -> Any:
    """Return every method of every path, as Schemathesis describes them."""
    described = schemathesis.openapi.from_wsgi("/api_3/swagger.json", copr.app)
    return [result.ok() for result in described.get_all_operations()]


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE"])
def test_no_request_finds_a_fault(
    verb: str, operations: Any, copr: LocalCopr, caplog: pytest.LogCaptureFixture
) -> None:
    login = f"{copr.config['login']}:{copr.config['token']}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(login).decode()}"}

    def check(case: Any, data: st.DataObject) -> None:
        caplog.clear()
        for part in (case.path_parameters, case.query, case.body):
            put_in_what_is_there(part, data)
        response = case.call(headers=headers)
        assert not caplog.records, "a fault is logged"
        if response.status_code >= 400:
            assert isinstance(response.json()["error"], str)

    mine = [each for each in operations if each.method.upper() == verb and each.path != "/api-token"]
    assert mine
    for operation in mine:
        CHECKS(given(case=operation.as_strategy(), data=st.data())(check))()


def put_in_what_is_there(part: Any, data: st.DataObject) -> None:
    """Replace some names and ids by those of existing things."""
    for name in sorted(part.keys() & THERE.keys()) if isinstance(part, dict) else ():
        if data.draw(st.booleans()):
            part[name] = data.draw(st.sampled_from(THERE[name]))
