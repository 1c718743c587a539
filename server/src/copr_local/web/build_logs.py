"""Logs of builds as lines for pages: numbers, colours, and which lines are errors.

A log can be large and can grow. It is read in blocks, and only the lines that a page shows are kept.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LIVE = "builder-live.log"
LONGEST_LINE = 2000  # characters of a line on a page
_BLOCK = 2**20  # bytes

_COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
_ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-ln-~]|\].*?(\x07|\x1b\\)|[()].|[=>78cM])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]")
_ERROR = re.compile(
    r"(?<![-\w./=])(?<!\b0 )(fatal )?errors?(?![-\w./=])"
    r"|^(Build failed:|Traceback |FAIL\b|make(\[\d+\])?: \*\*\*)|(?<![-\w])FAILED\b|No matching package"
    r"|No such file or directory|command not found|undefined reference|Segmentation fault",
    re.IGNORECASE,
)
_WARNING = re.compile(r"(?<![-\w./=])warnings?(?![-\w./=])", re.IGNORECASE)
_STEP = re.compile(r"^(Executing\(|Start: |Finish: |Processing files: |Wrote: )")


@dataclass(frozen=True)
class Line:
    """A line of a log.

    :param number: number of the line, from 1.
    :param text: the line, without its line break; it can have escape sequences.
    """

    number: int
    text: str

    @property
    def kind(self) -> str:
        """`error`, `warning`, `step` or empty, as the text suggests."""
        if _ERROR.search(self.text):
            return "error"
        if _WARNING.search(self.text):
            return "warning"
        return "step" if _STEP.search(self.text) else ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The pieces of the line for a page: for each the class of its colour, or empty, and its text."""
        pieces = _COLOUR.split(_ESCAPE.sub("", self.text[:LONGEST_LINE]))
        shown, colour = [], ""
        for index, piece in enumerate(pieces):
            if index % 2:
                colour = _colour(piece)
            elif text := _CONTROL.sub("", piece.replace("\x1b", "")):
                shown.append((colour, text))
        return shown


def _colour(codes: str) -> str:
    """Return the class for the colours of a terminal, such as `c1` for red; empty for the default."""
    for code in reversed(codes.split(";")):
        if code[:1] in ("3", "9") and code[1:] in ("1", "2", "3", "4", "5", "6"):
            return f"c{code[1:]}"
    return ""


def _opened(folder: Path) -> IO[bytes] | gzip.GzipFile | None:
    """Return the open log of a folder with results, or its compressed copy; None if there is none."""
    try:
        return (folder / LIVE).open("rb")
    except OSError:
        pass
    try:
        return gzip.open(folder / f"{LIVE}.gz", "rb")
    except OSError:
        return None


def count(folder: Path) -> int:
    """Return how many whole lines a log has; a last line without a line break counts too.

    :param folder: folder with the results of a step.
    :returns: the number of lines; 0 if there is no log.
    """
    file = _opened(folder)
    if file is None:
        return 0
    lines, last = 0, b"\n"
    with file:
        while block := file.read(_BLOCK):
            lines += block.count(b"\n")
            last = block[-1:]
    return lines + (last != b"\n")


def window(folder: Path, first: int, limit: int, *, grows: bool = False) -> list[Line]:
    """Return some consecutive lines of a log.

    :param folder: folder with the results of a step.
    :param first: number of the first line, from 1.
    :param limit: largest number of lines.
    :param grows: True to leave out a last line that is not complete yet.
    :returns: the lines; fewer at the end of the log.
    """
    return list(_lines(folder, first, first + limit - 1, grows=grows))


def _lines(folder: Path, first: int, last: int, *, grows: bool = False) -> Iterator[Line]:
    """Yield the lines of a log from one number to another."""
    file = _opened(folder)
    if file is None:
        return
    with file:
        for number, raw in enumerate(file, start=1):
            if number > last or (grows and not raw.endswith(b"\n")):
                return
            if number >= first:
                yield Line(number, raw.decode(errors="replace").rstrip("\r\n"))


def first_error(folder: Path) -> Line | None:
    """Return the first line of a log that looks like an error.

    :param folder: folder with the results of a step.
    :returns: the line; None if no line does.
    """
    return next((line for line in _lines(folder, 1, 2**62) if line.kind == "error"), None)


def matching(folder: Path, text: str, limit: int) -> list[Line]:
    """Return the lines of a log that have a text, in upper or lower case.

    :param folder: folder with the results of a step.
    :param text: the text.
    :param limit: largest number of lines.
    :returns: the lines, from the beginning of the log.
    """
    wanted, found = text.lower(), []
    for line in _lines(folder, 1, 2**62):
        if wanted in line.text.lower():
            found.append(line)
            if len(found) == limit:
                break
    return found
