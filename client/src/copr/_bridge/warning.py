"""The warning that a client is for an old API: once per process, and never an error.

Rules: it shows the line of the script that makes the client, not a line of this package.
"""

from __future__ import annotations

import os
import sys
import warnings

#: The page that says what each old method is called today.
MIGRATION_PAGE = "docs/migration.md"

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_shown: list[str] = []


def warn_once(client: str) -> None:
    """Warn that a client, such as "copr.client.CoprClient", is for an old API, once per process."""
    if _shown:
        return
    _shown.append(client)
    text = (
        f"{client} is for an API that Copr services no longer have. It is kept so that old scripts run. "
        f"How to change them for copr.v3: {MIGRATION_PAGE}, or `python3 -m copr.migration`."
    )
    try:
        warnings.warn(text, DeprecationWarning, stacklevel=_depth_of_script())
    except DeprecationWarning:
        # The script turns warnings into errors; it must still run, as it did with the old client.
        print(text, file=sys.stderr)


def _depth_of_script() -> int:
    """Return how far up the stack the first frame outside this package is, as `warnings.warn` counts."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back is not None and os.path.abspath(frame.f_code.co_filename).startswith(_PACKAGE):
        depth, frame = depth + 1, frame.f_back
    return depth
