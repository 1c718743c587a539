"""A project with a webhook, and a function that calls it."""

from __future__ import annotations

from typing import Any

import pytest
from webhook_requests import committish, listed

from copr_local import LocalCopr


@pytest.fixture
def address(api: Any) -> str:
    """Return the end of the webhook URLs of a project, after the name of the service."""
    project = api.project()
    secret = api.call("POST", "/webhook/generate/local/hello")["webhook_secret"]
    return f"{project['id']}/{secret}"


@pytest.fixture
def call(copr: LocalCopr, api: Any, script: Any) -> Any:
    """Call a webhook as the service does; return the response and the packages and commits that it builds."""

    def post(path: str, sent: Any = None, **kwargs: Any) -> tuple[int, str, list[tuple[str, str]]]:
        script.hold("source")  # a source RPM decides the name of the package that it is a build of
        seen = {build["id"] for build in listed(api)}
        headers = {"X-GitHub-Event": "push"} if path.startswith("github") else {}
        headers |= kwargs.pop("headers", {})
        response = copr.app.test_client().post(f"/webhooks/{path}", json=sent, headers=headers, **kwargs)
        assert response.mimetype == "text/html"
        new = [build for build in listed(api) if build["id"] not in seen]
        built = [(build["source_package"]["name"], committish(api, build)) for build in reversed(new)]
        script.release()
        return response.status_code, response.text.strip(), built

    return post
