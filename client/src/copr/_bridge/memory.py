"""What a bridge remembers of the responses that one connection has received.

Rules: remembered is only what cannot change, or what a later response corrects.
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
