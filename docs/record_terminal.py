"""Records a terminal for the landing page: the program of `index.md`, run against a local Copr.

    .venv/bin/python docs/record_terminal.py            records again; writes both files
    .venv/bin/python docs/record_terminal.py --render   writes the picture again from the recording

`assets/terminal.cast` is the recording, in the format of asciinema; `assets/terminal.svg` is made from it.
The commands are typed into a real shell. Pauses in the picture are at most `LONGEST_PAUSE` seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CAST = ROOT / "docs" / "assets" / "terminal.cast"
PICTURE = CAST.with_suffix(".svg")

COLUMNS, ROWS = 72, 24
PROMPT = "$ "
TYPING = 0.04  # seconds for a key
LONGEST_PAUSE = 1.2  # seconds, in the picture
TIMEOUT = 60  # seconds for a command

COMMANDS = (
    "copr-local serve --data copr > copr.log &",
    "export COPR_CONFIG=copr/client.conf",
    "python build.py",
    "curl -s http://127.0.0.1:2677/coprs/alice/greetings/repo/fedora-45/",
)

STYLE = """\
text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; fill: #d7dce2; white-space: pre }
.typed { fill: #ffffff; font-weight: bold }
.prompt { fill: #7ee787 }
g { animation: show 0.01s both }
@keyframes show { from { visibility: hidden } to { visibility: visible } }
@media (prefers-reduced-motion: reduce) { g { animation: none } }"""

Event = tuple[float, str]


def program() -> str:
    """Return the program of the landing page."""
    found = re.search(r"^```python\n(.*?)^```", (ROOT / "docs" / "index.md").read_text(), re.M | re.S)
    assert found is not None
    return found[1]


def record() -> list[Event]:
    """Type the commands into a shell in an empty folder, and return what the terminal showed, with times."""
    sys.path.insert(0, str(ROOT / "tests" / "support"))
    from srpm import make_srpm

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "build.py").write_text(program())
        made = make_srpm(folder / "srpm")
        made.rename(folder / "hello-1.0-1.src.rpm")
        environment = {
            "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": name,
            "LOGNAME": "alice",
            "PS1": PROMPT,
            "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
        }
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        shell = subprocess.Popen(
            ["/bin/bash", "--norc", "--noprofile", "--noediting"],
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one thread
        )
        os.close(theirs)
        events: list[Event] = []
        try:
            _read_until_prompt(ours, events, time.monotonic())
            began = time.monotonic()
            events.clear()
            events.append((0.0, PROMPT))
            for command in COMMANDS:
                for key in f"{command}\n":
                    os.write(ours, key.encode())
                    time.sleep(TYPING)
                    _read(ours, events, began)
                _read_until_prompt(ours, events, began)
                _wait_for(folder / "copr" / "client.conf")
        finally:
            os.write(ours, b"kill %1; wait; exit\n")
            with contextlib.suppress(OSError):
                while os.read(ours, 4096):
                    pass
            shell.wait(timeout=TIMEOUT)
            os.close(ours)
    return events


def _read(terminal: int, events: list[Event], began: float, seconds: float = 0) -> None:
    while select.select([terminal], [], [], seconds)[0]:
        events.append((round(time.monotonic() - began, 3), os.read(terminal, 4096).decode()))
        seconds = 0


def _read_until_prompt(terminal: int, events: list[Event], began: float) -> None:
    ends = time.monotonic() + TIMEOUT
    while not "".join(text for _, text in events).endswith(f"\n{PROMPT}"):
        if time.monotonic() > ends:
            sys.exit(f"A command did not finish: {events[-3:]}")
        _read(terminal, events, began, 0.1)
        if "".join(text for _, text in events) == PROMPT:
            return


def _wait_for(file: Path) -> None:
    ends = time.monotonic() + TIMEOUT
    while not file.exists():
        if time.monotonic() > ends:
            sys.exit(f"The service did not start: {(file.parents[1] / 'copr.log').read_text()}")
        time.sleep(0.05)


def write_cast(events: list[Event]) -> None:
    """Write a recording."""
    head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "A build on a local Copr"}
    lines = [json.dumps(head), *(json.dumps([at, "o", text]) for at, text in events)]
    CAST.write_text("\n".join(lines) + "\n")


def read_cast() -> list[Event]:
    """Read the recording."""
    return [(event[0], event[2]) for event in map(json.loads, CAST.read_text().splitlines()[1:])]


def picture(events: list[Event]) -> str:
    """Return the recording as an SVG document: each piece of text appears at its time."""
    pieces: list[tuple[float, int, int, str]] = []  # time, row, column, text
    now = before = 0.0
    row = column = 0
    for at, text in events:
        now += min(at - before, LONGEST_PAUSE)
        before = at
        for part in re.findall(r"\r\n|\r|\n|[^\r\n]+", text):
            if part == "\r\n" or part == "\n":
                row, column = row + 1, 0
            elif part == "\r":
                column = 0
            else:
                pieces.append((now, row, column, part))
                column += len(part)
    if pieces[-1][3] == PROMPT:
        pieces.pop()
    return _document(pieces)


def _document(pieces: list[tuple[float, int, int, str]]) -> str:
    height = 40 + 19 * (max(piece[1] for piece in pieces) + 1) + 8
    width = round(8.43 * COLUMNS) + 32
    prompts = {row for _, row, column, text in pieces if column == 0 and text.startswith(PROMPT)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img">',
        "<title>A terminal: a local Copr is started, a program builds a package on it</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#1c2128"/>',
        *(f'<circle cx="{20 + 18 * place}" cy="20" r="5" fill="#57606a"/>' for place in range(3)),
    ]
    for at, row, column, text in pieces:
        kind = "prompt" if text == PROMPT else "typed" if row in prompts else ""
        x, y = 16 + 8.43 * column, 52 + 19 * row
        named = f' class="{kind}"' if kind else ""
        length = f' textLength="{8.43 * len(text):.2f}"' if len(text) > 1 else ""
        shown = f'<text x="{x:.2f}" y="{y}"{named}{length}>{escape(text)}</text>'
        parts.append(f'<g style="animation-delay:{at:.2f}s">{shown}</g>')
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Record, or read the recording, and write the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--render", action="store_true", help="do not record; make the picture only")
    if not parser.parse_args().render:
        write_cast(record())
    PICTURE.write_text(picture(read_cast()))


if __name__ == "__main__":
    main()
