"""A service without builders of its own, and two builders that send it requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from builder_requests import ARM, SRPM, X86, Caller
from elsewhere import add_builders, clean

from copr_local import LocalCopr
from copr_local.testing.rpm_file import RpmFile


@pytest.fixture(scope="module")
def service() -> Iterator[LocalCopr]:
    """Start a service without builders of its own."""
    with LocalCopr(builds="scripted", builders=0, chroots=[X86, ARM]) as copr:
        yield copr


@pytest.fixture
def api(service: LocalCopr, api_class: Any) -> Iterator[Any]:
    api = api_class(service, service.config["login"], service.config["token"])
    api.project(chroots=[X86, ARM])
    yield api
    clean(service, api)


@pytest.fixture
def copr(service: LocalCopr, api: Any) -> LocalCopr:
    return service


@pytest.fixture
def tokens(copr: LocalCopr) -> dict[str, str]:
    return add_builders(copr, big=["x86_64", "i386"], other=["x86_64", "aarch64"])


@pytest.fixture
def big(copr: LocalCopr, tokens: dict[str, str]) -> Caller:
    return Caller(copr.url, tokens["big"])


@pytest.fixture
def other(copr: LocalCopr, tokens: dict[str, str]) -> Caller:
    return Caller(copr.url, tokens["other"])


@pytest.fixture(scope="module")
def packages(tmp_path_factory: Any) -> Callable[[RpmFile], bytes]:
    folder = tmp_path_factory.mktemp("packages")
    return lambda package: package.write(folder).read_bytes()


@pytest.fixture
def build(api: Any, packages: Any) -> int:
    """Submit a build of an uploaded source RPM."""
    build_id: int = api.upload(content=packages(SRPM), chroots=[X86])["id"]
    return build_id


@pytest.fixture
def claim(build: int, api: Any, big: Caller, packages: Any) -> str:
    """Build the source, and claim the chroot."""
    source = big.take()["claim"]
    assert big.finish(source, packages(SRPM)).status_code == 200
    path: str = big.take()["claim"]
    assert path == f"/builder/claims/{build}/{X86}/1"
    return path
