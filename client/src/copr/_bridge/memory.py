"""The memory of a bridge: data from the responses of one connection.

Rules: it has only data that cannot change, or that a later response corrects.
"""

from __future__ import annotations

from .ids import ProjectIds


class Memory:
    """The memory of one bridge.

    `projects`: owners and names by project id; `enable_net`: build id to its network setting, for builds
    submitted here; `project_of_build`: build id to project id.
    """

    __slots__ = ("enable_net", "project_of_build", "projects")

    def __init__(self) -> None:
        self.projects = ProjectIds()
        self.enable_net: dict[int, bool] = {}
        self.project_of_build: dict[int, int] = {}
