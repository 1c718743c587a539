"""The page about moving a script from the old clients to `copr.v3`.

    python3 -m copr.migration

prints it. It is the page docs/migration.md, as it was when this version was made.
"""

from __future__ import annotations

from importlib.resources import files

__all__ = ["page"]


def page() -> str:
    """Return the whole page.

    :returns: the text, in Markdown.
    """
    return files("copr").joinpath("migration.md").read_text(encoding="utf-8")


if __name__ == "__main__":
    print(page(), end="")
