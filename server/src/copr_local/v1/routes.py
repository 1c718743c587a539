"""The blueprint of API v1.

All paths except `/status` end in a slash. A request without the slash is redirected there (308).
"""

from __future__ import annotations

from ..wire.strict_blueprint import StrictBlueprint

PREFIX = "/api"
PROJECT = "/coprs/<ownername>/<projectname>"


api = StrictBlueprint("v1", __name__, url_prefix=PREFIX)
