"""The blueprint class of API v1 and v2, where a slash at the end of a path matters."""

from __future__ import annotations

from typing import Any

from flask import Blueprint


class StrictBlueprint(Blueprint):
    """A blueprint with routes that match only the exact slashes of a path."""

    def add_url_rule(self, rule: str, *args: Any, **options: Any) -> None:
        """Add a route that matches only the exact slashes of its path.

        :param rule: path of the route.
        :param args: more arguments of Flask's method.
        :param options: more options of the route.
        """
        super().add_url_rule(rule, *args, **{"strict_slashes": True, "merge_slashes": False, **options})
