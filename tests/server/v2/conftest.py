"""API v2 as its clients used it: JSON with links."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from copr_local import LocalCopr


class V2:
    """Calls API v2 in-process, as one user or without a login."""

    def __init__(self, copr: LocalCopr, config: dict[str, Any] | None = None) -> None:
        self._client = copr.app.test_client(use_cookies=False)
        self._headers = {}
        if config is not None:
            text = base64.b64encode(f"{config['login']}:{config['token']}".encode()).decode()
            self._headers["Authorization"] = f"Basic {text}"

    def raw(self, method: str, path: str, **kwargs: Any) -> Any:
        return self._client.open(f"/api_2{path}", method=method, headers=self._headers, **kwargs)

    def get(self, path: str, expect: int = 200, **query: Any) -> Any:
        response = self.raw("GET", path, query_string=query)
        assert response.status_code == expect, response.text
        return response.get_json()

    def send(self, method: str, path: str, body: Any, expect: int) -> Any:
        response = self.raw(method, path, json=body)
        assert response.status_code == expect, response.text
        return response

    def error(self, method: str, path: str, body: Any, expect: int) -> str:
        """Return the message of an error."""
        text: str = self.send(method, path, body, expect).get_json()["message"]
        return text

    def make(self, path: str, body: Any) -> int:
        """Add something and return its id, which ends the URL in `Location`."""
        answer = self.send("POST", path, body, 201)
        assert answer.text == ""
        assert answer.headers["Location"].startswith(f"http://localhost/api_2{path}/")
        return int(answer.headers["Location"].rpartition("/")[2])

    def project(self, name: str = "hello", **members: Any) -> int:
        return self.make("/projects", {"name": name, "chroots": ["fedora-45-x86_64"], **members})

    def build(self, project_id: int, **members: Any) -> int:
        address = "http://example.org/hello-1.0-1.src.rpm"
        return self.make("/builds", {"project_id": project_id, "srpm_url": address, "chroots": [], **members})

    def upload(self, metadata: Any, name: str = "hello-2.0-1.src.rpm") -> Any:
        data = {
            "metadata": json.dumps(metadata),
            "srpm": (io.BytesIO(b"an upload"), name, "application/x-rpm"),
        }
        return self.raw("POST", "/builds", data=data)


@pytest.fixture
def v2(copr: LocalCopr) -> V2:
    """Return API v2 as the first user, `local`."""
    return V2(copr, copr.config)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[V2]:
    """Return API v2 of a service without builders, with the project `hello` (id 1), for reading requests."""
    chroots = ["fedora-45-x86_64", "epel-10-x86_64"]
    with LocalCopr(tmp_path_factory.mktemp("still") / "data", chroots=chroots, builders=0) as copr:
        calls = V2(copr, copr.config)
        calls.project()
        yield calls


@pytest.fixture
def v2_of(copr: LocalCopr) -> Callable[..., V2]:
    """Add a user and return API v2 as that user; without a name, API v2 without a login."""

    def add(name: str | None = None) -> V2:
        return V2(copr, None if name is None else copr.add_user(name))

    return add
