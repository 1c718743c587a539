"""The kind of blueprint that API v1 and v2 are: a slash at the end of a path counts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint


class StrictBlueprint(Blueprint):
    """A blueprint whose paths are matched with their slashes."""

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
        super().add_url_rule(rule, *args, **{"strict_slashes": True, "merge_slashes": False, **options})
