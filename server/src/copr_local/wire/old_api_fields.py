"""JSON fields that are the same in API v1 and v2."""

from __future__ import annotations

from typing import Any

from ..data.models import Build, Package
from .urls import source

_LATER_PARAMETERS = frozenset({"spec_generator", "repos"})


def source_parameters(of: Build | Package) -> dict[str, Any]:
    """Return the source parameters that API v1 and v2 have.

    :param of: build or package with the source.
    :returns: the parameters; None becomes an empty text, and newer parameters are left out.
    """
    return {
        name: "" if value is None else value
        for name, value in source(of).items()
        if name not in _LATER_PARAMETERS
    }


def built_packages(build: Build) -> list[str]:
    """Return names and versions of the binary packages of a build, without duplicates.

    :param build: build with its chroots; source packages are left out.
    :returns: texts of the form `NAME VERSION`.
    """
    packages = [
        package for chroot in build.chroots for package in chroot.packages if package["arch"] != "src"
    ]
    return list(dict.fromkeys(f"{package['name']} {package['version']}" for package in packages))
