"""Words of API v2: the states of builds and of their tasks."""

from __future__ import annotations

__all__ = ["BuildStateValues"]


class BuildStateValues:
    """The states that a build or a build task may have. Source: the documentation's chapter 3.2.5."""

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
