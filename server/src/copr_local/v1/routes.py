"""The blueprint of API v1. All its paths but one end in a slash, and without it lead there (308)."""

from __future__ import annotations

from ..wire.strict_blueprint import StrictBlueprint

PREFIX = "/api"
PROJECT = "/coprs/<ownername>/<projectname>"


api = StrictBlueprint("v1", __name__, url_prefix=PREFIX)
