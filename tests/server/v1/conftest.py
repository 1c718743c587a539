"""API v1 as its clients used it: requests are forms, responses are JSON."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from copr_local import LocalCopr


class V1:
    """Calls API v1 in-process, as one user or without a login; `project` is the path of local/hello."""

    project = "/coprs/local/hello"

    def __init__(self, copr: LocalCopr, config: dict[str, Any] | None = None) -> None:
        self._client = copr.app.test_client(use_cookies=False)
        self._headers = {}
        if config is not None:
            text = base64.b64encode(f"{config['login']}:{config['token']}".encode()).decode()
            self._headers["Authorization"] = f"Basic {text}"

    def raw(self, method: str, path: str, **kwargs: Any) -> Any:
        return self._client.open(f"/api{path}", method=method, headers=self._headers, **kwargs)

    def get(self, path: str, expect: int = 200, **query: Any) -> Any:
        response = self.raw("GET", path, query_string=query)
        assert response.status_code == expect, response.text
        return response.get_json()

    def post(self, path: str, fields: dict[str, Any] | None = None, expect: int = 200) -> Any:
        response = self.raw("POST", path, data=fields or {})
        assert response.status_code == expect, response.text
        return response.get_json()

    def error(self, path: str, fields: dict[str, Any] | None = None, expect: int = 500) -> Any:
        """Return the error text of a POST request."""
        answer = self.post(path, fields, expect)
        assert answer["output"] == "notok"
        return answer["error"]

    def add(self, name: str = "hello", owner: str = "local", **fields: str) -> Any:
        chroots = {"fedora-45-x86_64": "y", "fedora-45-aarch64": "y"}
        return self.post(f"/coprs/{owner}/new/", {"name": name, **chroots, **fields})

    def build(self, address: str = "http://example.org/hello-1.0-1.src.rpm", **fields: str) -> int:
        """Submit a build and return its id."""
        (build_id,) = self.post(f"{self.project}/new_build/", {"pkgs": address, **fields})["ids"]
        return build_id


@pytest.fixture
def v1(copr: LocalCopr) -> V1:
    """Return API v1 as the first user, `local`, who has the project `hello`."""
    calls = V1(copr, copr.config)
    calls.add()
    return calls


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[V1]:
    """Return API v1 of a service without builders, with the package `pello`, for requests that only read."""
    chroots = ["fedora-45-x86_64", "fedora-45-aarch64", "epel-10-x86_64"]
    with LocalCopr(tmp_path_factory.mktemp("still") / "data", chroots=chroots, builders=0) as copr:
        calls = V1(copr, copr.config)
        calls.add()
        fields = {"package_name": "pello", "pypi_package_name": "pello"}
        calls.post(f"{calls.project}/package/add/pypi/", fields)
        yield calls


@pytest.fixture
def v1_of(copr: LocalCopr) -> Callable[..., V1]:
    """Add a user and return API v1 as that user; without a name, API v1 without a login."""

    def add(name: str | None = None, **kwargs: Any) -> V1:
        return V1(copr, None if name is None else copr.add_user(name, **kwargs))

    return add
