"""Random requests to API v3 get a response, and never cause an internal error.

Schemathesis generates them from the service's own description. Half of the names and ids are replaced by
those of existing things, so that more requests get further than 404. Status 500 is correct only where the
real Copr frontend crashes (`v3.errors.Crash`). An unexpected error of our own code is in the log.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copr_local import LocalCopr

CHROOT = "fedora-45-x86_64"
MORE = os.environ.get("COPR_FUZZ")  # `tests/fuzz` asks for so many requests, which are new each time
CHECKS = settings(
    max_examples=int(MORE or 10),
    deadline=None,
    derandomize=not MORE,
    suppress_health_check=list(HealthCheck),
)
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
# For `tests/fuzz`: values that are long, or that are many. The service has a limit for each of them.
LONG = "x" * 100_001
MUCH = {
    "description": [LONG],
    "script": [LONG],
    "homepage": [f"https://example.com/{LONG}"],
    "query": ["a%b " * 50, LONG],
    "additional_repos": [[f"https://example.com/{number}" for number in range(1001)]],
    "runtime_dependencies": [" ".join(["https://example.com/"] * 1001)],
    "chroots": [[CHROOT] * 1001],
    "builds": [list(range(20_000))],
    "pkgs": [["https://example.com/hello-1-1.src.rpm"] * 1001],
    "packagename": [LONG],
    "limit": [2**63, 10**30],
    "offset": [2**63, 10**30],
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
    """Replace some names and ids by those of existing things, and some values by very large ones."""
    for values in (THERE, MUCH if MORE else {}) if isinstance(part, dict) else ():
        for name in sorted(part.keys() & values.keys()):
            if data.draw(st.booleans() if values is THERE else st.integers(0, 4).map(lambda n: n == 4)):
                part[name] = data.draw(st.sampled_from(values[name]))
