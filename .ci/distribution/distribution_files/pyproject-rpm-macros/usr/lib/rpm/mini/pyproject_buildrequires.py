"""Print what the build of the project in this folder requires, as names of packages.

The first time it is what `pyproject.toml` names. When the build backend is installed, it is asked, too.
"""

import contextlib
import importlib
import io
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path


def print_requirement(requirement: str) -> bool:
    """Print one requirement; return True if it is installed."""
    name, operator, version = re.match(
        r"([\w.-]+)(?:\[.*\])?\s*(?:(>=|==)\s*([\w.]+))?", requirement
    ).groups()
    name = re.sub(r"[-_.]+", "-", name.lower())
    print(f"python3dist({name})" + (f" {operator.replace('==', '=')} {version}" if operator else ""))
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


project = Path("pyproject.toml")
system = tomllib.loads(project.read_text())["build-system"] if project.exists() else {}
named = ["pip", "packaging", *system.get("requires", ["setuptools", "wheel"])]
installed = [print_requirement(requirement) for requirement in named]
if all(installed):
    sys.path.insert(0, "")
    backend = importlib.import_module(system.get("build-backend", "setuptools.build_meta"))
    if hasattr(backend, "get_requires_for_build_wheel"):
        with contextlib.redirect_stdout(io.StringIO()):
            more = backend.get_requires_for_build_wheel()
        for requirement in more:
            print_requirement(requirement)
