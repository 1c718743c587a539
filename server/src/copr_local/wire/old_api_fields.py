"""Fields of JSON that look the same in API v1 and v2."""

from __future__ import annotations

from typing import Any

from ..data.models import Build, Package
from .urls import source

_LATER_PARAMETERS = frozenset({"spec_generator", "repos"})


def source_parameters(of: Build | Package) -> dict[str, Any]:
    """The parameters of a source: what is not given is an empty text, what came later is left out."""
    return {
        name: "" if value is None else value
        for name, value in source(of).items()
        if name not in _LATER_PARAMETERS
    }


def built_packages(build: Build) -> list[str]:
    """Names and versions of the binary packages of a build, each once."""
    packages = [
        package for chroot in build.chroots for package in chroot.packages if package["arch"] != "src"
    ]
    return list(dict.fromkeys(f"{package['name']} {package['version']}" for package in packages))
