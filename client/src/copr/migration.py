"""The page on leaving the old clients: what each of their methods is in `copr.v3`.

    python3 -m copr.migration

prints it, as it stands in docs/migration.md. Rules: it is made of the tables that the bridges are tested
against, one module of `_bridge` for each old client, with METHODS, COSTS, DIFFERENCES and NOTES.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ._bridge import v1_table, v2_table

__all__ = ["page"]

TITLE = """\
# Leaving the old clients

Scripts for the legacy client (`copr.CoprClient`, chapter 3.1 of the released documentation) and for
client v2 (`copr.create_client2_from_params`, chapter 3.2) run with this package as they are. Services
have dropped the APIs that they were written for. So each client asks once: where the service still has
its API, it is used; where it has only API v3, each call is carried out with calls of API v3, and
answered as it was. The question costs one request per client. The choice can be set: by the clients'
argument `bridge` (`True`: always over API v3, `False`: never), by `COPR_BRIDGE`, or by `bridge` in the
configuration file.

New scripts use `copr.v3`. The first old client of a process says so, with a `DeprecationWarning`. Here
is, for each old method, what does the same there: `client` is a `copr.v3.Client`, and a proxy is one of
its proxies.

This page is written by `python3 -m copr.migration`, from the tables that the tests use.
"""

#: The old clients: a title, and the tables.
CLIENTS = (("The legacy client", v1_table), ("Client v2", v2_table))


def page() -> str:
    """The whole page, in Markdown."""
    parts = [TITLE]
    for title, tables in CLIENTS:
        parts += [
            f"## {title}\n",
            tables.NOTES,
            f"### {title}: methods\n",
            "Calls: how many calls of API v3 it takes where the service has only that.\n",
            _table(
                ("method", "in `copr.v3`", "calls"),
                [(f"`{old}`", new, calls) for old, new, calls in tables.METHODS],
            ),
            "\n".join(f"- **{letter}**: {meaning}" for letter, meaning in tables.COSTS) + "\n",
            f"### {title}: what is not the same over API v3\n",
            _table(("what", "over API v3", "why"), tables.DIFFERENCES),
        ]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    print(page(), end="")
