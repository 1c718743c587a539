"""A builder that sends single requests, and the packages that it sends."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import requests

from copr_local.builders.documents import VERSION
from copr_local.testing.rpm_file import RpmFile

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"
SOURCE = "srpm-builds"
RPM = RpmFile("hello", 0, "1.0", "1", "x86_64", "hello-1.0-1.src.rpm", "/usr/share/hello", "hello\n", 0)
SRPM = replace(RPM, arch="src", source="", path="hello.spec")
OFFER = {"arches": ["x86_64"], "tasks": VERSION}


class Caller:
    """A builder that sends single requests."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {**self._headers, **options.pop("headers", {})}
        return requests.request(method, f"{self._url}{path}", headers=headers, timeout=60, **options)

    def take(self, *arches: str, wait: float = 20, **wishes: Any) -> Any:
        """Wait for a claim, and accept it."""
        body = {"arches": arches or ["x86_64"], "wait": wait, "tasks": VERSION, **wishes}
        answer = self.send("POST", "/builder/claims", json=body)
        if answer.status_code != 200:
            return answer.status_code
        return {**answer.json(), **self.accept(answer.json()["claim"])}

    def accept(self, claim: str) -> Any:
        answer = self.send("POST", f"{claim}/accept", json=OFFER)
        return answer.json() if answer.ok else answer.status_code

    def log(self, claim: str, offset: int = 0, data: bytes = b"") -> Any:
        answer = self.send("POST", f"{claim}/log?offset={offset}", data=data)
        return answer.json() if answer.ok else answer.status_code

    def put(self, claim: str, name: str, data: bytes, offset: int = 0) -> Any:
        answer = self.send("POST", f"{claim}/files/{name}?offset={offset}", data=data)
        return answer.json()["offset"] if answer.ok else answer.status_code

    def finish(
        self, claim: str, *files: bytes, log: int = 0, outcome: str = "succeeded", reason: str = ""
    ) -> requests.Response:
        """Send files, named by their numbers, and say that the build has ended."""
        about = {}
        for number, data in enumerate(files):
            about[f"{number}.rpm"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            self.put(claim, f"{number}.rpm", data)
        end = {"outcome": outcome, "reason": reason, "log": log, "files": about}
        return self.send("POST", f"{claim}/finish", json=end)
