"""Constants of API v2: the states of builds and build tasks."""

from __future__ import annotations

__all__ = ["BuildStateValues"]


class BuildStateValues:
    """The states of a build or a build task.

    Source: the chapter 3.2.5 of the documentation.
    """

    FAILED = "failed"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    RUNNING = "running"
    PENDING = "pending"
    SKIPPED = "skipped"
    STARTING = "starting"
    IMPORTING = "importing"
    FORKED = "forked"
    WAITING = "waiting"
    UNKNOWN = "unknown"
