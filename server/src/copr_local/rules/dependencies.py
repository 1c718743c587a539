"""What packages of a project need at run time: other projects, what those need, and any repositories."""

from __future__ import annotations

from dataclasses import dataclass

from ..data.database import Transaction
from ..data.models import Project
from . import projects


@dataclass(frozen=True)
class Dependencies:
    """Other projects of this service, and addresses of repositories elsewhere; each once."""

    projects: list[Project]
    addresses: list[str]


def of_project(tx: Transaction, project: Project) -> Dependencies:
    """The dependencies of a project and of those that it depends on; projects that are gone are left out."""
    found: dict[int, Project] = {project.id: project}
    addresses: dict[str, None] = {}
    waiting = [project]
    while waiting:
        for address in waiting.pop(0).runtime_dependencies:
            if not address.startswith("copr://"):
                addresses[address] = None
                continue
            ownername, _, name = address.removeprefix("copr://").partition("/")
            other = projects.find(tx, ownername, name.partition(":")[0])
            if other is not None and other.id not in found:
                found[other.id] = other
                waiting.append(other)
    return Dependencies(list(found.values())[1:], list(addresses))
