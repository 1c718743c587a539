"""Packages with a Git repository, and the builds that a webhook has started."""

from __future__ import annotations

from typing import Any

REPOSITORY = "https://example.com/hello"


def package(api: Any, name: str, **fields: Any) -> None:
    body = {"clone_url": f"{REPOSITORY}.git", "webhook_rebuild": True, "package_name": name, **fields}
    api.call("POST", f"/package/add/local/hello/{name}/scm", body)


def listed(api: Any) -> Any:
    return api.get("/build/list", ownername="local", projectname="hello")["items"]


def committish(api: Any, build: Any) -> str:
    found: str = api.get(f"/build/source-build-config/{build['id']}")["source_dict"].get("committish")
    return found
