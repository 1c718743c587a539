"""Runtime dependencies of a project: other projects, their own dependencies, and repositories elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from ..data.database import Transaction
from ..data.models import Project
from . import projects
from .repository_addresses import project_of


@dataclass(frozen=True)
class Dependencies:
    """Dependencies of a project, each listed once.

    :param projects: other projects of this service.
    :param addresses: URLs of repositories elsewhere.
    """

    projects: list[Project]
    addresses: list[str]


def of_project(tx: Transaction, project: Project) -> Dependencies:
    """Return the dependencies of a project, and in turn those of the projects that it depends on.

    Projects that no longer exist are left out.

    :param tx: transaction to read in.
    :param project: the project; it is not in the result itself.
    :returns: the dependencies, those of the project first.
    """
    found: dict[int, Project] = {project.id: project}
    addresses: dict[str, None] = {}
    waiting = [project]
    while waiting:
        for address in waiting.pop(0).runtime_dependencies:
            of = project_of(address)
            if of is None:
                addresses[address] = None
                continue
            ownername, dirname = of
            other = projects.find(tx, ownername, dirname.partition(":")[0])
            if other is not None and other.id not in found:
                found[other.id] = other
                waiting.append(other)
    return Dependencies(list(found.values())[1:], list(addresses))
