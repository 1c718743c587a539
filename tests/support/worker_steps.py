"""Helpers for tests of the worker: submit builds, and read the states of their steps."""

from __future__ import annotations

from typing import Any

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"


def submit(api: Any, package: str = "hello", **options: Any) -> int:
    url = f"https://example.com/{package}-1.0-1.src.rpm"
    body = {"ownername": "local", "projectname": "hello", "pkgs": [url], **options}
    build_id: int = api.call("POST", "/build/create/url", body)["items"][0]["id"]
    return build_id


def wait_for_start(api: Any, script: Any, build_id: int, step: str) -> None:
    api.until(lambda: (build_id, step) in script.started)


def chroot_state(api: Any, build_id: int, chroot: str) -> str:
    state: str = api.get(f"/build-chroot/{build_id}/{chroot}")["state"]
    return state
