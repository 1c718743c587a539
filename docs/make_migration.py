"""Write `migration.md`: the methods of the old clients, and what does the same in `copr.v3`.

    python docs/make_migration.py

The tables are in `migration_v1.py` and `migration_v2.py`; tests compare them with what the clients send and
receive. The page is written twice: for the documentation, and into the client, where `python3 -m
copr.migration` prints it. A test checks that both are up to date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import migration_v1
import migration_v2

DOCS = Path(__file__).parent
PAGES = (DOCS / "migration.md", DOCS.parent / "client" / "src" / "copr" / "migration.md")

TITLE = """\
# From the old clients to `copr.v3`

The legacy client (`copr.CoprClient`, chapter 3.1 of the released documentation) and client v2
(`copr.create_client2_from_params`, chapter 3.2) were written for API v1 and API v2. Copr services no
longer have these APIs. Scripts for these clients still run with this package, unchanged: each client asks
the service once which API it has. If the service still has the old API, the client uses it. If the service
has only API v3, each call is translated to calls of API v3, and the result has its old shape.

The question costs one request per client. To answer it yourself, use the clients' argument `bridge`
(`True`: always use API v3, `False`: never), `COPR_BRIDGE`, or `bridge` in the configuration file.

New scripts use `copr.v3`. The first old client in a process shows a `DeprecationWarning`. The tables below
list each old method and what does the same in `copr.v3`. There, `client` is a `copr.v3.Client`, and a proxy
is one of its proxies.

`docs/make_migration.py` writes this page, from tables that the tests use too. `python3 -m copr.migration`
prints it.
"""

#: The old clients: a title, and the module with the tables.
CLIENTS = (("The legacy client", migration_v1), ("Client v2", migration_v2))


def page() -> str:
    """Return the text of the page, in Markdown."""
    parts = [TITLE]
    for title, tables in CLIENTS:
        parts += [
            f"## {title}\n",
            tables.NOTES,
            f"### {title}: methods\n",
            "Calls: how many calls of API v3 a method needs if the service has only API v3.\n",
            _table(
                ("method", "in `copr.v3`", "calls"),
                [(f"`{old}`", new, calls) for old, new, calls in tables.METHODS],
            ),
            "\n".join(f"- **{letter}**: {meaning}" for letter, meaning in tables.COSTS) + "\n",
            f"### {title}: what differs over API v3\n",
            _table(("what", "over API v3", "why"), tables.DIFFERENCES),
        ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(page())
