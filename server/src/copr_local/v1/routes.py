"""The blueprint of API v1. All its paths but one end in a slash, and without it lead there (308)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

PREFIX = "/api"
PROJECT = "/coprs/<ownername>/<projectname>"


class StrictBlueprint(Blueprint):
    """A blueprint whose paths are matched with their slashes."""

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
        super().add_url_rule(rule, *args, **{"strict_slashes": True, "merge_slashes": False, **options})


api = StrictBlueprint("v1", __name__, url_prefix=PREFIX)
