"""The warning that an old API's client is old: once per process, and never an error.

Rules: it is shown where the script makes its client, not where this package does.
"""

from __future__ import annotations

import os
import sys
import warnings

#: Where to read how each old method is written today; `python3 -m copr.migration` prints the same page.
MIGRATION_PAGE = "docs/migration.md"

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_shown: list[str] = []


def warn_once(client: str) -> None:
    """Say that a client, such as "copr.client.CoprClient", is for an old API, unless that was said before."""
    if _shown:
        return
    _shown.append(client)
    text = (
        f"{client} is for an API that Copr services no longer have, and is kept so that old scripts run. "
        f"How to write them for copr.v3: {MIGRATION_PAGE}, also printed by `python3 -m copr.migration`."
    )
    try:
        warnings.warn(text, DeprecationWarning, stacklevel=_depth_of_script())
    except DeprecationWarning:
        # Warnings are errors here, but a script that ran with the old client is to run with this one.
        print(text, file=sys.stderr)


def _depth_of_script() -> int:
    """How far up the stack the first frame outside this package is, as `warnings.warn` counts."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and os.path.abspath(frame.f_code.co_filename).startswith(_PACKAGE):
        depth, frame = depth + 1, frame.f_back
    return depth
