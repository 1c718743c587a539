"""Pages of the documentation that several measurements write: each replaces its own sections."""

from __future__ import annotations

import re
from pathlib import Path


def update_page(file: Path, text: str) -> None:
    """Write sections into a page; those with other headings stay as they are.

    :param file: the page, in Markdown; it need not exist.
    :param text: one or more sections, each with its heading.
    """
    old = _sections(file.read_text()) if file.exists() else {}
    file.write_text("\n\n".join({**old, **_sections(text)}.values()) + "\n")


def _sections(text: str) -> dict[str, str]:
    """Return the sections of a page by their headings."""
    found = re.split(r"(?m)^(?=##? )", text)
    return {section.partition("\n")[0]: section.strip() for section in found if section.strip()}
